from odoo import models


class AccountChartTemplate(models.AbstractModel):
    _inherit = 'account.chart.template'

    def _load(self, template_code, company, install_demo, force_create=True):
        # EXTENDS 'account': a chart that replaces another deletes the journals of that; a rule for
        # some journals must not become one for all.
        rules_sudo = self.env['credit.posting.rule'].sudo()
        limited_ids = rules_sudo.search([
            ('company_id', '=', company.id),
            ('origin_journal_ids', '!=', False),
        ]).ids
        result = super()._load(template_code, company, install_demo, force_create)
        # The registry, and the environment with it, may be new.
        rules_sudo = self.env()['credit.posting.rule'].sudo().browse(limited_ids).exists()
        rules_sudo.filtered(lambda rule: not rule.origin_journal_ids).active = False
        return result
