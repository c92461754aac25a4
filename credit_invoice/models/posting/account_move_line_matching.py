from odoo import api, models

from ...tools.guarded import get_guarded


class AccountMoveLine(models.Model):
    """How the matches of credits that are posted together are made."""

    _inherit = 'account.move.line'

    @api.model
    def _reconcile_plan(self, reconciliation_plan):
        # EXTENDS 'account': while credits are posted together, their matches are collected and
        # done in one plan, see `account.move._reconcile_reversed_moves`.
        collected = get_guarded(self.env, 'credit_reconcile_plan')
        if collected is None:
            return super()._reconcile_plan(reconciliation_plan)
        collected.extend(reconciliation_plan)
        return None
