from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    credit_rate = fields.Selection(related='company_id.credit_rate', readonly=False, required=True)
    credit_title = fields.Selection(
        related='company_id.credit_title', readonly=False, required=True
    )
    credit_limit_policy = fields.Selection(
        related='company_id.credit_limit_policy', readonly=False, required=True
    )
    credit_without_origin = fields.Selection(
        related='company_id.credit_without_origin', readonly=False, required=True
    )
