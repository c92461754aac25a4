"""What people do by hand in Tryton, and programs on the way there, against a real one."""

import contextlib
import unittest
import uuid
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from unittest import mock

from other_tryton import CONTEXT, BookkeeperCase

from odoo.addons.credit_invoice.tests.export import connector_link
from odoo.addons.credit_invoice.tools.export_contract import (
    INVOICE,
    ExportNotExecuted,
    ExportRefused,
    ExportUnclear,
    Query,
)
from odoo.addons.credit_invoice_export_tryton.tools.tryton_json import to_tryton
from odoo.addons.credit_invoice_export_tryton.tools.tryton_session import TrytonSession

from devkit.tryton import BOOKKEEPER

slow_because = 'people work in a real Tryton'


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
