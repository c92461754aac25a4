"""The connector to another Odoo, against a real one: a server and a database of its own."""

import unittest
from datetime import date, timedelta

import pytest
from other_odoo import OtherOdoo

from odoo.addons.credit_invoice.tests.connector_contract import ConnectorContract


@pytest.fixture(scope='module')
def other(fresh_db, server):
    odoo = OtherOdoo(server(fresh_db('base')))
    odoo.set_up()
    return odoo


@pytest.fixture(scope='class')
def give_other(request, other):
    request.cls.other = other


@pytest.mark.usefixtures('give_other')
class OtherOdooCase:
    """The values of the contract suite for this connector."""

    short_timeout = 4.0

    def make_connector(self, **changes):
        return self.other.connect(**changes)

    def close_period(self, day):
        last = date(day.year, day.month, 28)
        self.addCleanup(self.other.close, False)
        self.other.close(last)
        return last + timedelta(1)


class TestContract(OtherOdooCase, ConnectorContract, unittest.TestCase):
    """The contract suite, unchanged."""
