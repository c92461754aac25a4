"""The connector to a real Tryton, and people who work over there, for the tests of it."""

import uuid
from datetime import date
from decimal import Decimal
from unittest import mock

import pytest

from odoo.addons.credit_invoice.tests.export.connector_case import ConnectorCase
from odoo.addons.credit_invoice.tools.export_contract import (
    Connection,
    Party,
)
from odoo.addons.credit_invoice_export_tryton.connector import TrytonConnector
from odoo.addons.credit_invoice_export_tryton.tools.tryton_json import from_tryton, to_tryton
from odoo.addons.credit_invoice_export_tryton.tools.tryton_session import TrytonSession

from devkit.tryton import BOOKKEEPER, FORGETFUL

CONTEXT = {'company': 1}


class TrytonCase:
    """A connector of the user who may do no more than a bookkeeper."""

    # Posting renders the invoice, which takes a busy machine a while.
    short_timeout = 6.0

    @pytest.fixture(autouse=True, scope='class')
    def give_tryton(self, request, tryton):
        """Give the Tryton of this file to the class."""
        request.cls.tryton = tryton
        request.cls.is_long = request.config.getoption('--long')

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


class BookkeeperCase(TrytonCase, ConnectorCase):
    """People who work over there, too."""

    # === MEANS === #

    def ask(self, model, domain, *names):
        """Records over there, as the administrator sees them."""
        rows = self.tryton.call(
            f'model.{model}.search_read', to_tryton(domain), 0, None, None, names, CONTEXT
        )
        return from_tryton(rows)

    def make_customer(self, **changes):
        code = f'P{uuid.uuid4().hex[:8]}'
        return Party(**{'code': code, 'name': f'Customer {code}', **changes})

    def count_invoices(self, document):
        return len(self.ask('account.invoice', [('comment', '=', document.key)], 'state'))

    def get_request_of(self, method, document):
        """Which request of making a document changes something by a method.

        Its customer must be there.
        """
        link, _connector = self.interrupt('', 0)
        connector = self.make_connector(address=link.address)
        change, numbers = TrytonSession.change, []

        def note(session, name, *params, **context):
            if name == f'model.account.invoice{method}':
                numbers.append(link.count + 1)
            return change(session, name, *params, **context)

        self.create(self.make_document())
        with mock.patch.object(TrytonSession, 'change', note):
            connector.create(document)
        return numbers[0]

    def call_wizard(self, name, state, data, model, record_id):
        """Use a wizard over there on one record, as a bookkeeper does."""
        context = {
            **CONTEXT,
            'active_model': model,
            'active_id': record_id,
            'active_ids': [record_id],
        }
        wizard = f'wizard.{name}'
        one = self.tryton.call(f'{wizard}.create', context, login=BOOKKEEPER)[0]
        self.tryton.call(f'{wizard}.execute', one, data, state, context, login=BOOKKEEPER)

    def pay(self, found, amount):
        """Pay a part over there."""
        (method,) = self.ask('account.invoice.payment.method', [], 'name')
        (invoice,) = self.ask(
            'account.invoice', [('id', '=', int(found.external_id))], 'party', 'currency'
        )
        values = {
            'payee': invoice['party'],
            'amount': Decimal(amount),
            'currency': invoice['currency'],
            'payment_method': method['id'],
            'date': self.open_day,
        }
        data = to_tryton({'start': values, 'ask': {'type': 'partial'}})
        self.call_wizard(
            'account.invoice.pay', 'pay', data, 'account.invoice', int(found.external_id)
        )
