"""The connector to Tryton 8.2: `credit_invoice/tools/export_contract.py`, `readme/TRYTON.md`."""

# pylint: disable=method-required-super  # `create` and `read` are none of a model

from contextlib import contextmanager

from odoo.addons.credit_invoice.tools.export_contract import (
    APPLY,
    FIND,
    LIST,
    PERIOD,
    Connector,
    TestResult,
)

from .tools.tryton_apply import TrytonApplication
from .tools.tryton_books import TrytonBooks, is_id
from .tools.tryton_codes import find_accounts, find_journal, find_taxes
from .tools.tryton_create import TrytonCreation
from .tools.tryton_invoice import get_customer, get_kind, get_name, to_found
from .tools.tryton_session import TrytonSession


class TrytonConnector(Connector):
    """Invoices and credits in Tryton, over its JSON-RPC."""

    def capabilities(self):
        return frozenset({FIND, LIST, APPLY, PERIOD})

    @contextmanager
    def _open(self):
        """The books over there, for one operation."""
        with TrytonSession(self.connection) as session:
            yield TrytonBooks(session, self.connection.options.get('company', ''))

    def test(self, accounts=(), taxes=()):
        with self._open() as books:
            session, company_id = books.session, books.company_id
            version = session.get_version()
            # Whoever may not read invoices learns it here.
            books.search(('id', '=', -1))
            known_accounts = find_accounts(session, company_id, set(accounts))
            known_taxes = find_taxes(session, company_id, set(taxes))
        return TestResult(
            description=f'Tryton {version}, {books.company["name"]}',
            unknown_accounts=tuple(code for code in accounts if code not in known_accounts),
            unknown_taxes=tuple(code for code in taxes if code not in known_taxes),
        )

    # === LOOKING === #

    def find(self, query):
        with self._open() as books:
            alternatives = list(self._prepare_alternatives(query))
            rows = books.search(['OR', *alternatives]) if alternatives else []
            rows = [row for row in rows if query.kind in ('', get_kind(row))]
            rows = self._leave_out_copies(rows, query)
            if alternatives and not rows:
                books.check_sight()
            copies = books.find_copies(rows) if query.is_period else ()
        return [
            to_found(row, get_customer(row, query.customer), is_copy=row['id'] in copies)
            for row in rows
        ]

    def _leave_out_copies(self, rows, query):
        """Without what has the key since it was copied over there: the first is no copy."""
        own = [row for row in rows if query.key and row['comment'] == query.key]
        names = [get_name(row) for row in own if row['reference']]
        return [
            row
            for row in rows
            if row not in own or get_name(row) in names[:1] or str(row['id']) == query.external_id
        ]

    def read(self, external_id):
        with self._open() as books:
            return books.get_found(external_id)

    def _prepare_alternatives(self, query):
        if query.key:
            key = [('comment', '=', query.key)]
            yield [*key, ('reference', '=', query.number)] if query.number else key
        if is_id(query.external_id):
            yield ('id', '=', int(query.external_id))
        if query.number:
            # What was typed in over there may have no reference, and a number of Tryton's.
            number = [('reference', 'in', [None, '']), ('number', '=', query.number)]
            known = [['OR', ('reference', '=', query.number), number]]
            if query.customer:
                code = query.customer
                known.append([
                    'OR',
                    ('party.code', '=', code),
                    ('party.identifiers.code', '=', code),
                ])
            yield known
        if query.is_period:
            period = [('invoice_date', '>=', query.date_from)]
            if query.date_to:
                period.append(('invoice_date', '<=', query.date_to))
            yield period

    # === CREATING AND APPLYING === #

    def create(self, document):
        with self._open() as books:
            row = TrytonCreation(books, document).run()
            return to_found(row, customer=get_customer(row, document.customer.code))

    def apply(self, credit_id, invoice_id, amount):
        with self._open() as books:
            return TrytonApplication(books, credit_id, invoice_id, amount).run()

    # === PERIODS === #

    def period_open(self, day):
        with self._open() as books:
            closed = [
                ('journal', '=', find_journal(books.session)),
                ('state', '=', 'closed'),
                ('period.end_date', '>=', day),
            ]
            rows = books.session.search('account.journal.period', closed, ['period'])
            is_open = [
                ('fiscalyear.company', '=', books.company_id),
                ('type', '=', 'standard'),
                ('state', '=', 'open'),
                ('end_date', '>=', day),
                ('id', 'not in', [row['period'] for row in rows]),
            ]
            order = [['start_date', 'ASC']]
            periods = books.session.search(
                'account.period', is_open, ['start_date'], order=order, limit=1
            )
        return max(day, periods[0]['start_date']) if periods else None
