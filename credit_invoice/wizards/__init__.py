from . import (
    account_move_reversal,
    account_move_reversal_line,
    account_move_reversal_part,
    credit_invalidate_wizard,
    credit_link_wizard,
)
