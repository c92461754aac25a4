from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import CreditCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestBalancedLines(CreditCommon):
    """What is left is read from lines and taxes: a total may come to nothing, or to little."""

    def make_deposit_invoice(self):
        """Goods, and the deposit that is deducted from them: with tax, nothing is to be paid."""
        return self.make_invoice(lines=[(1, 5000), (-1, 5000)])

    def credit_amounts(self, invoice, *amounts, post=True):
        """Lower the price of each line by an amount."""
        dialog = self.open_dialog(
            invoice,
            credit_scope='part',
            credit_line_ids=[
                (0, 0, {'move_line_id': line.id, 'kind': 'price', 'amount': amount})
                for line, amount in zip(invoice.invoice_line_ids, amounts, strict=True)
                if amount
            ],
        )
        dialog.action_create_credit()
        credit = self.Move.browse(dialog.new_move_ids.ids)
        if post:
            credit.action_post()
        return credit

    def get_subtotals(self, move):
        return move.invoice_line_ids.mapped('price_subtotal')

    def assertCredited(self, invoice, percentage, status):
        self.env.flush_all()
        invoice.invalidate_recordset()
        self.assertEqual(
            (round(invoice.credited_percentage, 2), invoice.credit_status), (percentage, status)
        )
        found = self.Move.search([('credit_status', '=', status), ('id', '=', invoice.id)])
        self.assertEqual(found, invoice)

    def test_mp10_an_invoice_whose_deposit_leaves_nothing_is_credited_in_full(self):
        """R1"""
        invoice = self.make_deposit_invoice()
        credit = self.make_credit(invoice)
        self.assertEqual(self.get_subtotals(credit), [5000.0, -5000.0])
        credit.action_post()
        self.assertEqual(credit.state, 'posted')
        self.assertReverses(credit, invoice)
        self.assertCredited(invoice, 100.0, 'full')
        self.assertIn('(100 %)', str(invoice.credit_figures_html))
        with self.assertRaisesRegex(UserError, 'has been credited in full by'):
            invoice.action_credit_invoice()

    def test_mp10_after_a_part_the_rest_of_an_invoice_that_nets_to_zero_is_credited(self):
        """R1"""
        invoice = self.make_deposit_invoice()
        self.credit_amounts(invoice, 1000, -1000)
        self.assertCredited(invoice, 20.0, 'partial')
        rest = self.make_credit(invoice)
        self.assertEqual(self.get_subtotals(rest), [4000.0, -4000.0])
        rest.action_post()
        self.assertCredited(invoice, 100.0, 'full')

    def test_mp10_a_total_that_is_small_beside_its_lines_is_not_all_that_is_left(self):
        """R1"""
        invoice = self.make_invoice(lines=[(1, 100), (1, -90)])
        self.credit_amounts(invoice, 10, 0)
        self.assertEqual(invoice.creditable_amount, 0.0)
        self.assertCredited(invoice, 5.26, 'partial')
        rest = self.make_credit(invoice, post=True)
        self.assertEqual(self.get_subtotals(rest), [90.0, -90.0])
        self.assertCredited(invoice, 100.0, 'full')

    def test_if03_a_negative_untaxed_sum_is_credited_by_halves(self):
        """R2"""
        tax = self.tax_a.sudo().copy({'name': '20 %', 'amount': 20})
        none = self.tax_a.sudo().copy({'name': '0 %', 'amount': 0})
        invoice = self.make_invoice(lines=[(1, 100, tax), (1, -110, none)])
        for percentage, status in ((50.0, 'partial'), (100.0, 'full')):
            credit = self.credit_amounts(invoice, 50, -55)
            self.assertEqual(
                (credit.move_type, credit.amount_untaxed, credit.amount_tax, credit.amount_total),
                ('out_refund', -5.0, 10.0, 5.0),
            )
            self.assertCredited(invoice, percentage, status)

    def test_mp10_gifts_are_credited_piece_by_piece(self):
        invoice = self.make_invoice(lines=[(3, 0), (1, 0)])
        credit = self.make_credit(invoice)
        credit.invoice_line_ids[0].quantity = 1
        credit.invoice_line_ids[1].unlink()
        credit.action_post()
        self.assertCredited(invoice, 25.0, 'partial')
        rest = self.make_credit(invoice)
        self.assertEqual(rest.invoice_line_ids.mapped('quantity'), [2.0, 1.0])
        rest.action_post()
        self.assertCredited(invoice, 100.0, 'full')
        with self.assertRaisesRegex(UserError, 'has been credited in full by'):
            self.make_credit(invoice)

    def test_mp10_a_credit_without_lines_of_the_invoice_leaves_what_cancels_out(self):
        invoice = self.make_invoice(lines=[(1, 100), (1, -90)])
        free = self.make_invoice(
            lines=[(1, 10)], post=False, move_type='out_refund', invoice_date='2026-02-01'
        )
        free.reversed_entry_id = invoice
        free.action_post()
        self.assertCredited(invoice, 5.26, 'partial')
        rest = self.make_credit(invoice, post=True)
        self.assertEqual(self.get_subtotals(rest), [100.0, -90.0, -10.0])
        self.assertCredited(invoice, 100.0, 'full')
        plain = self.make_invoice(lines=[(1, 10)])
        free = free.copy({'reversed_entry_id': plain.id, 'invoice_date': '2026-02-01'})
        free.action_post()
        self.assertCredited(plain, 100.0, 'full')
