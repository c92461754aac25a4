from odoo import api, fields, models


class CreditRequest(models.Model):
    """What a program asked for may be a settlement."""

    _inherit = 'credit.request'

    settlement_ids = fields.Many2many(
        comodel_name='credit.settlement', string='Settlements Made', readonly=True
    )

    def _get_made(self):
        # EXTENDS 'credit_invoice'
        return super()._get_made() or self.settlement_ids

    @api.model
    def _prepare_made_vals(self, made):
        # EXTENDS 'credit_invoice'
        is_settlement = made is not None and made._name == 'credit.settlement'
        return {
            **super()._prepare_made_vals(made),
            'settlement_ids': [fields.Command.set(made.ids if is_settlement else [])],
        }
