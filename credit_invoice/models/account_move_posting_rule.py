from odoo import models


class AccountMove(models.Model):
    """By which rule a credit is posted (decision 17)."""

    _inherit = 'account.move'

    def _get_credit_posting_rule(self):
        """The rule that decides how this credit is posted, settled and refunded.

        :return: a record of `credit.posting.rule`, or none
        """
        self.ensure_one()
        return self.credit_posting_rule_id
