"""What people do by hand in another Odoo with what was exported, or beside it."""

import unittest
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

from other_odoo import OtherOdooCase, other  # noqa: F401  # a fixture

from odoo.addons.credit_invoice.tests.export import connector_link
from odoo.addons.credit_invoice.tests.export.connector_case import ConnectorCase
from odoo.addons.credit_invoice.tools.export_contract import (
    INVOICE,
    ExportRefused,
    ExportUnclear,
    Party,
    Query,
)

slow_because = 'people work in another Odoo'


class TestStrangers(OtherOdooCase, ConnectorCase, unittest.TestCase):
    """What only looks as if it were ours."""

    def test_mp19_a_draft_credit_note_made_there_is_not_our_invoice(self):
        """The dialog of the host copies *Origin*, in which our key stands."""
        document = self.make_document()
        made = self.create(document)
        credit_id = self.other.reverse_by_hand(made)
        self.other.cancel(made)
        for query in (
            Query(key=document.key),
            Query(key=document.key, number=document.number, kind=INVOICE),
        ):
            self.assertEqual(self.connector.find(query), [])
        error = self.fail_at(partial(self.connector.create, document), ExportRefused)
        self.assertIn('cancelled', str(error))
        self.assertEqual(self.other.get_state(credit_id), 'draft')

    def test_mp13_a_credit_note_made_there_is_not_found_by_our_key(self):
        document = self.make_document()
        made = self.create(document)
        credit_id = self.other.reverse_by_hand(made)
        self.create(document)
        with self.other.transaction() as env:
            env['account.move'].browse(credit_id).action_post()
            env.cr.commit()
        self.create(document)
        # As itself, it is found.
        (found,) = self.connector.find(Query(key=document.key, external_id=str(credit_id)))[1:]
        self.assertEqual((found.external_id, found.key), (str(credit_id), ''))
        self.assertEqual(self.find_one(document.key).external_id, made.external_id)

    def test_mp19_a_payment_with_our_key_typed_in_is_not_ours(self):
        invoice = self.create(self.make_document())
        payment = self.make_payment(invoice, '21.00')
        with self.other.transaction() as env:
            stranger = env['account.payment'].create({
                'payment_type': 'inbound',
                'partner_type': 'customer',
                'partner_id': env['res.partner'].create({'name': 'Stranger'}).id,
                'amount': 5,
                'payment_reference': payment.key,
            })
            env.cr.commit()
        self.find_none(payment.key)
        made = self.create(payment)
        self.assertNotEqual(made.external_id, f'payment-{stranger.id}')
        with self.other.transaction() as env:
            self.assertEqual(stranger.with_env(env).state, 'draft')

    def test_mp13_a_key_that_was_typed_over_is_found_all_the_same(self):
        invoice = self.make_document()
        made = self.create(invoice)
        credit = self.make_credit(made)
        credited = self.create(credit)
        payment = self.make_payment(made, '21.00')
        paid = self.create(payment)
        for one in (made, credited):
            self.other.change(one, invoice_origin='S00042')
        with self.other.transaction() as env:
            payment_id = int(paid.external_id.removeprefix('payment-'))
            env['account.payment'].browse(payment_id).payment_reference = 'S00042'
            env.cr.commit()
        self.addCleanup(self.other.close, False)
        for day in (False, date(2026, 6, 30)):
            # Refused for a closed day is only what does not stand there.
            self.other.close(day)
            for document, found in ((invoice, made), (credit, credited), (payment, paid)):
                self.assertEqual(self.create(document).external_id, found.external_id)
        for one in (made, credited):
            self.assertEqual(self.read_move(one, 'invoice_origin'), 'S00042')

    def test_mp13_the_customer_narrows_hits_by_number_only(self):
        document = self.make_document(customer=Party('C-NARROW', 'Narrow'))
        made = self.create(document)
        with self.other.transaction() as env:
            env['account.move'].browse(int(made.external_id)).partner_id.ref = 'RENAMED'
            journal = env['account.journal'].create({
                'name': 'Narrow',
                'code': 'NARR',
                'type': 'sale',
                'default_account_id': env['account.account'].search([('code', '=', '4000')]).id,
            })
            env.cr.commit()
        stranger_id = self.other.post_by_hand(
            document.number, journal_id=journal.id, customer='C-NARROW'
        )
        number = {'number': document.number, 'kind': INVOICE}
        ours, stranger = made.external_id, str(stranger_id)
        for values, customer, expected in (
            ({'key': document.key, **number}, 'C-NARROW', [ours, stranger]),
            ({'external_id': ours, **number}, 'C-NARROW', [ours, stranger]),
            ({'key': document.key, **number}, 'RENAMED', [ours]),
            (number, 'C-NARROW', [stranger]),
            (number, 'RENAMED', [ours]),
            (number, 'UNKNOWN', [ours, stranger]),
            ({'key': document.key, **number}, 'UNKNOWN', [ours]),
            (number, '', [ours, stranger]),
        ):
            found = self.connector.find(Query(**values, customer=customer))
            self.assertEqual([one.external_id for one in found], expected, (values, customer))


