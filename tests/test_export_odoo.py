"""The connector to another Odoo, against a real one: a server and a database of its own."""

import threading
import unittest
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest
from other_odoo import CLERK, OtherOdoo

from odoo.addons.credit_invoice.tests import connector_link
from odoo.addons.credit_invoice.tests.connector_case import ConnectorCase
from odoo.addons.credit_invoice.tests.connector_contract import ConnectorContract
from odoo.addons.credit_invoice.tools.export_contract import (
    INVOICE,
    ExportError,
    ExportNotExecuted,
    ExportRefused,
    Party,
    Query,
    Tax,
)


@pytest.fixture(scope='module')
def other(fresh_db, server):
    odoo = OtherOdoo(server(fresh_db('base')))
    odoo.set_up()
    return odoo


@pytest.fixture(scope='class')
def give_other(request, other):
    request.cls.other = other


@pytest.mark.usefixtures('give_other')
class OtherOdooCase:
    """The values of the contract suite for this connector."""

    short_timeout = 2.5

    def make_connector(self, **changes):
        return self.other.connect(**changes)

    def close_period(self, day):
        last = date(day.year, day.month, 28)
        self.addCleanup(self.other.close, False)
        self.other.close(last)
        return last + timedelta(1)


class TestContract(OtherOdooCase, ConnectorContract, unittest.TestCase):
    """The contract suite, unchanged."""


