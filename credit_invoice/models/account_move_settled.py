from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.settled import get_settled_query
from .account_move_line import CREDITABLE_TYPES

SETTLED_STATES = ('paid', 'reversed')


class AccountMove(models.Model):
    """Whether money moved: a document that was settled by matching alone is not *Paid*
    (decisions 9 and 13)."""

    _inherit = 'account.move'

    is_settled_without_money = fields.Boolean(
        string='Settled Without Payment',
        compute='_compute_is_settled_without_money',
        store=True,
        help='Nothing is open, and no money was paid: credits and invoices were matched.',
    )
    status_in_payment = fields.Selection(
        selection_add=[('settled', 'Settled')], ondelete={'settled': 'set null'}
    )
    credit_refund_line_ids = fields.One2many(
        comodel_name='credit.settlement.line',
        inverse_name='refund_move_id',
        string='Refunds',
        help='The parts of settlements that this document owes.',
    )
    credit_entry_line_ids = fields.One2many(
        comodel_name='credit.settlement.line',
        inverse_name='entry_move_id',
        string='Moved Settlements',
        help='The parts of settlements for which this entry was made.',
    )

    # === COMPUTE METHODS === #

    @api.depends('payment_state')
    def _compute_is_settled_without_money(self):
        settled = self.filtered(
            lambda move: (
                move.payment_state in SETTLED_STATES
                and move.move_type in (*CREDITABLE_TYPES, 'out_refund')
            )
        )
        without_money = settled._get_ids_without_money()
        for move in self:
            move.is_settled_without_money = move in settled and move._origin.id in without_money

    @api.depends('is_settled_without_money')
    def _compute_status_in_payment(self):
        # EXTENDS 'account': the host says *Paid* wherever nothing is open
        super()._compute_status_in_payment()
        for move in self:
            if move.status_in_payment == 'paid' and move.is_settled_without_money:
                move.status_in_payment = 'settled'

    def _field_to_sql(self, alias, fname, query=None):
        # EXTENDS 'account'
        if fname != 'status_in_payment':
            return super()._field_to_sql(alias, fname, query)
        return SQL(
            "CASE WHEN %s = 'posted' AND %s = 'paid' AND %s THEN 'settled' ELSE %s END",
            SQL.identifier(alias, 'state'),
            SQL.identifier(alias, 'payment_state'),
            SQL.identifier(alias, 'is_settled_without_money'),
            super()._field_to_sql(alias, fname, query),
        )

    def _get_ids_without_money(self):
        """Which of these documents were matched, and with nothing that is money.

        :return: set of ids
        """
        if not self.ids:
            return set()
        self.env['account.partial.reconcile'].flush_model()
        self.env['credit.settlement.line'].flush_model()
        own_entries = SQL(
            """EXISTS (
                SELECT FROM credit_settlement_line part
                 WHERE part.entry_move_id = move.id AND part.kind = 'use'
            )"""
        )
        documents = SQL('document.id IN %s', tuple(self.ids))
        rows = self.env.execute_query(get_settled_query(documents, own_entries))
        return {move_id for (move_id,) in rows}

    # === BUSINESS METHODS === #

    def _invoice_paid_hook(self):
        # EXTENDS 'account': nothing is told to be paid where no money moved
        return super(
            AccountMove, self.filtered(lambda move: not move.is_settled_without_money)
        )._invoice_paid_hook()

    def _track_subtype(self, init_values):
        # EXTENDS 'account': no "Invoice paid" where no money moved
        if 'payment_state' in init_values and self.is_settled_without_money:
            init_values = {
                name: value for name, value in init_values.items() if name != 'payment_state'
            }
        return super()._track_subtype(init_values)

    # === BUSINESS METHODS: DOCUMENTS OF SETTLEMENTS === #

    def _has_paid_refund(self):
        """Whether anything was paid of what this refund document owes."""
        owed = self.line_ids.filtered(lambda line: line.account_type == 'liability_payable')
        return bool(owed.matched_debit_ids)

    def _undo_settlement_document(self):
        """Take entries and bills of settlements out of the ledger, or reverse what must stay."""
        for move in self:
            if move._can_be_cancelled_quietly():
                move.button_draft()
                move.button_cancel()
            else:
                move._reverse_moves(
                    [{'date': fields.Date.context_today(move), 'invoice_date': False}], cancel=True
                )

    def _can_be_cancelled_quietly(self):
        self.ensure_one()
        return not self.inalterable_hash and not self._get_violated_lock_dates(
            self.date, self._affect_tax_report()
        )
