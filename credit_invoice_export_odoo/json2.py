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
NOT_EXECUTED = {401, 403, 409, 413, 429}
REFUSED = {400, 404, 422}
# Errors of the server that holds it, before any content was looked at: a model that is not there
# while an upgrade is under way, a method of another version.
SERVER_ERRORS = 'werkzeug.exceptions.'
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

    def get_record(self, xmlid):
        """The record of an external id.

        Where there is none, the other Odoo logs an error, so that this is asked seldom.

        :return: tuple of model and id, or None, also for what the user may not see
        """
        module, name = xmlid.split('.', 1)
        values = {'module': module, 'xml_id': name, 'context': self.context}
        response = self._call('ir.model.data', 'check_object_reference', values)
        if response.status_code == 200:
            model, record_id = read_json(response, self.connection)
            return (model, record_id) if record_id else None
        error = self._read_error(response)
        if error.get('name') == 'builtins.ValueError' and xmlid in str(error['message']):
            return None
        error = self._get_error(response)
        if isinstance(error, ExportRefused):
            raise ExportNotExecuted(str(error))
        raise error

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
        response = self._call(model, method, values)
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

    def _call(self, model, method, values):
        path = f'/json/2/{model}/{method}'
        return call(self.connection, 'POST', path, json=values, headers=self._get_headers())

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
        error = self._read_error(response)
        if not error:
            # Whatever its status: what stands in between may forbid an answer after the work is
            # done.
            return ExportUnclear(
                f'{address} gave an answer that is none of Odoo (HTTP {status}): check address and '
                'database.'
            )
        name = str(error['name'])
        message = self.connection.mask(str(error['message'])) or name
        if status == 401:
            return ExportNotExecuted(f'{address} does not accept the key: enter a new one.')
        if status in NOT_EXECUTED or (status in REFUSED and name.startswith(SERVER_ERRORS)):
            return ExportNotExecuted(message)
        if status in REFUSED:
            return ExportRefused(message)
        return ExportUnclear(f'{address} failed (HTTP {status}): {message}')

    def _read_error(self, response):
        """An error that Odoo itself gave, or an empty dictionary."""
        try:
            answer = response.json()
        except ValueError:
            return {}
        is_error = isinstance(answer, dict) and answer.keys() >= ERROR_NAMES
        return answer if is_error else {}
