from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import html2plaintext, mute_logger

from ..common import CreditCommon


@tagged('post_install', '-at_install')
class TestCredited(CreditCommon):
    """What was credited of an invoice: stored, shown, found."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax = (
            cls
            .env['account.tax']
            .sudo()
            .create({
                'name': '21 %',
                'amount': 21.0,
                'company_id': cls.company_data['company'].id,
            })
        )

    def make_simple(self, quantity=4, price=250, **values):
        """An invoice of 1,210.00 with 210.00 tax."""
        return self.make_invoice(lines=[(quantity, price, self.tax)], **values)

    def credit_quantity(self, invoice, quantity, post=True):
        """Credit a part of the first line."""
        credit = self.make_credit(invoice)
        credit.invoice_line_ids[0].quantity = quantity
        if post:
            credit.action_post()
        return credit

    def get_row_version(self, move):
        self.env.flush_all()
        self.env.cr.execute('SELECT xmin, ctid::text FROM account_move WHERE id = %s', (move.id,))
        return self.env.cr.fetchone()

    def get_figures_text(self, invoice):
        invoice.invalidate_recordset()
        return ' '.join(html2plaintext(invoice.credit_figures_html or '').split())

    # === STORED FIGURES === #

    def test_if03_only_posted_credits_count(self):
        invoice = self.make_simple()
        self.assertEqual((invoice.credited_amount, invoice.credit_status), (0.0, False))
        credit = self.credit_quantity(invoice, 1, post=False)
        self.assertEqual(invoice.credited_amount, 0.0)
        self.assertEqual(invoice.credit_reserved_amount, 302.5)
        credit.action_post()
        self.assertEqual(invoice.credited_amount, 302.5)
        self.assertEqual(invoice.credited_percentage, 25.0)
        self.assertEqual(invoice.credit_status, 'partial')
        self.assertEqual(invoice.credit_reserved_amount, 0.0)
        self.assertEqual(invoice.creditable_amount, 907.5)
        credit.button_draft()
        self.assertEqual((invoice.credited_amount, invoice.credit_status), (0.0, False))
        credit.button_cancel()
        self.assertEqual(invoice.credit_reserved_amount, 0.0)
        self.assertEqual(invoice.creditable_amount, 1210.0)

    def test_if03_the_figures_are_in_the_database(self):
        invoice = self.make_simple()
        self.credit_quantity(invoice, 1)
        self.env.flush_all()
        self.env.cr.execute(
            'SELECT credited_amount, credited_percentage, credit_status FROM account_move '
            'WHERE id = %s',
            (invoice.id,),
        )
        amount, percentage, status = self.env.cr.fetchone()
        self.assertEqual((float(amount), percentage, status), (302.5, 25.0, 'partial'))

    def test_ts03_the_last_part_makes_it_fully_credited(self):
        invoice = self.make_simple()
        self.credit_quantity(invoice, 1)
        self.credit_quantity(invoice, 3)
        self.assertEqual(invoice.credited_amount, 1210.0)
        self.assertEqual(invoice.credited_percentage, 100.0)
        self.assertEqual(invoice.credit_status, 'full')
        self.assertEqual(invoice.creditable_amount, 0.0)

    def test_ts04_several_credits_add_up(self):
        invoice = self.make_invoice()
        for _i in range(3):
            self.credit_quantity(invoice, 0.5)
        credits = invoice.reversal_move_ids
        self.assertEqual(len(credits), 3)
        self.assertEqual(
            invoice.credited_amount,
            invoice.currency_id.round(sum(credits.mapped('amount_total'))),
        )

    def test_if03_more_than_invoiced_is_over(self):
        self.env.company.sudo().credit_limit_policy = 'allow'
        invoice, other = self.make_simple(), self.make_simple()
        credit = self.make_credit(other)
        credit.invoice_line_ids.price_unit = 300
        credit.action_post()
        self.assertEqual(other.credit_status, 'over')
        self.assertEqual(other.creditable_amount, 0.0)
        self.assertFalse(invoice.credit_status)

    def test_if03_a_discount_taken_is_not_left_to_be_credited(self):
        invoice = self.make_simple()
        self.patch(self.registry['account.move'], '_get_discount_taken_amount', lambda move: 242.0)
        credit = self.credit_quantity(invoice, 2)
        self.assertEqual((invoice.credit_status, invoice.creditable_amount), ('partial', 363.0))
        self.assertIn('Discount taken *$ 242.00*', self.get_figures_text(invoice))
        credit.button_draft()
        credit.invoice_line_ids.quantity = 3.2
        credit.action_post()
        self.assertEqual((invoice.credit_status, invoice.creditable_amount), ('full', 0.0))

    def test_if04_a_credit_of_several_invoices_counts_for_each(self):
        invoice, other = self.make_simple(), self.make_simple()
        credit = self.make_credit(invoice)
        credit.invoice_line_ids = [
            Command.create({
                'name': 'of the other',
                'quantity': 1,
                'price_unit': 250,
                'tax_ids': [Command.set(self.tax.ids)],
                'credited_line_id': other.invoice_line_ids.id,
            })
        ]
        self.assertEqual(
            {move.id: amount for move, amount in credit._get_credited_amount_by_origin().items()},
            {invoice.id: 1210.0, other.id: 302.5},
        )
        self.assertEqual(other.credit_reserved_amount, 302.5)
        credit.action_post()
        self.assertEqual((invoice.credited_amount, invoice.credit_status), (1210.0, 'full'))
        self.assertEqual((other.credited_amount, other.credit_status), (302.5, 'partial'))
        self.assertEqual(other.invoice_line_ids.credited_quantity, 1)
        credit.button_draft()
        self.assertEqual((invoice.credited_amount, other.credited_amount), (0.0, 0.0))

    def test_if03_a_credit_in_another_currency_counts_in_the_invoices(self):
        currency = self.get_currency(**{'2026-01-01': 2.0})
        invoice = self.make_simple(currency_id=currency.id)
        credit = self.make_credit(invoice)
        self.assertEqual(credit.currency_id, currency)
        # Such a credit cannot be posted any more; there may be some from before.
        credit.write({'reversed_entry_id': False, 'currency_id': self.company_data['currency'].id})
        credit.invoice_line_ids.credited_line_id = False
        credit.invoice_line_ids.price_unit = 125
        credit.action_post()
        self.env.flush_all()
        self.env.cr.execute(
            'UPDATE account_move SET reversed_entry_id = %s WHERE id = %s', [invoice.id, credit.id]
        )
        self.env.invalidate_all()
        self.env.add_to_compute(invoice._fields['credited_amount'], invoice)
        self.assertEqual(invoice.credited_amount, credit.amount_total * 2.0)

    def test_if03_editing_a_draft_credit_leaves_the_invoice_alone(self):
        invoice = self.make_simple()
        self.credit_quantity(invoice, 1)
        credit = self.credit_quantity(invoice, 1, post=False)
        before = self.get_row_version(invoice)
        for quantity in (2, 3):
            self.env.invalidate_all()
            credit.invoice_line_ids.quantity = quantity
            self.assertEqual(self.get_row_version(invoice), before)
        self.env.invalidate_all()
        with Form(credit) as form, form.invoice_line_ids.edit(0) as line:
            line.quantity = 1
        self.assertEqual(self.get_row_version(invoice), before)
        credit.action_post()
        self.assertNotEqual(self.get_row_version(invoice), before)
        self.assertEqual(invoice.credited_amount, 605.0)

    def test_if03_what_is_computed_again_is_not_written_again(self):
        invoice = self.make_simple()
        self.credit_quantity(invoice, 1)
        before = self.get_row_version(invoice)
        self.env.invalidate_all()
        # As in a request that has read other fields of the invoice than these.
        invoice.fetch(['move_type', 'amount_total', 'currency_id'])
        for name in ('credited_amount', 'credited_percentage', 'credit_status'):
            self.env.add_to_compute(self.Move._fields[name], invoice)
        self.assertEqual(self.get_row_version(invoice), before)

    def test_if03_the_public_cannot_read_it(self):
        invoice = self.make_simple()
        with self.assertRaises(AccessError), mute_logger('odoo.addons.base.models.ir_rule'):
            invoice.with_user(self.env.ref('base.public_user')).read(['credited_amount'])

    # === THE LINE UNDER THE TOTALS === #

    def test_if03_one_line_says_it_all(self):
        invoice = self.make_simple()
        self.assertFalse(invoice.credit_figures_html)
        self.pay(invoice, amount=500.0, payment_difference_handling='open')
        self.assertFalse(invoice.credit_figures_html)
        self.credit_quantity(invoice, 1)
        self.assertEqual(
            self.get_figures_text(invoice),
            'Credited *$ 302.50* (25 %) · Received *$ 500.00* · Can still be credited *$ 907.50*',
        )

    def test_if03_drafts_are_shown_as_reserved(self):
        invoice = self.make_simple()
        self.credit_quantity(invoice, 1, post=False)
        text = self.get_figures_text(invoice)
        self.assertIn('Reserved by drafts *$ 302.50*', text)
        self.assertNotIn('Credited', text)
        self.assertNotIn('%', text)
        self.assertNotIn('Owed back', text)

    def test_if03_a_credit_of_a_paid_invoice_is_owed_back(self):
        invoice = self.make_simple()
        self.pay(invoice)
        self.make_credit(invoice, post=True)
        text = self.get_figures_text(invoice)
        self.assertIn('Received *$ 1,210.00*', text)
        self.assertIn('Owed back *$ 1,210.00*', text)
        self.assertNotIn('Can still be credited', text)

    def test_if03_another_invoices_credit_is_no_money_received(self):
        invoice, other = self.make_simple(), self.make_simple()
        self.pay(other)
        credit = self.make_credit(other, post=True)
        lines = (invoice | credit).line_ids
        lines.filtered(lambda line: line.display_type == 'payment_term').reconcile()
        self.credit_quantity(invoice, 1)
        text = self.get_figures_text(invoice)
        self.assertNotIn('Received', text)
        self.assertIn('Other credits used *$ 1,210.00*', text)

    def test_if03_the_view_shows_the_line_under_the_totals(self):
        arch = etree.fromstring(self.Move.get_view(view_type='form')['arch'])
        self.assertTrue(arch.xpath('//div[@name="credit_figures"]'))
        for name in ('credited_quantity', 'credited_subtotal'):
            self.assertTrue(
                arch.xpath(f'//field[@name="invoice_line_ids"]/list/field[@name="{name}"]')
            )

    # === LINES === #

    def test_if03_lines_show_what_was_credited_and_reserved(self):
        invoice = self.make_invoice(lines=[(4, 250, self.tax), (2, 10, self.tax)])
        self.credit_quantity(invoice, 1)
        draft = self.credit_quantity(invoice, 2, post=False)
        first, second = invoice.invoice_line_ids
        self.assertEqual((first.credited_quantity, first.credited_subtotal), (1, 250.0))
        self.assertEqual(
            (first.credit_reserved_quantity, first.credit_reserved_subtotal), (2, 500.0)
        )
        self.assertEqual((second.credited_quantity, second.credited_subtotal), (2, 20.0))
        draft.unlink()
        self.assertEqual(first.credit_reserved_quantity, 0)

    def test_if03_lines_count_in_their_own_unit(self):
        dozen = self.env.ref('uom.product_uom_dozen')
        product_line = {'product_id': self.product_a.id, 'quantity': 24, 'price_unit': 10}
        invoice = self.make_invoice(lines=[product_line])
        line = invoice.invoice_line_ids
        credit = self.make_credit(invoice)
        credit.invoice_line_ids.write({'product_uom_id': dozen.id, 'quantity': 1})
        self.assertEqual(line.credit_reserved_quantity, 12)

    def test_if03_lines_are_read_together(self):
        invoice = self.make_invoice(lines=[(1, 10)] * 20)
        self.make_credit(invoice, post=True)
        names = ['credited_quantity', 'credit_reserved_subtotal']
        self.assertEqual(
            self.count_queries(invoice.invoice_line_ids[:2], names),
            self.count_queries(invoice.invoice_line_ids, names),
        )

    # === LISTS === #

    def count_queries(self, records, names):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        records.browse(records.ids).read(names)
        return self.env.cr.sql_log_count - before

    def test_if03_a_long_list_takes_no_more_queries_than_a_short_one(self):
        invoices = self.Move.union(*(self.make_simple() for _i in range(30)))
        self.make_credit(invoices[:20], post=True)
        self.make_credit(invoices[20:25])
        invoices = invoices[18:] | invoices[:18]  # some of each kind come first
        names = [
            'name',
            'credited_amount',
            'credited_percentage',
            'credit_status',
            'creditable_amount',
            'credit_reserved_amount',
        ]
        self.count_queries(invoices[:1], names)
        self.assertEqual(
            self.count_queries(invoices[:5], names), self.count_queries(invoices, names)
        )

    def test_if03_filters_find_each_kind(self):
        partial, full, over, reserved, none = (self.make_simple() for _i in range(5))
        self.credit_quantity(partial, 1)
        self.make_credit(full, post=True)
        self.env.company.sudo().credit_limit_policy = 'allow'
        credit = self.make_credit(over)
        credit.invoice_line_ids.price_unit = 300
        credit.action_post()
        self.make_credit(reserved)
        invoices = partial | full | over | reserved | none

        def find(*domain):
            return self.Move.search([('id', 'in', invoices.ids), *domain])

        self.assertEqual(find(('credit_status', '=', 'partial')), partial)
        self.assertEqual(find(('credit_status', '=', 'full')), full)
        self.assertEqual(find(('credit_status', '=', 'over')), over)
        self.assertEqual(find(('credit_reserved_amount', '>', 0)), reserved)
        self.assertEqual(find(('credit_reserved_amount', '<=', 0)), invoices - reserved)
        self.assertEqual(find(('creditable_amount', '>', 0)), partial | reserved | none)
        arch = etree.fromstring(
            self.Move.get_view(self.env.ref('account.view_account_invoice_filter').id, 'search')[
                'arch'
            ]
        )
        for name in (
            'partly_credited',
            'fully_credited',
            'over_credited',
            'group_by_credit_status',
        ):
            self.assertTrue(arch.xpath(f'//filter[@name="{name}"]'), name)

    def test_if03_invoices_are_grouped_by_what_was_credited(self):
        partial, full, none = (self.make_simple() for _i in range(3))
        self.credit_quantity(partial, 1)
        self.make_credit(full, post=True)
        invoices = partial | full | none
        groups = self.Move.formatted_read_group(
            [('id', 'in', invoices.ids)], ['credit_group'], ['credited_amount:sum']
        )
        amounts = {group['credit_group']: group['credited_amount:sum'] for group in groups}
        self.assertEqual(amounts, {'partial': 302.5, 'full': 1210.0, 'none': 0.0})
        labels = dict(self.Move.fields_get(['credit_group'])['credit_group']['selection'])
        self.assertEqual(labels['none'], 'Not credited')
        # Each group opens on its own invoices.
        for group in groups:
            found = self.Move.search([('id', 'in', invoices.ids), *group['__extra_domain']])
            self.assertEqual(found.mapped('credit_group'), [group['credit_group']])

    # === THE REASON === #

    def test_if03_the_reason_is_kept_on_the_credit(self):
        invoice = self.make_simple()
        credit = self.make_credit(invoice, reason='Damaged')
        self.assertEqual(credit.credit_reason, 'Damaged')
        self.assertIn('Damaged', credit.ref)
        self.assertFalse(credit.copy().credit_reason)
