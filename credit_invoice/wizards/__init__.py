from . import (
    credit_window_mixin,  # first: windows inherit from it
    credit_refund_mixin,
    account_move_reversal,
    account_move_reversal_line,
    account_move_reversal_part,
    credit_approve_preview,
    credit_approve_wizard,
    credit_approve_wizard_line,
    credit_export_acknowledgement,
    credit_invalidate_wizard,
    account_move_reversal_reason,
    credit_link_wizard,
    credit_overpayment_preview,
    credit_overpayment_wizard,
    credit_overpayment_wizard_line,
    credit_use_wizard,
    credit_use_wizard_line,
)
