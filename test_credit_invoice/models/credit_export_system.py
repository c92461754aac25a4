from odoo import fields, models

from ..books_connector import BooksConnector


class CreditExportSystem(models.Model):
    _inherit = 'credit.export.system'

    connector = fields.Selection(
        selection_add=[('books', 'Example Books')],
        # What was exported is known until the connector is installed again.
        ondelete={'books': lambda systems: systems.action_archive()},
    )

    def _get_connector_class(self):
        # EXTENDS 'credit_invoice'
        return BooksConnector if self.connector == 'books' else super()._get_connector_class()
