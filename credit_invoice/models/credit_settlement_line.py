from odoo import fields, models

from .credit_settlement import REFUND_WAYS


class CreditSettlementLine(models.Model):
    """One part of a settlement: an amount that was used against an item, refunded or kept."""

    _name = 'credit.settlement.line'
    _description = 'Part of a Settlement'
    _order = 'settlement_id desc, id'
    _check_company_auto = True

    settlement_id = fields.Many2one(
        comodel_name='credit.settlement',
        required=True,
        readonly=True,
        index=True,
        ondelete='cascade',
    )
    company_id = fields.Many2one(related='settlement_id.company_id', store=True)
    currency_id = fields.Many2one(related='settlement_id.currency_id')
    kind = fields.Selection(
        selection=[('use', 'Used'), ('refund', 'Refunded'), ('keep', 'Kept')],
        required=True,
        readonly=True,
    )
    amount = fields.Monetary(readonly=True, help='In the currency of the credit, above zero.')
    source_line_id = fields.Many2one(
        comodel_name='account.move.line',
        string='Item of the Credit',
        readonly=True,
        index='btree_not_null',
        check_company=True,
    )
    target_line_id = fields.Many2one(
        comodel_name='account.move.line',
        string='Item Settled',
        readonly=True,
        index='btree_not_null',
        check_company=True,
    )
    target_move_id = fields.Many2one(
        related='target_line_id.move_id', string='Invoice', store=True, index='btree_not_null'
    )
    refund_way = fields.Selection(selection=REFUND_WAYS, readonly=True)
    payment_id = fields.Many2one(
        comodel_name='account.payment', readonly=True, index='btree_not_null', check_company=True
    )
    refund_move_id = fields.Many2one(
        comodel_name='account.move',
        string='Refund Document',
        readonly=True,
        index='btree_not_null',
        check_company=True,
        help='The entry or vendor bill that owes the refund (pc11 to pc13).',
    )
    entry_move_id = fields.Many2one(
        comodel_name='account.move',
        string='Settlement Entry',
        readonly=True,
        index='btree_not_null',
        check_company=True,
        help='Moves the amount between accounts where the two items are on different ones.',
    )
