from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import html2plaintext

from odoo.addons.credit_invoice.models.export import credit_export_system_period
from odoo.addons.credit_invoice.tests.export.export_common import ExportCommon
from odoo.addons.credit_invoice.tests.test_branch import BranchCommon

from .test_approve import ApproveCommon


@tagged('post_install', '-at_install')
class TestSettleInBranch(BranchCommon):
    def test_pc07_approving_settles(self):
        credit = self.make_credit(self.invoice)
        self.env.invalidate_all()
        action = credit.action_approve_credits()
        window = self.env[action['res_model']].with_context(**action['context']).create({})
        self.assertFalse(window.refusal)
        window.action_approve()
        self.assertEqual((credit.state, self.invoice.amount_residual), ('posted', 0))


@tagged('post_install', '-at_install')
class TestSettledFigures(ApproveCommon):
    def test_if03_an_unused_credit_of_an_unpaid_invoice_is_owed_to_nobody(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        credit.approve_credits(settlement='keep')
        figures = invoice._get_credit_figures()
        self.assertEqual((figures['open_credit'], figures['owed_back']), (credit.amount_total, 0.0))
        text = html2plaintext(invoice.credit_figures_html)
        self.assertIn('Not used yet', text)
        self.assertNotIn('Owed back', text)

    def test_a_clerk_finds_settlements_among_customers(self):
        menu = self.env.ref('credit_invoice_settle.credit_settlement_line_menu')
        menus = menu.with_user(self.clerk).with_context(lang='en_US')
        self.assertIn(menu.id, menus._visible_menu_ids())
        self.assertEqual(menus.complete_name, 'Invoicing/Customers/Settlements of Credit Notes')


@tagged('post_install', '-at_install')
class TestSettlePeriods(ExportCommon):
    """A period that is closed over there is no day to approve a credit on."""

    def setUp(self):
        super().setUp()
        credit_export_system_period._answers.clear()
        self.addCleanup(credit_export_system_period._answers.clear)
        self.connect()
        self.invoice = self.make_invoice()
        self.work()

    def test_ts17_a_draft_on_a_closed_day_is_not_approved(self):
        credit = self.make_credit(self.invoice)
        self.books.closed_until = date(2026, 2, 10)
        credit_export_system_period._answers.clear()
        for action in (credit.action_approve_credits, credit.approve_credits):
            with self.assertRaisesRegex(UserError, '02/11/2026 is the first open day there'):
                action()
        self.assertEqual(credit.state, 'draft')
        credit.invoice_date = '2026-02-11'
        credit.approve_credits()
        self.assertEqual(credit.state, 'posted')

    def test_ts17_nothing_is_open_any_more(self):
        credit = self.make_credit(self.invoice)
        self.patch(
            self.registry['credit.export.system'], '_ask_first_open_day', lambda system, day: None
        )
        credit_export_system_period._answers.clear()
        with self.assertRaisesRegex(UserError, 'open a period there first'):
            credit.action_approve_credits()
