import itertools

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..common import CreditCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestChangedSince(CreditCommon):
    """Accounts, currencies, customers and products that changed after the invoice was posted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = (
            cls
            .env['product.product']
            .sudo()
            .create([{'name': name, 'taxes_id': False} for name in 'ABC'])
        )

    # === ANOTHER PRODUCT === #

    def make_products_invoice(self):
        return self.make_invoice(
            lines=[
                {'product_id': product.id, 'quantity': 2, 'price_unit': price, 'tax_ids': False}
                for product, price in zip(self.products[:2], (10, 20), strict=True)
            ]
        )

    def test_if03_another_product_on_a_returned_line_credits_no_line(self):
        """R16"""
        invoice = self.make_products_invoice()
        credit = self.make_credit(invoice)
        with Form(credit) as form:
            form.invoice_line_ids.remove(1)
            with form.invoice_line_ids.edit(0) as line:
                line.product_id = self.products[2]
                line.quantity = 1
                line.price_unit = 1
        self.assertFalse(credit.invoice_line_ids.credited_line_id)
        self.assertIn('not credited', str(credit.credit_difference_html))
        credit.action_post()
        self.assertEqual(credit.amount_total, 1.0)
        self.assertEqual(invoice.creditable_amount, 59.0)
        remaining = invoice._get_remaining_lines()[invoice.invoice_line_ids[0].id]
        self.assertEqual((remaining.quantity, remaining.figures), (2.0, remaining.whole))

    def test_if03_another_product_for_the_same_price_is_a_difference(self):
        """R16"""
        invoice = self.make_products_invoice()
        credit = self.make_credit(invoice)
        self.assertFalse(credit.credit_difference_html)
        line = credit.invoice_line_ids[0]
        credit.write({
            'invoice_line_ids': [Command.update(line.id, {'product_id': self.products[2].id})]
        })
        line.price_unit = 10
        self.assertFalse(line.credited_line_id)
        self.assertIn('not credited', str(credit.credit_difference_html))

    def test_if03_a_rebate_product_that_lowers_the_price_keeps_its_line(self):
        """R16"""
        invoice = self.make_products_invoice()
        credit = self.make_credit(invoice)
        line = credit.invoice_line_ids[0]
        line.credit_kind = 'price'
        line.product_id = self.products[2]
        line.price_unit = 10
        self.assertEqual(line.credited_line_id, invoice.invoice_line_ids[0])
        self.assertIn('C: ', str(credit.credit_difference_html))
        line.credit_kind = 'return'
        self.assertFalse(line.credited_line_id)

    # === ARCHIVED === #

    def get_account(self, name, account_type):
        code = f'ARC{name[:3].upper()}'
        return (
            self
            .env['account.account']
            .sudo()
            .create({'name': name, 'code': code, 'account_type': account_type})
        )

    def assertCreditedOnArchived(self, invoice, archived):
        """The whole, a part and the rest post as the invoice did."""
        archived.sudo().active = False
        self.env.invalidate_all()
        credit = self.make_credit(invoice)
        credit.invoice_line_ids[0].quantity = 1
        credit.action_post()
        self.make_credit(invoice, post=True)
        self.assertEqual(invoice.credit_status, 'full')
        self.assertEqual(invoice.amount_residual, 0.0)
        items_by_account = (invoice | invoice.reversal_move_ids).line_ids.grouped('account_id')
        for account, items in items_by_account.items():
            self.assertZero(sum(items.mapped('balance')), account.name)

    def test_mp05_an_income_account_archived_since_is_used_as_it_was(self):
        """R22"""
        account = self.get_account('Old income', 'income')
        invoice = self.make_invoice(
            lines=[{'quantity': 2, 'price_unit': 9, 'account_id': account.id}]
        )
        self.assertCreditedOnArchived(invoice, account)

    def test_mp05_a_tax_account_archived_since_is_used_as_it_was(self):
        """R22"""
        account = self.get_account('Old tax', 'liability_current')
        tax = self.tax_a.sudo().copy({'name': 'Old tax'})
        for side in (tax.invoice_repartition_line_ids, tax.refund_repartition_line_ids):
            side.filtered(lambda line: line.repartition_type == 'tax').account_id = account
        self.assertCreditedOnArchived(self.make_invoice(lines=[(2, 50, tax)]), account)

    def test_mp05_a_currency_archived_since_is_used_as_it_was(self):
        """R22"""
        currency = self.get_currency(**{'2026-01-01': 2.0})
        invoice = self.make_invoice(lines=[(2, 50)], currency_id=currency.id)
        self.assertCreditedOnArchived(invoice, currency)

    def test_mp05_an_archived_account_that_somebody_chose_is_named(self):
        """R22"""
        account = self.get_account('Old income', 'income')
        invoice = self.make_invoice(lines=[(2, 50)])
        credit = self.make_credit(invoice)
        credit.invoice_line_ids.account_id = account
        account.sudo().active = False
        with self.assertRaisesRegex(UserError, 'Old income, the account of .* unarchive it'):
            credit.action_post()

    def test_mp05_one_archived_account_does_not_stop_a_list(self):
        """R22"""
        account = self.get_account('Old income', 'income')
        invoices = self.make_invoice(
            lines=[{'quantity': 2, 'price_unit': 9, 'account_id': account.id}]
        )
        invoices |= self.make_invoice()
        account.sudo().active = False
        self.make_credit(invoices, post=True)
        self.assertEqual(set(invoices.mapped('credit_status')), {'full'})

    # === CUSTOMERS === #

    def make_contact_invoices(self):
        firm = self.env['res.partner'].sudo().create({'name': 'Firm', 'is_company': True})
        contact = firm.create({'name': 'Contact', 'parent_id': firm.id})
        invoices = self.Move.union(*(self.make_invoice(partner_id=contact.id) for _i in range(3)))
        return firm, contact, invoices

    def assertCreditedForNow(self, invoices, customer):
        """The whole, a part and credit and re-invoice, for the customer as it is now."""
        self.env.invalidate_all()
        whole, part, other = invoices
        self.make_credit(whole, post=True)
        self.assertEqual(whole.amount_residual, 0.0)
        credit = self.make_credit(part)
        credit.invoice_line_ids[0].quantity = 1
        credit.action_post()
        self.assertEqual(part.credit_status, 'partial')
        self.assertZero(part.amount_residual - part.creditable_amount)
        dialog = self.open_dialog(other)
        dialog.action_credit_and_reinvoice()
        replacement = other.replacement_move_ids
        self.assertEqual(other.credit_status, 'full')
        self.assertEqual(other.amount_residual, 0.0)
        documents = invoices.reversal_move_ids | replacement
        self.assertEqual(documents.commercial_partner_id, customer)

    def test_mp10_a_contact_that_became_a_firm_of_its_own_is_credited(self):
        _firm, contact, invoices = self.make_contact_invoices()
        contact.sudo().write({'parent_id': False, 'is_company': True})
        self.assertCreditedForNow(invoices, contact)

    def test_mp10_customers_that_were_merged_are_credited(self):
        _firm, contact, invoices = self.make_contact_invoices()
        wizard = self.env['base.partner.merge.automatic.wizard'].sudo()
        wizard._merge((contact | self.partner_b).ids, self.partner_b, extra_checks=False)
        self.env.invalidate_all()
        self.assertEqual(invoices.partner_id, self.partner_b)
        self.assertCreditedForNow(invoices, self.partner_b.commercial_partner_id)

    def test_mp10_a_credit_of_another_customer_is_still_refused(self):
        _firm, contact, invoices = self.make_contact_invoices()
        contact.sudo().write({'parent_id': False, 'is_company': True})
        credit = self.make_credit(invoices[0])
        with self.assertRaisesRegex(UserError, 'its customer cannot be changed'):
            credit.partner_id = self.partner_b

    # === CASH ROUNDING === #

    def make_rounding(self, rounding, strategy):
        accounts = self.company_data
        return (
            self
            .env['account.cash.rounding']
            .sudo()
            .create({
                'name': f'{rounding} {strategy}',
                'rounding': rounding,
                'strategy': strategy,
                'rounding_method': 'HALF-UP',
                'profit_account_id': accounts['default_account_revenue'].id,
                'loss_account_id': accounts['default_account_expense'].id,
            })
        )

    def test_mp05_another_cash_rounding_on_the_draft_is_a_difference(self):
        strategies = ('add_invoice_line', 'biggest_tax')
        for first, second, rounding in itertools.product(
            (*strategies, False), (*strategies, False), (0.05, 1.0)
        ):
            if not first and not second:
                continue
            with self.subTest(first=first, second=second, rounding=rounding):
                before = self.make_rounding(0.05, first) if first else False
                after = self.make_rounding(rounding, second) if second else False
                invoice = self.make_invoice(
                    lines=[(3, 33.33), (1, 0.99)],
                    invoice_cash_rounding_id=before and before.id,
                )
                credit = self.make_credit(invoice)
                credit.invoice_cash_rounding_id = after
                self.env.flush_all()
                self.assertZero(sum(credit.line_ids.mapped('balance')))
                self.assertIn('Cash Rounding', str(credit.credit_difference_html))
                credit.invoice_line_ids[0].quantity = 2
                credit.invoice_line_ids[1].quantity = 0.5
                credit.action_post()
                self.assertZero(sum(credit.line_ids.mapped('balance')))
