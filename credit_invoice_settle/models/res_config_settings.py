from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    credit_confirm = fields.Selection(
        related='company_id.credit_confirm', readonly=False, required=True
    )
    credit_primary_button = fields.Selection(
        related='company_id.credit_primary_button', readonly=False, required=True
    )
