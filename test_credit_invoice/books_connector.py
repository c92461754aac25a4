"""The connector to Example Books: how short one can be."""

from datetime import date
from decimal import Decimal

from odoo.addons.credit_invoice.tools import export_contract as contract
from odoo.addons.credit_invoice.tools.export_digest import to_plain
from odoo.addons.credit_invoice.tools.export_http import call, read_json


class BooksConnector(contract.Connector):
    def capabilities(self):
        return frozenset({'find', 'list', 'apply', 'payments', 'period'})

    def test(self, accounts=(), taxes=()):
        books = self._call('GET', '/')
        unknown = [set(accounts) - set(books['accounts']), set(taxes) - set(books['taxes'])]
        return contract.TestResult(books['company'], *(tuple(sorted(codes)) for codes in unknown))

    def find(self, query):
        return [self._read(row) for row in self._call('POST', '/find', query)]

    def create(self, document):  # pylint: disable=method-required-super
        found = self.find(contract.Query(key=document.key))
        made = found[0] if found else self._read(self._call('POST', '/documents', document))
        path = f'/documents/{made.external_id}'
        try:
            try:  # nothing happens to what is posted already
                return self._read(self._call('POST', f'{path}/post'))
            except contract.ExportRefused:
                self._call('DELETE', path)
                raise
        except contract.ExportNotExecuted as error:  # the draft is there
            raise contract.ExportUnclear(str(error)) from error

    def apply(self, credit_id, invoice_id, amount):
        values = {'credit': credit_id, 'invoice': invoice_id, 'amount': amount}
        return self._read(self._call('PUT', '/applications', values))

    def read(self, external_id):  # pylint: disable=method-required-super
        return next(iter(self.find(contract.Query(external_id=external_id))), None)

    def period_open(self, day):
        return date.fromisoformat(self._call('GET', f'/open-day/{day}')['day'])

    def _call(self, method, path, content=None):
        headers = {'Authorization': f'Bearer {self.connection.secret}'}
        response = call(self.connection, method, path, json=to_plain(content), headers=headers)
        answer = read_json(response, self.connection)
        if response.status_code == 200:
            return answer
        errors = {422: contract.ExportRefused, 401: contract.ExportNotExecuted}
        error = errors.get(response.status_code, contract.ExportUnclear)
        raise error(self.connection.mask(answer['error']))

    def _read(self, row):
        applied = tuple((other, Decimal(amount)) for other, amount in row['applied'])
        amounts = {name: Decimal(row[name]) for name in ('total', 'open_amount')}
        day = date.fromisoformat(row['date'])
        return contract.Found(**{**row, **amounts, 'date': day, 'applied': applied})
