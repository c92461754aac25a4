from odoo import api, fields, models
from odoo.tools import SQL


class AccountMove(models.Model):
    """What settlements say of a document: an entry of theirs between two accounts is no money."""

    _inherit = 'account.move'

    has_credit_settlement = fields.Boolean(
        compute='_compute_has_credit_settlement',
        compute_sudo=True,
        help='It was used or kept: who resets it to draft is asked first.',
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

    @api.depends('state', 'move_type', 'credit_settlement_ids.state')
    def _compute_has_credit_settlement(self):
        for move in self:
            move.has_credit_settlement = (
                move.move_type == 'out_refund'
                and move.state == 'posted'
                and 'done' in move.credit_settlement_ids.mapped('state')
            )

    # === BUSINESS METHODS === #

    @api.model
    def _get_own_entries_condition(self):
        # EXTENDS 'credit_invoice': an entry that takes a settlement from one account to another
        self.env['credit.settlement.line'].flush_model()
        return SQL(
            """(%s OR EXISTS (
                SELECT FROM credit_settlement_line part
                 WHERE part.entry_move_id = move.id AND part.kind = 'use'
            ))""",
            super()._get_own_entries_condition(),
        )

    def _get_amount_used_through_entries(self, invoice):
        # EXTENDS 'credit_invoice': the entry is matched with both
        parts = self.credit_settlement_ids.line_ids.filtered(
            lambda part: (
                part.kind == 'use'
                and part.state == 'done'
                and part.entry_move_id
                and part.target_move_id == invoice
            )
        )
        return super()._get_amount_used_through_entries(invoice) + sum(parts.mapped('amount'))

    def _is_tracked_without_money(self, initial_values):
        # EXTENDS 'credit_invoice': a settlement that was undone returned no money
        return super()._is_tracked_without_money(initial_values) or (
            self.payment_state == 'not_paid'
            and 'undone' in self.sudo()._get_settlement_parts_of_both().mapped('state')
        )

    def _get_settlement_parts_of_both(self):
        """What was settled of this document, as a credit and as an invoice."""
        parts = self.credit_settlement_ids.line_ids | self.credit_settled_line_ids
        return parts.filtered(lambda part: part.kind == 'use')

    def _get_refund_match_label(self, partial, document):
        # EXTENDS 'credit_invoice': by the document that owes it, not by the entry in between
        refund = partial.credit_settlement_line_id.refund_move_id
        return super()._get_refund_match_label(partial, refund or document)

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
