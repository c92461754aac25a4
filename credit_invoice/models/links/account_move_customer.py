from odoo import api, models


class AccountMove(models.Model):
    """What customers see of documents on their pages."""

    _name = 'account.move'
    _inherit = ['account.move', 'credit.internal.mixin']

    @api.model
    def _get_customer_credit_fields(self):
        # EXTENDS 'credit_invoice': how it stands with the document, in the list; what is printed
        # on it is read by the server
        return {*super()._get_customer_credit_fields(), 'credit_status', 'is_settled_without_money'}
