from . import (
    credit_refund_mixin,  # first: windows inherit from it
    account_move_reversal,
    credit_approve_preview,
    credit_approve_wizard,
    credit_approve_wizard_line,
    credit_overpayment_preview,
    credit_overpayment_wizard,
    credit_overpayment_wizard_line,
    credit_use_wizard,
    credit_use_wizard_line,
)
