from odoo import models


class AccountMoveLine(models.Model):
    """What posting rules do to the lines of credits, and what they follow."""

    _inherit = 'account.move.line'

    def _after_credit_line_write(self, vals, moves):
        # EXTENDS 'credit_invoice': whoever writes lines without their document
        super()._after_credit_line_write(vals, moves)
        if 'credit_kind' in vals:
            self.move_id._update_credit_posting_rule()
