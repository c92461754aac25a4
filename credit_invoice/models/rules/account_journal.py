from odoo import api, models


class AccountJournal(models.Model):
    _name = 'account.journal'
    _inherit = ['account.journal', 'credit.rule.target.mixin']

    @api.model
    def _get_rule_target_fields(self):
        # EXTENDS 'credit_invoice'
        return super()._get_rule_target_fields() | {'type', 'company_id'}
