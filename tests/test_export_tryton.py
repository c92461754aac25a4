"""The connector to Tryton, against a real one."""

import contextlib
import sqlite3
import unittest
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from unittest import mock

from interruptions import SampledInterruptions
from other_tryton import CONTEXT, BookkeeperCase, TrytonCase

from odoo.addons.credit_invoice.tests.export import connector_link
from odoo.addons.credit_invoice.tests.export.connector_contract import ConnectorContract
from odoo.addons.credit_invoice.tools.export_contract import (
    CREDIT,
    INVOICE,
    ExportError,
    ExportNotExecuted,
    ExportRefused,
    ExportUnclear,
    Query,
    Reference,
    Tax,
)
from odoo.addons.credit_invoice_export_tryton.tools.tryton_session import TrytonSession

slow_because = 'each request to a real Tryton is interrupted in some way'


class TestContract(SampledInterruptions, TrytonCase, ConnectorContract, unittest.TestCase):
    """The contract suite, unchanged."""


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
