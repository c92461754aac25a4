"""What a connector to an outside accounting system is: the contract, without the ORM.

A connector is a plain class with seven methods that talks to one system. It gets everything as
values (`Connection`, `Document`, `Query`), answers with values (`Found`), and never sees the
database: it is called between two transactions, and one of its calls may take as long as the other
side likes. What it must guarantee is short:

- `create` and `apply` change something over there; all other methods only look.
- An answer means that the work is done. Every failure is one of three: `ExportRefused` (the other
  side looked at the content and does not want it: nothing was made, trying again is useless),
  `ExportNotExecuted` (certainly nothing was made, try again later), and *anything else*, which
  means that nobody knows. Who is not certain raises `ExportUnclear`, or lets whatever happened
  through; the caller then looks the document up before anything is sent again.
- What was made is named by its id over there. Without a real one (`is_real_id`), it counts as
  *anything else*, and is looked for under its key.
- A document carries a key that is never given twice. `create` writes it where `find` can see it,
  and makes nothing when a document of that key is there already: it completes what is half done.
- No error text contains a credential.

`credit_invoice/tests/export/connector_contract.py` checks all this; `readme/CONNECTORS.md` explains
how to write one.
"""

# pylint: disable=method-required-super  # `create` and `read` are none of a model

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, wraps

from .credentials import mask
from .export_digest import get_digest

# What a connector can do, see `Connector.capabilities`.
FIND = 'find'  # looks documents up over there; without it, somebody has to confirm what arrived
LIST = 'list'  # `find` answers for a period, so that both sides can be compared
APPLY = 'apply'  # applies credits to invoices over there
PAYMENTS = 'payments'  # takes payments
PERIOD = 'period'  # knows which days are closed over there
BATCHES = 'batches'  # collects documents in a file instead of sending each

INVOICE, CREDIT, PAYMENT = 'invoice', 'credit', 'payment'

# What systems answer instead of an id, beside nothing and zeros.
NO_IDS = frozenset({'none', 'null', 'nil', 'false', 'undefined'})


def is_real_id(external_id):
    """Whether this names a document: nothing, zeros and dashes alone (an empty UUID) do not.

    :rtype: bool
    """
    text = str(external_id or '').strip().lower()
    return bool(text.strip('0-{}. ')) and text not in NO_IDS


# === WHAT GOES WRONG === #


class ExportError(Exception):
    """Something over there went wrong. The text is for people, and holds no credential."""


class ExportRefused(ExportError):
    """The other side does not want this content: nothing was made, and never will be of it."""


class ExportNotExecuted(ExportError):
    """The other side was not reached or did nothing: certain, so that it can be tried again."""


class ExportUnclear(ExportError):
    """Nobody knows what the other side did."""


# === WHAT GOES OUT === #


@dataclass(frozen=True)
class Connection:
    """Where and as whom to call.

    :param timeout: seconds that one operation may take, however many requests it is made of
    :param options: further settings of the connector's own fields, by name
    """

    address: str = ''
    database: str = ''
    login: str = ''
    secret: str = field(default='', repr=False)
    timeout: float = 30.0
    company: str = ''
    options: dict = field(default_factory=dict, compare=False)
    _ends: list = field(default_factory=list, compare=False, repr=False)

    @contextmanager
    def one_operation(self):
        """Have all that is asked for in this block answered within the time-out; within another
        such block, within that one's."""
        self._ends.append(self._ends[-1] if self._ends else time.monotonic() + self.timeout)
        try:
            yield
        finally:
            self._ends.pop()

    def get_seconds_left(self):
        """How long the next request may take.

        :return: seconds; 0 or less if the operation has taken too long already
        :rtype: float
        """
        return self._ends[-1] - time.monotonic() if self._ends else self.timeout

    def mask(self, text):
        """A text of the other side as it may be shown: it may repeat what was sent to it."""
        return mask(text, self.secret, self.login)


@dataclass(frozen=True)
class Party:
    """A customer, or the company that sends the document.

    :param code: what the party is called over there: its reference if it has one, else a name that
        never changes here
    """

    code: str
    name: str
    vat: str = ''
    street: str = ''
    city: str = ''
    zip: str = ''
    country_code: str = ''
    email: str = ''


@dataclass(frozen=True)
class Tax:
    """A tax of a document, with what it comes to.

    :param code: the tax over there, as mapped
    :param rate: percentage, or None for a fixed amount
    """

    code: str
    name: str
    rate: Decimal | None
    base: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Line:
    """A line of a document. Amounts are positive as on the document, without tax.

    :param account: the account over there, as mapped
    :param taxes: codes of the taxes over there
    :param price: of one unit, with the discount taken off; `amount` rules where both disagree
    """

    name: str
    account: str
    quantity: Decimal
    price: Decimal
    amount: Decimal
    taxes: tuple[str, ...] = ()
    product_code: str = ''


@dataclass(frozen=True)
class Reference:
    """Another document that stands over there already."""

    external_id: str
    number: str
    date: date
    key: str = ''


