"""The connector to another Odoo, against a real one: a server and a database of its own."""

import threading
import unittest
from decimal import Decimal
from functools import partial
from unittest.mock import patch

from interruptions import SampledInterruptions
from other_odoo import CLERK, OtherOdooCase, other  # noqa: F401  # a fixture

from odoo.addons.credit_invoice.tests.export import connector_link
from odoo.addons.credit_invoice.tests.export.connector_case import ConnectorCase
from odoo.addons.credit_invoice.tests.export.connector_contract import ConnectorContract
from odoo.addons.credit_invoice.tools.export_contract import (
    INVOICE,
    ExportError,
    ExportNotExecuted,
    ExportRefused,
    ExportUnclear,
    Party,
    Query,
)

slow_because = 'each request to another Odoo is interrupted in some way'


class TestContract(SampledInterruptions, OtherOdooCase, ConnectorContract, unittest.TestCase):
    """The contract suite, unchanged."""


class TestOnce(OtherOdooCase, ConnectorCase, unittest.TestCase):
    """Late, double and simultaneous requests, and halves of documents."""

    def test_mp19_a_request_that_arrives_late_makes_nothing_again(self):
        self.create(self.make_document())  # the customer is there
        for method in ('account.move/load', 'action_post'):
            with self.subTest(method=method):
                document = self.make_document()
                create = lambda connector, document=document: connector.create(document)
                link, _error = self.strike(connector_link.LATE, create, method)
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
                link, _error = self.strike(fault, apply, 'account.partial.reconcile/load')
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
        self.other.cancel(made)
        self.find_none(document.key)
        self.assertIsNone(self.connector.read(made.external_id))
        error = self.fail_at(partial(self.connector.create, document), ExportRefused)
        self.assertIn('cancelled', str(error))

    def test_mp11_a_number_that_is_taken_leaves_nothing(self):
        document = self.make_document()
        self.other.post_by_hand(document.number)
        self.fail_at(partial(self.connector.create, document), ExportRefused)
        self.find_none(document.key)

    def test_ts18_another_amount_at_the_same_moment_is_not_taken_as_done(self):
        """A late request takes the place in which ours would be made."""
        invoice = self.create(self.make_document())
        credit = self.create(self.make_credit(invoice))
        ids, first = (credit.external_id, invoice.external_id), []

        def plan(_number, line):
            if line.endswith('account.partial.reconcile/load') and not first:
                first.append(self.connector.apply(*ids, Decimal('20.00')))

        connector, _link = self.connect_by(plan)
        answer = connector.apply(*ids, Decimal('30.00'))
        self.assertEqual(first[0].get_applied(ids[1]), 20)
        self.assertEqual(answer.get_applied(ids[1]), 30)

    def test_ts18_a_part_that_was_undone_over_there_is_applied_again(self):
        invoice = self.create(self.make_document())
        credit = self.create(self.make_credit(invoice))
        ids = (credit.external_id, invoice.external_id)
        for amount in ('20.00', '30.00'):
            self.connector.apply(*ids, Decimal(amount))
        with self.other.transaction() as env:
            move = env['account.move'].browse(int(invoice.external_id))
            move.line_ids.matched_credit_ids.sorted('id')[0].unlink()
            env.cr.commit()
        for amount in ('15.00', '20.00', '30.00', '121.00'):
            answer = self.connector.apply(*ids, Decimal(amount))
            self.assertEqual(answer.get_applied(ids[1]), Decimal(amount))

    def test_mp19_an_answer_of_something_in_between_is_no_word(self):
        """A filter may look at answers, and forbid one after the work was done."""
        invoice = self.create(self.make_document())
        methods = ('account.move/load', 'action_post', 'move/write')
        for status, method in zip((401, 403, 404, 409, 413, 429), methods * 2, strict=True):
            with self.subTest(status=status, method=method):
                document = self.make_credit(invoice)
                create = lambda one, it=document: one.create(it)
                error = self.forbid(status, create, method)
                self.assertIsInstance(error, ExportUnclear)
                self.create(document)
        credit = self.create(self.make_credit(invoice))
        apply = lambda one: one.apply(credit.external_id, invoice.external_id, Decimal('1.00'))
        error = self.forbid(403, apply, 'account.partial.reconcile/load')
        self.assertIsInstance(error, ExportUnclear)

    def forbid(self, status, call, method):
        """What a call raises of which one answer is replaced by an error page."""
        page = {'forbidden': (status, f'<h1>{status}</h1>')}
        done = connector_link.DONE | {'forbidden'}
        with patch.dict(connector_link.BROKEN, page), patch.object(connector_link, 'DONE', done):
            return self.strike('forbidden', call, method)[1]

    def test_mp13_a_model_that_is_not_there_refuses_no_document(self):
        """During an upgrade over there, models are missing for a while."""
        do = self.connector.client.do
        for model, method in (('no.such.model', 'load'), ('account.move', 'no_such_method')):
            self.fail_at(partial(do, model, method), ExportNotExecuted)
        gone = partial(do, 'account.move', 'write', ids=[int(self.unknown_id)], vals={'ref': 'x'})
        self.fail_at(gone, ExportRefused)

    def test_mp19_few_requests_are_needed(self):
        invoice = self.create(self.make_document())
        document, credit = self.make_document(), self.make_credit(invoice)
        lines = []
        connector, _link = self.connect_by(lambda _number, line: lines.append(line))

        def count(call, *arguments):
            lines.clear()
            found = call(*arguments)
            counts.append(len(lines))
            return found

        counts = []
        query = Query(key=document.key, number=document.number, kind=INVOICE)
        count(connector.find, query)  # the company, and whether all is seen, once each
        count(connector.find, query)
        count(connector.create, document)
        count(connector.create, document)
        count(connector.find, query)
        credit_id = count(connector.create, credit).external_id
        for amount in ('20.00', '121.00', '121.00'):
            count(connector.apply, credit_id, invoice.external_id, Decimal(amount))
        count(connector.read, credit_id)
        self.assertEqual(counts, [3, 1, 13, 4, 3, 14, 11, 10, 8, 5])

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


class TestRights(OtherOdooCase, ConnectorCase, unittest.TestCase):
    """Who is let in, and how far; the key shows nowhere."""

    def test_mp13_rights_too_low_lose_nothing(self):
        connector = self.connect_as('nobody', ['base.group_user'])
        document = self.make_document()
        for call in (
            partial(connector.create, document),
            partial(connector.find, Query(key=document.key)),
        ):
            self.fail_at(call, ExportNotExecuted)
        self.find_none(document.key)

    def test_mp13_who_may_not_see_all_invoices_says_nothing(self):
        """A user of the portal, or one of own documents, is answered with an empty list."""
        document = self.make_document()
        made = self.create(document)
        connector = self.connect_as('portal', ['base.group_portal'])
        for call in (
            partial(connector.find, Query(key=document.key)),
            partial(connector.find, Query(number=document.number, kind=INVOICE)),
            partial(connector.find, Query(date_from=self.open_day, date_to=self.open_day)),
            partial(connector.read, made.external_id),
            partial(connector.apply, made.external_id, made.external_id, Decimal(1)),
        ):
            error = self.fail_at(call, ExportNotExecuted)
            self.assertIn('Invoicing', str(error))

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


def test_mp11_the_form_tests_the_connection(env, other):  # noqa: F811
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