class TestOnce(OtherOdooCase, ConnectorCase, unittest.TestCase):
    """Late, double and simultaneous requests, and halves of documents."""

    def strike(self, fault, call, method):
        """Let one fault happen at the request of one method."""
        is_struck = []

        def plan(_number, line):
            if line.endswith(method) and not is_struck:
                is_struck.append(line)
                return fault
            return None

        link = connector_link.Link(self.other.server.url, plan)
        self.addCleanup(link.close)
        connector = self.make_connector(address=link.address, timeout=self.short_timeout)
        try:
            call(connector)
        except ExportError as error:
            self.look_through(error)
        self.assertTrue(is_struck, f'it never asked for {method}')
        return link

    def test_mp19_a_request_that_arrives_late_makes_nothing_again(self):
        self.create(self.make_document())  # the customer is there
        for method in ('account.move/load', 'action_post'):
            with self.subTest(method=method):
                document = self.make_document()
                create = lambda connector, document=document: connector.create(document)
                link = self.strike(connector_link.LATE, create, method)
                made = self.create(document)
                self.assertEqual(link.deliver(), 1)
                self.assertEqual(self.create(document).external_id, made.external_id)
                self.check_lines(made, document)

    def test_mp19_a_request_that_arrives_twice_makes_one(self):
        for method in ('res.partner/load', 'account.move/load', 'action_post', 'write'):
            with self.subTest(method=method):
                origin = self.create(self.make_document())
                customer = Party(code=f'TWICE-{method}', name='Twice')
                document = self.make_credit(origin, customer=customer)
                self.strike(connector_link.TWICE, lambda one, it=document: one.create(it), method)
                self.check_lines(self.create(document), document)
                self.assertEqual(len(self.get_customers(customer.code)), 1)

    def test_ts18_a_part_that_arrives_late_or_twice_is_applied_once(self):
        for fault in (connector_link.LATE, connector_link.TWICE):
            with self.subTest(fault=fault):
                invoice = self.create(self.make_document())
                credit = self.create(self.make_credit(invoice, self.make_line('40.00')))
                ids, amount = (credit.external_id, invoice.external_id), Decimal('20.00')
                apply = lambda connector, ids=ids, amount=amount: connector.apply(*ids, amount)
                link = self.strike(fault, apply, 'account.partial.reconcile/load')
                apply(self.connector)
                link.deliver()
                self.assertEqual(apply(self.connector).get_applied(ids[1]), amount)

    def test_mp19_two_at_the_same_time_make_one(self):
        for attempt in range(3):
            document = self.make_document(customer=Party(code=f'RACE-{attempt}', name='Race'))
            errors, barrier = [], threading.Barrier(2)

            def create(document=document, errors=errors, barrier=barrier):
                connector = self.make_connector()
                barrier.wait()
                try:
                    connector.create(document)
                except ExportRefused as error:
                    errors.append(error)
                except ExportError:
                    """Looked up and sent again below."""

            threads = [threading.Thread(target=create) for _thread in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(errors, [])
            self.check_lines(self.create(document), document)
            self.assertEqual(len(self.get_customers(document.customer.code)), 1)

    def test_mp16_a_credit_without_its_invoice_is_half_done(self):
        invoice = self.create(self.make_document())
        credit = self.make_credit(invoice)
        self.strike(connector_link.LOSE_REQUEST, lambda one: one.create(credit), 'move/write')
        half = self.find_one(credit.key)
        self.assertEqual((half.is_complete, half.origin_id), (False, ''))
        self.assertEqual(self.create(credit).external_id, half.external_id)
        read = self.connector.read(half.external_id)
        self.assertEqual((read.origin_id, read.applied), (invoice.external_id, ()))

    def test_mp11_a_payment_that_is_not_matched_is_half_done(self):
        invoice = self.create(self.make_document())
        payment = self.make_payment(invoice, '21.00')
        for method in ('account.payment/action_post', 'reconcile'):
            self.strike(connector_link.LOSE_REQUEST, lambda one: one.create(payment), method)
            self.assertFalse(self.find_one(payment.key).is_complete)
        made = self.create(payment)
        self.create(payment)
        read = self.connector.read(made.external_id)
        self.assertEqual(read.applied, ((invoice.external_id, Decimal(21)),))
        self.assertEqual(read.open_amount, 0)
        self.assertEqual(self.connector.read(invoice.external_id).open_amount, 100)

    def test_mp15_cancelled_over_there_is_not_there_and_told_so(self):
        document = self.make_document()
        made = self.create(document)
        with self.other.transaction() as env:
            move = env['account.move'].browse(int(made.external_id))
            move.button_draft()
            move.button_cancel()
            env.cr.commit()
        self.find_none(document.key)
        self.assertIsNone(self.connector.read(made.external_id))
        error = self.fail_at(partial(self.connector.create, document), ExportRefused)
        self.assertIn('cancelled', str(error))

    def test_mp11_a_number_that_is_taken_leaves_nothing(self):
        document = self.make_document()
        self.other.post_by_hand(document.number)
        self.fail_at(partial(self.connector.create, document), ExportRefused)
        self.find_none(document.key)

    def check_lines(self, found, document):
        """A document has its lines once."""
        with self.other.transaction() as env:
            move = env['account.move'].browse(int(found.external_id))
            self.assertEqual(len(move.invoice_line_ids), len(document.lines))
            domain = [('name', '=', document.number), ('state', '!=', 'cancel')]
            self.assertEqual(env['account.move'].search(domain), move)

    def get_customers(self, code):
        with self.other.transaction() as env:
            return env['res.partner'].search([('ref', '=', code)]).ids


class TestContent(OtherOdooCase, ConnectorCase, unittest.TestCase):
    """Customers, amounts, currencies, accounts."""

    def test_mp11_a_customer_is_found_by_reference_then_vat(self):
        with self.other.transaction() as env:
            partners = env['res.partner'].create([
                {'name': 'By reference', 'ref': 'C-REF'},
                {'name': 'By VAT', 'vat': 'BE0477472701'},
                {'name': 'Twin', 'ref': 'C-TWIN'},
                {'name': 'Twin', 'ref': 'C-TWIN'},
            ])
            ids = partners.ids
            env.cr.commit()
        for code, vat, expected in (
            ('C-REF', 'BE0477472701', ids[0]),
            ('C-VAT', 'BE 0477.472.701', ids[1]),
        ):
            customer = Party(code=code, name='Other name', vat=vat)
            made = self.create(self.make_document(customer=customer))
            self.assertEqual(self.read_move(made, 'partner_id').id, expected)
        twin = self.make_document(customer=Party(code='C-TWIN', name='Twin'))
        error = self.fail_at(partial(self.connector.create, twin), ExportRefused)
        self.assertIn('C-TWIN', str(error))

    def test_mp11_a_new_customer_is_made_once_for_all_documents(self):
        customer = Party('C-NEW', 'New', city='Ghent', country_code='BE', email='n@example.com')
        made = [self.create(self.make_document(customer=customer)) for _document in range(3)]
        partners = {self.read_move(one, 'partner_id') for one in made}
        self.assertEqual(len(partners), 1)
        self.assertEqual(made[0].customer, 'C-NEW')
        with self.other.transaction() as env:
            partner = env['res.partner'].browse(partners.pop().id)
            self.assertEqual(
                (partner.ref, partner.city, partner.country_code), ('C-NEW', 'Ghent', 'BE')
            )

    def test_mp11_several_taxes_and_discounts_to_the_cent(self):
        lines = (
            self.make_line('89.99', 3, '29.9967', taxes=('S21', 'S6')),
            self.make_line('0.05', 7, '0.0071', taxes=('S6',)),
            self.make_line('-12.34', taxes=('S21',)),
            self.make_line('33.33', '0.333', '100.09', taxes=('S10', 'S21')),
            self.make_line('1.11', taxes=()),
        )
        taxes = (
            Tax('S21', 'S21', Decimal(21), Decimal('110.98'), Decimal('23.33')),
            Tax('S6', 'S6', Decimal(6), Decimal('90.04'), Decimal('5.38')),
            Tax('S10', 'S10', Decimal(10), Decimal('33.33'), Decimal('3.34')),
        )
        document = self.make_document(INVOICE, *lines)
        tax = sum(one.amount for one in taxes)
        document = replace(document, taxes=taxes, tax=tax, total=document.untaxed + tax)
        invoice = self.create(document)
        credit = self.make_credit(invoice, *lines)
        credit = replace(credit, taxes=taxes, tax=tax, total=document.total)
        for made in (invoice, self.create(credit)):
            with self.other.transaction() as env:
                move = env['account.move'].browse(int(made.external_id))
                subtotals = [Decimal(str(line.price_subtotal)) for line in move.invoice_line_ids]
                self.assertEqual(subtotals, [line.amount for line in lines])
                found = {
                    line.tax_line_id.name: Decimal(str(round(abs(line.balance), 2)))
                    for line in move.line_ids.filtered('tax_line_id')
                }
            self.assertEqual(found, {one.code: one.amount for one in taxes})

    def test_mp18_a_tax_of_another_rate_shows_as_another_total(self):
        document = self.make_document(INVOICE, self.make_line('100.00', taxes=('S10',)))
        tax = Tax('S10', 'S10', Decimal(12), Decimal(100), Decimal(12))
        document = replace(document, taxes=(tax,), tax=Decimal(12), total=Decimal(112))
        self.assertEqual(self.connector.create(document).total, 110)

    def test_ts18_a_foreign_currency_ends_at_zero_in_both(self):
        """A part at 1.25, the rest at 1.6: the exchange difference is booked at the end."""
        invoice = self.create(self.make_document(currency='USD'))
        credit = self.create(self.make_credit(invoice, currency='USD', date=self.other_day))
        for amount in ('40.01', '121.00'):
            answer = self.connector.apply(credit.external_id, invoice.external_id, Decimal(amount))
            self.assertEqual(answer.applied, ((invoice.external_id, Decimal(amount)),))
        for made in (invoice, credit):
            self.assertEqual(self.connector.read(made.external_id).open_amount, 0)
            with self.other.transaction() as env:
                move = env['account.move'].browse(int(made.external_id))
                line = move.line_ids.filtered(lambda one: one.account_type == 'asset_receivable')
                self.assertEqual((line.amount_residual, line.reconciled), (0, True))

    def test_ts18_a_part_is_refused_where_taxes_are_due_on_payment(self):
        self.other.add_tax_on_payment('P21')
        lines = [self.make_line(amount, taxes=('P21',)) for amount in ('100.00', '40.00')]
        taxes = [
            Tax('P21', 'P21', Decimal(21), line.amount, line.amount * 21 / 100) for line in lines
        ]
        invoice = self.create(self.make_document(INVOICE, lines[0], taxes=taxes[:1]))
        credit = self.create(self.make_credit(invoice, lines[1], taxes=taxes[1:]))
        apply = partial(self.connector.apply, credit.external_id, invoice.external_id)
        error = self.fail_at(partial(apply, Decimal('20.00')), ExportRefused)
        self.assertIn('by hand', str(error))
        self.assertEqual(self.connector.read(credit.external_id).applied, ())
        self.assertEqual(apply(credit.total).open_amount, 0)

    def test_mp11_an_inactive_currency_is_refused(self):
        document = self.make_document(currency='JPY')
        error = self.fail_at(partial(self.connector.create, document), ExportRefused)
        self.assertIn('JPY', str(error))
        self.find_none(document.key)

    def test_ts19_dates_due_date_and_receivable_account_are_ours(self):
        document = self.make_document(
            account='1101', due_date=date(2026, 6, 20), accounting_date=date(2026, 6, 16)
        )
        made = self.create(document)
        with self.other.transaction() as env:
            move = env['account.move'].browse(int(made.external_id))
            line = move.line_ids.filtered(lambda one: one.display_type == 'payment_term')
            self.assertEqual(line.account_id.code, '1101')
            self.assertEqual(
                (move.invoice_date, move.date, move.invoice_date_due, line.date_maturity),
                (document.date, date(2026, 6, 16), date(2026, 6, 20), date(2026, 6, 20)),
            )
        credit = self.create(self.make_credit(made))
        apply = partial(self.connector.apply, credit.external_id, made.external_id, credit.total)
        error = self.fail_at(apply, ExportRefused)
        self.assertIn('different receivable accounts', str(error))

    def test_mp11_the_journal_is_the_one_entered_or_called_as_here_or_the_first(self):
        with self.other.transaction() as env:
            first = env['account.journal'].search([('type', '=', 'sale')], limit=1).code
            env['account.journal'].create([
                {'name': 'Exported', 'code': 'XINV', 'type': 'sale', 'sequence': 90},
                {'name': 'Other', 'code': 'XOTH', 'type': 'sale', 'sequence': 91},
            ])
            env.cr.commit()
        for entered, here, expected in (
            ('Exported', 'XOTH', 'XINV'),
            ('', 'XOTH', 'XOTH'),
            ('', 'UNKNOWN', first),
        ):
            connector = self.make_connector(options={'journal': entered})
            made = connector.create(self.make_document(journal=here))
            with self.other.transaction() as env:
                move = env['account.move'].browse(int(made.external_id))
                self.assertEqual(move.journal_id.code, expected)
        connector = self.make_connector(options={'journal': 'UNKNOWN'})
        document = self.make_document()
        error = self.fail_at(partial(connector.create, document), ExportRefused)
        self.assertIn('UNKNOWN', str(error))

    def test_mp12_the_invoice_of_a_credit_must_stand_there(self):
        invoice = self.create(self.make_document())
        gone = replace(invoice, external_id=self.unknown_id)
        credit = self.make_credit(gone)
        self.fail_at(partial(self.connector.create, credit), ExportRefused)
        self.find_none(credit.key)

    def test_mp18_what_was_made_by_hand_is_listed_without_a_key(self):
        number = self.make_number(INVOICE)
        move_id = self.other.post_by_hand(number)
        period = Query(date_from=self.open_day, date_to=self.open_day)
        (found,) = [one for one in self.connector.find(period) if one.number == number]
        self.assertEqual((found.external_id, found.key, found.total), (str(move_id), '', 50))

    def read_move(self, found, name):
        with self.other.transaction() as env:
            return env['account.move'].browse(int(found.external_id))[name]


class TestRights(OtherOdooCase, ConnectorCase, unittest.TestCase):
    """Who is let in, and how far; the key shows nowhere."""

    def connect_as(self, login, groups, **options):
        with self.other.transaction() as env:
            key = self.other.make_key(env, login, groups)
            env.cr.commit()
        return self.other.connect(secret=key, options=options)

    def test_mp13_rights_too_low_lose_nothing(self):
        connector = self.connect_as('nobody', ['base.group_user'])
        document = self.make_document()
        for call in (
            partial(connector.create, document),
            partial(connector.find, Query(key=document.key)),
        ):
            self.fail_at(call, ExportNotExecuted)
        self.find_none(document.key)

    def test_mp13_who_may_only_look_loses_nothing(self):
        connector = self.connect_as('reader', ['account.group_account_readonly'])
        self.create(self.make_document())
        document = self.make_document()
        self.fail_at(partial(connector.create, document), ExportNotExecuted)
        self.find_none(document.key)
        self.create(document)

    def test_mp13_without_the_right_to_make_customers(self):
        connector = self.connect_as('no customers', CLERK[:1])
        self.create(self.make_document())
        document = self.make_document()
        self.check_is(connector.create(document), document)
        new = self.make_document(customer=Party(code='C-FORBIDDEN', name='Forbidden'))
        self.fail_at(partial(connector.create, new), ExportNotExecuted)
        self.find_none(new.key)
        self.create(new)

    def test_mp11_a_company_that_is_not_there_is_said(self):
        connector = self.other.connect(options={'company': 'No Such Company'})
        error = self.fail_at(connector.test, ExportNotExecuted)
        self.assertIn('No Such Company', str(error))

    def test_mp11_a_database_that_is_not_there_is_an_error(self):
        connector = self.other.connect(database='no_such_database')
        self.fail_at(connector.test)

    def test_mp22_the_key_is_in_no_log_over_there(self):
        self.create(self.make_document())
        log = self.other.server.log_path.read_text(encoding='utf-8', errors='replace')
        self.assertIn('/json/2/', log)
        self.assertNotIn(self.other.key, log)


def test_mp11_the_form_tests_the_connection(env, other):
    """As the form does it, from a database with our add-ons."""
    system = env['credit.export.system'].create({
        'name': 'Books',
        'connector': 'odoo',
        'address': other.server.url,
        'database': other.database,
        'secret': other.key,
    })
    action = system.action_test_connection()
    assert action['params']['type'] == 'success'
    assert action['params']['message'].startswith('Odoo 19.0, ')
    assert system.last_contact and other.key not in system.last_answer
