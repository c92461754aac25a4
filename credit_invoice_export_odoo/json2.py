"""Calls of the JSON-2 interface of another Odoo, and what its answers mean.

Each call is one transaction over there: an answer says that it is committed, and an error of that
Odoo itself that it was rolled back. Only these two are certain.
"""

from odoo.addons.credit_invoice.tools.export_contract import (
    ExportNotExecuted,
    ExportRefused,
    ExportUnclear,
)
from odoo.addons.credit_invoice.tools.export_http import call, read_json

# What an error of Odoo itself consists of; that of something in between looks different.
ERROR_NAMES = {'name', 'message', 'arguments', 'context', 'debug'}
# Not its content but who asks, how often, or somebody else who holds a lock: mended over there.
NOT_EXECUTED = {401, 403, 409, 429}
REFUSED = {400, 404, 422}
# Of imports that failed only because something else was written at the same moment; the words are
# the database's own.
CONCURRENCY = ('could not serialize', 'could not obtain lock', 'deadlock detected', 'psycopg2')


class Json2:
    """One company of another Odoo.

    :param Connection connection: its `database` may be empty where the address decides
    """

    def __init__(self, connection):
        self.connection = connection
        self.context = {}

    # === LOOKING === #

    def ask(self, model, method, **values):
        """Call a method that changes nothing.

        :raise ExportNotExecuted: if the other side does not want to say
        """
        try:
            return self.do(model, method, **values)
        except ExportRefused as error:
            # Only documents can be refused.
            raise ExportNotExecuted(str(error)) from error

    def search(self, model, domain, names, **values):
        """Look records up.

        :param domain: list
        :param names: of the fields to read
        :return: list of dictionaries
        """
        return self.ask(model, 'search_read', domain=domain, fields=list(names), **values)

    def get_version(self):
        """The version of the program, such as 19.0."""
        response = call(self.connection, 'GET', '/web/version', headers=self._get_headers())
        answer = read_json(response, self.connection)
        return str(answer.get('version', '')) if isinstance(answer, dict) else ''

    # === DOING === #

    def do(self, model, method, *, ids=(), context=None, **values):
        """Call a method.

        :param ids: of the records to call it on
        :param dict context: beside the company's
        :return: what it answers
        """
        values['context'] = {**self.context, **(context or {})}
        if ids:
            values['ids'] = list(ids)
        path = f'/json/2/{model}/{method}'
        response = call(self.connection, 'POST', path, json=values, headers=self._get_headers())
        if response.status_code == 200:
            return read_json(response, self.connection)
        raise self._get_error(response)

    def load(self, model, xmlid, names, rows):
        """Make a record under an external id, once: if there is one of that id, it is left as is.

        That is what the host's own import guarantees, by a unique index: of two requests of one
        key, even of two at the same time, or of one that comes an hour late, one makes it.

        :param xmlid: complete, see `values.to_xmlid`
        :param names: of the columns, as the import calls them
        :param rows: list of lists of texts; rows after the first one are further lines
        :return: the id of the record
        :raise ExportRefused: nothing was made
        :raise ExportNotExecuted: nothing was made, for want of rights or at the wrong moment
        """
        data = [[xmlid if not index else '', *row] for index, row in enumerate(rows)]
        answer = self.do(
            model,
            'load',
            fields=['id', *names],
            data=data,
            context={'mode': 'update', 'noupdate': True},
        )
        if answer.get('ids'):
            return answer['ids'][0]
        text = self.connection.mask(
            ' '.join(message.get('message', '') for message in answer.get('messages', ()))
        )
        if any(word in text for word in CONCURRENCY):
            raise ExportNotExecuted(f'Another request was under way: {text}')
        if not self.ask(model, 'has_access', operation='create'):
            # An import does not say so otherwise than in words.
            raise ExportNotExecuted(text)
        raise ExportRefused(text or 'The other Odoo did not import this, and does not say why.')

    # === ANSWERS === #

    def _get_headers(self):
        headers = {'Authorization': f'bearer {self.connection.secret}'}
        if self.connection.database:
            headers['X-Odoo-Database'] = self.connection.database
        return headers

    def _get_error(self, response):
        """What an answer that is none means.

        :rtype: ExportError
        """
        status, address = response.status_code, self.connection.address
        if status == 401:
            return ExportNotExecuted(f'{address} does not accept the key: enter a new one.')
        message = self._read_message(response)
        if status in NOT_EXECUTED:
            return ExportNotExecuted(message or f'{address} lets nobody in (HTTP {status}).')
        if message and status in REFUSED:
            return ExportRefused(message)
        if message:
            return ExportUnclear(f'{address} failed (HTTP {status}): {message}')
        return ExportUnclear(
            f'{address} gave an answer that is none of Odoo (HTTP {status}): check address and '
            'database.'
        )

    def _read_message(self, response):
        """The text of an error that Odoo itself gave, or an empty one."""
        try:
            answer = response.json()
        except ValueError:
            return ''
        if not isinstance(answer, dict) or not answer.keys() >= ERROR_NAMES:
            return ''
        return self.connection.mask(str(answer['message'])) or answer['name']
