import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

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
            'address': 'http://127.0.0.1:9',
            'secret': KEY,
            'odoo_company': 'Head Office Ltd',
            'odoo_journal': 'INV',
        })

    def test_mp11_the_connector_gets_what_the_form_says(self):
        connector = self.system._get_connector()
        self.assertIsInstance(connector, OdooConnector)
        self.assertEqual(
            connector.connection.options,
            {'company': 'Head Office Ltd', 'journal': 'INV', 'payment_journal': ''},
        )
        self.assertTrue(self.system._can(PAYMENTS))

    def test_mp11_the_form_has_its_fields(self):
        view = self.env['credit.export.system'].get_view(view_type='form')
        for name in ('odoo_company', 'odoo_journal', 'odoo_payment_journal'):
            self.assertIn(f'name="{name}"', view['arch'])

    def test_mp13_where_nobody_listens_the_form_says_so(self):
        with self.assertRaisesRegex(UserError, 'could not be reached'):
            self.system.action_test_connection()

    def test_mp22_an_error_page_that_repeats_the_key_does_not_show_it(self):
        with self.assertLogs(level=logging.DEBUG) as logs, self._echo() as address:
            logging.getLogger(__name__).debug('there is something to look through')
            self.system.address = address
            with self.assertRaises(UserError) as caught:
                self.system.action_test_connection()
        for text in (str(caught.exception), *logs.output):
            self.assertNotIn(KEY, text)

    def test_mp22_the_key_is_in_no_repr(self):
        connector = OdooConnector(Connection(address='http://127.0.0.1:9', secret=KEY))
        for text in (repr(connector), repr(connector.connection), repr(connector.client)):
            self.assertNotIn(KEY, text)

    def _echo(self):
        """A server that answers with what it was sent."""
        return Echo()


class Echo:
    def __enter__(self):
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_args):
                """Say nothing on the console."""

            def do_POST(self):
                body = str(self.headers).encode()
                self.send_response_only(500)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = HTTPServer(('127.0.0.1', 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return f'http://127.0.0.1:{self.server.server_address[1]}'

    def __exit__(self, *_error):
        self.server.shutdown()
        self.server.server_close()
