from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    after_localisation = fields.Selection(
        selection=[
            ('mutate', 'Changes the default values it gets'),
            ('replace', 'Passes on default values of its own'),
        ],
        help='How this fake localisation extends a reversal; without it, it does nothing.',
    )
    custom_house_rule = fields.Char(help='What the dialog reminds of.')
    custom_is_one_by_one = fields.Boolean(help='Credit the invoices of a selection one by one.')
