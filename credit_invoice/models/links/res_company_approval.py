from odoo import fields, models


class ResCompany(models.Model):
    """What a credit needs before it can be posted."""

    _inherit = 'res.company'

    credit_reason_required = fields.Boolean(
        string='Reason Required',
        help='A credit note of an invoice cannot be made without a reason.',
        groups='base.group_user',
    )
    credit_four_eyes_amount = fields.Monetary(
        string='Second Person From',
        help='From this amount on, credited of an invoice in all, someone else has to post '
        'the credit note than those who made or changed it. Zero: one person is enough.',
        groups='base.group_user',
    )
