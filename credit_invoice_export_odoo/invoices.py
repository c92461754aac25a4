"""Invoices and credits made over there, step by step, so that each step can be the last one.

Import as a draft, under the external id of the key; post; refer the credit to its invoice. The
state of the document says which steps are done: whoever finds it does the others.
"""

from odoo.addons.credit_invoice.tools.export_contract import CREDIT, ExportRefused

from .documents import LINE, MOVE
from .values import (
    LINE_COLUMNS,
    MOVE_TYPES,
    NOT_LINKED,
    get_line_rows,
    split_external_id,
    to_html,
    to_xmlid,
)


class Invoices:
    """Makes invoices and credits.

    :param Documents documents: reads them
    """

    def __init__(self, client, directory, documents):
        self.client = client
        self.directory = directory
        self.documents = documents
        self.receivable_id = None

    # === BEFORE === #

    def find(self, key):
        """The record of a key, or None."""
        return self.documents.find_move(key)

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
        return self.client.load(MOVE, to_xmlid('document', document.key), columns, rows)

    def get_made(self, record_id):
        """What is known of a record that was imported a moment ago."""
        return {'id': record_id, 'state': 'draft', 'reversed_entry_id': False, 'invoice_origin': ''}

    def complete(self, document, record):
        """Do what is not done yet.

        :param dict record: as it was found, or `get_made`
        :return: the document in the words of the contract
        :rtype: Found
        """
        if record['state'] == 'draft':
            self._set_receivable(document, record['id'])
            self._post(record['id'])
        if document.kind == CREDIT and document.origin:
            self._link(document, record)
        keys = {str(record['id']): document.key}
        return self.documents.tell_moves([self._read(record['id'])], keys=keys)[0]

    def discard(self, record_id):
        """Remove a draft that was never posted.

        :raise ExportError: if that is not certain
        """
        found = self.documents.search_moves([('id', '=', record_id)])
        if not found:
            return
        if found[0]['state'] != 'draft' or found[0]['posted_before']:
            raise ExportRefused('It stands there already.')
        try:
            self.client.do(MOVE, 'unlink', ids=[record_id])
        except ExportRefused:
            # The host keeps a number in the middle of a series; a draft needs none.
            self.client.do(MOVE, 'write', ids=[record_id], vals={'name': False})
            self.client.do(MOVE, 'unlink', ids=[record_id])

    def _read(self, record_id):
        found = self.documents.search_moves([('id', '=', record_id)])
        if not found:
            raise ExportRefused(
                'A document of this key was cancelled over there: delete it there, or reset it to '
                'draft.'
            )
        return found[0]

    def _post(self, record_id):
        try:
            self.client.do(MOVE, 'action_post', ids=[record_id])
        except ExportRefused:
            # The key may be taken: by a request that has posted it, or by what was cancelled.
            if self._read(record_id)['state'] == 'draft':
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
        """
        origin_id = split_external_id(document.origin.external_id)[1]
        is_linked = record['reversed_entry_id'] and record['reversed_entry_id'][0] == origin_id
        if not is_linked or record['invoice_origin'] != document.key:
            values = {'reversed_entry_id': origin_id, 'invoice_origin': document.key}
            self.client.do(MOVE, 'write', ids=[record['id']], vals=values)
