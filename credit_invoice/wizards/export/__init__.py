from . import (
    account_move_reversal_period,
    credit_export_check_wizard,
    credit_export_check_comparison,
)
