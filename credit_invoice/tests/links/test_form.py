import re

from lxml import etree, html

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from ..common import CreditCommon


@tagged('post_install', '-at_install')
class TestForm(CreditCommon):
    """What the forms of invoices and credit notes say, and which buttons they offer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        arch = cls.Move.get_view(cls.env.ref('account.view_move_form').id, 'form')['arch']
        cls.arch = etree.fromstring(arch)

    def is_shown(self, move, xpath):
        """Whether a node of the form is shown for a document."""
        (node,) = self.arch.xpath(xpath)
        expression = node.get('invisible') or 'False'
        names = set(re.findall(r'\w+', expression)) & set(move._fields)
        return not safe_eval(expression, {name: move[name] for name in names})

    def is_offered(self, move, name):
        """Whether a button is shown, or one of several of that name with other questions."""
        buttons = self.arch.xpath(f'//header/button[@name="{name}"]')
        places = range(1, len(buttons) + 1)
        return any(
            self.is_shown(move, f'(//header/button[@name="{name}"])[{place}]') for place in places
        )

    def make_part(self, invoices, **quantities):
        """A draft of quantities of lines, by their names."""
        dialog = self.open_dialog(invoices, credit_scope='part')
        dialog.action_clear_all()
        for row in dialog.credit_line_ids:
            row.quantity = quantities.get(row.move_line_id.name, 0)
        dialog.action_create_credit()
        return dialog.new_move_ids.with_env(self.env)

    def make_named_invoice(self, **lines):
        """An invoice with lines of names: (quantity, price)."""
        return self.make_invoice(
            lines=[
                {
                    'name': name,
                    'quantity': quantity,
                    'price_unit': price,
                    'tax_ids': [Command.clear()],
                }
                for name, (quantity, price) in lines.items()
            ]
        )

    def get_rows(self, text):
        """The cells of a table, row by row."""
        if not text:
            return []
        rows = html.fromstring(f'<div>{text}</div>').xpath('//tbody/tr')
        return [[self.get_plain(cell.text_content()) for cell in row] for row in rows]

    def get_plain(self, text):
        """A text without the spaces that do not break."""
        return text.replace('\xa0', ' ').strip()

    # === WHAT IS CREDITED, AND WHAT WAS CHANGED === #

    def test_ts03_a_part_is_no_difference_and_says_how_much_it_takes(self):
        invoice = self.make_named_invoice(desk=(4, 25), chair=(2, 10))
        credit = self.make_part(invoice, desk=1)
        self.assertFalse(credit.credit_difference_html)
        self.assertIn(
            '1 of 2 lines credited, $ 25.00 of $ 120.00', self.get_plain(credit.credit_part_html)
        )
        self.assertEqual(
            [row[::2] for row in self.get_rows(credit.credit_part_html)],
            [['desk', '1.00 × 25.00 = $ 25.00'], ['chair', 'not credited']],
        )

    def test_ts03_what_is_changed_afterwards_is_a_difference_also_while_it_is_edited(self):
        invoice = self.make_named_invoice(desk=(4, 25), chair=(2, 10))
        credit = self.make_part(invoice, desk=1, chair=1)
        with Form(credit) as form:
            with form.invoice_line_ids.edit(0) as line:
                line.quantity = 5
            expected = [
                ['desk', '1.00 × 25.00 = $ 25.00', '5.00 × 25.00 = $ 125.00: more than invoiced']
            ]
            self.assertEqual(self.get_rows(form.credit_difference_html), expected)
        self.assertEqual(self.get_rows(credit.credit_difference_html), expected)

    def test_mp05_a_whole_credit_says_nothing_while_another_field_is_edited(self):
        credit = self.make_credit(self.make_named_invoice(desk=(4, 25), chair=(2, 10)))
        with Form(credit) as form:
            form.invoice_date = '2026-02-03'
            self.assertFalse(form.credit_difference_html)
            self.assertFalse(form.credit_part_html)

    def test_mp24_a_credit_of_two_invoices_names_both_and_has_no_difference(self):
        first, second = self.make_named_invoice(desk=(4, 25)), self.make_named_invoice(lamp=(2, 10))
        credit = self.make_part(first | second, desk=1, lamp=1)
        self.assertEqual(credit.credit_origin_ids, first | second)
        self.assertFalse(credit.credit_difference_html)
        self.assertIn('2 of 2 lines credited', credit.credit_part_html)
        for invoice in first | second:
            self.assertEqual(invoice.draft_credit_ids, credit)
            self.assertEqual(invoice.related_credit_ids, credit)

    def test_ts03_a_change_is_not_hidden_by_writing_what_was_made(self):
        credit = self.make_part(self.make_named_invoice(desk=(4, 25), chair=(2, 10)), desk=1)
        made = credit.credit_made_values
        credit.credit_made_values = {'lines': {}}
        credit.invalidate_recordset()
        self.assertEqual(credit.credit_made_values, made)

    # === BUTTONS === #

    def test_mp02_buttons_that_could_only_refuse_are_not_offered(self):
        invoice = self.make_named_invoice(desk=(4, 25), chair=(2, 10))
        names = ('action_credit_invoice', 'action_invalidate', 'button_draft')
        self.assertEqual([self.is_offered(invoice, name) for name in names], [True] * 3)
        self.make_part(invoice, desk=1).action_post()
        self.assertEqual([self.is_offered(invoice, name) for name in names], [True, False, False])
        credit = self.make_credit(invoice, post=True)
        self.assertEqual([self.is_offered(invoice, name) for name in names], [False] * 3)
        self.assertTrue(self.is_offered(credit, 'button_draft'))

    def test_mp04_a_draft_that_was_never_posted_is_discarded_not_cancelled(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        cancel = '(//header/button[@name="button_cancel"])[2]'
        self.assertTrue(self.is_offered(credit, 'action_discard_and_open_invoice'))
        self.assertFalse(self.is_shown(credit, cancel))
        action = credit.action_discard_and_open_invoice()
        self.assertEqual((action['res_id'], action['target']), (invoice.id, 'main'))
        self.assertFalse(credit.exists())
        posted = self.make_credit(invoice, post=True)
        posted.button_draft()
        self.assertFalse(self.is_offered(posted, 'action_discard_and_open_invoice'))
        self.assertTrue(self.is_shown(posted, cancel))

    # === THE INVOICE AND ITS CREDITS === #

    def test_mp08_one_draft_is_told_in_a_sentence_and_discarded_from_there(self):
        invoice = self.make_named_invoice(desk=(4, 25))
        credit = self.make_credit(invoice)
        self.assertIn(
            'Draft credit note of $ 100.00, made by', self.get_plain(invoice.draft_credit_notice)
        )
        self.assertEqual(invoice.action_open_draft_credit()['res_id'], credit.id)
        invoice.action_discard_draft_credit()
        self.assertFalse(credit.exists())
        self.assertFalse(invoice.draft_credit_count)
        with self.assertRaisesRegex(UserError, 'reload the page'):
            invoice.action_discard_draft_credit()

    def test_ts23_the_page_of_credit_notes_adds_up_what_is_posted(self):
        invoice = self.make_named_invoice(desk=(4, 25))
        posted = self.make_part(invoice, desk=1)
        posted.action_post()
        draft, cancelled = self.make_part(invoice, desk=1), self.make_part(invoice, desk=1)
        cancelled.button_cancel()
        credits = posted | draft | cancelled
        self.assertEqual(invoice.related_credit_ids, credits)
        self.assertEqual(credits.mapped('credit_posted_total'), [25.0, 0.0, 0.0])
        self.assertEqual(credits.mapped('credit_label'), [posted.name, 'Draft', 'Cancelled'])

    def test_mp20_each_button_opens_what_it_says(self):
        invoice = self.make_invoice()
        dialog = self.open_dialog(invoice)
        dialog.action_credit_and_reinvoice()
        replacement, credit = dialog.new_move_ids.with_env(self.env), invoice.reversal_move_ids
        for move in invoice | credit:
            self.assertEqual(move.action_view_replacement()['res_id'], replacement.id)
            self.assertTrue(move.has_replacement)
            self.assertFalse(move.replaced_move_id)
        self.assertFalse(replacement.has_replacement)
        self.assertEqual(replacement.action_view_replaced_invoice()['res_id'], invoice.id)

    def test_mp20_a_replacement_with_the_other_customers_taxes_offers_to_update_them(self):
        export = self.tax_a.sudo().copy({'name': 'Export', 'amount': 0})
        position = self.env['account.fiscal.position'].sudo().create({'name': 'Abroad'})
        export.write({
            'fiscal_position_ids': [Command.set(position.ids)],
            'original_tax_ids': [Command.set(self.tax_a.ids)],
        })
        self.product_a.sudo().taxes_id = self.tax_a
        self.partner_b.sudo().property_account_position_id = position
        invoice = self.make_invoice(
            lines=[{'product_id': self.product_a.id, 'quantity': 1, 'price_unit': 100}]
        )
        dialog = self.open_dialog(invoice, replacement_partner_id=self.partner_b.id)
        dialog.action_credit_and_reinvoice()
        replacement = dialog.new_move_ids.with_env(self.env)
        self.assertIn(invoice.name, replacement.replacement_tax_notice)
        replacement.action_update_fpos_values()
        self.assertEqual(replacement.invoice_line_ids.tax_ids, export)
        self.assertFalse(replacement.replacement_tax_notice)
        self.assertFalse(invoice.replacement_tax_notice)

    def test_mp20_the_replaced_invoice_says_what_was_received_and_is_owed_back(self):
        invoice = self.make_invoice()
        self.pay(invoice)
        dialog = self.open_dialog(invoice, replacement_partner_id=self.partner_b.id)
        dialog.action_credit_and_reinvoice()
        invoice.invalidate_recordset()
        figures = invoice._get_credit_figures()
        self.assertEqual(
            [figures[name] for name in ('received', 'owed_back', 'open')],
            [invoice.amount_total, invoice.amount_total, 0.0],
        )

    # === LISTS === #

    def test_ag05_the_list_of_credit_notes_names_invoice_and_reason(self):
        view = self.env.ref('account.view_out_credit_note_tree')
        arch = etree.fromstring(self.Move.get_view(view.id, 'list')['arch'])
        for name in ('credit_origin_ids', 'credit_reason_id'):
            (node,) = arch.xpath(f'//field[@name="{name}"]')
            self.assertEqual(node.get('optional'), 'show')
