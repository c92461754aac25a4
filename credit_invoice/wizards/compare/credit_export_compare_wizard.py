from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.actions import open_action
from ...tools.export_contract import LIST


class CreditExportCompareWizard(models.TransientModel):
    """Asks for the period in which both sides are compared (mp18)."""

    _name = 'credit.export.compare.wizard'
    _inherit = ['credit.checked.mixin']
    _description = 'Compare with an Accounting System'

    system_id = fields.Many2one(
        comodel_name='credit.export.system',
        required=True,
        domain="[('id', 'in', comparable_system_ids)]",
        default=lambda self: self._default_system_id(),
    )
    comparable_system_ids = fields.Many2many(
        comodel_name='credit.export.system',
        default=lambda self: self._get_comparable_systems(),
        help='Those that can list what they have.',
    )
    date_from = fields.Date(
        string='From', required=True, default=lambda self: self._default_date_from()
    )
    date_to = fields.Date(string='To', required=True, default=fields.Date.context_today)

    # === DEFAULTS === #

    @api.model
    def _default_system_id(self):
        return self._get_comparable_systems()[:1]

    @api.model
    def _get_comparable_systems(self):
        """The systems of the user's companies that can list what they have."""
        systems = self.env['credit.export.system'].search([
            ('company_id', 'parent_of', self.env.companies.ids)
        ])
        return systems.filtered('can_be_compared')

    @api.model
    def _default_date_from(self):
        """The first day of the month before."""
        return fields.Date.context_today(self) + relativedelta(months=-1, day=1)

    # === ACTION METHODS === #

    def action_compare(self):
        """Compare in the background.

        :return: the action that shows its progress
        :rtype: dict
        :raise AccessError: if the user may not manage exports
        :raise UserError: if the period is none, or the system cannot list what it has
        """
        self.ensure_one()
        system = self.system_id
        system._check_manage_rights()
        if self.date_from > self.date_to:
            raise UserError(self.env._('Choose a period that ends after it begins.'))
        if not system._can(LIST):
            raise UserError(
                self.env._('%s cannot list what it has, so it cannot be compared.', system.name)
            )
        run_sudo = system._start_run({
            'kind': 'compare',
            'date_from': self.date_from,
            'date_to': self.date_to,
            'total': (self.date_to - self.date_from).days + 1,
        })
        return open_action(
            self.env,
            'credit_invoice.credit_export_run_action',
            view_mode='form',
            views=[(False, 'form')],
            res_id=run_sudo.id,
        )
