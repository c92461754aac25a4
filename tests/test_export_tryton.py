"""The connector to Tryton, against a real one."""

import contextlib
import sqlite3
import unittest
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from unittest import mock

import pytest
from interruptions import SampledInterruptions

from odoo.addons.credit_invoice.tests import connector_link
from odoo.addons.credit_invoice.tests.connector_case import ConnectorCase
from odoo.addons.credit_invoice.tests.connector_contract import ConnectorContract
from odoo.addons.credit_invoice.tools.export_contract import (
    CREDIT,
    INVOICE,
    Connection,
    ExportError,
    ExportNotExecuted,
    ExportRefused,
    ExportUnclear,
    Party,
    Query,
    Reference,
    Tax,
)
from odoo.addons.credit_invoice_export_tryton.connector import TrytonConnector
from odoo.addons.credit_invoice_export_tryton.tools.tryton_json import from_tryton, to_tryton
from odoo.addons.credit_invoice_export_tryton.tools.tryton_session import TrytonSession

from devkit.tryton import BOOKKEEPER, FORGETFUL

CONTEXT = {'company': 1}


@pytest.fixture(scope='class')
def over_there(request, tryton):
    """Give the test classes the Tryton of this file."""
    request.cls.tryton = tryton
    request.cls.is_long = request.config.getoption('--long')


class TrytonCase:
    """A connector of the user who may do no more than a bookkeeper."""

    # Posting renders the invoice, which takes a busy machine a while.
    short_timeout = 6.0

    def make_connector(self, **changes):
        # Failed logins are held against a login for a while: not against that of other tests.
        login = FORGETFUL if 'secret' in changes else BOOKKEEPER
        values = {
            'address': self.tryton.url,
            'database': self.tryton.database,
            'login': login,
            'secret': self.tryton.password,
        }
        return TrytonConnector(Connection(**{**values, **changes}))

    def close_period(self, day):
        (period,) = self.tryton.call(
            'model.account.period.search_read',
            [('start_date', '<=', _to_json(day)), ('end_date', '>=', _to_json(day))],
            *(0, None, None, ['end_date'], CONTEXT),
        )
        self.tryton.call('model.account.period.close', [period['id']], CONTEXT)
        self.addCleanup(self.tryton.call, 'model.account.period.reopen', [period['id']], CONTEXT)
        end = period['end_date']
        return date(end['year'], end['month'] + 1, 1)


def _to_json(day):
    return {'__class__': 'date', 'year': day.year, 'month': day.month, 'day': day.day}


@pytest.mark.usefixtures('over_there')
class TestContract(SampledInterruptions, TrytonCase, ConnectorContract, unittest.TestCase):
    """The contract suite, unchanged."""

    stride = 7


class BookkeeperCase(TrytonCase, ConnectorCase):
    """People who work over there, too."""

    # === MEANS === #

    def ask(self, model, domain, *names):
        """Records over there, as the administrator sees them."""
        rows = self.tryton.call(
            f'model.{model}.search_read', to_tryton(domain), 0, None, None, names, CONTEXT
        )
        return from_tryton(rows)

    def make_customer(self, **changes):
        code = f'P{uuid.uuid4().hex[:8]}'
        return Party(**{'code': code, 'name': f'Customer {code}', **changes})

    def count_invoices(self, document):
        return len(self.ask('account.invoice', [('comment', '=', document.key)], 'state'))

    def get_request_of(self, method, document):
        """Which request of making a document changes something by a method.

        Its customer must be there.
        """
        link, _connector = self.interrupt('', 0)
        connector = self.make_connector(address=link.address)
        change, numbers = TrytonSession.change, []

        def note(session, name, *params, **context):
            if name == f'model.account.invoice{method}':
                numbers.append(link.count + 1)
            return change(session, name, *params, **context)

        self.create(self.make_document())
        with mock.patch.object(TrytonSession, 'change', note):
            connector.create(document)
        return numbers[0]

    def call_wizard(self, name, state, data, model, record_id):
        """Use a wizard over there on one record, as a bookkeeper does."""
        context = {
            **CONTEXT,
            'active_model': model,
            'active_id': record_id,
            'active_ids': [record_id],
        }
        wizard = f'wizard.{name}'
        one = self.tryton.call(f'{wizard}.create', context, login=BOOKKEEPER)[0]
        self.tryton.call(f'{wizard}.execute', one, data, state, context, login=BOOKKEEPER)

    def pay(self, found, amount):
        """Pay a part over there."""
        (method,) = self.ask('account.invoice.payment.method', [], 'name')
        (invoice,) = self.ask(
            'account.invoice', [('id', '=', int(found.external_id))], 'party', 'currency'
        )
        values = {
            'payee': invoice['party'],
            'amount': Decimal(amount),
            'currency': invoice['currency'],
            'payment_method': method['id'],
            'date': self.open_day,
        }
        data = to_tryton({'start': values, 'ask': {'type': 'partial'}})
        self.call_wizard(
            'account.invoice.pay', 'pay', data, 'account.invoice', int(found.external_id)
        )


