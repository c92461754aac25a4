from . import (
    credit_mirror_mixin,  # first: account_move inherits from it
    account_move,
    account_move_credit_figures,
    account_move_credited,
    account_move_line,
    account_move_line_credited,
    account_move_print,
    account_move_reverse,
    res_company,
    res_config_settings,
)
