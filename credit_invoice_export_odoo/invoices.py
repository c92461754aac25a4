"""Invoices and credits made over there, step by step, so that each step can be the last one.

Import as a draft, under the external id of the key; compare; post; refer the credit to its invoice.
The state of the document says which steps are done: whoever finds it does the others.
"""

from decimal import Decimal

from odoo.addons.credit_invoice.tools.export_contract import CREDIT, ExportRefused

from .documents import LINE, MOVE
from .values import (
    LINE_COLUMNS,
    MOVE_TYPES,
    NOT_LINKED,
    get_line_rows,
    split_external_id,
    to_date,
    to_decimal,
    to_html,
    to_text,
    to_xmlid,
)

# What to do where a draft over there is not what was asked for, by what differs.
ADVICE = {
    'number': 'use a sales journal of its own there',
    'date': 'delete the draft there',
    'accounting date': 'check which days are closed there',
    'currency': 'check the currency of the journal there',
    'total': 'check the mapping of the taxes',
    'untaxed amount': 'check the mapping of the taxes',
}


class Invoices:
    """Makes invoices and credits.

    :param Documents documents: reads them
    """

    model = MOVE
    cancelled = 'A document'

    def __init__(self, client, directory, documents):
        self.client = client
        self.directory = directory
        self.documents = documents
        self.receivable_id = None

    # === BEFORE === #

    def find(self, key):
        """The record of a key, or None."""
        return self.documents.find_move(key)

    def find_typed_over(self, key):
        """The record of a key by its external id alone, or None; asked seldom, see `get_record`."""
        model, record_id = self.client.get_record(to_xmlid('document', key)) or ('', 0)
        return self._search(record_id) if model == self.model else None

    def prepare(self, document):
        """Look up all that a document needs, and change nothing but its customer.

        :return: tuple of columns and rows of an import
        :raise ExportRefused: if something is missing over there
        """
        directory = self.directory
        if document.kind == CREDIT and document.origin:
            self.get_origin(document)
        codes = directory.get_codes(document)
        self.receivable_id = codes['accounts'].get(document.account)
        currency = directory.get_currency(document.currency)
        journal_id = directory.get_journal_id(
            ['sale'], directory.options.get('journal', ''), document.journal
        )
        head = self._get_head(document)
        head |= {
            'currency_id/.id': str(currency['id']),
            'journal_id/.id': str(journal_id),
        }
        lines = get_line_rows(document, codes, currency)
        # Last: whatever else is wrong, no customer is made.
        head['partner_id/.id'] = str(directory.get_customer_id(document.customer))
        rows = [[*([''] * len(head)), *line] for line in lines]
        rows[0][: len(head)] = head.values()
        return [*head, *LINE_COLUMNS], rows

    def _get_head(self, document):
        day = document.accounting_date or document.date
        is_linked = document.kind != CREDIT or not document.origin
        return {
            'move_type': MOVE_TYPES[document.kind],
            'name': document.number,
            'invoice_date': document.date.isoformat(),
            'date': day.isoformat(),
            'invoice_date_due': (document.due_date or document.date).isoformat(),
            # The account of the customer over there decides none of these.
            'invoice_payment_term_id/.id': '',
            'fiscal_position_id/.id': '',
            'invoice_origin': document.key + ('' if is_linked else NOT_LINKED),
            'ref': self._get_ref(document),
            'narration': to_html(document.note),
        }

    def _get_ref(self, document):
        """What the host writes on a credit note: electronic invoices of some countries read it."""
        if document.kind != CREDIT:
            return ''
        origins = document.origins or tuple(filter(None, [document.origin]))
        numbers = ', '.join(origin.number for origin in origins)
        return ', '.join(filter(None, [numbers and f'Reversal of: {numbers}', document.reason]))

    def get_origin(self, document):
        """The record of the invoice that a credit refers to, or that a payment pays.

        :raise ExportRefused: if it is not there
        """
        is_payment, move_id = split_external_id(document.origin.external_id)
        domain = [('id', '=', move_id), ('state', '=', 'posted')]
        found = [] if is_payment else self.documents.search_moves(domain)
        if not found:
            self.directory.check_sees_all()
            raise ExportRefused(
                f'The invoice {document.origin.number} does not stand there: export it first.'
            )
        return found[0]

    # === MAKING === #

    def make(self, document, columns, rows):
        """Import a draft, or answer the id of the one that is there.

        :rtype: int
        """
        return self.client.load(self.model, to_xmlid('document', document.key), columns, rows)

    def get_difference(self, document, record):
        """In what a draft over there is not what was asked for: a sentence, or an empty text."""
        for what, here, there in self._get_values(document, record):
            if here != there:
                texts = [
                    to_text(value) if isinstance(value, Decimal) else value or 'none'
                    for value in (there, here)
                ]
                return (
                    f'Its {what} over there would be {texts[0]} instead of {texts[1]}: '
                    f'{ADVICE[what]}.'
                )
        return ''

    def _get_values(self, document, record):
        """What is compared: tuples of a key of `ADVICE`, the value here and the one there."""
        amounts = [to_decimal(record[name]) for name in ('amount_total', 'amount_untaxed')]
        return [
            ('number', document.number, record['name']),
            ('date', document.date, to_date(record['invoice_date'])),
            (
                'accounting date',
                document.accounting_date or document.date,
                to_date(record['date']),
            ),
            ('currency', document.currency, record['currency_id'][1]),
            ('total', document.total, amounts[0]),
            ('untaxed amount', document.untaxed, amounts[1]),
        ]

    def complete(self, document, record):
        """Do what is not done yet; a draft is posted only if it is what was asked for.

        :param dict record: as it stands there
        :return: the document in the words of the contract
        :rtype: Found
        :raise ExportRefused: if it is another one
        """
        is_changed = record['state'] == 'draft'
        if is_changed:
            self._check_same(document, record)
            self._set_receivable(document, record['id'])
            self._post(record['id'])
        if document.kind == CREDIT and document.origin:
            is_changed = self._link(document, record) or is_changed
        if is_changed:
            record = self.read_record(record['id'])
        return self.documents.tell_moves([record], keys={str(record['id']): document.key})[0]

    def discard(self, record_id):
        """Remove a draft that was never posted.

        :raise ExportError: if that is not certain
        """
        found = self._search(record_id)
        if not found:
            return
        if found['state'] != 'draft' or found['posted_before']:
            raise ExportRefused('It stands there already.')
        try:
            self.client.do(MOVE, 'unlink', ids=[record_id])
        except ExportRefused:
            # The host keeps a number in the middle of a series; a draft needs none.
            self.client.do(MOVE, 'write', ids=[record_id], vals={'name': False})
            self.client.do(MOVE, 'unlink', ids=[record_id])

    def read_record(self, record_id):
        """A record as it stands there now.

        :raise ExportRefused: if it was cancelled there
        """
        found = self._search(record_id)
        if not found:
            raise ExportRefused(
                f'{self.cancelled} of this key was cancelled over there: delete it there, or reset '
                'it to draft.'
            )
        return found

    def _search(self, record_id):
        return next(iter(self.documents.search_moves([('id', '=', record_id)])), None)

    def _check_same(self, document, record):
        difference = self.get_difference(document, record)
        if difference:
            raise ExportRefused(difference)

    def _post(self, record_id):
        try:
            self.client.do(MOVE, 'action_post', ids=[record_id])
        except ExportRefused:
            # The key may be taken: by a request that has posted it, or by what was cancelled.
            if self.read_record(record_id)['state'] == 'draft':
                raise

    def _set_receivable(self, document, move_id):
        """Put what the customer owes on the account that was mapped."""
        domain = [('move_id', '=', move_id), ('display_type', '=', 'payment_term')]
        lines = self.client.search(LINE, domain, ['account_id']) if document.account else []
        account_id = self.receivable_id or self._find_receivable(document)
        wrong = [line['id'] for line in lines if line['account_id'][0] != account_id]
        if account_id and wrong:
            commands = [[1, line_id, {'account_id': account_id}] for line_id in wrong]
            self.client.do(MOVE, 'write', ids=[move_id], vals={'line_ids': commands})

    def _find_receivable(self, document):
        return self.directory.find_accounts([document.account]).get(document.account)

    def _link(self, document, record):
        """Refer a posted credit to its invoice.

        Not before it is posted: posting a credit with a reference matches it with its invoice, and
        what it is applied to is said by `apply`.

        :return: whether there was anything to do
        """
        origin_id = split_external_id(document.origin.external_id)[1]
        values = {}
        if not record['reversed_entry_id'] or record['reversed_entry_id'][0] != origin_id:
            values['reversed_entry_id'] = origin_id
        # What was typed over since stays.
        if record['invoice_origin'] == document.key + NOT_LINKED:
            values['invoice_origin'] = document.key
        if values:
            self.client.do(MOVE, 'write', ids=[record['id']], vals=values)
        return bool(values)
