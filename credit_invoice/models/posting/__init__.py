from . import (
    account_move_rights,  # first: what follows is checked within it
    account_move_line_rights,
    account_move_approval_obstacle,
    account_move_approval_request,
    account_move_approval_reject,  # after it: extends what it does
    account_move_archived,
    account_move_credit_balance,
    account_move_four_eyes,
    account_move_guards,
    account_move_limits,
    account_move_line_matching,
    account_move_money,
    account_move_posting_rule,  # after the limits, whose preparation it extends
    account_move_posting,  # last: its `create` and `write` go around those of the others
    res_config_settings_rights,
    res_partner_bank,
)
