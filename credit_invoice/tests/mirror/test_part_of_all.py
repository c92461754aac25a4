from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_part import PartCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestPartOfAll(PartCommon):
    """One amount or percentage for all lines, and parts of several invoices in one credit."""

    # === ALL LINES AT ONCE === #

    def test_ts03_a_percentage_is_a_share_of_every_line(self):
        """R1: the total is zero, or small beside its lines."""
        free = self.tax_a.browse()
        for prices, expected in (
            ((5000, -5000), [2000, -2000]),
            ((100, -90), [40, -36]),
            ((80, 0.03, 0.03), [32, 0.01, 0.01]),
        ):
            with self.subTest(prices):
                invoice = self.make_invoice(lines=[(1, price, free) for price in prices])
                form = self.open_part(invoice)
                form.credit_percentage = 40
                self.assertEqual(form.save().credit_line_ids.mapped('amount'), expected)
                credit = self.create_credit(form, post=False)
                self.assertEqual(credit.invoice_line_ids.mapped('price_subtotal'), expected)

    def test_ts03_a_percentage_of_a_total_that_is_negative_before_tax(self):
        """R2: 50 % of 120.00 with tax and -110.00 without any."""
        tax = self.make_tax(20)
        invoice = self.make_invoice(lines=[(1, 100, tax), (1, -110, self.tax_a.browse())])
        for _half in range(2):
            form = self.open_part(invoice)
            form.credit_percentage = 50
            credit = self.create_credit(form)
            figures = (credit.amount_untaxed, credit.amount_tax, credit.amount_total)
            self.assertEqual(figures, (-5, 10, 5))
        self.assertEqual((invoice.credited_percentage, invoice.credit_status), (100, 'full'))

    def test_ts03_of_a_total_of_nothing_no_amount_can_be_split(self):
        """R1: the sentence says what to type instead."""
        free = self.tax_a.browse()
        invoice = self.make_invoice(lines=[(1, 100, free), (1, -100, free)])
        with self.assertRaisesRegex(UserError, 'type a percentage of all lines'):
            self.open_dialog(invoice, credit_scope='part', credit_amount=10)

    def test_ts03_a_typed_row_wins_over_the_amount_of_all(self):
        invoice = self.make_invoice(lines=[(4, 25), (1, 100)])
        form = self.open_rest(invoice)
        form.credit_amount = 46
        self.assertEqual(form.save().credit_line_ids.mapped('amount'), [20, 20])
        self.type_part(form, amount=30)
        self.assertEqual(self.create_credit(form).amount_untaxed, 50)

    def test_ts03_over_rpc_an_amount_of_all_is_split_as_in_the_form(self):
        invoice = self.make_invoice()
        dialog = self.open_dialog(invoice, credit_scope='part', credit_amount=50)
        dialog.action_create_credit()
        self.assertEqual(dialog.new_move_ids.amount_total, 50)

    # === SEVERAL INVOICES === #

    def test_mp24_one_credit_for_lines_of_several_invoices(self):
        invoices = self.make_invoice(lines=[(2, 50)])
        invoices = self.make_invoice(lines=[(4, 25), (1, 10)]) | invoices
        form = self.open_part(invoices)
        self.type_part(form, quantity=3)
        self.type_part(form, row=2, quantity=1)
        credit = self.create_credit(form)
        self.assertEqual(credit.invoice_line_ids.credited_line_id.move_id, invoices)
        self.assertEqual(credit.amount_total, 143.75)
        self.assertEqual(invoices.mapped('amount_residual'), [126.5 - 86.25, 57.5])
        self.assertEqual(invoices.mapped('credited_amount'), [86.25, 57.5])
        self.assertEqual(credit.amount_residual, 0)

    def test_mp24_a_percentage_of_all_lines_of_several_invoices(self):
        invoices = self.make_invoice(lines=[(2, 50)]) | self.make_invoice(lines=[(4, 25), (1, 10)])
        form = self.open_part(invoices)
        form.credit_percentage = 10
        self.assertEqual(form.credit_total, 24.15)
        self.assertEqual(form.part_currency_id, invoices.currency_id)
        self.assertEqual(
            {(row.invoice_name, row.amount) for row in form.save().credit_line_ids},
            {(invoices[0].name, 10), (invoices[1].name, 10), (invoices[1].name, 1)},
        )
        credit = self.create_credit(form)
        self.assertEqual(invoices.mapped('credited_amount'), [11.5, 12.65])
        self.assertEqual(credit.credit_origin_ids, invoices)

    def test_mp24_the_rest_of_several_invoices(self):
        invoices = self.make_invoice() | self.make_invoice() | self.make_invoice()
        form = self.open_part(invoices)
        form.credit_amount = 100
        self.assertEqual(self.create_credit(form).amount_total, 100)
        self.assertZero(sum(invoices.mapped('amount_residual')) - 3 * 230.05 + 100)
        self.create_credit(self.open_rest(invoices))
        self.assertEqual(invoices.mapped('amount_residual'), [0, 0, 0])
        self.assertEqual(invoices.mapped('credit_status'), ['full', 'full', 'full'])

    def test_mp24_the_limit_of_each_invoice_counts(self):
        invoices = self.make_invoice(lines=[(1, 100)]) | self.make_invoice(lines=[(1, 50)])
        credit = self.create_credit(self.open_rest(invoices), post=False)
        line = credit.invoice_line_ids.filtered(lambda line: line.price_unit == 50)
        line.price_unit = 60
        credit.invoice_line_ids.filtered(lambda line: line.price_unit == 100).price_unit = 10
        with self.assertRaisesRegex(UserError, 'can still be credited, not'):
            credit.action_post()

    def test_mp24_only_invoices_of_one_customer_in_one_currency(self):
        currency = self.get_currency(**{'2026-01-01': 2})
        invoice = self.make_invoice()
        for values in ({'partner_id': self.partner_b.id}, {'currency_id': currency.id}):
            with self.subTest(values):
                invoices = invoice | self.make_invoice(**values)
                dialog = self.open_dialog(invoices)
                self.assertFalse(dialog.can_choose_part)
                with self.assertRaisesRegex(UserError, 'one customer'):
                    self.open_dialog(
                        invoices, credit_scope='part', credit_amount=10
                    ).action_create_credit()
                self.assertFalse(invoices.reversal_move_ids)


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestPartOfEachSetUp(PartCommon):
    """What adds up does so whatever the taxes and the way of rounding."""

    slow_because = 'each story is told with six invoices and two ways of rounding'

    def get_set_ups(self):
        """Invoices whose parts are prone to rounding, each with other taxes."""
        free = self.tax_a.browse()
        odd = [(3, 33.35), (7, 1.11), (1, 0.05)]
        yield 'one tax', {'lines': odd}
        yield 'included', {'lines': [(*line, self.included) for line in odd]}
        yield 'two taxes', {'lines': [(*line, self.tax_a | self.second) for line in odd]}
        mixed = zip(odd, (free, self.second, self.included), strict=True)
        yield 'mixed', {'lines': [(*line, tax) for line, tax in mixed]}
        yield 'untaxed', {'lines': [(*line, free) for line in odd]}
        currency = self.get_currency(**{'2026-01-01': 0.7})
        yield 'abroad', {'lines': odd, 'currency_id': currency.id}

    def for_each_set_up(self):
        for method in ('round_per_line', 'round_globally'):
            self.env.company.sudo().tax_calculation_rounding_method = method
            for name, values in self.get_set_ups():
                with self.subTest(f'{name}, {method}'):
                    yield self.make_invoice(**values)

    def test_ts03_one_amount_for_all_lines_adds_up_to_what_was_typed(self):
        for invoice in self.for_each_set_up():
            form = self.open_part(invoice)
            form.credit_amount = 33.33
            self.assertEqual(set(form.save().credit_line_ids.mapped('kind')), {'price'})
            self.assertEqual(self.create_credit(form).amount_total, 33.33)
            self.assertEqual(self.create_credit(self.open_rest(invoice)).amount_residual, 0)
            self.assertEqual(invoice.amount_residual, 0)

    def test_ts03_one_percentage_for_all_lines_adds_up(self):
        for invoice in self.for_each_set_up():
            form = self.open_rest(invoice)
            form.credit_percentage = 17.5
            total = invoice.currency_id.round(invoice.amount_total * 0.175)
            self.assertEqual(self.create_credit(form).amount_total, total)

    def test_ts03_what_the_dialog_shows_is_what_is_created(self):
        for invoice in self.for_each_set_up():
            form = self.open_part(invoice)
            self.type_part(form, quantity=2)
            self.type_part(form, row=1, amount=3.33)
            self.create_credit(form)
            form = self.open_part(invoice)
            self.type_part(form, percentage=11)
            self.type_part(form, row=1, quantity=3)
            self.create_credit(form)
            self.create_credit(self.open_rest(invoice))
            self.assertEqual(invoice.amount_residual, 0)
