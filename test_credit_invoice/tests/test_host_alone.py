from odoo import Command
from odoo.tests import tagged

from odoo.addons.test_credit_invoice_before import seen

from .common import OURS, CreditInvoiceFakesCommon, host_alone


@tagged('post_install', '-at_install')
class TestHostAlone(CreditInvoiceFakesCommon):
    """Where `credit_invoice` has no part in a reversal, it changes nothing."""

    def make_entries(self, count):
        entries = self.env['account.move'].create([
            {
                'move_type': 'entry',
                'date': '2019-03-01',
                'invoice_origin': f'SO{number}',
                'line_ids': [
                    Command.create({
                        'account_id': self.company_data[f'default_account_{kind}'].id,
                        'balance': balance * (number + 1),
                        'before_order_ref': f'before {number}',
                    })
                    for kind, balance in (('revenue', -100.0), ('receivable', 100.0))
                ],
            }
            for number in range(count)
        ])
        entries.action_post()
        return entries.with_user(self.clerk)

    def make_refunds(self, count):
        """Vendor credits: reversing them goes the other way."""
        return self.make_invoices(count, move_type='in_refund')

    def make_bills(self, count):
        return self.make_invoices(count, move_type='in_invoice')

    def test_overrides_are_taken_off_and_put_back(self):
        def count():
            return sum(
                '_reverse_moves' in vars(cls)
                for cls in type(self.env['account.move']).__mro__
                if cls.__module__.startswith(OURS)
            )

        self.assertEqual(count(), 1)
        with host_alone(self.env) as taken:
            self.assertIn('_copy_data_extend_business_fields', taken)
            self.assertEqual(count(), 0)
        self.assertEqual(count(), 1)

    def test_other_documents_are_reversed_as_by_the_host(self):
        for make in (self.make_bills, self.make_refunds, self.make_entries):
            for credit in (self.credit_by_host_wizard, self.credit_directly):
                with self.subTest(make=make.__name__, credit=credit.__name__):
                    self.compare(make, credit)

    def compare(self, make, credit):
        """Reverse documents with `credit_invoice`, and the same without; compare everything."""
        documents, twins = make(2), make(2)
        self.start_afresh()
        reversals = credit(documents)
        trace = self.get_trace(documents + reversals)
        self.start_afresh()
        with host_alone(self.env):
            twin_reversals = credit(twins)
        self.assertEqual(trace, self.get_trace(twins + twin_reversals))
        self.assertTrue(trace)
        self.assert_equal_documents(reversals, twin_reversals)
        self.assertFalse(reversals.line_ids.credited_line_id)
        self.compare_posting(reversals, twin_reversals)

    def start_afresh(self):
        """Let both runs find the same state of the cache, which the host's writes go by."""
        self.env.invalidate_all()
        seen.forget()

    def compare_posting(self, reversals, twin_reversals):
        drafts, twin_drafts = (
            moves.filtered(lambda move: move.state == 'draft')
            for moves in (reversals, twin_reversals)
        )
        self.start_afresh()
        drafts.action_post()
        pairs = len(seen.PAIRS)
        self.start_afresh()
        with host_alone(self.env):
            twin_drafts.action_post()
        self.assertEqual(pairs, len(seen.PAIRS))
        self.assert_equal_documents(reversals, twin_reversals)
        self.assert_equal_documents(reversals.reversed_entry_id, twin_reversals.reversed_entry_id)

    def assert_equal_documents(self, documents, twins):
        snapshot, expected = self.get_snapshot(documents), self.get_snapshot(twins)
        self.assertEqual(snapshot.keys(), expected.keys())
        self.assertEqual(
            {key: value for key, value in snapshot.items() if value != expected[key]},
            {key: value for key, value in expected.items() if value != snapshot[key]},
        )
