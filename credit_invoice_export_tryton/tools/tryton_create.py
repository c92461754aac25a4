"""Making one document in Tryton: a draft, our taxes on it, posted; once, whatever happens."""

from odoo.addons.credit_invoice.tools.export_contract import ExportRefused, ExportUnclear

from .tryton_books import to_id
from .tryton_codes import TrytonCodes
from .tryton_invoice import (
    DONE,
    MODEL,
    get_tax_corrections,
    is_document,
    is_ours,
    prepare_values,
)
from .tryton_session import TrytonWarning

# Warnings about a document that was issued here already: what they warn of has happened.
ACCEPTED = ('.invoice_payment_term', '.invoice_date_future', '.account.invoice eu_vat valid')


class TrytonCreation:
    """One attempt to make a document, which takes up what an earlier one has left.

    :param TrytonBooks books: the company over there
    """

    def __init__(self, books, document):
        self.books = books
        self.session = books.session
        self.document = document

    def run(self):
        """Make the document, or find it made.

        :return: the row of the posted invoice
        :raise ExportRefused: nothing is left of it
        """
        rows = self._find_made()
        done = [row for row in rows if row['state'] in DONE]
        if done:
            # A call that arrived late may have left a draft beside it.
            self._delete([row for row in rows if row not in done])
            return done[0]
        codes = TrytonCodes(self.session, self.books.company_id, self.document)
        row = self._take_draft(rows) or self._make_draft(codes)
        try:
            self._complete(row, codes)
        except ExportRefused as refusal:
            return self._withdraw(row, refusal)
        row = self._read(row)
        if row['state'] not in DONE:
            raise ExportUnclear(f'{self.document.number} is still a draft in Tryton.')
        return row

    def _find_made(self):
        rows = self.books.search(('comment', '=', self.document.key))
        if not rows:
            self.books.check_sight()
        return rows

    def _read(self, row):
        rows = self.books.search(('id', '=', row['id']))
        if not rows:
            raise ExportUnclear(f'{self.document.number} was taken away in Tryton.')
        return rows[0]

    def _change(self, method, *params):
        return self.session.change(f'model.{MODEL}.{method}', *params)

    # === THE DRAFT === #

    def _take_draft(self, rows):
        """The draft of an earlier attempt, if it still is what was made; all others go."""
        for row in rows:
            if row['state'] == 'validated':
                self._change('draft', [row['id']])
        drafts = [row for row in rows if is_ours(row, self.document)][:1]
        self._delete([row for row in rows if row not in drafts])
        return drafts[0] if drafts else None

    def _make_draft(self, codes):
        """Make the draft, and see that it is the only one.

        Two may try at once, and a call may arrive twice: of several drafts the first is kept, and
        the others are gone before it is posted. What is posted cannot be deleted: whoever comes
        too late stops here.
        """
        origins = self._find_origin_lines()
        self._change('create', [prepare_values(self.document, codes, origins)])
        drafts = self._find_made()
        if not drafts or any(row['state'] in DONE for row in drafts):
            raise ExportUnclear('Somebody else is busy with the same document in Tryton.')
        self._delete(drafts[1:])
        return drafts[0]

    def _delete(self, rows):
        if rows:
            self._change('delete', [row['id'] for row in rows])

    def _find_origin_lines(self):
        """The lines that a credit is for, with those of its own origin first.

        :raise ExportRefused: if an invoice is not there any more
        """
        document = self.document
        references = [document.origin] if document.origin else []
        references += [one for one in document.origins if one != document.origin]
        if not references:
            return []
        ids = [to_id(reference.external_id) for reference in references]
        found = {row['id']: row for row in self.books.search(('id', 'in', ids))}
        for one, reference in zip(ids, references, strict=True):
            if one not in found:
                raise ExportRefused(
                    f'The invoice {reference.number} is not in Tryton: export it first.'
                )
        return [line for one in ids for line in found[one]['lines.'] if line['type'] == 'line']

    # === POSTING === #

    def _complete(self, row, codes):
        """Give a draft our taxes, see that it is ours to the cent, and post it."""
        document = self.document
        if corrections := get_tax_corrections(row, document, codes):
            params = []
            for tax_id, amount in corrections.items():
                params += [[tax_id], {'amount': amount}]
            self.session.change('model.account.invoice.tax.write', *params)
            row = self._read(row)
        if not is_document(row, document):
            raise ExportRefused(
                f'Tryton makes {abs(row["total_amount"])} of {document.number}, which is '
                f'{document.total} here: check the taxes there.'
            )
        self._post(row['id'])

    def _post(self, invoice_id):
        """Post a draft, and say yes to what warns of nothing new."""
        for _attempt in ACCEPTED:
            try:
                self._change('post', [invoice_id])
            except TrytonWarning as warning:
                if not warning.name.endswith(ACCEPTED):
                    raise
                self.session.accept(warning)
            else:
                return
        self._change('post', [invoice_id])

    def _withdraw(self, row, refusal):
        """Delete a draft that was refused; what somebody posted meanwhile, stays.

        :return: the row of what was posted
        """
        try:
            self._delete([row])
        except ExportRefused as error:
            row = self._read(row)
            if row['state'] in DONE:
                return row
            raise ExportUnclear(f'{refusal} A draft of it is left in Tryton.') from error
        raise refusal