class TestHalves(OtherOdooCase, ConnectorCase, unittest.TestCase):
    """Drafts that stayed, and what happened to them since."""

    def leave_draft(self, document, method='action_post'):
        self.strike(connector_link.LOSE_REQUEST, lambda one: one.create(document), method)
        half = self.find_one(document.key)
        self.assertFalse(half.is_complete)
        return half

    def test_mp19_a_draft_that_was_changed_is_made_anew(self):
        for values in (
            {'name': 'TYPED-OVER'},
            {'invoice_date': '2026-06-16'},
            {'date': '2026-06-16'},
            {'currency_id': 'USD'},
            {'price_unit': 7},
        ):
            with self.subTest(values=values):
                document = self.make_document()
                half = self.leave_draft(document)
                self.change_draft(half, values)
                made = self.create(document)
                self.assertNotEqual(made.external_id, half.external_id)
                self.assertEqual(self.read_move(made, 'date'), document.date)
                self.assertIsNone(self.other.get_state(int(half.external_id)))

    def test_mp19_a_draft_that_is_as_it_was_is_completed(self):
        document = self.make_document()
        half = self.leave_draft(document)
        self.assertEqual(self.create(document).external_id, half.external_id)

    def test_mp19_a_document_that_was_changed_here_is_made_anew(self):
        document = self.make_document()
        half = self.leave_draft(document)
        values = {'number': document.number, 'key': document.key}
        changed = self.make_document(INVOICE, self.make_line('50.00'), **values)
        self.assertNotEqual(self.create(changed).external_id, half.external_id)

    def test_mp19_what_was_posted_before_is_never_posted_as_something_else(self):
        document = self.make_document()
        made = self.create(document)
        with self.other.transaction() as env:
            env['account.move'].browse(int(made.external_id)).button_draft()
            env.cr.commit()
        self.change_draft(made, {'price_unit': 7})
        error = self.fail_at(partial(self.connector.create, document), ExportUnclear)
        self.assertIn('121.00', str(error))
        self.assertEqual(self.other.get_state(int(made.external_id)), 'draft')
        self.change_draft(made, {'price_unit': 100})
        self.assertEqual(self.create(document).external_id, made.external_id)

    def test_ts17_a_draft_of_a_day_that_was_closed_since_is_refused(self):
        invoice = self.create(self.make_document(date=self.closed_day))
        for document, method in (
            (self.make_document(date=self.closed_day), 'account.move/action_post'),
            (
                replace(
                    self.make_payment(invoice, '21.00'),
                    date=self.closed_day,
                    accounting_date=self.closed_day,
                ),
                'account.payment/action_post',
            ),
        ):
            with self.subTest(kind=document.kind):
                self.leave_draft(document, method)
                self.close_period(self.closed_day)
                error = self.fail_at(partial(self.connector.create, document), ExportRefused)
                self.assertIn('2026-02-28', str(error))
                self.find_none(document.key)
                self.other.close(False)
                self.create(document)

    def test_mp19_a_draft_payment_that_was_changed_is_made_anew(self):
        invoice = self.create(self.make_document())
        for values in ({'amount': 5}, {'date': '2026-06-16'}, {'memo': 'Typed over'}):
            with self.subTest(values=values):
                payment = self.make_payment(invoice, '21.00')
                half = self.leave_draft(payment, 'account.payment/action_post')
                with self.other.transaction() as env:
                    payment_id = int(half.external_id.removeprefix('payment-'))
                    env['account.payment'].browse(payment_id).write(values)
                    env.cr.commit()
                made = self.create(payment)
                self.assertNotEqual(made.external_id, half.external_id)
                self.assertEqual(made.total, Decimal(21))

    def change_draft(self, found, values):
        with self.other.transaction() as env:
            move = env['account.move'].browse(int(found.external_id))
            if 'currency_id' in values:
                values = {'currency_id': env.ref('base.USD').id}
            if 'price_unit' in values:
                move = move.invoice_line_ids
            move.write(dict(values))
            env.cr.commit()
