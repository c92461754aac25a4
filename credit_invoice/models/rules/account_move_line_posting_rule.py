from odoo import models


class AccountMoveLine(models.Model):
    """What posting rules do to the lines of credits, and what they follow."""

    _inherit = 'account.move.line'

    def write(self, vals):
        # EXTENDS 'account': whoever writes lines without their document
        result = super().write(vals)
        if 'credit_kind' in vals:
            self.move_id._update_credit_posting_rule()
        return result