@pytest.mark.usefixtures('over_there')
class TestTryton(BookkeeperCase, unittest.TestCase):
    """What is special over there."""

    # === WHAT STANDS OVER THERE === #

    def test_mp16_each_end_is_found_from_the_other_over_there(self):
        invoice = self.create(self.make_document())
        credit = self.create(self.make_credit(invoice, self.make_line('40.00')))
        names = ('number', 'origin_invoices', 'lines.quantity', 'lines.unit_price', 'move.state')
        (row,) = self.ask('account.invoice', [('id', '=', int(credit.external_id))], *names)
        self.assertEqual(row['origin_invoices'], [int(invoice.external_id)])
        self.assertTrue(row['number'].startswith('TC'), 'numbered as an invoice')
        self.assertEqual(row['move.']['state'], 'posted')
        self.assertEqual([line['quantity'] for line in row['lines.']], [-1.0])
        origin = [('lines.origin.invoice', '=', int(invoice.external_id), 'account.invoice.line')]
        self.assertEqual(
            [row['id'] for row in self.ask('account.invoice', origin, 'number')],
            [int(credit.external_id)],
        )

    def test_mp16_a_credit_for_two_invoices_names_both_and_its_own_first(self):
        first, second = (self.create(self.make_document()) for _invoice in range(2))
        lines = self.make_line('10.00'), self.make_line('20.00')
        references = self.refer(first), self.refer(second)
        credit = self.make_document(CREDIT, *lines, origin=references[1], origins=references)
        found = self.create(credit)
        (row,) = self.ask(
            'account.invoice', [('id', '=', int(found.external_id))], 'origin_invoices'
        )
        ids = [int(first.external_id), int(second.external_id)]
        self.assertEqual(sorted(row['origin_invoices']), ids)

    def test_ts19_it_is_booked_on_the_accounts_that_are_mapped(self):
        lines = self.make_line('100.00'), self.make_line('50.00', account=self.other_account)
        found = self.create(self.make_document(INVOICE, *lines, account='1110'))
        rows = self.ask(
            'account.move.line',
            [('move.origin.id', '=', int(found.external_id), 'account.invoice')],
            *('account.code', 'debit', 'credit', 'maturity_date', 'tax_lines.amount'),
        )
        balances = {row['account.']['code']: row['debit'] - row['credit'] for row in rows}
        expected = {'1110': '181.50', '4000': '-100', '4010': '-50', '2100': '-31.50'}
        self.assertEqual(balances, {code: Decimal(one) for code, one in expected.items()})
        taxes = [tax['amount'] for row in rows for tax in row['tax_lines.']]
        self.assertEqual(sorted(taxes), [Decimal(one) for one in ('31.50', '50', '100')])
        due = [row['maturity_date'] for row in rows if row['account.']['code'] == '1110']
        self.assertEqual(due, [self.open_day + timedelta(30)])

    def test_pc31_the_tax_is_corrected_alone(self):
        invoice = self.create(self.make_document())
        taxes = (Tax(self.tax, 'Sales tax', self.tax_rate, Decimal(0), Decimal('2.10')),)
        amounts = {'untaxed': Decimal(0), 'tax': Decimal('2.10'), 'total': Decimal('2.10')}
        line = self.make_line('0.00', 1, '0.00')
        credit = self.make_credit(invoice, line, taxes=taxes, **amounts)
        found = self.create(credit)
        names = ('taxes.base', 'taxes.amount', 'taxes.tax', 'taxes.account')
        (row,) = self.ask('account.invoice', [('id', '=', int(found.external_id))], *names)
        (tax,) = row['taxes.']
        self.assertEqual((tax['base'], tax['amount']), (0, Decimal('-2.10')))

    def test_mp11_a_foreign_currency(self):
        invoice = self.create(self.make_document(currency='GBP'))
        credit = self.create(self.make_credit(invoice, self.make_line('33.33'), currency='GBP'))
        for amount in (Decimal('10.01'), credit.total):
            answer = self.connector.apply(credit.external_id, invoice.external_id, amount)
            self.assertEqual(answer.get_applied(invoice.external_id), amount)
            self.assertEqual(answer.open_amount, credit.total - amount)
        read = self.connector.read(invoice.external_id)
        self.assertEqual(read.open_amount, invoice.total - credit.total)

    def test_mp13_what_was_typed_in_over_there_is_found_by_its_number(self):
        found = self.create(self.make_document())
        ids = [int(found.external_id)]
        (row,) = self.ask('account.invoice', [('id', 'in', ids)], 'number')
        query = Query(number=row['number'], kind=INVOICE)
        self.assertEqual(self.connector.find(query), [], 'ours have their number as reference')
        context = {**CONTEXT, 'administrator': True}
        self.tryton.call('model.account.invoice.write', ids, {'reference': None}, context)
        (typed,) = self.connector.find(query)
        self.assertEqual((typed.external_id, typed.number), (found.external_id, row['number']))

    # === REFUSED === #

    def test_mp11_a_tax_of_another_rate_is_refused_and_says_so(self):
        line = self.make_line('100.00', taxes=('S6',))
        taxes = (Tax('S6', 'Sales 21', Decimal(21), Decimal(100), Decimal(21)),)
        document = replace(self.make_document(INVOICE, line), taxes=taxes)
        error = self.fail_at(lambda: self.connector.create(document), ExportRefused)
        self.assertIn('6 % in Tryton and 21 % here', str(error))
        self.assertEqual(self.count_invoices(document), 0)

    def test_mp11_a_total_that_its_lines_do_not_give_is_refused(self):
        document = replace(self.make_document(), total=Decimal('121.01'))
        self.fail_at(lambda: self.connector.create(document), ExportRefused)
        self.assertEqual(self.count_invoices(document), 0)

    def test_mp16_a_credit_of_what_is_not_there_is_refused(self):
        origin = Reference(self.unknown_id, 'I-1', self.open_day)
        document = self.make_document(CREDIT, origin=origin, origins=(origin,))
        error = self.fail_at(lambda: self.connector.create(document), ExportRefused)
        self.assertIn('I-1', str(error))
        self.assertEqual(self.count_invoices(document), 0)

    def test_mp11_dates_out_of_order_are_refused_with_the_words_of_tryton(self):
        self.create(self.make_document(date=date(2026, 5, 20)))
        document = self.make_document(date=date(2026, 5, 19))
        error = self.fail_at(lambda: self.connector.create(document), ExportRefused)
        self.assertIn('Tryton says', str(error))
        self.assertEqual(self.count_invoices(document), 0)

    def test_mp11_a_future_date_is_taken_since_the_document_is_issued(self):
        tomorrow = date.today() + timedelta(1)
        self.create(self.make_document(date=tomorrow))

    def test_mp11_another_warning_is_a_refusal_that_quotes_it(self):
        document = self.make_document()
        creation = 'odoo.addons.credit_invoice_export_tryton.tools.tryton_create.ACCEPTED'
        with mock.patch(creation, ('.another',)):
            error = self.fail_at(lambda: self.connector.create(document), ExportRefused)
        self.assertIn('Tryton warns', str(error))
        self.assertEqual(self.count_invoices(document), 0)

    # === CUSTOMERS === #

    def test_mp11_a_customer_is_made_once_and_found_again(self):
        customer = self.make_customer(vat='BE0477472701', city='Liège')
        for _document in range(2):
            found = self.create(self.make_document(customer=customer))
            self.assertEqual(found.customer, customer.code)
        rows = self.ask('party.party', [('code', '=', customer.code)], 'identifiers.type')
        self.assertEqual([len(rows), len(rows[0]['identifiers.'])], [1, 1])

    def test_mp11_a_customer_is_known_by_tax_number_and_then_by_our_code(self):
        known = self.make_customer(vat='FR 40 303 265 045')
        self.create(self.make_document(customer=known))
        ours = self.make_customer(vat='FR40303265045')
        for _document in range(2):
            document = self.make_document(customer=ours)
            found = self.create(document)
            self.assertEqual(found.customer, ours.code)
        self.assertEqual(self.ask('party.party', [('code', '=', ours.code)], 'code'), [])
        query = Query(number=document.number, kind=INVOICE, customer=ours.code)
        self.assertEqual([one.customer for one in self.connector.find(query)], [ours.code])
        query = replace(query, customer='somebody else')
        self.assertEqual(self.connector.find(query), [])

    def test_mp11_a_wrong_tax_number_does_not_keep_a_customer_out(self):
        customer = self.make_customer(vat='DE000000000')
        self.create(self.make_document(customer=customer))
        (row,) = self.ask('party.party', [('code', '=', customer.code)], 'identifiers.type')
        self.assertEqual([one['type'] for one in row['identifiers.']], [None])

    def test_mp11_an_archived_customer_is_named(self):
        customer = self.make_customer()
        self.create(self.make_document(customer=customer))
        (row,) = self.ask('party.party', [('code', '=', customer.code)], 'code')
        self.tryton.call('model.party.party.write', [row['id']], {'active': False}, CONTEXT)
        document = self.make_document(customer=customer)
        error = self.fail_at(lambda: self.connector.create(document), ExportRefused)
        self.assertIn(customer.code, str(error))
        self.assertEqual(self.count_invoices(document), 0)

    # === ONCE === #

    def test_mp11_a_call_that_arrives_twice_makes_one(self):
        for at in range(self.get_request_of('.create', self.make_document()), 40):
            document = self.make_document()
            link, connector = self.interrupt(connector_link.TWICE, at)
            try:
                connector.create(document)
            except ExportError as error:
                self.look_through(error)
                self.create(document)
            self.check_is(self.find_one(document.key), document)
            if not link.struck:
                return
        self.fail('it asks without end')

    def test_mp11_two_at_once_make_one(self):
        for _round in range(3):
            document = self.make_document(customer=self.make_customer())
            with ThreadPoolExecutor(2) as pool:
                attempts = [
                    pool.submit(self.make_connector().create, document) for _attempt in range(2)
                ]
            for attempt in attempts:
                if error := attempt.exception():
                    self.assertIsInstance(error, ExportError)
                    self.assertNotIsInstance(error, ExportRefused)
            self.create(document)
            self.assertEqual(self.count_invoices(document), 1)

    def test_mp19_a_draft_that_arrives_late_is_seen_and_cleared_away(self):
        document = self.make_document()
        link, late = self.interrupt(
            connector_link.LATE, self.get_request_of('.create', self.make_document())
        )
        self.fail_at(lambda: late.create(document), ExportUnclear)
        self.create(document)
        link.deliver()
        found = self.connector.find(Query(key=document.key))
        self.assertEqual([one.is_complete for one in found], [True, False])
        self.create(document)
        self.assertEqual(self.count_invoices(document), 1)

    def test_mp19_a_draft_that_somebody_validated_is_completed(self):
        document = self.make_document()
        self.leave_half_done(document)
        half = self.find_one(document.key)
        self.tryton.call('model.account.invoice.validate_invoice', [int(half.external_id)], CONTEXT)
        made = self.create(document)
        self.assertEqual(made.external_id, half.external_id)

    def leave_half_done(self, document):
        ConnectorContract.leave_half_done(self, document)

    # === APPLIED === #

    def test_ts18_what_is_fully_settled_is_paid_over_there(self):
        invoice = self.create(self.make_document())
        credit = self.create(self.make_credit(invoice, self.make_line('40.00')))
        self.connector.apply(credit.external_id, invoice.external_id, credit.total)
        ids = [int(one.external_id) for one in (invoice, credit)]
        rows = self.ask('account.invoice', [('id', 'in', ids)], 'state', 'amount_to_pay')
        states = {row['id']: (row['state'], row['amount_to_pay']) for row in rows}
        self.assertEqual(states[ids[0]], ('posted', invoice.total - credit.total))
        self.assertEqual(states[ids[1]], ('paid', 0))

    def test_ts18_a_payment_over_there_leaves_less_to_apply(self):
        invoice = self.create(self.make_document())
        credit = self.create(self.make_credit(invoice))
        self.pay(invoice, '21.00')
        self.assertEqual(self.connector.read(invoice.external_id).open_amount, 100)
        (found,) = self.connector.find(Query(external_id=invoice.external_id))
        self.assertEqual(found.open_amount, 100)
        apply = partial(self.connector.apply, credit.external_id, invoice.external_id)
        error = self.fail_at(lambda: apply(credit.total), ExportRefused)
        self.assertIn('100', str(error))
        self.assertEqual(apply(Decimal(100)).open_amount, 21)
        read = self.connector.read(invoice.external_id)
        self.assertEqual((read.open_amount, read.get_applied(credit.external_id)), (0, 100))
        (row,) = self.ask('account.invoice', [('id', '=', int(invoice.external_id))], 'state')
        self.assertEqual(row['state'], 'paid')

    def test_ts18_what_a_bookkeeper_applied_counts(self):
        invoice = self.create(self.make_document())
        credit = self.create(self.make_credit(invoice, self.make_line('40.00')))
        (row,) = self.ask('account.invoice', [('id', '=', int(credit.external_id))], 'lines_to_pay')
        values = {'payment_lines': [['add', row['lines_to_pay']]]}
        self.tryton.call('model.account.invoice.write', [int(invoice.external_id)], values, CONTEXT)
        self.assertEqual(self.connector.read(credit.external_id).open_amount, 0)
        for one, other in ((invoice, credit), (credit, invoice)):
            read = self.connector.read(one.external_id)
            self.assertEqual(read.get_applied(other.external_id), credit.total)
        apply = partial(self.connector.apply, credit.external_id, invoice.external_id)
        self.assertEqual(apply(credit.total).open_amount, 0)
        self.fail_at(lambda: apply(Decimal(1)), ExportRefused)

    # === SESSIONS, PERIODS, PLACES === #

    def test_mp13_a_session_that_is_over_is_opened_again(self):
        self.connector.test()
        with self.change_sessions() as database:
            database.execute('DELETE FROM ir_session')
        self.create(self.make_document())

    def test_mp13_a_session_that_ends_before_posting_is_opened_again(self):
        """Posting asks for a session that was used a moment ago."""
        change = TrytonSession.change

        def dawdle(session, method, *params, **context):
            if method.endswith('.post'):
                with self.change_sessions() as database:
                    database.execute(statement)
            return change(session, method, *params, **context)

        for statement in (
            'DELETE FROM ir_session',
            "UPDATE ir_session SET create_date = datetime('now', '-2 days'), write_date = NULL",
        ):
            with (
                self.subTest(statement=statement),
                mock.patch.object(TrytonSession, 'change', dawdle),
            ):
                self.create(self.make_document())

    def test_mp13_many_operations_have_one_session(self):
        self.connector.test()
        before = self.count_sessions()
        self.create(self.make_document())
        self.make_connector().test()
        self.assertEqual(self.count_sessions(), before)

    def count_sessions(self):
        with self.change_sessions() as database:
            return database.execute('SELECT count(*) FROM ir_session').fetchone()[0]

    @contextlib.contextmanager
    def change_sessions(self):
        with contextlib.closing(sqlite3.connect(self.tryton.database_path)) as database:
            yield database
            database.commit()

    def test_mp13_a_wrong_database_or_company_is_named(self):
        wrong = self.make_connector(database='nosuch')
        self.assertIn('nosuch', str(self.fail_at(wrong.test, ExportNotExecuted)))
        wrong = self.make_connector(options={'company': 'Nobody Ltd'})
        self.assertIn('Nobody Ltd', str(self.fail_at(wrong.test, ExportNotExecuted)))
        right = self.make_connector(options={'company': 'Tryton Company'})
        self.assertIn('Tryton Company', right.test().description)

    def test_ts17_no_day_is_open_after_the_last_year(self):
        self.assertIsNone(self.connector.period_open(date(2090, 1, 1)))

    def test_mp13_restarted_it_is_found_again(self):
        document = self.make_document()
        self.tryton.halt()
        self.fail_at(lambda: self.connector.create(document), ExportNotExecuted)
        self.tryton.start()
        self.create(document)


