from datetime import date, timedelta

from odoo import fields
from odoo.tests import tagged

from ...models.export import credit_export_system_period
from ...tools.export_contract import FIND, ExportUnclear
from .export_common import ExportCommon


@tagged('post_install', '-at_install')
class TestExportPeriods(ExportCommon):
    """A closed period over there is said before."""

    def setUp(self):
        super().setUp()
        credit_export_system_period._answers.clear()
        self.addCleanup(credit_export_system_period._answers.clear)
        self.connect()
        self.invoice = self.make_invoice()
        self.work()
        self.today = fields.Date.context_today(self.invoice)

    def open_default_dialog(self):
        action = self.invoice.action_credit_invoice()
        return self.env[action['res_model']].with_context(**action['context']).create({})

    def test_ts17_the_first_open_day_there_is_proposed_and_said(self):
        self.books.closed_until = self.today + timedelta(days=3)
        dialog = self.open_default_dialog()
        self.assertEqual(dialog.date, self.today + timedelta(days=4))
        self.assertIn('Books is closed on', dialog.credit_date_notice)
        self.assertIn('is the first open day there', dialog.credit_date_notice)

    def test_ts17_open_days_and_silence_say_nothing(self):
        self.assertFalse(self.open_default_dialog().credit_date_notice)
        credit_export_system_period._answers.clear()
        self.books.silent = ExportUnclear('gone')
        dialog = self.open_default_dialog()
        self.assertFalse(dialog.credit_date_notice)
        self.assertEqual(dialog.date, self.today)

    def test_ts17_a_broken_connector_keeps_nobody_from_crediting(self):
        self.books.silent = ZeroDivisionError('bug')
        with self.assertLogs('odoo.addons.credit_invoice', 'WARNING'):
            self.assertEqual(self.open_default_dialog().date, self.today)

    def test_ts17_it_is_asked_once_a_minute(self):
        self.open_default_dialog()
        self.open_default_dialog()
        calls = [call for call in self.books.calls if call[0] == 'period_open']
        self.assertEqual(len(calls), 1)

    def test_ts17_whoever_knows_no_periods_is_not_asked(self):
        self.books.can = {FIND}
        self.open_default_dialog()
        self.assertNotIn('period_open', [call[0] for call in self.books.calls])

    def test_ts17_nothing_is_open_any_more(self):
        self.patch(
            self.registry['credit.export.system'], '_ask_first_open_day', lambda system, day: None
        )
        credit_export_system_period._answers.clear()
        self.assertIn('no open day', self.open_default_dialog().credit_date_notice)

    def test_ts17_a_closed_day_that_is_typed_is_moved_to_the_first_open_one(self):
        self.books.closed_until = date(2026, 2, 10)
        dialog = self.open_dialog(self.invoice, date='2026-02-01')
        self.assertEqual(dialog.date, date(2026, 2, 11))
        self.assertIn('Books is closed on 02/01/2026: 02/11/2026 is', dialog.credit_date_notice)
        dialog.action_create_credit()
        self.assertEqual(self.invoice.reversal_move_ids.invoice_date, date(2026, 2, 11))
