from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_discount import KINDS, DiscountCommon

# What the customer paid of 1,000.00 and 21 % with 2 % discount, and what was taxed in the end.
PAID = {'included': (1185.8, 205.8), 'excluded': (1190.0, 210.0), 'mixed': (1185.8, 205.8)}


@tagged('post_install', '-at_install')
class TestDeductions(DiscountCommon):
    """What a credit gives less than its lines."""

    allow_inherited_tests_method = True

    def assertSettled(self, moves):
        """Sales, discount and taxes of all these documents and their payments add up to zero."""
        entries = moves | moves.matched_payment_ids.move_id
        entries |= moves.line_ids.matched_credit_ids.credit_move_id.move_id
        lines = entries.line_ids.filtered(
            lambda line: (
                line.account_id.account_type in ('income', 'expense', 'income_other')
                or line.tax_repartition_line_id
            )
        )
        self.assertTrue(lines)
        for name in ('balance', 'amount_currency'):
            self.assertZero(sum(lines.mapped(name)), name)
        taxes = lines.filtered('tax_repartition_line_id')
        self.assertZero(sum(taxes.mapped('balance')), 'taxes')

    def test_if05_a_discount_taken_is_not_given_twice(self):
        for kind in KINDS:
            with self.subTest(kind):
                invoice = self.make_discounted(kind)
                self.pay_as_proposed(invoice)
                credit = self.make_credit(invoice)
                total, tax = PAID[kind]
                self.assertEqual(credit.amount_total, total)
                self.assertEqual(credit.amount_tax, tax)
                credit.action_post()
                self.assertSettled(invoice | credit)
                self.assertEqual(invoice.credit_status, 'full')

    def test_if05_a_discount_taken_is_unwound_by_its_share(self):
        for kind in KINDS:
            with self.subTest(kind):
                invoice = self.make_discounted(kind, [(3, 333.37, self.tax), (3, 0.99, self.tax)])
                self.pay_as_proposed(invoice)
                drafts = self.Move
                for _part in range(3):
                    parts = [
                        Command.create({'move_line_id': line.id, 'quantity': 1})
                        for line in invoice.invoice_line_ids
                    ]
                    drafts |= self.make_credit(invoice, credit_scope='part', credit_line_ids=parts)
                for draft in reversed(drafts):
                    self.assertEqual(
                        draft.invoice_line_ids.mapped('credit_kind').count('discount'), 1
                    )
                    draft.action_post()
                self.assertSettled(invoice | drafts)
                self.assertEqual(invoice.creditable_amount, 0)

    def test_if05_the_whole_amount_cannot_be_given_after_a_discount(self):
        invoice = self.make_discounted('included')
        draft = self.make_credit(invoice)
        self.pay_as_proposed(invoice)
        with self.assertRaisesRegex(UserError, r'1,185\.80 can still be credited'):
            draft.action_post()

    def test_if05_a_discount_abroad_is_unwound_in_both_currencies(self):
        currency = self.get_currency(**{'2026-01-01': 3, '2026-01-18': 3})
        invoice = self.make_discounted('included', currency_id=currency.id)
        self.pay_as_proposed(invoice)
        credit = self.make_credit(invoice, post=True)
        self.assertEqual(credit.amount_total, 1185.8)
        self.assertSettled(invoice | credit)

    def test_ag02_what_was_credited_freely_is_taken_off_the_rest(self):
        invoice = self.make_invoice([(4, 250, self.tax)])
        first = self.make_credit(invoice)
        first.invoice_line_ids.unlink()
        first.invoice_line_ids = [
            Command.create({
                'name': 'Goodwill',
                'price_unit': 100,
                'tax_ids': [Command.set(self.tax.ids)],
            })
        ]
        first.action_post()
        self.assertEqual(invoice.creditable_amount, 1089)
        rest = self.make_credit(invoice)
        self.assertEqual(rest.amount_total, 1089)
        self.assertIn(f'Credited before with {first.name}', rest.invoice_line_ids.mapped('name')[1])
        rest.action_post()
        self.assertSettled(invoice | first | rest)
        self.assertEqual(invoice.amount_residual, 0)
