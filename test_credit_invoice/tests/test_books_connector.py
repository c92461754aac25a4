from dataclasses import replace
from datetime import timedelta

from odoo.tests import BaseCase, tagged
from odoo.tools import file_open

from odoo.addons.credit_invoice.tests.export.connector_contract import ConnectorContract
from odoo.addons.credit_invoice.tools.export_contract import Connection
from odoo.addons.test_credit_invoice.books_connector import BooksConnector
from odoo.addons.test_credit_invoice.books_server import Books, BooksServer

KEY = 'books-key-of-the-suite'


@tagged('post_install', '-at_install')
class TestBooksConnector(ConnectorContract, BaseCase):
    """The example of a connector, against the program it is for."""

    short_timeout = 0.5
    has_unique_keys = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        accounts = (cls.account, cls.other_account, cls.receivable)
        cls.books = Books(accounts, [cls.tax], has_unique_keys=cls.has_unique_keys)
        server = cls.enterClassContext(BooksServer(cls.books, KEY))
        cls.connection = Connection(address=server.address, secret=KEY, timeout=10)

    def make_connector(self, **changes):
        return BooksConnector(replace(self.connection, **changes))

    def close_period(self, day):
        self.addCleanup(setattr, self.books, 'closed_until', self.books.closed_until)
        self.books.closed_until = day
        return day + timedelta(1)


@tagged('post_install', '-at_install')
class TestBooksConnectorUniqueKeys(TestBooksConnector):
    """The same where no two documents can have one key."""

    has_unique_keys = True


@tagged('post_install', '-at_install')
class TestBooksExample(BaseCase):
    def test_mp11_the_example_for_developers_is_the_connector_that_is_tested(self):
        with file_open('test_credit_invoice/books_connector.py') as source:
            code = source.read()
        with file_open('credit_invoice/readme/CONNECTORS.md') as page:
            self.assertIn(f'```python\n{code}```', page.read())
        self.assertLessEqual(len(code.splitlines()), 60)
