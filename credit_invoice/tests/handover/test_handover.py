import json

from odoo import http
from odoo.tests import HttpCase, new_test_user, tagged

from .test_invalidate import REASON, InvalidateCommon


@tagged('post_install', '-at_install')
class TestHandover(InvalidateCommon, HttpCase):
    """What shows an invoice to people outside is recorded (pc02)."""

    REPORT = 'account.report_invoice_with_payments'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk.sudo().password = 'credit_clerk'
        cls.invoice = cls.make_invoice()

    def log_in_clerk(self):
        self.authenticate('credit_clerk', 'credit_clerk')

    def log_in_customer(self):
        user = new_test_user(
            self.env(user=1),
            login='portal_customer',
            groups='base.group_portal',
            company_id=self.env.company.id,
        )
        user.partner_id.parent_id = self.partner_a
        self.invoice.sudo().message_subscribe(user.partner_id.ids)
        self.authenticate('portal_customer', 'portal_customer')

    def open_ok(self, url, **values):
        response = self.url_open(url, **values)
        self.assertEqual(response.status_code, 200, url)
        self.invoice.invalidate_recordset()
        return response

    def get_portal_url(self):
        return f'/my/invoices/{self.invoice.id}?access_token={self.invoice._portal_ensure_token()}'

    def assertLeft(self, how, text):
        self.assertEqual(self.invoice.handed_over_how, how)
        self.assertTrue(self.invoice.handed_over_at)
        self.assertRefused(self.invoice, text, not_handed_over=True)

    def assertStayed(self):
        self.assertFalse(self.invoice.handed_over_how)
        self.assertFalse(self.invoice.handed_over_at)
        self.assertFalse(self.invoice._get_invalidation_refusals())

    # === PRINTED === #

    def test_pc02_the_print_button(self):
        self.log_in_clerk()
        action = self.invoice.action_print_pdf()
        url = f'/report/pdf/{action["report_name"]}/{self.invoice.id}'
        self.open_ok(
            '/report/download',
            data={
                'data': json.dumps([url, 'qweb-pdf']),
                'csrf_token': http.Request.csrf_token(self),
            },
        )
        self.assertLeft('printed', 'It was printed or downloaded on')

    def test_pc02_a_report_in_the_browser(self):
        for converter in ('pdf', 'html', 'text'):
            with self.subTest(converter):
                self.invoice = self.make_invoice()
                self.log_in_clerk()
                # The host would complain of a write where it expects none.
                with self.assertNoLogs('odoo.http', 'WARNING'):
                    self.open_ok(f'/report/{converter}/{self.REPORT}/{self.invoice.id}')
                self.assertLeft('printed', 'It was printed or downloaded on')

    def test_pc02_reports_on_other_models_write_nothing(self):
        self.log_in_clerk()
        self.pay(self.make_invoice())
        payment = self.env['account.payment'].search([], limit=1)
        self.open_ok(f'/report/html/account.report_payment_receipt/{payment.id}')
        self.assertStayed()

    def test_pc01_a_print_of_the_draft_does_not_count(self):
        self.log_in_clerk()
        self.invoice.button_draft()
        self.open_ok(f'/report/pdf/{self.REPORT}/{self.invoice.id}')
        self.open_ok(f'/account/download_invoice_documents/{self.invoice.id}/pdf')
        self.invoice.action_post()
        self.assertStayed()
        self.invoice.invalidate_invoice(REASON)

    def test_pc02_what_left_the_house_stays_so_as_a_draft_and_posted_again(self):
        self.invoice._record_handover('printed')
        first = self.invoice.handed_over_at
        self.invoice.button_draft()
        self.invoice.action_post()
        self.invoice._record_handover('portal')
        self.assertLeft('printed', 'It was printed or downloaded on')
        self.assertEqual(self.invoice.handed_over_at, first)

    def test_pc02_a_copy_never_left(self):
        self.invoice._record_handover('printed')
        self.assertFalse(self.invoice.copy().handed_over_how)

    # === DOWNLOADED === #

    def test_pc02_the_download(self):
        for kind in ('pdf', 'all'):
            with self.subTest(kind):
                self.invoice = self.make_invoice()
                self.log_in_clerk()
                self.open_ok(f'/account/download_invoice_documents/{self.invoice.id}/{kind}')
                self.assertLeft('printed', 'It was printed or downloaded on')

    def test_pc02_the_download_of_what_is_attached(self):
        self.env['ir.attachment'].sudo().create({
            'name': 'i.pdf',
            'raw': b'%PDF-1.4',
            'res_model': 'account.move',
            'res_id': self.invoice.id,
            'res_field': 'invoice_pdf_report_file',
        })
        self.log_in_clerk()
        attachment = self.invoice.invoice_pdf_report_id
        for url in (
            f'/account/download_move_attachments/{self.invoice.id}',
            f'/account/download_invoice_attachments/{attachment.id}',
        ):
            with self.subTest(url):
                self.invoice.sudo().write({'handed_over_at': False, 'handed_over_how': False})
                self.env.flush_all()
                self.open_ok(url)
                self.assertLeft('printed', 'It was printed or downloaded on')

    # === SEEN === #

    def test_pc02_the_link_of_a_customer(self):
        url = self.get_portal_url()
        self.open_ok(url)
        self.assertLeft('portal', 'It was seen in the portal on')

    def test_pc02_the_pdf_in_the_portal(self):
        url = self.get_portal_url()
        for query in ('report_type=pdf', 'report_type=pdf&download=true', 'report_type=html'):
            with self.subTest(query):
                self.invoice.sudo().write({'handed_over_at': False, 'handed_over_how': False})
                self.env.flush_all()
                self.open_ok(f'{url}&{query}')
                self.assertLeft('portal', 'It was seen in the portal on')

    def test_pc02_the_list_in_the_portal(self):
        self.log_in_customer()
        response = self.open_ok('/my/invoices')
        self.assertIn(self.invoice.name, response.text)
        self.assertLeft('portal', 'It was seen in the portal on')

    def test_pc01_the_preview_of_a_clerk_does_not_count(self):
        self.log_in_clerk()
        url = self.invoice.preview_invoice()['url']
        self.open_ok(url)
        self.open_ok(f'{url}&report_type=html')
        self.open_ok('/my/invoices')
        self.assertStayed()

    def test_pc01_a_wrong_link_shows_nothing(self):
        self.url_open(f'/my/invoices/{self.invoice.id}?access_token=wrong')
        self.invoice.invalidate_recordset()
        self.assertStayed()

    # === SENT === #

    def test_pc02_sending(self):
        self.invoice._record_handover('printed')
        self.env['account.move.send']._generate_and_send_invoices(
            self.invoice, sending_methods=['email']
        )
        self.assertTrue(self.invoice.is_move_sent)
        self.assertLeft('sent', 'It was sent to the customer')

    def test_pc02_a_proforma_that_was_sent(self):
        send = self.env.registry['account.move.send']

        def fail(self, invoice, invoice_data):
            invoice_data['error'] = {'error_title': 'No connection'}

        self.patch(send, '_hook_invoice_document_before_pdf_report_render', fail)
        self.env['account.move.send']._generate_and_send_invoices(
            self.invoice, sending_methods=['email'], allow_fallback_pdf=True
        )
        self.assertFalse(self.invoice.is_move_sent)
        self.assertLeft('sent', 'It was sent to the customer')
