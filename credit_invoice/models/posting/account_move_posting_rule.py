from odoo import models


class AccountMove(models.Model):
    """The rule of a draft is chosen again before it is posted."""

    _inherit = 'account.move'

    def _prepare_credits_for_posting(self, soft=True):
        # EXTENDS 'credit_invoice': drafts that are older than a rule
        self._update_credit_posting_rule()
        return super()._prepare_credits_for_posting(soft)
