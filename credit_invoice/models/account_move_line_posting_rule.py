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

    def _get_credit_line_differences(self, credit_line):
        # EXTENDS 'credit_invoice': where nothing but the account differs, it is said
        differences = super()._get_credit_line_differences(credit_line)
        for difference in differences:
            if credit_line and difference['origin'] == difference['credit']:
                difference['origin'] += f' · {self.account_id.display_name}'
                difference['credit'] += f' · {credit_line.account_id.display_name}'
        return differences
