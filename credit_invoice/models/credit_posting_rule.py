from odoo import fields, models

from .credit_settlement import REFUND_WAYS, SETTLEMENTS


class CreditPostingRule(models.Model):
    """How a credit is posted: the first rule that fits decides (decision 17)."""

    _name = 'credit.posting.rule'
    _description = 'Posting Rule of Credits'
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name='res.company',
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    kind = fields.Selection(
        selection=[
            ('return', 'Returns quantity'),
            ('price', 'Lowers the price'),
            ('commercial', 'Without tax'),
            ('tax', 'Tax alone'),
        ],
        string='Kind of Credit',
        help='Leave empty for every kind.',
    )
    reason_ids = fields.Many2many(
        comodel_name='credit.reason', string='Reasons', help='Leave empty for every reason.'
    )
    origin_journal_ids = fields.Many2many(
        comodel_name='account.journal',
        string='Journals of the Invoice',
        check_company=True,
        help='Leave empty for every journal.',
    )
    settlement = fields.Selection(
        selection=SETTLEMENTS, string='Proposed Settlement', help='Where the reason says nothing.'
    )
    settlement_journal_id = fields.Many2one(
        comodel_name='account.journal',
        check_company=True,
        domain="[('type', '=', 'general')]",
        help='Takes the entries of settlements between different accounts.',
    )
    refund_way = fields.Selection(
        selection=REFUND_WAYS, string='Way to Refund', required=True, default='payment'
    )
    refund_journal_id = fields.Many2one(
        comodel_name='account.journal',
        check_company=True,
        domain="[('type', '=', refund_way == 'bill' and 'purchase' or 'general')]",
        help='Takes the entries or vendor bills that owe refunds.',
    )
    refund_account_id = fields.Many2one(
        comodel_name='account.account',
        string='Refunds Payable',
        check_company=True,
        domain="[('account_type', '=', 'liability_payable')]",
    )
    refund_product_id = fields.Many2one(
        comodel_name='product.product',
        check_company=True,
        help='The product on the lines of vendor bills that owe refunds (pc27).',
    )
