from freezegun import freeze_time
from lxml import html

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..common import CreditCommon


class PartCommon(CreditCommon):
    """Crediting a part in the dialog."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.included = cls.make_tax(21, price_include_override='tax_included')
        cls.second = cls.make_tax(7.7)

    @classmethod
    def make_tax(cls, amount, **values):
        tax = cls.tax_a.sudo().copy({'name': f'{amount} %', 'amount': amount, **values})
        return tax.with_env(cls.env)

    def open_part(self, invoices):
        """The dialog's form, opened at *Part of it*."""
        if len(invoices) == 1:
            action = invoices.action_credit_invoice()
        else:
            action = invoices.action_credit_invoices()
        form = Form(self.env['account.move.reversal'].with_context(**action['context']))
        form.credit_scope = 'part'
        return form

    def open_rest(self, invoices):
        """The same with *Everything Left*."""
        record = self.open_part(invoices).save()
        record.action_fill_all()
        return Form(record)

    def type_part(self, form, row=0, **values):
        with form.credit_line_ids.edit(row) as line:
            for name, value in values.items():
                setattr(line, name, value)

    def create_credit(self, form, post=True):
        """Press *Create Credit*; what the dialog shows is what is created."""
        record = form.save()
        shown = (record.credit_untaxed, record.credit_tax, record.credit_total)
        record.action_create_credit()
        credit = record.new_move_ids.with_env(self.env)
        created = (credit.amount_untaxed, credit.amount_tax, credit.amount_total)
        for amount, other in zip(shown, created, strict=True):
            self.assertZero(amount - other, f'{shown} shown, {created} created')
        if post:
            credit.action_post()
            self.assertEqual((credit.amount_untaxed, credit.amount_tax), created[:2])
        return credit

    def get_balance(self, row, what='quantity'):
        return tuple(
            row[f'{name}_{what}'] for name in ('invoiced', 'credited', 'reserved', 'remaining')
        )


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestPart(PartCommon):
    """*Part of it*: what is typed, what the dialog shows of it, and what becomes of it."""

    # === THE TABLE === #

    def test_ts03_the_table_opens_empty_with_what_remains_beside(self):
        invoice = self.make_invoice(lines=[(4, 25), (1, 60)])
        for quantity in (1, 2):
            form = self.open_part(invoice)
            self.type_part(form, quantity=quantity)
            credit = self.create_credit(form, post=quantity == 1)
            self.assertEqual(credit.invoice_line_ids.mapped('quantity'), [quantity])
        dialog = self.open_part(invoice).save()
        rows = dialog.credit_line_ids
        self.assertEqual(rows.mapped('quantity') + rows.mapped('amount'), [0, 0, 0, 0])
        self.assertEqual(rows.mapped('percentage') + [dialog.credit_total], [0, 0, 0])
        with self.assertRaisesRegex(UserError, 'Choose what to credit'):
            dialog.action_create_credit()
        dialog.action_fill_all()
        self.assertEqual(self.get_balance(rows[0]), (4, 1, 2, 3))
        self.assertEqual(self.get_balance(rows[0], 'amount'), (100, 25, 50, 75))
        self.assertEqual(self.get_balance(rows[1]), (1, 0, 0, 1))
        self.assertEqual(rows.mapped('kind'), ['return', 'return'])
        self.assertEqual(rows.mapped('quantity'), [3, 1])
        self.assertEqual(rows.mapped('amount'), [75, 60])
        self.assertEqual(rows.mapped('percentage'), [75, 100])

    def test_ts03_a_line_that_is_used_up_is_not_listed(self):
        invoice = self.make_invoice(lines=[(4, 25), (1, 60)])
        form = self.open_part(invoice)
        self.type_part(form, row=1, quantity=1)
        self.create_credit(form)
        rows = self.open_rest(invoice).save().credit_line_ids
        self.assertEqual(rows.move_line_id, invoice.invoice_line_ids[0])

    def test_ts03_everything_left_and_clear_all(self):
        invoice = self.make_invoice(lines=[(4, 25), (1, 60)])
        dialog = self.open_rest(invoice).save()
        action = dialog.action_clear_all()
        self.assertEqual((action['res_model'], action['res_id']), (dialog._name, dialog.id))
        self.assertEqual(dialog.credit_line_ids.mapped('quantity'), [0, 0])
        self.assertEqual(dialog.credit_total, 0)
        with self.assertRaisesRegex(UserError, 'Choose what to credit'):
            dialog.action_create_credit()
        self.assertFalse(invoice.reversal_move_ids)
        dialog.action_fill_all()
        self.assertEqual(dialog.credit_line_ids.mapped('quantity'), [4, 1])
        self.assertEqual(dialog.credit_total, 184)
        self.assertReverses(self.create_credit(Form(dialog)), invoice)

    # === WHAT IS TYPED === #

    def test_ts03_a_quantity_is_returned(self):
        invoice = self.make_invoice(lines=[(4, 25), (1, 60)])
        form = self.open_part(invoice)
        self.type_part(form, quantity=3)
        row = form.save().credit_line_ids[0]
        self.assertEqual((row.kind, row.amount, row.percentage), ('return', 75, 75))
        line = self.create_credit(form).invoice_line_ids
        self.assertEqual((line.quantity, line.price_unit, line.credit_kind), (3, 25, 'return'))
        self.assertEqual(line.credited_line_id, invoice.invoice_line_ids[0])
        self.assertEqual(invoice.amount_residual, 184 - 86.25)

    def test_ts03_an_amount_lowers_the_price(self):
        invoice = self.make_invoice(lines=[(4, 25), (1, 60)])
        form = self.open_part(invoice)
        self.type_part(form, amount=30)
        row = form.save().credit_line_ids[0]
        self.assertEqual((row.kind, row.quantity, row.percentage), ('price', 0, 30))
        line = self.create_credit(form).invoice_line_ids
        self.assertEqual((line.quantity, line.price_unit, line.credit_kind), (1, 30, 'price'))
        left = invoice._get_remaining_lines()[invoice.invoice_line_ids[0].id]
        self.assertEqual((left.quantity, left.is_repriced), (4, True))

    def test_ts03_a_percentage_lowers_the_price(self):
        invoice = self.make_invoice(lines=[(4, 25), (1, 60)])
        form = self.open_part(invoice)
        self.type_part(form, percentage=12.5)
        row = form.save().credit_line_ids[0]
        self.assertEqual((row.kind, row.quantity, row.amount), ('price', 0, 12.5))
        self.assertEqual(self.create_credit(form).amount_total, 14.38)

    def test_ts03_a_return_after_a_price_cut_is_worth_the_lowered_price(self):
        invoice = self.make_invoice(lines=[(4, 25)])
        form = self.open_part(invoice)
        self.type_part(form, amount=20)
        self.create_credit(form)
        form = self.open_part(invoice)
        self.type_part(form, quantity=3)
        line = self.create_credit(form).invoice_line_ids
        self.assertEqual((line.quantity, line.price_unit), (3, 20))
        last = self.create_credit(self.open_rest(invoice)).invoice_line_ids
        self.assertEqual((last.quantity, last.price_unit), (1, 20))
        self.assertEqual(invoice.amount_residual, 0)

    def test_ts03_prices_with_tax_are_typed_as_the_customer_sees_them(self):
        invoice = self.make_invoice(lines=[(2, 121, self.included)])
        self.assertEqual(self.open_rest(invoice).save().credit_line_ids.amount, 242)
        form = self.open_part(invoice)
        self.type_part(form, amount=60.5)
        credit = self.create_credit(form)
        self.assertEqual((credit.amount_untaxed, credit.amount_total), (50, 60.5))
        self.assertEqual(credit.invoice_line_ids.price_unit, 60.5)
        form = self.open_rest(invoice)
        row = form.save().credit_line_ids
        self.assertEqual(self.get_balance(row, 'amount'), (242, 60.5, 0, 181.5))
        self.type_part(form, quantity=1)
        self.assertEqual(self.create_credit(form).amount_total, 90.75)

    def test_ts03_a_quantity_comes_back_at_a_lower_price(self):
        """R14: one of 100 comes back at 80 % of its price, after all were 2 too dear."""
        for values in ({'quantity': 1, 'amount': 14.4}, {'amount': 14.4, 'quantity': 1}):
            with self.subTest(values):
                invoice = self.make_invoice(lines=[(100, 20)])
                form = self.open_part(invoice)
                self.type_part(form, amount=200)
                self.create_credit(form)
                form = self.open_part(invoice)
                self.type_part(form, **values)
                row = form.save().credit_line_ids
                self.assertEqual((row.kind, row.quantity, row.amount), ('return', 1, 14.4))
                line = self.create_credit(form).invoice_line_ids
                self.assertEqual((line._get_returned_quantity(), line.price_subtotal), (1, 14.4))
                row = self.open_rest(invoice).save().credit_line_ids
                self.assertEqual((row.quantity, row.amount), (99, 1785.6))
                self.create_credit(self.open_rest(invoice))
                self.assertEqual(invoice.credit_status, 'full')

    def test_ts03_a_lower_price_is_typed_over_and_the_quantity_stays(self):
        form = self.open_part(self.make_invoice(lines=[(4, 25)]))
        self.type_part(form, quantity=2)
        self.type_part(form, amount=40)
        self.type_part(form, kind='return')
        row = form.save().credit_line_ids
        self.assertEqual((row.quantity, row.amount, row.percentage), (2, 40, 40))
        self.type_part(form, quantity=1)
        row = form.save().credit_line_ids
        self.assertEqual((row.quantity, row.amount, row.percentage), (1, 25, 25))

    def test_ts03_a_chosen_quantity_stays_where_the_draft_gets_a_lower_price(self):
        """R14: the price is lowered on the draft of one piece."""
        form = self.open_part(self.make_invoice(lines=[(100, 20)]))
        self.type_part(form, quantity=1)
        credit = self.create_credit(form, post=False)
        with Form(credit) as form, form.invoice_line_ids.edit(0) as line:
            line.price_unit = 16
        self.assertEqual(credit.invoice_line_ids.credit_kind, 'return')
        credit.action_post()
        self.assertEqual(credit.invoice_line_ids._get_returned_quantity(), 1)

    # === WHAT CANNOT BE TYPED === #

    def test_ts03_what_is_too_much_is_said_while_it_is_typed(self):
        invoice = self.make_invoice(lines=[(4, 25), (1, 60)])
        for values, percentage, text in (
            ({'quantity': 6}, 150, 'Of "4 at 25", 4.00 can still be credited, not 6.00.'),
            ({'quantity': -1}, -25, 'The quantity of "4 at 25" cannot be negative.'),
            ({'amount': -1}, -1, 'The amount of "4 at 25" cannot be negative.'),
            ({'percentage': 101}, 101, 'can still be credited, not'),
        ):
            with self.subTest(values):
                form = self.open_part(invoice)
                self.type_part(form, **values)
                with form.credit_line_ids.edit(0) as row:
                    self.assertIn(text, row.refusal)
                    self.assertEqual(row.percentage, percentage)
                with form.credit_line_ids.edit(1) as row:
                    self.assertFalse(row.refusal)
                dialog = form.save()
                with self.assertRaisesRegex(UserError, text):
                    dialog.action_create_credit()

    def test_ts03_each_row_says_what_its_amount_is(self):
        untaxed = (1, 10, self.tax_a.browse())
        invoice = self.make_invoice(lines=[(1, 100), (1, 121, self.included), untaxed])
        dialog = self.open_rest(invoice).save()
        rows = dialog.credit_line_ids
        self.assertEqual(rows.mapped('amount_basis'), ['excluded', 'included', False])
        self.assertEqual(rows.mapped('untaxed_amount'), [100, 100, 10])
        self.assertEqual(sum(rows.mapped('untaxed_amount')), dialog.credit_untaxed)
        self.assertEqual(sum(rows.mapped('total')), dialog.credit_total)
        form = Form(dialog)
        self.type_part(form, row=1, kind='commercial')
        self.type_part(form, kind='tax')
        rows = form.save().credit_line_ids
        self.assertEqual(rows.mapped('amount_basis'), ['tax', 'excluded', False])

    # === WHAT BELONGS TOGETHER === #

    def test_ts03_a_voucher_that_is_left_behind_is_said_beforehand(self):
        """R4: B alone is credited at 40.00, its share of the voucher was 4.00."""
        free = self.tax_a.browse()
        invoice = self.make_invoice(lines=[(1, 60, free), (1, 40, free), (1, -10, free)])
        form = self.open_part(invoice)
        self.type_part(form, row=1, quantity=1)
        self.assertRegex(
            form.credit_part_notice,
            r'50.00 will be left for lines of .*60.00: take .*-4.00 of 1 at -10, too',
        )
        with form.credit_line_ids.edit(2) as row:
            self.assertRegex(row.share_notice, '-4.00')
        credit = self.create_credit(form, post=False)
        self.assertIn('50.00', credit._get_alerts()['credit_untaken_share']['message'])
        credit.button_cancel()
        form = self.open_part(invoice)
        self.type_part(form, row=1, quantity=1)
        self.type_part(form, row=2, amount=-4)
        self.assertFalse(form.credit_part_notice)
        credit = self.create_credit(form)
        self.assertEqual((credit.amount_total, credit._get_alerts()), (36, {}))
        self.assertEqual(self.create_credit(self.open_rest(invoice)).amount_total, 54)

    def test_ts03_more_than_is_left_in_all_is_said_beforehand(self):
        """R5: goods of 100 with a voucher of 20; 80 can come back."""
        free = self.tax_a.browse()
        form = self.open_part(self.make_invoice(lines=[(1, 100, free), (1, -20, free)]))
        self.type_part(form, quantity=1)
        self.assertRegex(form.credit_part_notice, 'more than is left in all: take .*-20.00 of')

    # === WHAT COMES WITH THE LINES === #

    def test_ts03_sections_and_notes_come_with_their_lines(self):
        def text(name, kind):
            return {'name': name, 'display_type': f'line_{kind}'}

        invoice = self.make_invoice(
            lines=[
                text('Goods', 'section'),
                (4, 25),
                text('of the goods', 'note'),
                text('Work', 'section'),
                (1, 60),
                text('of the work', 'note'),
            ]
        )
        form = self.open_part(invoice)
        self.type_part(form, row=1, quantity=1)
        lines = self.create_credit(form).invoice_line_ids.sorted('sequence')
        self.assertEqual(lines.mapped('name'), ['Work', '1 at 60', 'of the work'])

    def test_if06_what_was_credited_before_is_said_with_links(self):
        invoice = self.make_invoice(lines=[(4, 25)])
        credits = self.Move
        for quantity in (1, 2):
            form = self.open_part(invoice)
            self.type_part(form, quantity=quantity)
            credits |= self.create_credit(form)
        summary = html.fromstring(self.open_rest(invoice).save().credit_summary_html)
        text = ' '.join(summary.text_content().split())
        self.assertIn(
            f'$ 86.25 was already credited with {credits[1].name}, {credits[0].name}: $ 28.75 can '
            'still be credited.',
            text.replace('\xa0', ' ').replace(' , ', ', '),
        )
        links = summary.xpath('//a/@href')
        self.assertEqual(links, [f'/odoo/account.move/{credit.id}' for credit in credits[::-1]])

    # === THE DRAFT === #

    def test_pc06_rows_of_the_draft_are_cut_down(self):
        invoice = self.make_invoice(lines=[(4, 25), (1, 60)])
        credit = self.make_credit(invoice)
        with Form(credit) as form:
            form.invoice_line_ids.remove(1)
            with form.invoice_line_ids.edit(0) as line:
                line.quantity = 3
        self.assertEqual(credit.amount_total, 86.25)
        credit.action_post()
        self.assertEqual(invoice.amount_residual, 184 - 86.25)

    def test_pc06_a_price_changed_on_the_draft_lowers_the_price(self):
        invoice = self.make_invoice(lines=[(1, 100)])
        credit = self.make_credit(invoice)
        with Form(credit) as form, form.invoice_line_ids.edit(0) as line:
            line.price_unit = 30
        self.assertEqual(credit.invoice_line_ids.credit_kind, 'price')
        credit.action_post()
        self.assertEqual(invoice._get_remaining_lines()[invoice.invoice_line_ids.id].quantity, 1)

    def add_row(self, credit, price):
        """Type a row of one's own on the draft."""
        with Form(credit) as form, form.invoice_line_ids.new() as line:
            line.name = 'Goodwill'
            line.price_unit = price
            line.tax_ids.clear()
            line.tax_ids.add(self.tax_a)

    def test_pc06_an_added_row_counts_against_the_total(self):
        invoice = self.make_invoice(lines=[(4, 25)])
        credit = self.make_credit(invoice)
        credit.invoice_line_ids.quantity = 2
        self.add_row(credit, 50.01)
        with self.assertRaisesRegex(UserError, 'Of INV/.*, .*115.00 can still be credited, not'):
            credit.action_post()
        credit.invoice_line_ids[1].price_unit = 50
        credit.action_post()
        self.assertEqual((invoice.amount_residual, invoice.credit_status), (0, 'full'))

    def test_pc06_an_added_row_is_taken_off_all_that_remains(self):
        invoice = self.make_invoice(lines=[(4, 25)])
        credit = self.make_credit(invoice)
        credit.invoice_line_ids.quantity = 1
        self.add_row(credit, 20)
        credit.action_post()
        rest = self.make_credit(invoice, post=True)
        self.assertEqual((rest.amount_untaxed, rest.amount_tax), (55, 8.25))
        self.assertIn(credit.name, rest.invoice_line_ids[-1].name)
        self.assertEqual(invoice.amount_residual, 0)
