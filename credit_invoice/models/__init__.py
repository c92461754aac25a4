from . import (
    credit_mirror_mixin,  # first: account_move inherits from it
    account_cash_rounding,
    account_move,
    account_move_cash_rounding,
    account_move_guards,
    account_move_limits,
    account_move_line,
    account_move_line_figures,
    account_move_line_matching,
    account_move_print,
    account_move_remaining,
    account_move_reverse,
    account_tax,
    res_company,
    res_config_settings,
)
