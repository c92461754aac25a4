from . import account_move, account_move_line, credit_export_system, ir_actions_report, res_company