@pytest.mark.usefixtures('over_there')
class TestPeopleOverThere(BookkeeperCase, unittest.TestCase):
    """What bookkeepers and administrators do to our documents, and filters to our calls."""

    # === MEANS === #

    def change_invoice(self, external_id, **values):
        self.tryton.call(
            'model.account.invoice.write', [int(external_id)], to_tryton(values), CONTEXT
        )

    def change_posted(self, found, **values):
        """Change something posted, which administrators of the accounting may."""
        context = {**CONTEXT, 'administrator': True}
        ids = [int(found.external_id)]
        self.tryton.call('model.account.invoice.write', ids, to_tryton(values), context)

    def change_user(self, **values):
        """Change the user of the export, until the test is over."""
        names = ('companies', 'company', 'company_filter')
        (user,) = self.ask('res.user', [('login', '=', BOOKKEEPER)], *names)
        self.tryton.call('model.res.user.write', [user['id']], values, {})
        back = {**{name: user[name] for name in names}, 'companies': [['add', user['companies']]]}
        self.addCleanup(self.tryton.call, 'model.res.user.write', [user['id']], back, {})

    def make_company(self):
        """Another company over there that the user may work for."""
        name = f'Company {uuid.uuid4().hex[:8]}'
        (party,) = self.tryton.call('model.party.party.create', [{'name': name}], {})
        (company,) = self.ask('company.company', [('id', '=', 1)], 'currency')
        values = {'party': party, 'currency': company['currency']}
        (company_id,) = self.tryton.call('model.company.company.create', [values], {})
        self.change_user(companies=[['add', [company_id]]])
        return company_id, name

    def make_rule(self, domain, **values):
        """A record rule on invoices, until the test is over."""
        rules = [['create', [{'domain': domain}]]]
        values = {'name': 'Some', 'model': 'account.invoice', 'rules': rules, **values}
        ids = self.tryton.call('model.ir.rule.group.create', [values], {})
        self.addCleanup(self.tryton.call, 'model.ir.rule.group.delete', ids, {})

    def copy(self, found):
        """Click on Duplicate."""
        ids = [int(found.external_id)]
        (copied,) = self.tryton.call('model.account.invoice.copy', ids, CONTEXT, login=BOOKKEEPER)
        return str(copied)

    def post(self, external_id, **values):
        self.change_invoice(external_id, **values)
        self.tryton.call('model.account.invoice.post', [int(external_id)], CONTEXT)

    def cancel(self, found):
        """Cancel something posted, which only some companies do."""
        company = 'model.company.company.write'
        self.tryton.call(company, [1], {'cancel_invoice_out': True}, CONTEXT)
        self.addCleanup(self.tryton.call, company, [1], {'cancel_invoice_out': False}, CONTEXT)
        self.tryton.call('model.account.invoice.cancel', [int(found.external_id)], CONTEXT)

    def leave_draft(self, document):
        """Stop before posting.

        :return: the draft, as it is found
        """
        with self.instead_of('.post', ExportUnclear('interrupted')):
            self.fail_at(lambda: self.connector.create(document), ExportUnclear)
        return self.find_one(document.key)

    @contextlib.contextmanager
    def instead_of(self, method, error, after=0):
        """Have a changing call fail, after so many that do not."""
        change, calls = TrytonSession.change, []

        def fail(session, name, *params, **context):
            if name.endswith(method):
                calls.append(name)
                if len(calls) > after:
                    raise error
            return change(session, name, *params, **context)

        with mock.patch.object(TrytonSession, 'change', fail):
            yield

    def get_states(self, document):
        rows = self.ask('account.invoice', [('comment', '=', document.key)], 'state')
        return sorted(row['state'] for row in rows)

    # === WHO SEES WHAT === #

    def test_mp13_a_user_without_the_company_is_no_word_about_documents(self):
        document = self.make_document()
        made = self.create(document)
        self.change_user(companies=[['remove', [1]]], company=None)
        for call in (
            lambda: self.connector.find(Query(key=document.key)),
            lambda: self.connector.read(made.external_id),
            lambda: self.connector.create(document),
            lambda: self.connector.apply(made.external_id, made.external_id, Decimal(1)),
            lambda: self.connector.period_open(self.open_day),
        ):
            error = self.fail_at(call, ExportNotExecuted)
            self.assertIn('company', str(error))

    def test_mp13_of_several_companies_the_user_must_see_the_right_one(self):
        document = self.make_document()
        made = self.create(document)
        other_id, other = self.make_company()
        self.change_user(company=other_id)
        connector = self.make_connector(options={'company': 'Tryton Company'})
        find = partial(connector.find, Query(key=document.key))
        error = self.fail_at(find, ExportNotExecuted)
        self.assertIn('Tryton Company', str(error))
        self.change_user(company_filter='all')
        self.assertEqual([one.external_id for one in find()], [made.external_id])
        elsewhere = self.make_connector(options={'company': other})
        self.assertEqual(elsewhere.find(Query(key=document.key)), [])

    def test_mp13_what_a_record_rule_hides_is_not_called_missing(self):
        document = self.make_document()
        made = self.create(document)
        (accounting,) = self.ask('res.group', [('name', '=', 'Accounting')], 'name')
        (others,) = self.ask('res.group', [('name', '=', 'Party Administration')], 'name')
        drafts = '[["state", "=", "draft"]]'
        rule = {'global_p': False, 'groups': [['add', [others['id']]]]}
        self.make_rule(drafts, **rule)
        self.assertEqual(self.connector.find(Query(key='nothing')), [], 'others see less')
        self.make_rule(drafts, **{**rule, 'groups': [['add', [accounting['id']]]]})
        for call in (
            lambda: self.connector.find(Query(key=document.key)),
            lambda: self.connector.read(made.external_id),
            lambda: self.connector.create(document),
        ):
            error = self.fail_at(call, ExportNotExecuted)
            self.assertIn('rule', str(error))

    # === COPIES === #

    def test_mp19_a_duplicate_of_a_bookkeeper_is_none_of_ours_and_stays(self):
        document = self.make_document()
        made = self.create(document)
        copied = self.copy(made)
        for query in (
            Query(key=document.key),
            Query(key=document.key, number=document.number, kind=INVOICE),
        ):
            self.assertEqual(
                [one.external_id for one in self.connector.find(query)], [made.external_id]
            )
        self.create(document)
        self.assertEqual(self.get_states(document), ['draft', 'posted'])
        # Posted under a number of its own it is another document.
        number = self.make_number(INVOICE)
        self.post(copied, reference=number, invoice_date=self.open_day)
        self.create(document)
        for query in (
            Query(number=number, kind=INVOICE),
            Query(date_from=self.open_day, date_to=self.open_day),
        ):
            keys = {one.external_id: one.key for one in self.connector.find(query)}
            self.assertEqual(keys.get(copied), '' if query.is_period else document.key)
        self.assertEqual(keys[made.external_id], document.key)

    def test_mp19_a_credit_of_a_bookkeeper_is_none_of_ours_and_stays(self):
        document = self.make_document()
        made = self.create(document)
        start = {'with_refund': False, 'with_refund_allowed': True, 'invoice_date': None}
        self.call_wizard(
            'account.invoice.credit',
            'credit',
            {'start': start},
            'account.invoice',
            int(made.external_id),
        )
        (credit,) = self.ask(
            'account.invoice', [('comment', '=', document.key), ('state', '=', 'draft')], 'comment'
        )
        # Even under the number of its invoice.
        for reference in (None, document.number):
            self.change_invoice(credit['id'], reference=reference)
            self.assertEqual(self.find_one(document.key).external_id, made.external_id)
            query = Query(key=document.key, number=document.number, kind=INVOICE)
            self.assertEqual(len(self.connector.find(query)), 1)
            self.create(document)
            self.assertEqual(self.get_states(document), ['draft', 'posted'])

    def test_mp19_what_was_given_another_reference_is_not_made_again(self):
        document = self.make_document()
        made = self.create(document)
        self.change_posted(made, reference='PO-1')
        error = self.fail_at(lambda: self.connector.create(document), ExportRefused)
        self.assertIn(f'write {document.number} into it', str(error))
        self.assertEqual(self.count_invoices(document), 1)
        self.change_posted(made, reference=document.number)
        self.assertEqual(self.create(document).external_id, made.external_id)

    # === CANCELLED === #

    def test_mp19_posted_and_cancelled_it_is_not_there_and_not_made_again_unasked(self):
        document = self.make_document()
        made = self.create(document)
        self.cancel(made)
        self.find_none(document.key)
        self.assertIsNone(self.connector.read(made.external_id))
        error = self.fail_at(lambda: self.connector.create(document), ExportRefused)
        self.assertIn('cancelled in Tryton', str(error))
        self.assertEqual(self.get_states(document), ['cancelled'])
        credit = self.make_credit(made)
        self.fail_at(lambda: self.connector.create(credit), ExportRefused)
        self.change_posted(made, comment=None)
        again = self.create(document)
        self.assertNotEqual(again.external_id, made.external_id)

    # === HALF DONE, AND CHANGED SINCE === #

    def test_mp19_a_draft_that_somebody_changed_is_made_again_as_it_should_be(self):
        (account,) = self.ask('account.account', [('code', '=', self.other_account)], 'code')
        for values in (
            {'accounting_date': self.other_day},
            {'payment_term_date': self.other_day},
            {'lines': [('write', {'unit_price': Decimal('99.00')})]},
            {'lines': [('write', {'description': 'Something else'})]},
            {'lines': [('write', {'account': account['id']})]},
            {'lines': [('write', {'taxes': [['remove', [1, 2]]]})]},
            {'taxes': [('write', {'base': Decimal('90.00'), 'manual': True})]},
        ):
            with self.subTest(values=values):
                document = self.make_document()
                half = self.leave_draft(document)
                domain = [('id', '=', int(half.external_id))]
                (row,) = self.ask('account.invoice', domain, 'lines', 'taxes')
                written = {
                    name: [[value[0][0], row[name], value[0][1]]]
                    if isinstance(value, list)
                    else value
                    for name, value in values.items()
                }
                self.change_invoice(half.external_id, **written)
                made = self.create(document)
                self.assertNotEqual(made.external_id, half.external_id)

    def test_mp19_a_draft_that_nobody_changed_is_completed(self):
        invoice = self.create(self.make_document())
        lines = (
            self.make_line('99.99', 3, '33.33'),
            self.make_line('20.00', '0.3', taxes=(), account=self.other_account),
        )
        for document in (
            self.make_document(INVOICE, *lines, accounting_date=date(2026, 8, 3)),
            self.make_document(INVOICE, *lines, tax_amount='20.98', reason='A reason'),
            self.make_credit(invoice, *lines),
        ):
            half = self.leave_draft(document)
            self.assertEqual(self.create(document).external_id, half.external_id)

    def test_mp19_what_somebody_changes_a_moment_before_is_not_posted(self):
        document = self.make_document()
        change = TrytonSession.change

        def interfere(session, method, *params, **context):
            if method.endswith('.post'):
                self.change_invoice(params[0][0], payment_term_date=self.other_day)
            return change(session, method, *params, **context)

        with mock.patch.object(TrytonSession, 'change', interfere):
            self.fail_at(lambda: self.connector.create(document), ExportUnclear)
        self.assertEqual(self.get_states(document), ['draft'])
        self.create(document)

    def test_ts17_a_draft_whose_period_was_closed_since_is_refused_and_gone(self):
        document = self.make_document(date=self.closed_day)
        self.leave_draft(document)
        self.close_period(self.closed_day)
        self.fail_at(lambda: self.connector.create(document), ExportRefused)
        self.assertEqual(self.get_states(document), [])

    def test_mp19_a_draft_that_cannot_be_completed_is_gone_when_it_is_refused(self):
        document = self.make_document()
        half = self.leave_draft(document)
        self.tryton.call('model.account.invoice.validate_invoice', [int(half.external_id)], CONTEXT)
        unknown = replace(document, account=self.unknown_account)
        self.fail_at(lambda: self.connector.create(unknown), ExportRefused)
        self.assertEqual(self.get_states(document), [])

    def test_mp19_not_executed_beside_a_draft_is_unclear(self):
        document = self.make_document()
        self.leave_draft(document)
        with self.instead_of('.post', ExportNotExecuted('nobody there')):
            self.fail_at(lambda: self.connector.create(document), ExportUnclear)

    # === FILTERS IN BETWEEN === #

    def test_mp19_an_error_of_a_filter_after_the_work_was_done_is_unclear(self):
        at = self.get_request_of('.post', self.leave_draft_due_later()[0])
        for status in (302, 401, 403, 409):
            fault = f'filter_{status}'
            broken = {fault: (status, f'<h1>{status}</h1>')}
            document, half = self.leave_draft_due_later()
            with (
                self.subTest(status=status),
                mock.patch.dict(connector_link.BROKEN, broken),
                mock.patch.object(connector_link, 'DONE', {fault}),
            ):
                link, connector = self.interrupt(fault, at)
                self.fail_at(partial(connector.create, document), ExportUnclear)
                self.assertEqual(link.struck, [fault])
                posted = self.find_one(document.key)
                self.assertEqual((posted.external_id, posted.is_complete), (half.external_id, True))

    def leave_draft_due_later(self):
        """A document that Tryton warns of nothing for, and its draft."""
        document = self.make_document(due_date=date.today() + timedelta(30))
        return document, self.leave_draft(document)

    def test_mp13_an_error_of_a_filter_to_a_look_is_no_word_about_documents(self):
        document = self.make_document()
        for status in (302, 403, 404, 409, 413, 429):
            broken = {'filter': (status, '<h1>No</h1>')}
            with self.subTest(status=status), mock.patch.dict(connector_link.BROKEN, broken):
                _link, connector = self.interrupt('filter', 3)
                find = partial(connector.find, Query(key=document.key))
                self.fail_at(find, ExportNotExecuted)

    # === LISTS, MATCHES === #

    def test_mp18_what_is_deleted_while_a_list_is_read_hides_nothing_else(self):
        day = date(2026, 10, 5)
        half = self.leave_draft(self.make_document(date=day))
        made = [self.create(self.make_document(date=day)).external_id for _document in range(4)]
        search, pages = TrytonSession.search, []

        def interfere(session, model, domain, fields, **options):
            rows = search(session, model, domain, fields, **options)
            if model == 'account.invoice':
                pages.append(rows)
                if len(pages) == 1:
                    ids = [int(half.external_id)]
                    self.tryton.call('model.account.invoice.delete', ids, CONTEXT)
            return rows

        books = 'odoo.addons.credit_invoice_export_tryton.tools.tryton_books.PAGE'
        with mock.patch(books, 2), mock.patch.object(TrytonSession, 'search', interfere):
            found = self.connector.find(Query(date_from=day, date_to=day))
        self.assertEqual([one.external_id for one in found], [half.external_id, *made])

    def test_ts18_refused_after_it_was_applied_is_unclear(self):
        invoice = self.create(self.make_document())
        credit = self.create(self.make_credit(invoice))
        self.pay(invoice, '21.00')
        apply = partial(self.connector.apply, credit.external_id, invoice.external_id)
        # The second one closes the invoice with its payment.
        with self.instead_of('reconcile_lines.execute', ExportRefused('No'), after=1):
            self.fail_at(lambda: apply(Decimal(100)), ExportUnclear)
        with self.instead_of('reconcile_lines.execute', ExportNotExecuted('No')):
            self.fail_at(lambda: apply(Decimal(100)), ExportUnclear)
        self.assertEqual(apply(Decimal(100)).get_applied(invoice.external_id), 100)

    def test_ts18_a_match_that_arrives_while_it_is_refused_counts(self):
        """Of two calls that match the same, Tryton refuses the second."""
        invoice = self.create(self.make_document())
        credit = self.create(self.make_credit(invoice))
        change = TrytonSession.change

        def match_twice(session, method, wizard_id, *params, **context):
            if method.endswith('reconcile_lines.execute'):
                first = session.call('wizard.account.move.reconcile_lines.create', **context)[0]
                change(session, method, first, *params, **context)
            return change(session, method, wizard_id, *params, **context)

        with mock.patch.object(TrytonSession, 'change', match_twice):
            found = self.connector.apply(credit.external_id, invoice.external_id, credit.total)
        self.assertEqual(found.get_applied(invoice.external_id), credit.total)
