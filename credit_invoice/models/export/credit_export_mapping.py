from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CreditExportMapping(models.Model):
    """What an account or a tax is called in an outside system."""

    _name = 'credit.export.mapping'
    _inherit = ['credit.checked.mixin']
    _description = 'Account or Tax in an Accounting System'
    _order = 'system_id, account_id, tax_id, id'
    _check_company_auto = True
    _owner_field = 'system_id'

    system_id = fields.Many2one(
        comodel_name='credit.export.system', required=True, index=True, ondelete='cascade'
    )
    company_id = fields.Many2one(related='system_id.company_id')
    account_id = fields.Many2one(comodel_name='account.account', check_company=True)
    tax_id = fields.Many2one(
        comodel_name='account.tax',
        domain="[('type_tax_use', '=', 'sale'), ('company_id', 'parent_of', company_id)]",
        check_company=True,
    )
    code = fields.Char(
        string='Code in the Accounting System', required=True, help='Its code or name over there.'
    )

    _account_uniq = models.UniqueIndex(
        '(system_id, account_id) WHERE account_id IS NOT NULL',
        'Each account is mapped once in a system.',
    )
    _tax_uniq = models.UniqueIndex(
        '(system_id, tax_id) WHERE tax_id IS NOT NULL', 'Each tax is mapped once in a system.'
    )

    @api.constrains('account_id', 'tax_id')
    def _check_one(self):
        for mapping in self:
            if bool(mapping.account_id) == bool(mapping.tax_id):
                raise ValidationError(
                    self.env._('Choose either an account or a tax for %s.', mapping.code)
                )
