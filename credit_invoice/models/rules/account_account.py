from odoo import api, models


class AccountAccount(models.Model):
    _name = 'account.account'
    _inherit = ['account.account', 'credit.rule.target.mixin']

    @api.model
    def _get_rule_target_fields(self):
        # EXTENDS 'credit_invoice'
        return super()._get_rule_target_fields() | {'account_type', 'company_ids'}
