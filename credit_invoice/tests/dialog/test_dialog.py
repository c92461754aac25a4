from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..common import CreditCommon

QUESTION = (
    'Create a Credit for this Invoice? This will create a new invoice that includes all details '
    'from this invoice reversing each transaction.'
)


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestDialog(CreditCommon):
    """What the dialog says, proposes and refuses."""

    def get_text(self, dialog):
        return ' '.join(html.fromstring(dialog.credit_summary_html).text_content().split())

    def open_fresh_dialog(self, invoices):
        action = invoices.action_credit_invoice()
        return self.env['account.move.reversal'].with_context(**action['context']).create({})

    def test_mp03_the_dialog_asks_with_the_exact_words(self):
        arch = self.env['account.move.reversal'].get_view(view_type='form')['arch']
        texts = [' '.join(text.split()) for text in html.fromstring(arch).itertext()]
        self.assertIn(QUESTION, texts)
        for words in ('Create Credit', 'Cancel', 'Create and Approve', 'Credit and Re-invoice'):
            self.assertIn(f'string="{words}"', arch)

    def test_mp03_the_form_of_the_dialog_works_for_a_clerk(self):
        action = self.make_invoice().action_credit_invoice()
        with Form(self.env['account.move.reversal'].with_context(**action['context'])) as form:
            form.reason = 'Wrong price'
        credit = form.record.action_create_credit()['params']['next']['res_id']
        self.assertIn('Wrong price', self.Move.browse(credit).ref)

    def test_mp03_customer_total_tax_and_tax_period_are_said(self):
        invoice = self.make_invoice(lines=[(1, 1000)])
        text = self.get_text(self.open_fresh_dialog(invoice))
        self.assertIn(invoice.partner_id.display_name, text)
        self.assertIn('1,150.00', text)
        self.assertIn('150.00', text)
        self.assertIn('Tax period: March 2026', text)
        self.assertIn('Not paid: nothing stays open.', text)

    def test_mp03_a_paid_invoice_will_be_owed_back(self):
        invoice = self.make_invoice(lines=[(1, 1000)])
        self.pay(invoice)
        self.assertIn(
            'Paid in full: all of it will be owed back.',
            self.get_text(self.open_fresh_dialog(invoice)).replace('\xa0', ' '),
        )

    def test_mp03_a_partly_paid_invoice_says_both(self):
        invoice = self.make_invoice(lines=[(1, 1000)])
        self.pay(invoice, amount=500)
        text = self.get_text(self.open_fresh_dialog(invoice)).replace('\xa0', ' ')
        self.assertIn('Paid $ 500.00: this much will be owed back, and nothing stays open.', text)

    def test_mp03_earlier_credits_and_drafts_are_said_first(self):
        invoice = self.make_invoice(lines=[(2, 100)])
        first = self.make_credit(invoice)
        first.invoice_line_ids.quantity = 1
        first.action_post()
        self.make_credit(invoice)
        text = self.get_text(self.open_fresh_dialog(invoice))
        self.assertIn(f'already credited with {first.name}', text)
        self.assertIn('A draft credit note is waiting already:', text)
        self.assertIn(self.clerk.name, text)

    def test_mp03_the_credit_is_dated_today(self):
        dialog = self.open_fresh_dialog(self.make_invoice())
        self.assertEqual(dialog.date, date(2026, 3, 10))
        self.assertFalse(dialog.credit_date_notice)

    def test_mp03_in_a_closed_period_the_first_open_day_is_proposed(self):
        invoice = self.make_invoice()
        self.env.company.sudo().sale_lock_date = '2026-03-15'
        dialog = self.open_fresh_dialog(invoice)
        self.assertEqual(dialog.date, date(2026, 3, 16))
        self.assertIn('first open day', dialog.credit_date_notice)

    def test_mp03_document_and_accounting_date_are_moved_together(self):
        invoice = self.make_invoice()
        self.env.company.sudo().tax_lock_date = '2026-02-28'
        dialog = self.open_fresh_dialog(invoice)
        dialog.action_create_credit()
        credit = dialog.new_move_ids
        credit.action_post()
        self.assertEqual(credit.invoice_date, credit.date)

    def test_mp03_a_future_date_is_refused(self):
        dialog = self.open_dialog(self.make_invoice(), date='2026-03-11')
        with self.assertRaisesRegex(UserError, 'in the future'):
            dialog.action_create_credit()

    def test_mp03_a_date_before_the_invoice_is_refused(self):
        dialog = self.open_dialog(self.make_invoice(), date='2026-01-14')
        with self.assertRaisesRegex(UserError, 'before its invoice'):
            dialog.action_create_credit()

    def test_mp03_no_date_is_refused_in_one_sentence(self):
        invoice = self.make_invoice()
        with self.assertRaisesRegex(UserError, 'Enter the date of the credit note'):
            self.open_dialog(invoice, date=False)
        dialog = self.open_dialog(invoice)
        dialog.date = False
        with self.assertRaisesRegex(UserError, 'Enter the date of the credit note'):
            dialog.action_create_credit()

    def test_mp03_the_journal_is_shown_where_there_is_a_choice(self):
        invoice = self.make_invoice()
        self.assertFalse(self.open_fresh_dialog(invoice).show_credit_journal)
        self.company_data['default_journal_sale'].sudo().copy({'name': 'Other', 'code': 'INV9'})
        self.assertTrue(self.open_fresh_dialog(invoice).show_credit_journal)

    def test_mp06_a_second_submit_leads_to_the_first_credit(self):
        invoice = self.make_invoice()
        dialog = self.open_dialog(invoice)
        first = dialog.action_create_credit()
        second = dialog.action_create_credit()
        self.assertEqual(second['params']['next']['res_id'], first['params']['next']['res_id'])
        self.assertEqual(len(invoice.reversal_move_ids), 1)

    def test_mp06_two_tabs_make_one_credit(self):
        invoice = self.make_invoice()
        one, other = self.open_dialog(invoice), self.open_dialog(invoice)
        credit_id = one.action_create_credit()['params']['next']['res_id']
        action = other.action_create_credit()
        self.assertEqual(action['params']['next']['res_id'], credit_id)
        self.assertIn('in the meantime', action['params']['message'])
        self.assertEqual(len(invoice.reversal_move_ids), 1)

    def test_mp06_a_draft_that_was_seen_does_not_stop_another(self):
        invoice = self.make_invoice()
        self.make_credit(invoice)
        self.make_credit(invoice)
        self.assertEqual(len(invoice.reversal_move_ids), 2)

    def test_mp01_over_rpc_the_dialog_needs_neither_journal_nor_company(self):
        invoice = self.make_invoice()
        dialog = (
            self
            .env['account.move.reversal']
            .with_context(active_model='account.move', active_ids=invoice.ids)
            .create({})
        )
        self.assertEqual(dialog.journal_id, invoice.journal_id)
        dialog.action_create_credit()
        self.assertEqual(len(invoice.reversal_move_ids), 1)

    def test_mp01_over_rpc_the_dialog_knows_what_was_credited_before(self):
        invoice = self.make_invoice()
        first = self.make_credit(invoice)
        dialogs = self.env['account.move.reversal'].with_context(active_ids=[])
        dialog = dialogs.create({'move_ids': invoice.ids})
        dialog.action_create_credit()
        self.assertEqual(len(dialog.new_move_ids), 1)
        self.assertEqual(dialog.new_move_ids, invoice.reversal_move_ids - first)

    def test_mp01_the_hosts_own_method_links_and_mirrors_too(self):
        invoice = self.make_invoice()
        dialog = self.open_dialog(invoice)
        dialog.refund_moves()
        self.assertReverses(dialog.new_move_ids, invoice)

    def count_calls(self, name, act):
        """How often a method of documents is called by an act."""
        calls, method = [], getattr(type(self.Move), name)

        def note(records, *args, **kwargs):
            calls.append(records)
            return method(records, *args, **kwargs)

        with patch.object(type(self.Move), name, note):
            act()
        return len(calls)

    def test_mp05_rights_and_refusals_are_asked_once_for_each_click(self):
        for name in ('_check_credit_rights', '_get_credit_refusal'):
            invoice = self.make_invoice()
            with self.subTest(name):
                self.assertEqual(self.count_calls(name, invoice.action_credit_invoice), 1)
                dialog = self.open_dialog(invoice)
                self.assertEqual(self.count_calls(name, dialog.action_create_credit), 1)

    def test_mp05_an_invoice_is_locked_once_however_often_that_is_asked_for(self):
        dialog = self.open_dialog(self.make_invoice())
        execute, locks = self.env.cr.execute, []

        def note(query, *args, **kwargs):
            code = getattr(query, 'code', query)
            if '"account_move" ' in code and 'FOR NO KEY UPDATE' in code:
                locks.append(code)
            return execute(query, *args, **kwargs)

        with patch.object(self.env.cr, 'execute', note):
            dialog.action_create_credit()
        self.assertEqual(len(locks), 1)
