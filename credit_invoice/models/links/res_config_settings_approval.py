from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    credit_reason_required = fields.Boolean(
        related='company_id.credit_reason_required', readonly=False
    )
    credit_four_eyes_amount = fields.Monetary(
        related='company_id.credit_four_eyes_amount',
        currency_field='currency_id',
        readonly=False,
    )
