from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    before_localisation = fields.Selection(
        selection=[
            ('mutate', 'Changes the default values it gets'),
            ('replace', 'Passes on default values of its own'),
        ],
        help='How this fake localisation extends a reversal; without it, it does nothing.',
    )
