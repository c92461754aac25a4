from . import (
    credit_window_mixin,  # first: windows inherit from it
    account_move_reversal,
    account_move_reversal_buttons,
    account_move_reversal_date,
    account_move_reversal_summary,
    account_move_reversal_line,
    account_move_reversal_line_checks,
    account_move_reversal_made,
    account_move_reversal_part,
    account_move_reversal_all_lines,
    account_move_reversal_reason,
    account_move_reversal_request,  # after what it extends
)
