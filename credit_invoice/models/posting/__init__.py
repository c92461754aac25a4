from . import (
    account_move_posting,  # first: the list of steps
    account_move_rights,
    account_move_line_rights,
    account_move_approval_obstacle,
    account_move_approval_request,
    account_move_approval_reject,  # after it: extends what it does
    account_move_archived,
    account_move_credit_balance,
    account_move_four_eyes,
    account_move_guards,
    account_move_gate,
    account_move_limits,
    account_move_line_matching,
    account_move_money,
    res_config_settings_rights,
    res_partner_bank,
)
