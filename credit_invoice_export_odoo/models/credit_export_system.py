from odoo import fields, models

from ..connector import OdooConnector


class CreditExportSystem(models.Model):
    """Another Odoo as an accounting system."""

    _inherit = 'credit.export.system'

    connector = fields.Selection(
        selection_add=[('odoo', 'Another Odoo')],
        # What was exported is known until the connector is installed again.
        ondelete={'odoo': lambda systems: systems.action_archive()},
    )
    odoo_company = fields.Char(
        help='The name of the company in the other Odoo. Empty: the only one that the user of the '
        'key may see.',
    )
    odoo_journal = fields.Char(
        string='Their Sales Journal',
        help='Code or name of the journal that invoices and credit notes go to. Empty: the one '
        'that has the same code as here, else the first sales journal.',
    )
    odoo_payment_journal = fields.Char(
        string='Their Payment Journal',
        help='Code or name of the bank or cash journal that payments go to. Empty: the one that '
        'has the same code as here, else the first one.',
    )

    # === BUSINESS METHODS === #

    def _get_connector_class(self):
        # EXTENDS 'credit_invoice'
        if self.connector == 'odoo':
            return OdooConnector
        return super()._get_connector_class()

    def _prepare_connection_options(self):
        # EXTENDS 'credit_invoice'
        options = super()._prepare_connection_options()
        if self.connector == 'odoo':
            options.update({
                'company': self.odoo_company or '',
                'journal': self.odoo_journal or '',
                'payment_journal': self.odoo_payment_journal or '',
            })
        return options
