"""An outside system in memory, whose answers a test decides, for what does not need a real one."""

# pylint: disable=method-required-super  # `create` and `read` are none of a model

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields

from ...tools.export_contract import (
    APPLY,
    FIND,
    LIST,
    PAYMENTS,
    PERIOD,
    Connector,
    ExportRefused,
    Found,
    TestResult,
)
from ..common import CreditCommon

SECRET = 'very-secret-key'


class MemoryBooks:
    """The other side: documents by external id, and what was called.

    `faults` are taken one by one by `create` and `apply`: (exception or None, whether the work is
    done all the same). `silent` is an exception that everything else answers with.
    """

    def __init__(self):
        self.documents, self.calls, self.faults = {}, [], []
        self.silent = None
        self.closed_until = None
        self.can = {FIND, LIST, APPLY, PAYMENTS, PERIOD}
        self.on_call = lambda: None

    def add(self, document, **changes):
        """Put a document there as it is told, or changed.

        :return: what is found of it
        """
        external_id = str(len(self.documents) + 1)
        found = Found(
            external_id=external_id,
            kind=document.kind,
            number=document.number,
            date=document.date,
            currency=document.currency,
            total=document.total,
            key=document.key,
            customer=document.customer.code,
            open_amount=document.total,
            origin_id=document.origin.external_id if document.origin else '',
        )
        self.documents[external_id] = replace(found, **changes)
        return self.documents[external_id]

    def get(self, number):
        """The documents of a number."""
        return [found for found in self.documents.values() if found.number == number]


class MemoryConnector(Connector):
    """The connector to `books`, a `MemoryBooks`."""

    books = None

    def capabilities(self):
        return frozenset(self.books.can)

    def _begin(self, name, *values):
        self.books.on_call()
        self.books.calls.append((name, *values))
        if name not in ('create', 'apply') and self.books.silent:
            raise self.books.silent

    def _end(self, work):
        error, is_done = self.books.faults.pop(0) if self.books.faults else (None, True)
        result = work() if is_done else None
        if error:
            raise error
        return result

    def test(self, accounts=(), taxes=()):
        self._begin('test')
        return TestResult('Books in memory 1.0')

    def find(self, query):
        self._begin('find', query)
        found = self.books.documents.values()
        if query.is_period:
            return [item for item in found if query.date_from <= item.date <= query.date_to]
        return [
            item
            for item in found
            if (query.key and item.key == query.key)
            or (query.external_id and item.external_id == query.external_id)
            or (query.number == item.number and query.kind == item.kind)
        ]

    def create(self, document):
        self._begin('create', document)
        same = [item for item in self.books.documents.values() if item.key == document.key]
        if self.books.closed_until and document.accounting_date <= self.books.closed_until:
            raise ExportRefused('The period is closed.')
        return self._end(lambda: same[0] if same else self.books.add(document))

    def apply(self, credit_id, invoice_id, amount):
        self._begin('apply', credit_id, invoice_id, amount)

        def work():
            found = self.books.documents[credit_id]
            applied = {**dict(found.applied), invoice_id: Decimal(amount)}
            found = replace(found, applied=tuple(applied.items()))
            self.books.documents[credit_id] = found
            return found

        return self._end(work)

    def read(self, external_id):
        self._begin('read', external_id)
        return self.books.documents.get(external_id)

    def period_open(self, day):
        self._begin('period_open', day)
        closed = self.books.closed_until
        return closed + timedelta(days=1) if closed and day <= closed else day


class ExportCommon(CreditCommon):
    """Invoices of a company whose books are kept in memory."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.System = cls.env['credit.export.system'].sudo()
        cls.Record = cls.env['credit.export.record'].sudo()

    def setUp(self):
        super().setUp()
        self.books = MemoryBooks()
        connector = type('BooksConnector', (MemoryConnector,), {'books': self.books})
        self.patch(
            self.registry['credit.export.system'],
            '_get_connector_class',
            lambda system: connector,
        )
        self.patch(self.registry['credit.export.system'], '_has_connector', lambda system: True)
        self.now = fields.Datetime.to_datetime('2026-11-22 12:00:00')
        self.patch(self.registry['credit.export.record'], '_get_now', lambda record: self.now)

    def connect(self, **values):
        """Connect the company's books.

        :return: the system, with elevated rights
        """
        self.system = self.System.create({
            'name': 'Books',
            'company_id': self.env.company.id,
            'date_start': '2026-01-01',
            'address': 'https://books.example.com',
            'secret': SECRET,
            **values,
        })
        return self.system

    def wait(self, minutes):
        self.now += timedelta(minutes=minutes)

    def work(self):
        """Let the worker do what is due, with its own commits."""
        self.env.flush_all()
        try:
            with self.enter_registry_test_mode(), self.registry.cursor() as cr:
                system = api.Environment(cr, SUPERUSER_ID, {})['credit.export.system']
                system.browse(self.system.id)._work_off()
        finally:
            self.env.invalidate_all()

    def get_record(self, move, operation=None):
        """The export of a document."""
        domain = [('move_id', '=', move.id)]
        if operation:
            domain.append(('operation', '=', operation))
        return self.Record.search(domain)

    def killed(self):
        """Make the next call of the other side end this worker, as a kill does."""
        return patch.object(self.books, 'on_call', side_effect=SystemExit)
