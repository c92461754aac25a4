from datetime import date

from freezegun import freeze_time
from lxml import etree, html

from odoo.tests import Form, tagged

from odoo.addons.credit_invoice.tests.common import CreditCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-04-10')
class TestDialogApproves(CreditCommon):
    """*Create and Approve* in the dialog, and what it says of settlements."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company.sudo()
        cls.invoice = cls.make_invoice(lines=[(2, 500)])

    def open_form(self, invoice=None):
        action = (invoice or self.invoice).action_credit_invoice()
        return Form(self.env['account.move.reversal'].with_context(**action['context']))

    def get_text(self, form):
        text = html.fromstring(form.credit_summary_html).text_content()
        return ' '.join(text.replace('\xa0', ' ').split())

    def make_drafter(self):
        return self.make_person(
            'credit_drafter', 'base.group_user,credit_invoice.group_credit_draft_only', self.company
        )

    def test_mp03_create_credit_stands_first_and_approve_beside_it(self):
        form = self.open_form()
        self.assertEqual(form.primary_button, 'create')
        self.assertTrue(form.can_create_and_approve)
        arch = etree.fromstring(
            self.env['account.move.reversal'].get_view(view_type='form')['arch']
        )
        plain = arch.xpath('//footer/button[@name="action_create_and_approve"]')
        self.assertEqual(
            [node.get('class') for node in plain], ['btn-primary', 'btn-outline-primary']
        )

    def test_mp03_a_company_may_put_approve_first(self):
        self.company.credit_primary_button = 'approve'
        self.assertEqual(self.open_form().primary_button, 'approve')

    def test_ts28_a_drafter_asks_for_approval(self):
        self.company.credit_primary_button = 'approve'
        drafter = self.make_drafter()
        self.env = self.env(user=drafter)
        form = self.open_form(self.invoice.with_user(drafter))
        self.assertEqual(form.primary_button, 'ask')
        wizard = form.save()
        wizard.action_create_and_request()
        self.assertEqual(wizard.new_move_ids.sudo().credit_request_user_id, drafter)

    def test_pc26_what_another_credit_settled_is_not_called_paid(self):
        first = self.make_invoice(lines=[(1, 100)])
        self.pay(first)
        kept = self.make_credit(first)
        kept.approve_credits(settlement='keep')
        invoice = self.make_invoice(lines=[(2, 100)])
        kept.approve_credits(settlement='chosen', uses=[(invoice.id, 40)])
        text = self.get_text(self.open_form(invoice))
        self.assertIn('Settled with other credits $ 40.00', text)
        self.assertIn('Not paid', text)

    def test_ts17_approved_at_once_document_and_accounting_date_are_the_same_open_day(self):
        self.company.tax_lock_date = '2026-03-31'
        form = self.open_form()
        form.date = '2026-03-20'
        wizard = form.save()
        wizard.action_create_and_approve()
        credit = wizard.new_move_ids
        self.assertEqual((credit.invoice_date, credit.date), (date(2026, 4, 1),) * 2)
