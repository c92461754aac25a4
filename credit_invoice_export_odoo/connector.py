"""The connector to another Odoo, by its JSON-2 interface alone: nothing of ours is needed there."""

# pylint: disable=method-required-super  # `create` and `read` are none of a model

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from odoo.addons.credit_invoice.tools.export_contract import (
    APPLY,
    CREDIT,
    FIND,
    INVOICE,
    LIST,
    PAYMENT,
    PAYMENTS,
    PERIOD,
    Connector,
    ExportNotExecuted,
    ExportRefused,
    ExportUnclear,
    TestResult,
)

from .directory import Directory
from .documents import Documents
from .invoices import Invoices
from .json2 import Json2
from .matching import Matching
from .payments import Payments
from .values import KINDS, split_external_id

# How often an amount is applied anew where another request takes its place.
ATTEMPTS = 3


class OdooConnector(Connector):
    """Invoices, credits and payments in another Odoo 19.

    :param connection: `address`, `database` and the API key as `secret`; `options` may name the
        `company`, the `journal` and the `payment_journal` over there
    """

    def __init__(self, connection):
        super().__init__(connection)
        self.client = Json2(connection)
        self.directory = Directory(self.client)
        self.documents = Documents(self.client, self.directory)
        self.matching = Matching(self.client, self.directory)

    def capabilities(self):
        # EXTENDS Connector
        return frozenset({FIND, LIST, APPLY, PAYMENTS, PERIOD})

    # === LOOKING === #

    def test(self, accounts=(), taxes=()):
        # EXTENDS Connector
        company = self.directory.company
        known_accounts = self.directory.find_accounts(accounts)
        known_taxes = self.directory.find_taxes(taxes)
        return TestResult(
            f'Odoo {self.client.get_version()}, {company["name"]}',
            tuple(code for code in accounts if code not in known_accounts),
            tuple(name for name in taxes if name not in known_taxes),
        )

    def find(self, query):
        # EXTENDS Connector
        return self.documents.find(query)

    def read(self, external_id):
        # EXTENDS Connector
        is_payment, record_id = split_external_id(external_id)
        domain = [('id', '=', record_id)]
        if is_payment:
            records = self.documents.search_payments(domain)
            found = self.documents.tell_payments(records)
            move_ids = [record['move_id'][0] for record in records if record['move_id']]
        else:
            found = self.documents.tell_moves(self.documents.search_moves(domain))
            move_ids = [record_id]
        if not found:
            self.directory.check_sees_all()
            return None
        applied = self.documents.get_applied(move_ids[0]) if move_ids else {}
        changes = {'applied': tuple(sorted(applied.items()))}
        if is_payment:
            changes['open_amount'] = found[0].total - sum(applied.values())
        return replace(found[0], **changes)

    def period_open(self, day):
        # EXTENDS Connector
        lock_date = self.directory.get_lock_date()
        if day > lock_date:
            return day
        return lock_date + timedelta(days=1) if lock_date < lock_date.max else None

    # === DOING === #

    def create(self, document):
        # EXTENDS Connector
        maker = self._get_maker(document)
        # The company is asked for its lock dates before it is looked into: one call for both.
        has_taxes = any(line.taxes for line in document.lines)
        lock_date = self.directory.get_lock_date(has_taxes)
        closed = self._get_closed(document, lock_date)
        record = self._keep(maker, document, closed, maker.find(document.key))
        if record:
            return self._complete(maker, document, lambda: record)
        try:
            record_id = self._make(maker, document, closed)
        except (ExportRefused, ExportNotExecuted):
            # Whoever was faster holds the key: two at the same time cannot both have it. And what
            # stands there, although its key was typed over, is not refused.
            record = self._keep(maker, document, closed, maker.find_typed_over(document.key))
            if not record:
                raise
            return self._complete(maker, document, lambda: record)
        return self._complete(maker, document, lambda: maker.read_record(record_id), record_id)

    def apply(self, credit_id, invoice_id, amount):
        # EXTENDS Connector
        ids = self._get_posted(**{CREDIT: credit_id, INVOICE: invoice_id})
        for attempt in range(ATTEMPTS):
            try:
                found = self._apply_missing(ids, credit_id, invoice_id, amount)
            except (ExportRefused, ExportNotExecuted) as error:
                if attempt:  # a part may be there
                    raise ExportUnclear(str(error)) from error
                raise
            if found.get_applied(invoice_id) >= amount:
                return found
            # Another request, of another amount, was faster.
        raise ExportUnclear(f'Less than {amount} is applied there: other requests were faster.')

    # === MEANS === #

    def _get_maker(self, document):
        if document.kind == PAYMENT:
            return Payments(self.client, self.directory, self.documents, self.matching)
        return Invoices(self.client, self.directory, self.documents)

    def _get_closed(self, document, lock_date):
        """Why nothing of the day of a document can be made there: a sentence, or an empty text."""
        day = document.accounting_date or document.date
        if day > lock_date:
            return ''
        return (
            f'{day} is closed in {self.directory.company["name"]}, as is everything up to '
            f'{lock_date}: choose a later date.'
        )

    def _keep(self, maker, document, closed, record):
        """What stands there, unless it is a draft that cannot become what was asked for: then it is
        removed.

        :param closed: see `_get_closed`
        :param dict record: or None
        :return: the record, or None
        """
        if not record or record['state'] != 'draft':
            return record
        reason = closed or maker.get_difference(document, record)
        if not reason:
            return record
        self._discard(maker, record['id'], reason)
        return None

    def _make(self, maker, document, closed):
        """Make a draft, or find the one that was made under this key.

        :rtype: int
        """
        if closed:
            raise ExportRefused(closed)
        return maker.make(document, *maker.prepare(document))

    def _complete(self, maker, document, read, record_id=0):
        """Complete a document that stands there.

        From here on, nobody can say that nothing was made, except after having removed it.

        :param read: function that answers with its record
        :param record_id: if the record is not read yet
        """
        try:
            record = read()
            record_id = record['id']
            return maker.complete(document, record)
        except (ExportRefused, ExportNotExecuted) as error:
            self._discard(maker, record_id, error)
            raise

    def _discard(self, maker, record_id, reason):
        """Remove what is not complete.

        :raise ExportUnclear: if that is not certain
        """
        try:
            maker.discard(record_id)
        except (ExportRefused, ExportNotExecuted, ExportUnclear) as error:
            raise ExportUnclear(f'It stands there, but is not complete: {reason}') from error

    def _apply_missing(self, ids, credit_id, invoice_id, amount):
        """Apply what is missing for an amount to be applied in all.

        :param ids: of the credit and the invoice
        :return: the credit as it is then
        """
        applied, last_id = self._get_applied(ids[0], invoice_id)
        if amount <= applied:
            return self.read(credit_id)
        try:
            self.matching.match(*ids, amount - applied, last_id)
        except ExportRefused:
            # Another request may have done it a moment ago.
            if self._get_applied(ids[0], invoice_id)[0] < amount:
                raise
        return self._read_again(credit_id)

    def _get_applied(self, credit_id, invoice_id):
        """How much of a credit is applied to an invoice, and the id of the last match of the two.

        :param int credit_id:
        :param str invoice_id: external id
        """
        matches = [one for one in self.documents.get_matches(credit_id) if one[1] == invoice_id]
        amounts = [amount for _match_id, _name, amount in matches]
        return sum(amounts, Decimal(0)), max((match_id for match_id, *_rest in matches), default=0)

    def _get_posted(self, **external_ids):
        """The ids of posted documents.

        :param external_ids: by kind
        :raise ExportRefused: if one is not there, or not posted
        """
        ids = {kind: split_external_id(one) for kind, one in external_ids.items()}
        ids = {kind: 0 if is_payment else move_id for kind, (is_payment, move_id) in ids.items()}
        found = self.documents.search_moves([('id', 'in', list(ids.values()))])
        states = {(KINDS[one['move_type']], one['id']): one['state'] for one in found}
        for kind, move_id in ids.items():
            if (kind, move_id) not in states:
                self.directory.check_sees_all()
                raise ExportRefused(
                    f'There is no {kind} {external_ids[kind]} over there: look it up again.'
                )
            if states[kind, move_id] != 'posted':
                raise ExportRefused(f'The {kind} {move_id} is a draft over there: post it.')
        return list(ids.values())

    def _read_again(self, external_id):
        """A document after something was done to it, which is not undone by not being told."""
        try:
            found = self.read(external_id)
        except ExportNotExecuted as error:
            raise ExportUnclear(str(error)) from error
        if not found:
            raise ExportUnclear('The document cannot be found any more.')
        return found
