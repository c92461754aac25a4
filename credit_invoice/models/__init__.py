from . import (
    account_move,
    account_move_line,
    account_move_print,
    credit_mirror_mixin,
    res_company,
    res_config_settings,
)
