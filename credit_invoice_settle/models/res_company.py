from odoo import fields, models


class ResCompany(models.Model):
    """How credits are approved, and what the dialog proposes."""

    _inherit = 'res.company'

    credit_confirm = fields.Selection(
        selection=[
            ('approve', 'Approve in one window'),
            ('plain', 'Confirm at once'),
        ],
        string='Approving Credit Notes',
        default='approve',
        required=True,
        help='In the window, the user chooses what happens to the money; where there is nothing to '
        'choose, it does not open. At once, the credit note is used against its own invoice.',
        groups='base.group_user',
    )
    credit_primary_button = fields.Selection(
        selection=[
            ('create', 'Create Credit'),
            ('approve', 'Create and Approve'),
        ],
        string='Primary Button of the Dialog',
        default='create',
        required=True,
        help='The button that stands first, and that Enter presses.',
        groups='base.group_user',
    )