@dataclass(frozen=True)
class Document:
    """What is to stand over there.

    :param kind: `invoice`, `credit` or `payment`; the amounts of all three are positive
    :param key: unique for ever, the same at every attempt
    :param number: in the form that is used over there
    :param origin: of a credit, the invoice that it credits; of a payment, the invoice it pays
    :param origins: of a credit for lines of several invoices, all of them
    :param account: the receivable account over there, as mapped
    """

    kind: str
    key: str
    number: str
    date: date
    currency: str
    customer: Party
    total: Decimal
    untaxed: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    due_date: date | None = None
    accounting_date: date | None = None
    account: str = ''
    journal: str = ''
    lines: tuple[Line, ...] = ()
    taxes: tuple[Tax, ...] = ()
    origin: Reference | None = None
    origins: tuple[Reference, ...] = ()
    reason: str = ''
    note: str = ''
    seller: Party | None = None

    @cached_property
    def digest(self):
        """The SHA-256 of all of it, as 64 hexadecimal digits."""
        return get_digest(self)


@dataclass(frozen=True)
class Query:
    """What to look for: whatever matches one of key, external id and number, or lies in a period.

    :param kind: if given, only documents of this kind; a number is looked for with its kind
    :param customer: if given, its code; only narrows a search by number
    """

    key: str = ''
    external_id: str = ''
    number: str = ''
    kind: str = ''
    customer: str = ''
    date_from: date | None = None
    date_to: date | None = None

    @property
    def is_period(self):
        return self.date_from is not None


# === WHAT COMES BACK === #


@dataclass(frozen=True)
class Found:
    """A document as it stands over there.

    :param external_id: names it over there, for ever: never empty, nor zeros alone
    :param total: positive, as on the document, in its currency
    :param open_amount: what is not applied, paid or matched yet
    :param is_complete: False for a draft over there, and for anything half done
    :param origin_id: external id of the invoice that a credit refers to
    :param applied: pairs of external id and positive amount: what this document is matched with;
        filled by `read`, and by `find` if that costs no call
    """

    external_id: str
    kind: str
    number: str
    date: date
    currency: str
    total: Decimal
    key: str = ''
    customer: str = ''
    open_amount: Decimal | None = None
    is_complete: bool = True
    origin_id: str = ''
    applied: tuple[tuple[str, Decimal], ...] = ()

    @property
    def is_named(self):
        """Whether it has an id by which it can be found again, see `is_real_id`."""
        return is_real_id(self.external_id)

    def get_applied(self, external_id):
        """How much of this document is matched with another one."""
        return sum((amount for other, amount in self.applied if other == external_id), Decimal(0))


@dataclass(frozen=True)
class TestResult:
    """What *Test connection* found.

    :param description: what answered, in a few words: system, version, company
    :param unknown_accounts: of the codes that were asked for, those that are not there
    :param unknown_taxes: the same of taxes
    """

    __test__ = False  # no class of tests

    description: str
    unknown_accounts: tuple[str, ...] = ()
    unknown_taxes: tuple[str, ...] = ()


def _in_time(method):
    """A method of a connector that must end within the time-out of its connection."""

    @wraps(method)
    def run(self, *args, **kwargs):
        if any(isinstance(arg, Query) and arg.is_period for arg in args):
            # A long list has many pages, and nobody waits for it: each has the whole time.
            return method(self, *args, **kwargs)
        with self.connection.one_operation():
            return method(self, *args, **kwargs)

    return run


class Connector:
    """One outside system, reached by one connection.

    Each of its methods is one operation: its requests together take no longer than the time-out, if
    they are made with `tools/export_http.py`. After the quiet time, which is longer, nothing that
    was begun is going on any more.

    :param connection: where and as whom, see `Connection`
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        for name in ('test', 'find', 'create', 'apply', 'read', 'period_open'):
            if name in vars(cls):
                setattr(cls, name, _in_time(vars(cls)[name]))

    def __init__(self, connection):
        self.connection = connection

    def capabilities(self):
        """What this system can do: a set of the names at the top of this file."""
        return frozenset({FIND})

    def test(self, accounts=(), taxes=()):
        """Look whether the other side answers, lets us in, and knows some codes.

        :param accounts: codes of accounts over there
        :param taxes: codes of taxes over there
        :rtype: TestResult
        :raise ExportError: says what is wrong
        """
        raise NotImplementedError

    def find(self, query):
        """Look documents up.

        :param query: see `Query`
        :return: every document that matches, drafts and half-done ones included; an empty list is
            the other side's own word that there is none
        :rtype: list[Found]
        """
        raise NotImplementedError

    def create(self, document):
        """Make a document, complete with its number, and refer a credit to its invoice.

        If one of this key is there, it is completed where needed and answered; none is made.

        :rtype: Found
        :raise ExportRefused: nothing is left of it over there
        """
        raise NotImplementedError

    def apply(self, credit_id, invoice_id, amount):
        """Match a credit with an invoice over there.

        What is applied already counts: after it, `amount` is applied between the two, not more.

        :param str credit_id: external id
        :param str invoice_id: external id
        :param Decimal amount: positive, in the currency of both
        :return: the credit as `read` answers
        :rtype: Found
        """
        raise NotImplementedError

    def read(self, external_id):
        """A document as it stands over there, with what it is applied to.

        :rtype: Found, or None if it is not there
        """
        raise NotImplementedError

    def period_open(self, day):
        """The first day on which documents can be booked over there, not before a given one.

        :param datetime.date day:
        :return: `day` itself if it is open; None if no day after it is
        """
        return day
