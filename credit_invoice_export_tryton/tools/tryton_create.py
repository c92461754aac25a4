"""Making one document in Tryton: a draft, our taxes on it, posted; once, whatever happens."""

from odoo.addons.credit_invoice.tools.export_contract import ExportRefused, ExportUnclear

from .tryton_books import to_id
from .tryton_codes import TrytonCodes
from .tryton_invoice import (
    CANCELLED,
    DONE,
    DRAFT_FIELDS,
    MODEL,
    get_tax_corrections,
    is_as_made,
    is_document,
    is_ours,
    is_renamed,
    prepare_values,
)
from .tryton_session import TrytonWarning

# Warnings about a document that was issued here already: what they warn of has happened.
ACCEPTED = ('.invoice_payment_term', '.invoice_date_future', '.account.invoice eu_vat valid')


class TrytonCreation:
    """One attempt to make a document, which takes up what an earlier one has left.

    :param TrytonBooks books: the company over there
    :ivar list drafts: those of the document that are known to be there
    """

    def __init__(self, books, document):
        self.books = books
        self.session = books.session
        self.document = document
        self.drafts = []

    def run(self):
        """Make the document, or find it made.

        :return: the row of the posted invoice
        :raise ExportRefused: nothing is left of it
        """
        rows = self._find_made()
        if done := self._take_done(rows):
            return done
        try:
            self._check_others(rows)
            codes = TrytonCodes(self.session, self.books.company_id, self.document)
            values = prepare_values(self.document, codes, self._find_origin_lines())
            row = self._take_draft(values, codes) or self._make_draft(values)
            self._complete(row, codes)
        except ExportRefused as refusal:
            return self._withdraw(refusal)
        row = self._read(row)
        if row['state'] not in DONE:
            raise ExportUnclear(f'{self.document.number} is still a draft in Tryton.')
        return row

    # === WHAT IS THERE === #

    def _find_made(self):
        """All that has the key, copies of other people included; our drafts are noted."""
        clause = ('comment', '=', self.document.key)
        rows = self.books.search(clause, DRAFT_FIELDS, with_cancelled=True)
        ours = [row for row in rows if is_ours(row, self.document)]
        self.drafts = [row for row in ours if row['state'] not in (*DONE, CANCELLED)]
        if ours:
            # From now on nobody can say that nothing was made.
            self.session.has_written = True
        else:
            self.books.check_sight()
        return rows

    def _take_done(self, rows):
        """The posted one, or None. A call that arrived late may have left a draft beside it."""
        done = [row for row in rows if row['state'] in DONE and is_ours(row, self.document)]
        if done:
            self._clear_away(self.drafts)
        return done[0] if done else None

    def _check_others(self, rows):
        """See that it was not made before and cancelled, or called something else, over there.

        :raise ExportRefused: says what to do
        """
        number = self.document.number
        for row in rows:
            if row['state'] == CANCELLED and is_ours(row, self.document):
                raise ExportRefused(
                    f'{number} was posted and then cancelled in Tryton: empty its comment there if '
                    'it is to be made again.'
                )
            if is_renamed(row, self.document):
                raise ExportRefused(
                    f'{row["number"]} in Tryton has the key of {number} and another reference: '
                    f'write {number} into it, or empty its comment if it is a copy.'
                )

    def _read(self, row):
        rows = self.books.search(('id', '=', row['id']), DRAFT_FIELDS)
        if not rows:
            raise ExportUnclear(f'{self.document.number} was taken away in Tryton.')
        return rows[0]

    def _change(self, method, *params, **context):
        return self.session.change(f'model.{MODEL}.{method}', *params, **context)

    # === THE DRAFT === #

    def _take_draft(self, values, codes):
        """The draft of an earlier attempt, if it still is what was made; all others go."""
        kept = [row for row in self.drafts if is_as_made(row, values)][:1]
        self._clear_away([row for row in self.drafts if row not in kept])
        self.drafts = kept
        for row in kept:
            self._open_again([row])
            ours = self._correct(row if row['state'] == 'draft' else self._read(row), codes)
            if is_as_made(ours, values) and is_document(ours, self.document):
                return ours
        self._clear_away(kept)
        self.drafts = []
        return None

    def _make_draft(self, values):
        """Make the draft, and see that it is the only one.

        Two may try at once, and a call may arrive twice: of several drafts the first is kept, and
        the others are gone before it is posted. What is posted cannot be deleted: whoever comes
        too late stops here.
        """
        self._change('create', [values])
        rows = self._find_made()
        if not self.drafts or any(
            row['state'] in DONE and is_ours(row, self.document) for row in rows
        ):
            self._stop()
        self._clear_away(self.drafts[1:])
        self.drafts = self.drafts[:1]
        return self.drafts[0]

    def _clear_away(self, rows):
        """Delete drafts of ours.

        :raise ExportUnclear: if somebody has posted one of them
        """
        try:
            self._delete(rows)
        except ExportRefused as error:
            self._stop(error)

    def _open_again(self, rows):
        """Make drafts of those that somebody has validated."""
        ids = [row['id'] for row in rows if row['state'] != 'draft']
        if ids:
            try:
                self._change('draft', ids)
            except ExportRefused as error:
                self._stop(error)

    def _delete(self, rows):
        self._open_again(rows)
        if rows:
            self._change('delete', [row['id'] for row in rows])

    def _stop(self, error=None):
        text = f'Somebody else is busy with {self.document.number} in Tryton: look it up again.'
        raise ExportUnclear(text) from error

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

    def _correct(self, row, codes):
        """Give a draft our taxes.

        :return: the row of it, read again if need be
        """
        corrections = get_tax_corrections(row, self.document, codes)
        if not corrections:
            return row
        params = []
        for tax_id, amount in corrections.items():
            params += [[tax_id], {'amount': amount}]
        self.session.change('model.account.invoice.tax.write', *params)
        return self._read(row)

    def _complete(self, row, codes):
        """Give a draft our taxes, see that it is ours to the cent, and post it."""
        document, row = self.document, self._correct(row, codes)
        if not is_document(row, document):
            raise ExportRefused(
                f'Tryton makes {abs(row["total_amount"])} of {document.number}, which is '
                f'{document.total} here: check the taxes there.'
            )
        self._post(row)

    def _post(self, row):
        """Post a draft as it was read, and say yes to what warns of nothing new."""
        # Tryton refuses to post what somebody has changed since.
        unchanged = {'_timestamp': {f'{MODEL},{row["id"]}': row['_timestamp']}}
        for _attempt in ACCEPTED:
            try:
                self._change('post', [row['id']], **unchanged)
            except TrytonWarning as warning:
                if not warning.name.endswith(ACCEPTED):
                    raise
                self.session.accept(warning)
            else:
                return
        self._change('post', [row['id']], **unchanged)

    def _withdraw(self, refusal):
        """Delete the drafts of what was refused; what somebody posted meanwhile, stays.

        :return: the row of what was posted
        """
        try:
            self._delete(self.drafts)
        except ExportRefused as error:
            row = self._read(self.drafts[0])
            if row['state'] in DONE:
                return row
            raise ExportUnclear(f'{refusal} A draft of it is left in Tryton.') from error
        raise refusal
