"""Applying a part of a credit to an invoice in Tryton.

What is applied is counted before anything is done, and every step is one that cannot be done
twice: an item that is split or reconciled is not open any more.
"""

from odoo.addons.credit_invoice.tools.export_contract import ExportRefused, ExportUnclear

from .tryton_books import to_id
from .tryton_invoice import DONE
from .tryton_lines import choose_lines, get_applied, get_open_amount, get_open_lines

RECONCILE = 'account.move.reconcile_lines'
SPLIT = 'account.move.line.reschedule'
# How often it is tried where the documents change meanwhile.
ATTEMPTS = 3
BUSY = 'Somebody else is busy with the same documents in Tryton: look them up again.'


class TrytonApplication:
    """One attempt to have an amount applied between a credit and an invoice, and not more.

    :param TrytonBooks books: the company over there
    """

    def __init__(self, books, credit_id, invoice_id, amount):
        self.books = books
        self.ids = [to_id(credit_id), to_id(invoice_id)]
        self.amount = amount

    def run(self):
        """Apply what is missing.

        :return: the credit, with what it is applied to
        :rtype: Found
        :raise ExportRefused: if there is not so much, or more is applied already
        """
        rows = self._find()
        missing = self._get_missing(*rows)
        if missing:
            self._match(rows, missing)
            rows = None
        # It is applied: whatever fails from now on does not mean that nothing was done.
        self.books.session.has_written = True
        try:
            return self._finish(rows or self._find())
        except ExportRefused as error:
            raise ExportUnclear(f'It is applied in Tryton, but: {error}') from error

    def _match(self, rows, missing, attempts=ATTEMPTS):
        try:
            lines = [line for row in rows for line in self._prepare_lines(row, missing)]
            self._run_wizard(RECONCILE, 'start', {}, lines)
        except ExportRefused as error:
            # A call of an earlier attempt, to split or to reconcile, may have arrived a moment ago.
            now = self._find()
            missing = self._get_missing(*now)
            if not missing:
                return
            if self._get_open_ids(now) == self._get_open_ids(rows):
                raise
            if attempts == 1:
                raise ExportUnclear(BUSY) from error
            self._match(now, missing, attempts - 1)

    def _get_open_ids(self, rows):
        return {line['id'] for row in rows for line in get_open_lines(row)}

    def _finish(self, rows):
        """See that it is applied, and close what nothing is open of."""
        closed = [self._close(row) for row in rows]
        if any(closed):
            rows = self._find()
        found = self.books.to_found(rows[0])
        if found.get_applied(str(self.ids[1])) != self.amount:
            raise ExportUnclear(BUSY)
        return found

    def _find(self):
        rows = {row['id']: row for row in self.books.search(('id', 'in', self.ids))}
        for one in self.ids:
            if one not in rows or rows[one]['state'] not in DONE:
                raise ExportRefused(
                    'The credit or its invoice is not in Tryton, or was cancelled there: export it '
                    'first.'
                )
        return [rows[one] for one in self.ids]

    def _get_missing(self, credit, invoice):
        others = self.books.find_others(credit)
        applied = dict(get_applied(credit, others)).get(str(invoice['id']), 0)
        if applied > self.amount:
            raise ExportRefused(
                f'{applied} of {credit["reference"]} is applied to {invoice["reference"]} in '
                f'Tryton, which is more than {self.amount}: unreconcile it there.'
            )
        missing = self.amount - applied
        for row in (credit, invoice):
            left = abs(get_open_amount(row))
            if left < missing:
                raise ExportRefused(
                    f'Only {left} of {row["reference"] or row["number"]} is open in Tryton.'
                )
        return missing

    def _close(self, row):
        """Reconcile what is left of a document with the payments that were only noted on it.

        :return: whether there was something to do
        """
        lines = get_open_lines(row) if not get_open_amount(row) else []
        if lines:
            lines += [line for line in row['payment_lines.'] if not line['reconciliation']]
            self._run_wizard(RECONCILE, 'start', {}, [line['id'] for line in lines])
        return bool(lines)

    def _prepare_lines(self, row, amount):
        """Open items of one document that come to an amount, after splitting one if need be.

        :return: their ids
        """
        whole, split, part = choose_lines(get_open_lines(row), amount)
        if split:
            self._split(row, split, part)
            (row,) = self.books.search(('id', '=', row['id']))
            whole, split, _part = choose_lines(get_open_lines(row), amount)
        if split:
            raise ExportUnclear(BUSY)
        return [line['id'] for line in whole]

    def _split(self, row, line, part):
        """Split an open item into a part and the rest, due on the same day."""
        part = part.copy_sign(line['amount'])
        terms = [
            {
                'date': line['maturity_date'] or row['invoice_date'],
                'amount': amount,
                'currency': line['amount_currency'],
            }
            for amount in (part, line['amount'] - part)
        ]
        data = {'preview': {'journal': row['journal'], 'terms': terms}}
        self._run_wizard(SPLIT, 'reschedule', data, [line['id']])

    def _run_wizard(self, name, state, data, line_ids):
        context = {
            'active_model': 'account.move.line',
            'active_id': line_ids[0],
            'active_ids': line_ids,
        }
        session, wizard = self.books.session, f'wizard.{name}'
        wizard_id = session.call(f'{wizard}.create', **context)[0]
        session.change(f'{wizard}.execute', wizard_id, data, state, **context)
        session.call(f'{wizard}.delete', wizard_id, **context)
