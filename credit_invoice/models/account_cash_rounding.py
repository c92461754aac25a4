from odoo import models


class AccountCashRounding(models.Model):
    _inherit = 'account.cash.rounding'

    def compute_difference(self, currency, amount):
        # EXTENDS 'account': see `account.move._get_cash_rounding_left`
        fixed = self.env.context.get('credit_cash_rounding')
        return super().compute_difference(currency, amount) if fixed is None else fixed
