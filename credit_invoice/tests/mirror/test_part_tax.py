from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_part import PartCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestPartTax(PartCommon):
    """What is credited without tax, and tax that is credited alone."""

    def test_pc30_a_commercial_credit_has_no_tax(self):
        invoice = self.make_invoice(lines=[(4, 25), (1, 60)])
        form = self.open_part(invoice)
        self.type_part(form, kind='commercial', amount=40)
        credit = self.create_credit(form)
        self.assertEqual((credit.amount_untaxed, credit.amount_tax), (40, 0))
        self.assertEqual(credit.invoice_line_ids.credit_kind, 'commercial')
        self.assertFalse(credit.line_ids.tax_ids | credit.line_ids.tax_line_id)
        self.assertEqual(invoice.amount_residual, 144)

    def test_pc30_after_a_commercial_credit_all_tax_is_left(self):
        for tax, total in ((self.tax_a, 115), (self.included, 121)):
            with self.subTest(tax.name):
                price = 100 if tax == self.tax_a else 121
                invoice = self.make_invoice(lines=[(4, price / 4, tax)])
                form = self.open_part(invoice)
                self.type_part(form, kind='commercial', amount=40)
                self.assertEqual(self.create_credit(form).amount_total, 40)
                rest = self.create_credit(self.open_rest(invoice))
                self.assertEqual((rest.amount_untaxed, rest.amount_total), (60, total - 40))
                self.assertEqual(invoice.amount_residual, 0)

    def test_pc30_no_more_than_is_left_without_tax(self):
        invoice = self.make_invoice(lines=[(1, 121, self.included)])
        form = self.open_part(invoice)
        self.type_part(form, kind='commercial', amount=100.01)
        with self.assertRaisesRegex(UserError, 'can still be credited, not .*100.01'):
            form.save().action_create_credit()
        self.type_part(form, amount=100)
        self.assertEqual(self.create_credit(form).amount_total, 100)

    def test_pc31_tax_alone_is_credited(self):
        invoice = self.make_invoice(lines=[(4, 25), (1, 60)])
        form = self.open_part(invoice)
        self.type_part(form, kind='tax')
        self.assertEqual(form.save().credit_line_ids[0].amount, 15)
        credit = self.create_credit(form)
        self.assertEqual((credit.amount_untaxed, credit.amount_tax), (0, 15))
        self.assertEqual(credit.line_ids.tax_line_id, self.tax_a)
        rest = self.create_credit(self.open_rest(invoice))
        self.assertEqual((rest.amount_untaxed, rest.amount_tax), (160, 9))
        self.assertEqual(invoice.amount_residual, 0)

    def test_pc31_a_part_of_the_tax(self):
        second = self.make_tax(5)
        invoice = self.make_invoice(lines=[(1, 100, self.tax_a | second)])
        form = self.open_part(invoice)
        self.type_part(form, kind='tax', amount=10)
        credit = self.create_credit(form)
        amounts = {line.tax_line_id: line.balance for line in credit.line_ids if line.tax_line_id}
        self.assertEqual(amounts, {self.tax_a: 7.5, second: 2.5})

    def get_taxes(self, credit):
        amounts = {line.tax_line_id: line.balance for line in credit.line_ids if line.tax_line_id}
        return {tax: amount for tax, amount in amounts.items() if amount}

    def test_pc31_one_tax_of_several_alone(self):
        """R3: a tax beside a withholding, and beside a second tax."""
        for rates, amount in (((20, -10), 100), ((7, 5), 35)):
            taxes = [self.make_tax(rate) for rate in rates]
            with self.subTest(rates):
                invoice = self.make_invoice(lines=[(1, 500, taxes[0] | taxes[1])])
                form = self.open_part(invoice)
                self.type_part(form, kind='tax', tax_id=taxes[0])
                self.assertTrue(form.has_tax_choice)
                row = form.save().credit_line_ids
                self.assertEqual((row.amount, row.percentage), (amount, 100))
                credit = self.create_credit(form)
                self.assertEqual(self.get_taxes(credit), {taxes[0]: amount})
                # Nothing is left of it, and all of the other.
                form = self.open_part(invoice)
                self.type_part(form, kind='tax', tax_id=taxes[0], amount=0.01)
                with self.assertRaisesRegex(UserError, '0.00 can still be credited, not .*0.01'):
                    form.save().action_create_credit()
                rest = self.create_credit(self.open_rest(invoice))
                self.assertEqual(self.get_taxes(rest), {taxes[1]: 5 * rates[1]})
                self.assertEqual(invoice.credit_status, 'full')

    def test_pc31_one_tax_alone_stays_one_when_the_draft_is_posted_later(self):
        taxes = [self.make_tax(rate) for rate in (7, 5)]
        invoice = self.make_invoice(lines=[(1, 500, taxes[0] | taxes[1])])
        drafts = self.Move
        for values in ({'kind': 'tax', 'tax_id': taxes[0], 'amount': 20}, {'amount': 100}):
            form = self.open_part(invoice)
            self.type_part(form, **values)
            drafts |= self.create_credit(form, post=False)
        drafts[1].action_post()
        drafts[0].action_post()
        self.assertEqual(self.get_taxes(drafts[0]), {taxes[0]: 20})

    def test_pc31_one_tax_alone_over_rpc(self):
        taxes = [self.make_tax(rate) for rate in (7, 5)]
        invoice = self.make_invoice(lines=[(1, 500, taxes[0] | taxes[1])])
        row = {'move_line_id': invoice.invoice_line_ids.id, 'kind': 'tax', 'amount': 35}

        def create(tax):
            rows = [Command.create({**row, 'tax_id': tax.id})]
            dialog = self.open_dialog(invoice, credit_scope='part', credit_line_ids=rows)
            dialog.action_create_credit()
            return dialog.new_move_ids

        self.assertEqual(self.get_taxes(create(taxes[0])), {taxes[0]: 35})
        with self.assertRaisesRegex(UserError, '25.00 can still be credited, not .*35.00'):
            create(taxes[1])
        with self.assertRaisesRegex(UserError, 'has no tax "7.7 %" to credit'):
            create(self.second)
