from . import account_move, account_move_line, ir_actions_report, res_company
