from odoo import fields, models

from ..connector import TrytonConnector


class CreditExportSystem(models.Model):
    """Tryton as an outside accounting system."""

    _inherit = 'credit.export.system'

    connector = fields.Selection(
        selection_add=[('tryton', 'Tryton')],
        # What was exported is known until the connector is installed again.
        ondelete={'tryton': lambda systems: systems.action_archive()},
    )
    tryton_company = fields.Char(
        help='The name of the company in Tryton. Empty: the one that the user works for there.',
    )

    def _get_connector_class(self):
        # EXTENDS 'credit_invoice'
        if self.connector == 'tryton':
            return TrytonConnector
        return super()._get_connector_class()

    def _prepare_connection_options(self):
        # EXTENDS 'credit_invoice'
        options = super()._prepare_connection_options()
        if self.connector == 'tryton':
            options['company'] = self.tryton_company or ''
        return options
