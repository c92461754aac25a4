from odoo import models


class AccountMove(models.Model):
    """How a credit is sent."""

    _inherit = 'account.move'

    def _get_mail_template(self):
        # EXTENDS 'account': the mail of a credit names its invoice, and what happens to the money
        if self and all(move._is_customer_credit() for move in self):
            template = self.env.ref('credit_invoice.mail_template_credit', raise_if_not_found=False)
            if template:
                return template
        return super()._get_mail_template()
