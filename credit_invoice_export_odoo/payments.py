"""Payments made over there: imported as a draft, confirmed, and matched with their invoice."""

from odoo.addons.credit_invoice.tools.export_contract import ExportRefused

from .documents import PAID, PAY
from .invoices import Invoices
from .matching import get_open
from .values import split_external_id, to_date, to_decimal, to_number


class Payments(Invoices):
    """Makes payments of customers.

    Their number over there is that of the bank journal; ours stands in the memo, so that the
    journal learns no other series.
    """

    model = PAY
    cancelled = 'A payment'

    def __init__(self, client, directory, documents, matching):
        super().__init__(client, directory, documents)
        self.matching = matching

    def find(self, key):
        # EXTENDS Invoices
        return self.documents.find_payment(key)

    def prepare(self, document):
        # EXTENDS Invoices
        directory = self.directory
        accounts = directory.find_accounts([document.account])
        if document.account and not accounts:
            raise ExportRefused(f'There is no account {document.account}: check the mapping.')
        currency = directory.get_currency(document.currency)
        journal_id = directory.get_journal_id(
            ['bank', 'cash'], directory.options.get('payment_journal', ''), document.journal
        )
        values = {
            'payment_type': 'inbound',
            'partner_type': 'customer',
            'amount': to_number(document.total),
            'date': (document.accounting_date or document.date).isoformat(),
            'memo': document.number,
            'payment_reference': document.key,
            'currency_id/.id': str(currency['id']),
            'journal_id/.id': str(journal_id),
        }
        if document.origin:
            origin = self.get_origin(document)
            values['invoice_ids/.id'] = str(origin['id'])
            lines = self.matching.get_open_lines(origin['id'])
            accounts = {'': lines[0]['account_id'][0]} if lines else accounts
        for account_id in accounts.values():
            values['destination_account_id/.id'] = str(account_id)
        values['partner_id/.id'] = str(directory.get_customer_id(document.customer))
        return list(values), [list(values.values())]

    def _get_values(self, document, record):
        # EXTENDS Invoices
        return [
            ('number', document.number, record['memo']),
            (
                'accounting date',
                document.accounting_date or document.date,
                to_date(record['date']),
            ),
            ('currency', document.currency, record['currency_id'][1]),
            ('total', document.total, to_decimal(record['amount'])),
        ]

    def complete(self, document, record):
        # EXTENDS Invoices
        if record['state'] not in PAID:
            self._check_same(document, record)
            self._check_outstanding_account(record)
            self.client.do(PAY, 'action_post', ids=[record['id']])
            record = self.read_record(record['id'])
        if document.origin:
            self._match(record, split_external_id(document.origin.external_id)[1])
        keys = {str(record['id']): document.key}
        return self.documents.tell_payments([self.read_record(record['id'])], keys=keys)[0]

    def _check_outstanding_account(self, record):
        """Without such an account, the host makes no journal entry: nothing could be matched."""
        if not record['outstanding_account_id']:
            raise ExportRefused(
                'The payment would make no journal entry over there: give the payment method of '
                'its journal an outstanding account.'
            )

    def discard(self, record_id):
        # EXTENDS Invoices
        found = self._search(record_id)
        if found and found['state'] != 'draft':
            raise ExportRefused('It stands there already.')
        if found:
            self.client.do(PAY, 'unlink', ids=[record_id])

    def _search(self, record_id):
        # EXTENDS Invoices
        return next(iter(self.documents.search_payments([('id', '=', record_id)])), None)

    def _match(self, record, invoice_id):
        """Match a payment with its invoice, unless that is done or nothing is open."""
        move_id = record['move_id'][0]
        if str(invoice_id) in self.documents.get_applied(move_id):
            return
        lines = self.matching.get_open_lines(move_id, invoice_id)
        amount = min(
            get_open([line for line in lines if line['move_id'][0] == one])
            for one in (move_id, invoice_id)
        )
        if amount:
            self.matching.match(move_id, invoice_id, amount)
