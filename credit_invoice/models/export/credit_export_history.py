from odoo import api, fields, models
from odoo.exceptions import UserError

from .credit_export_record import STATES


class CreditExportHistory(models.Model):
    """What happened to an export, one row for each answer. Rows are only added."""

    _name = 'credit.export.history'
    _description = 'History of an Export'
    _order = 'id desc'

    record_id = fields.Many2one(
        comodel_name='credit.export.record',
        required=True,
        readonly=True,
        index=True,
        ondelete='cascade',
    )
    state_before = fields.Selection(selection=STATES, string='Status Before', readonly=True)
    state = fields.Selection(selection=STATES, string='Status', required=True, readonly=True)
    answer = fields.Char(readonly=True)
    external_id = fields.Char(string='Their ID', readonly=True)
    digest = fields.Char(readonly=True)

    def write(self, vals):  # pylint: disable=method-required-super
        # OVERRIDE 'base': nobody changes what was, so super is not called
        raise UserError(self.env._('The history of exports cannot be changed.'))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        # It goes with its export, by the database.
        raise UserError(self.env._('The history of exports cannot be deleted.'))
