from odoo import api, models
from odoo.fields import Domain

from .account_move_credit_number import SINGLE_NUMBERS

REFUND_TYPES = ('out_refund', 'in_refund')
# In the context of the host's search for the number that shows the pattern; no client can send it.
PATTERN = object()

# Parts of the condition that the host writes as text, see `_get_last_sequence_domain`.
NOT_SINGLE = " AND (credit_numbering IS NULL OR credit_numbering = 'next')"
OR_NEXT = " OR (journal_id = %(journal_id)s AND credit_numbering = 'next' AND name != '/'"
DATED = ' AND date BETWEEN %(date_start)s AND %(date_end)s'


class AccountMove(models.Model):
    """Which documents the host takes for the sequence of a journal (decision 16)."""

    _inherit = 'account.move'

    def _sequence_matches_date(self):
        # EXTENDS 'account': the number follows the invoice, not the date
        return self.credit_numbering in SINGLE_NUMBERS or super()._sequence_matches_date()

    def _get_last_sequence_domain(self, relaxed=False):
        # EXTENDS 'account': what stands for itself teaches the journal no pattern, and a credit
        # that takes the next number of the invoices counts as one
        if self.journal_id.type != 'sale':
            return super()._get_last_sequence_domain(relaxed)
        is_next = self.credit_numbering == 'next' and self.move_type in REFUND_TYPES
        move = self._get_as_invoice() if is_next else self
        where, params = super(
            AccountMove, move.with_context(credit_number_pattern=PATTERN)
        )._get_last_sequence_domain(relaxed)
        if not self.journal_id.refund_sequence:
            where += NOT_SINGLE
        elif self.move_type in REFUND_TYPES and not is_next:
            where += ' AND credit_numbering IS NULL'
        elif 'journal_id' in params:
            where = where.replace('WHERE ', 'WHERE (', 1) + OR_NEXT
            where += (DATED if 'date_start' in params else '') + '))'
        return where, params

    def _get_as_invoice(self):
        """This credit as the host numbers an invoice: not a record of its own."""
        self.ensure_one()
        values = {
            name: self[name].id if self._fields[name].relational else self[name]
            for name in ('journal_id', 'company_id', 'partner_id', 'date', 'invoice_date', 'state')
        }
        return self.new({**values, 'move_type': 'out_invoice'}, origin=self._origin or None)

    def _get_starting_sequence(self):
        # EXTENDS 'account'
        if self.credit_numbering == 'next' and self.move_type in REFUND_TYPES:
            return super(AccountMove, self._get_as_invoice())._get_starting_sequence()
        return super()._get_starting_sequence()

    @api.model
    def _search(self, domain, *args, **kwargs):
        # EXTENDS 'base': the host looks for the number that shows when the sequence starts anew
        if self.env.context.get('credit_number_pattern') is PATTERN:
            domain = Domain(domain) & Domain('credit_numbering', 'not in', SINGLE_NUMBERS)
        return super()._search(domain, *args, **kwargs)
