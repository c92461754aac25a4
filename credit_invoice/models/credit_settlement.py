from odoo import fields, models

# What can happen to the money of a credit.
SETTLEMENTS = [
    ('own', 'Use against its own invoice'),
    ('oldest', 'Use against the oldest invoices'),
    ('refund', 'Refund'),
    ('keep', 'Keep as customer credit'),
]
REFUND_WAYS = [
    ('payment', 'Outgoing payment'),
    ('entry', 'Entry on refunds payable'),
    ('bill', 'Vendor bill'),
]


class CreditSettlement(models.Model):
    """What was done with the money of a credit, and by whom; kept when it is undone (decision 9).

    The settlement itself is a plain match of journal items, or a payment: this record stands
    beside it.
    """

    _name = 'credit.settlement'
    _description = 'Settlement of a Credit'
    _order = 'id desc'
    _check_company_auto = True

    move_id = fields.Many2one(
        comodel_name='account.move',
        string='Document',
        required=True,
        readonly=True,
        index=True,
        ondelete='cascade',
        check_company=True,
        help='The credit whose money this is, or the invoice that was overpaid.',
    )
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, index=True
    )
    commercial_partner_id = fields.Many2one(
        comodel_name='res.partner', string='Customer', required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(comodel_name='res.currency', required=True, readonly=True)
    date = fields.Date(required=True, readonly=True, help='The day of the settlement (pc15).')
    description = fields.Char(readonly=True, help='Shown on both documents (pc16).')
    user_id = fields.Many2one(
        comodel_name='res.users', string='Settled by', required=True, readonly=True
    )
    state = fields.Selection(
        selection=[('done', 'Settled'), ('undone', 'Undone')],
        required=True,
        readonly=True,
        default='done',
        index=True,
    )
    undone_user_id = fields.Many2one(comodel_name='res.users', string='Undone by', readonly=True)
    undone_at = fields.Datetime(string='Undone on', readonly=True)
    line_ids = fields.One2many(
        comodel_name='credit.settlement.line', inverse_name='settlement_id', readonly=True
    )
