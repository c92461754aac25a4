from odoo.exceptions import UserError
from odoo.tests import Form, TransactionCase, tagged

from ..connector import TrytonConnector


@tagged('post_install', '-at_install')
class TestTrytonSystem(TransactionCase):
    """Tryton as one of the accounting systems that can be chosen."""

    def test_mp11_it_is_chosen_like_any_other(self):
        with Form(self.env['credit.export.system']) as form:
            form.name = 'Books'
            form.connector = 'tryton'
            form.address = 'https://tryton.example.com'
            form.database = 'books'
            form.login = 'export'
            form.secret = 'secret'
            form.tryton_company = 'Dunder Mifflin'
        system = form.save()
        connector = system._get_connector()
        self.assertIsInstance(connector, TrytonConnector)
        connection = connector.connection
        self.assertEqual(connection.options['company'], 'Dunder Mifflin')
        self.assertEqual((connection.database, connection.login), ('books', 'export'))

    def test_mp11_other_connectors_are_left_alone(self):
        system = self.env['credit.export.system'].create({'name': 'Files', 'active': False})
        with self.assertRaisesRegex(UserError, 'Files has no connector'):
            system._get_connector()
