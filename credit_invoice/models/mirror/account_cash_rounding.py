from odoo import models

from ...tools.guarded import get_guarded


class AccountCashRounding(models.Model):
    _inherit = 'account.cash.rounding'

    def compute_difference(self, currency, amount):
        # EXTENDS 'account': see `account.move._get_cash_rounding_left`
        fixed = get_guarded(self.env, 'credit_cash_rounding')
        return super().compute_difference(currency, amount) if fixed is None else fixed
