"""The connector to Tryton, against a real one."""

import unittest
from datetime import date

import pytest

from odoo.addons.credit_invoice.tests.connector_contract import ConnectorContract
from odoo.addons.credit_invoice.tools.export_contract import Connection
from odoo.addons.credit_invoice_export_tryton.connector import TrytonConnector

from devkit.tryton import BOOKKEEPER, FORGETFUL

CONTEXT = {'company': 1}


@pytest.fixture(scope='class')
def over_there(request, tryton):
    """Give the test classes the Tryton of this file."""
    request.cls.tryton = tryton


class TrytonCase:
    """A connector of the user who may do no more than a bookkeeper."""

    # Posting renders the invoice, which takes a busy machine a while.
    short_timeout = 5.0

    def make_connector(self, **changes):
        # Failed logins are held against a login for a while: not against that of other tests.
        login = FORGETFUL if 'secret' in changes else BOOKKEEPER
        values = {
            'address': self.tryton.url,
            'database': self.tryton.database,
            'login': login,
            'secret': self.tryton.password,
        }
        return TrytonConnector(Connection(**{**values, **changes}))

    def close_period(self, day):
        (period,) = self.tryton.call(
            'model.account.period.search_read',
            [('start_date', '<=', _to_json(day)), ('end_date', '>=', _to_json(day))],
            *(0, None, None, ['end_date'], CONTEXT),
        )
        self.tryton.call('model.account.period.close', [period['id']], CONTEXT)
        self.addCleanup(self.tryton.call, 'model.account.period.reopen', [period['id']], CONTEXT)
        end = period['end_date']
        return date(end['year'], end['month'] + 1, 1)


def _to_json(day):
    return {'__class__': 'date', 'year': day.year, 'month': day.month, 'day': day.day}


@pytest.mark.usefixtures('over_there')
class TestContract(TrytonCase, ConnectorContract, unittest.TestCase):
    """The contract suite, unchanged."""
