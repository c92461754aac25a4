"""What the tests of a connector are built of: the other side, documents, and looking at both."""

import logging
import random
import string
import traceback
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from ...tools.export_contract import (
    CREDIT,
    FIND,
    INVOICE,
    PAYMENT,
    Document,
    ExportError,
    Line,
    Party,
    Query,
    Reference,
    Tax,
)
from . import connector_link
from .connector_link import Link

CENT = Decimal('0.01')


def to_cents(amount):
    return amount.quantize(CENT, ROUND_HALF_UP)


class ConnectorCase:
    """A connector, and the real other side. What an implementer gives or changes comes first."""

    # Whether it is reached by HTTP, so that a line can be put in between.
    is_remote = True
    # Longer than any honest answer takes, in seconds.
    short_timeout = 2.0
    # An address on which nobody listens; by default a free port of this machine.
    dead_address = ''
    wrong_secret = 'wr0ng-key-for-the-suite'

    # Codes that are known over there, and some that are not.
    currency = 'EUR'
    customer = Party(code='SUITE', name='Customer of the Suite', country_code='BE')
    account, other_account, receivable, tax = '4000', '4010', '1100', 'S21'
    tax_rate = Decimal(21)
    unknown_account, unknown_tax, unknown_id = 'no-such-acc', 'no-such-tax', '987654321'
    journal = ''
    # All documents are of these days, which are open; `closed_day` can be closed.
    open_day, other_day = date(2026, 6, 15), date(2026, 7, 9)
    closed_day = date(2026, 2, 10)

    def make_connector(self, **changes):
        """A connector to the other side.

        :param changes: values of the `Connection` that are to be others than the right ones
        """
        raise NotImplementedError

    def close_period(self, day):
        """Close a day over there, and have it opened again by `addCleanup` if that is possible.

        :return: the first day after it that is open
        :rtype: datetime.date
        """
        raise NotImplementedError

    def make_number(self, kind):
        """A number that was never used over there, nor in an earlier run."""
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return f'{kind[0].upper()}-{self._run}-{self._numbers[kind]:05}'

    # === DOCUMENTS === #

    _numbers = {}
    _run = ''.join(random.choices(string.ascii_uppercase, k=6))  # never two runs alike

    def make_line(self, amount, quantity=1, price=None, *, taxes=None, account='', name='Work'):
        amount, quantity = Decimal(amount), Decimal(quantity)
        return Line(
            name=name,
            account=account or self.account,
            quantity=quantity,
            price=Decimal(price) if price else amount / quantity,
            amount=amount,
            taxes=(self.tax,) if taxes is None else taxes,
        )

    def make_document(self, kind=INVOICE, *lines, tax_amount=None, **changes):
        """A document over there is to be.

        :param lines: values of `make_line`; without any, one line of 100
        :param tax_amount: instead of the rate of the sum of the taxed lines
        """
        lines = lines if lines or kind == PAYMENT else (self.make_line('100.00'),)
        base = sum((line.amount for line in lines if line.taxes), Decimal(0))
        tax = to_cents(base * self.tax_rate / 100) if tax_amount is None else Decimal(tax_amount)
        untaxed = sum((line.amount for line in lines), Decimal(0))
        taxes = (Tax(self.tax, self.tax, self.tax_rate, base, tax),) if base else ()
        day = changes.get('date', self.open_day)
        number = self.make_number(kind)
        values = {
            'kind': kind,
            'key': f'suite-{number}',
            'number': number,
            'date': day,
            'accounting_date': day,
            'due_date': day + timedelta(30),
            'currency': self.currency,
            'customer': self.customer,
            'total': untaxed + tax,
            'untaxed': untaxed,
            'tax': tax,
            'account': self.receivable,
            'journal': self.journal,
            'lines': lines,
            'taxes': taxes,
        }
        return Document(**{**values, **changes})

    def make_payment(self, invoice, amount):
        return self.make_document(PAYMENT, total=Decimal(amount), origin=self.refer(invoice))

    def refer(self, found):
        return Reference(found.external_id, found.number, found.date, found.key)

    def make_credit(self, invoice, *lines, **changes):
        origin = self.refer(invoice)
        return self.make_document(CREDIT, *lines, origin=origin, origins=(origin,), **changes)

    # === MEANS === #

    @classmethod
    def _request_handler(cls, session, request, /, **values):
        """Let requests through where the host's test case stands in their way (`BaseCase`)."""
        from odoo.tests.common import _super_send

        return _super_send(session, request, **values)

    def setUp(self):
        super().setUp()
        self.connector = self.make_connector()
        self.secret = self.connector.connection.secret
        self.texts = []
        handler = logging.Handler(logging.DEBUG)
        handler.emit = lambda record: self.texts.append(record.getMessage())
        root = logging.getLogger()
        root.addHandler(handler)
        self.addCleanup(root.removeHandler, handler)
        self.addCleanup(self.check_no_secret)

    def check_no_secret(self):
        for secret in filter(None, (self.secret, self.wrong_secret)):
            for text in self.texts:
                # Texts of the other side go through `Connection.mask`.
                self.assertNotIn(secret, text)

    def need(self, *capabilities):
        missing = {FIND, *capabilities} - self.connector.capabilities()
        if missing:
            self.skipTest(f'it cannot {", ".join(sorted(missing))}, and says so')

    def need_remote(self):
        if not self.is_remote:
            self.skipTest('it is not reached by HTTP')

    def interrupt(self, fault, at):
        """A line to the other side that fails at one request.

        :return: the link, and a connector that goes through it
        """
        if fault == connector_link.DOWN_AFTER:
            at -= 1  # the request that fails is the one after
        plan = lambda number, _line: fault if number == at else None
        link = Link(self.connector.connection.address, plan)
        self.addCleanup(link.close)
        timeout = self.short_timeout
        return link, self.make_connector(address=link.address, timeout=timeout)

    def fail_at(self, function, *errors):
        """What a function raises, which must be one of some exceptions; looked through."""
        with self.assertRaises(errors or ExportError) as caught:
            function()
        self.look_through(caught.exception)
        return caught.exception

    def look_through(self, error):
        self.texts += [str(error), repr(error), *traceback.format_exception(error)]

    def find_one(self, key):
        found = self.connector.find(Query(key=key))
        self.assertEqual(len(found), 1, key)
        return found[0]

    def find_none(self, key):
        self.assertEqual(self.connector.find(Query(key=key)), [], key)

    def check_is(self, found, document):
        """Something over there is exactly a document, and complete."""
        expected = (document.kind, document.number, document.date, document.currency)
        self.assertEqual((found.kind, found.number, found.date, found.currency), expected)
        self.assertEqual(found.total, document.total)
        self.assertEqual(found.key, document.key)
        self.assertTrue(found.is_complete)
        self.assertTrue(found.external_id)
        if document.origin:
            self.assertEqual(found.origin_id, document.origin.external_id)

    def create(self, document):  # pylint: disable=method-required-super
        """Make a document, and see that it stands there once and as it should."""
        made = self.connector.create(document)
        self.check_is(made, document)
        if FIND in self.connector.capabilities():
            found = self.find_one(document.key)
            self.check_is(found, document)
            self.assertEqual(found.external_id, made.external_id)
        return made
