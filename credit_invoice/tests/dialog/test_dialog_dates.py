from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..common import CreditCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-04-10')
class TestDialogDates(CreditCommon):
    """A day that is closed is moved to the first open one, and that is said (decision 15)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls.make_invoice()
        cls.company = cls.env.company.sudo()

    def open_form(self):
        action = self.invoice.action_credit_invoice()
        return Form(self.env['account.move.reversal'].with_context(**action['context']))

    def assertMoved(self, dialog):
        self.assertEqual(dialog.date, date(2026, 4, 1))
        self.assertIn('03/20/2026 is in a closed period', dialog.credit_date_notice)
        self.assertIn('04/01/2026, the first open day', dialog.credit_date_notice)

    def test_ts17_a_typed_day_in_a_closed_period_is_moved_and_said(self):
        for name in ('tax_lock_date', 'sale_lock_date', 'fiscalyear_lock_date'):
            with self.subTest(name):
                self.company[name] = '2026-03-31'
                form = self.open_form()
                self.assertEqual(form.date, date(2026, 4, 10))
                self.assertFalse(form.credit_date_notice)
                form.date = '2026-03-20'
                self.assertMoved(form)
                self.company[name] = False

    def test_ts17_document_and_accounting_date_are_the_same_open_day(self):
        self.company.tax_lock_date = '2026-03-31'
        form = self.open_form()
        form.date = '2026-03-20'
        wizard = form.save()
        self.assertMoved(wizard)
        wizard.action_create_credit()
        credit = wizard.new_move_ids
        credit.action_post()
        self.assertEqual((credit.invoice_date, credit.date), (date(2026, 4, 1),) * 2)

    def test_ts17_over_rpc_the_day_is_moved_too_and_the_answer_says_so(self):
        self.company.tax_lock_date = '2026-03-31'
        dialog = self.open_dialog(self.invoice, date='2026-03-20')
        self.assertMoved(dialog)
        message = dialog.action_create_credit()['params']['message']
        self.assertIn('04/01/2026, the first open day', message)
        credit = dialog.new_move_ids
        self.assertEqual((credit.invoice_date, credit.date), (date(2026, 4, 1),) * 2)
        credit.action_post()
        self.assertEqual((credit.invoice_date, credit.date), (date(2026, 4, 1),) * 2)

    def test_ts17_the_hosts_own_method_moves_it_too(self):
        self.company.tax_lock_date = '2026-03-31'
        dialog = self.open_dialog(self.invoice)
        dialog.date = '2026-03-20'
        dialog.refund_moves()
        self.assertEqual(dialog.new_move_ids.invoice_date, date(2026, 4, 1))

    def test_ts17_of_several_the_first_day_that_is_open_for_all(self):
        self.company.tax_lock_date = '2026-03-31'
        dialog = self.open_dialog(
            self.invoice | self.make_invoice(invoice_date='2026-04-02'), date='2026-04-03'
        )
        self.assertEqual(dialog.date, date(2026, 4, 3))
        dialog.date = '2026-03-20'
        self.assertEqual(dialog.date, date(2026, 4, 1))

    def test_ts17_another_day_typed_after_it_is_taken(self):
        self.company.tax_lock_date = '2026-03-31'
        form = self.open_form()
        form.date = '2026-03-20'
        form.date = '2026-04-05'
        self.assertFalse(form.credit_date_notice)
        self.assertEqual(form.save().date, date(2026, 4, 5))

    def test_ts17_a_draft_in_a_closed_period_is_told_the_first_open_day(self):
        credit = self.make_credit(self.invoice, date='2026-03-20')
        self.company.tax_lock_date = '2026-03-31'
        with self.assertRaisesRegex(UserError, 'Choose 04/01/2026, the first open day'):
            credit.action_post()
