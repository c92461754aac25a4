from . import (
    account_move_reversal,
    account_move_reversal_line,
    account_move_reversal_part,
    account_move_reversal_reason,
    credit_link_wizard,
)
