import io
import traceback

import requests
import urllib3

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from odoo.addons.credit_invoice.tools.export_contract import PAYMENTS, Connection

from ..connector import OdooConnector

KEY = 'a-key-that-nobody-may-see'


@tagged('post_install', '-at_install')
class TestExportOdooSystem(TransactionCase):
    """Another Odoo in the list of accounting systems."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system = cls.env['credit.export.system'].create({
            'name': 'Head office',
            'connector': 'odoo',
            'address': 'https://books.example.com',
            'secret': KEY,
            'odoo_company': 'Head Office Ltd',
            'odoo_journal': 'INV',
        })

    def test_mp11_the_connector_gets_what_the_form_says(self):
        connector = self.system._get_connector()
        self.assertIsInstance(connector, OdooConnector)
        for name, value in (
            ('company', 'Head Office Ltd'),
            ('journal', 'INV'),
            ('payment_journal', ''),
        ):
            self.assertEqual(connector.connection.options[name], value)
        self.assertTrue(self.system._can(PAYMENTS))

    def test_mp11_the_form_has_its_fields(self):
        view = self.env['credit.export.system'].get_view(view_type='form')
        for name in ('odoo_company', 'odoo_journal', 'odoo_payment_journal'):
            self.assertIn(f'name="{name}"', view['arch'])

    def test_mp13_where_nobody_listens_the_form_says_so(self):
        def give_up(_session, _method, _url, **_kwargs):
            raise requests.ConnectTimeout

        self.patch(requests.Session, 'request', give_up)
        with self.assertRaisesRegex(UserError, 'could not be reached'):
            self.system.action_test_connection()

    def test_mp22_an_error_page_that_repeats_the_key_does_not_show_it(self):
        for status in (200, 401, 403, 404, 422, 500):
            self.patch(requests.Session, 'request', echo(status))
            with self.assertRaises(UserError) as caught:
                self.system.action_test_connection()
            # With all errors that led to it, as a log would show them.
            self.assertNotIn(KEY, ''.join(traceback.format_exception(caught.exception)))

    def test_mp22_the_key_is_in_no_repr(self):
        connector = OdooConnector(Connection(address='https://books.example.com', secret=KEY))
        for text in (repr(connector), repr(connector.connection), repr(connector.client)):
            self.assertNotIn(KEY, text)


def echo(status):
    """A session's `request` that answers with what was sent."""

    def request(_session, method, url, *, json, headers, **_kwargs):
        response = requests.Response()
        response.status_code = status
        body = io.BytesIO(f'{method} {url} {headers} {json}'.encode())
        response.raw = urllib3.HTTPResponse(body, preload_content=False)
        return response

    return request
