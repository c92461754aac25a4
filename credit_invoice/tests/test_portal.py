from odoo import Command
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, new_test_user, tagged

from .common import CreditCommon

# What customers may read of fields that the add-ons add to documents and companies: what stands on
# their pages, on the document or in its list. Everything else is for the people of the company.
PORTAL_FIELDS = {
    'account.move': {
        'credit_status',
        'is_settled_without_money',
    },
}


@tagged('post_install', '-at_install')
class TestPortal(CreditCommon, HttpCase):
    """What a customer sees of a credit, on pages and over RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = new_test_user(
            cls.env(su=True),
            login='credit_portal',
            groups='base.group_portal',
            company_id=cls.env.company.id,
            company_ids=[Command.set(cls.env.company.ids)],
        )
        cls.customer.partner_id.parent_id = cls.partner_a
        cls.invoice = cls.make_invoice()
        reason = cls.env.ref('credit_invoice.credit_reason_wrong_price')
        cls.credit = cls.make_credit(
            cls.invoice, post=True, reason='For the customer', credit_reason_id=reason.id
        )
        documents = (cls.invoice | cls.credit).sudo()
        documents.message_subscribe(cls.customer.partner_id.ids)
        documents.write({'credit_exceed_reason': 'Between us', 'credit_made_values': {'a': 1}})
        cls.env.flush_all()

    def call(self, record, method, *args, **kwargs):
        self.env.invalidate_all()
        ids = [record.ids] if record else []
        return call_kw(record.with_user(self.customer), method, [*ids, *args], kwargs)

    def get_own_fields(self, model):
        """The names of the fields that the add-ons added to a model."""
        return {
            name
            for name, field in model._fields.items()
            if field._modules and field._modules[0].startswith('credit_')
        }

    def test_l3_every_field_that_a_customer_may_read_has_a_verdict(self):
        for name in self.env.registry:
            model = self.env[name].with_user(self.customer)
            if model._abstract or not model.has_access('read'):
                continue
            own = self.get_own_fields(model)
            readable = {
                name for name in own if model._has_field_access(model._fields[name], 'read')
            }
            with self.subTest(name):
                self.assertEqual(readable, PORTAL_FIELDS.get(name, set()) & own)

    def test_l3_internal_fields_are_not_read(self):
        self.assertTrue(self.call(self.credit, 'read', ['name']))
        for name in (
            *('credit_exceed_reason', 'credit_exceed_user_id', 'credit_posting_rule_id'),
            *('credit_posting_rule_why', 'credit_reason_id', 'credit_editor_ids', 'credit_count'),
        ):
            with self.subTest(name):
                for method, args in (
                    ('read', [[name]]),
                    ('web_read', [{name: {}}]),
                ):
                    with self.assertRaises(AccessError):
                        self.call(self.credit, method, *args)
                with self.assertRaises(AccessError):
                    self.call(self.credit.browse(), 'search', [(name, '!=', False)])
        self.assertFalse(self.call(self.credit.browse(), 'fields_get', ['credit_exceed_reason']))

    def test_l3_what_is_shown_is_read(self):
        for document in (self.invoice, self.credit):
            names = ['name', 'status_in_payment', 'amount_residual', *PORTAL_FIELDS['account.move']]
            (values,) = self.call(document, 'read', names)
            self.assertEqual(values['status_in_payment'], document.sudo().status_in_payment)
            for line in document.invoice_line_ids:
                self.assertTrue(self.call(line, 'read', ['name', 'price_subtotal']))

    def test_l3_the_pages_of_a_customer_are_as_before(self):
        self.authenticate('credit_portal', 'credit_portal')
        page = self.url_open('/my/invoices').text
        self.assertIn(self.credit.name, page)
        self.assertIn(self.invoice.name, page)
        self.assertIn('Settled', page)
        for document in (self.invoice, self.credit):
            page = self.url_open(f'/my/invoices/{document.id}')
            self.assertEqual(page.status_code, 200)
            for kind in ('html', 'pdf', 'text'):
                page = self.url_open(f'/my/invoices/{document.id}?report_type={kind}')
                self.assertEqual(page.status_code, 200, kind)
                if kind == 'html' and document == self.credit:
                    for text in ('For the customer', self.invoice.name, 'Credit for invoice'):
                        self.assertIn(text, page.text)
                    self.assertNotIn('Between us', page.text)
        link = self.credit.sudo().get_portal_url()
        self.authenticate(None, None)
        self.assertEqual(self.url_open(link).status_code, 200)
