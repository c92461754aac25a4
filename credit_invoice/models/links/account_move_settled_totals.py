from odoo import models

from .account_move_line import CREDITABLE_TYPES


class AccountMove(models.Model):
    """What the totals of a document say of its matches: no money is said to have been paid where
    a credit and an invoice were settled with each other.
    """

    _inherit = 'account.move'

    # === COMPUTE METHODS === #

    def _compute_payments_widget_reconciled_info(self):
        # EXTENDS 'account': the host says *Paid on* or *Reversed on*, with the other document's day
        super()._compute_payments_widget_reconciled_info()
        for move in self.filtered('invoice_payments_widget'):
            if move.move_type not in (*CREDITABLE_TYPES, 'out_refund'):
                continue
            widget = dict(move.invoice_payments_widget)
            widget['content'] = [move._get_totals_row(row) for row in widget['content']]
            move.invoice_payments_widget = widget

    # === BUSINESS METHODS === #

    def _get_totals_row(self, row):
        """A match as the totals show it.

        :param dict row: of the host; gets `credit_label` and its `date` is that of the settlement
            where no money came in
        """
        # Whoever sees a document may know with what it was settled.
        partial = self.env['account.partial.reconcile'].sudo().browse(row['partial_id'])
        if row['is_exchange'] or not partial.exists():
            return row
        label = self._get_match_label(partial)
        if not label:
            return row
        return {**row, 'credit_label': label, 'date': partial._get_settlement_date()}

    def _get_match_label(self, partial):
        """What a match is called, without its date.

        :param partial: the match, with the right to read it
        :return: such as "Used against INV/1", or False where the host's *Paid on* is right
        """
        items = partial.debit_move_id | partial.credit_move_id
        other = items.filtered(lambda item: item.move_id != self)[:1]
        # An entry in between stands for both.
        source, target = partial._get_matched_documents()
        document = source if target == self else target
        if self.move_type == 'out_refund':
            if document.move_type in CREDITABLE_TYPES:
                return self.env._('Used against %s', document.name)
            return other._is_money() and self._get_refund_match_label(partial, document)
        if document.move_type != 'out_refund':
            return False
        if self in document._get_credit_origins():
            return self.env._('Credited by %s', document.name)
        return self.env._('Settled with %s', document.name)

    def _get_refund_match_label(self, partial, document):
        """What a match of this credit with money is called. To be extended where others owe it.

        :param partial: the match
        :param document: the payment, or the entry of the bank
        """
        return self.env._('Refunded by %s', document.name)
