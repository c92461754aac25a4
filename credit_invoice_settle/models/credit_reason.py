from odoo import fields, models

# What can happen to the money of a credit.
SETTLEMENTS = [
    ('own', 'Use against its own invoice'),
    ('oldest', 'Use against the oldest invoices'),
    ('refund', 'Refund'),
    ('keep', 'Keep as customer credit'),
]


class CreditReason(models.Model):
    _inherit = 'credit.reason'

    settlement = fields.Selection(
        selection=SETTLEMENTS,
        help='What is proposed for the money. Empty: by the state of the invoice and the setting '
        'of the customer.',
    )
