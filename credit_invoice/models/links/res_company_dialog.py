from odoo import fields, models


class ResCompany(models.Model):
    """What the dialog proposes."""

    _inherit = 'res.company'

    credit_primary_button = fields.Selection(
        selection=[
            ('create', 'Create Credit'),
            ('approve', 'Create and Approve'),
        ],
        string='Primary Button of the Dialog',
        default='create',
        required=True,
        help='The button that stands first, and that Enter presses.',
    )
