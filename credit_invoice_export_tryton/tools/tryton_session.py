"""A session with Tryton over JSON-RPC, and what its answers mean."""

import base64
from collections import OrderedDict
from urllib.parse import quote

from odoo.addons.credit_invoice.tools.export_contract import (
    ExportError,
    ExportNotExecuted,
    ExportRefused,
    ExportUnclear,
)
from odoo.addons.credit_invoice.tools.export_http import call as http_call

from .tryton_json import from_tryton, to_tryton

# Whoever answers a call that only looks with these, has not looked: Tryton, or what is in between.
# To a call that changes something, what is in between may answer so after it was done.
NOT_EXECUTED = {301, 302, 307, 308, 400, 403, 404, 405, 409, 413, 415, 422, 429}
# Tryton's own words to a session that is over, and to one that posting finds too old.
OVER = ('realm="Tryton"', 'The server could not verify that you are authorized')
# To log in is made costly over there, against guessing: a session is kept as long as it is valid.
MOST_LOGINS = 50
_logins = OrderedDict()
READING = ('search_read', 'get_preferences')


class TrytonWarning(ExportRefused):
    """Tryton asks whether to go on: it did nothing.

    :param str name: what is to be answered, see `TrytonSession.accept`
    """

    def __init__(self, name, text):
        super().__init__(text)
        self.name = name


class _Login:
    """One session over there.

    :ivar dict known: what was learned of its user
    """

    def __init__(self, token):
        self.token = token
        self.known = {}


class _SessionOver(Exception):
    """Tryton does not know the session: it did not look at the call."""


class TrytonSession:
    """The calls of one operation, in a session over there that later operations go on with.

    :ivar has_written: whether anything was changed over there, now or by an earlier attempt; from
        then on a call that was not executed does not mean that nothing was
    """

    def __init__(self, connection):
        self.connection = connection
        self.has_written = False
        self.context = {}

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _trace):
        if isinstance(error, ExportNotExecuted) and self.has_written:
            raise ExportUnclear(f'Something was done before this: {error}') from error

    # === CALLS === #

    def know(self, name, ask):
        """What does not change as long as the session lasts.

        :param str name: what it is kept as
        :param ask: asks for it, once
        """
        login = _logins.get(self._key)
        if login and name in login.known:
            return login.known[name]
        value = ask()
        if login := _logins.get(self._key):
            login.known[name] = value
        return value

    def get_version(self):
        """The version of the server, such as 8.2."""
        answer = self._post('/rpc/', 'common.server.version', [], {})
        return str(self._read(answer, is_reading=True))

    def search(self, model, domain, fields, *, order=None, limit=None, offset=0, **context):
        """Records over there as dictionaries; fields of other records are `name.field`."""
        params = (domain, offset, limit, order, fields)
        return self.call(f'model.{model}.search_read', *params, **context)

    def change(self, method, *params, **context):
        """Call something that changes documents over there."""
        try:
            result = self.call(method, *params, **context)
        except (ExportNotExecuted, ExportRefused):
            raise
        except ExportError:
            self.has_written = True
            raise
        self.has_written = True
        return result

    def accept(self, warning):
        """Answer yes to a warning, for the next call that asks."""
        self.call('model.res.user.warning.skip', warning.name)

    def call(self, method, *params, **context):
        """Call a method that is logged in for.

        :raise ExportError: sorted as the contract wants it
        """
        params = [*params, {**self.context, **context}]
        for is_again in (False, True):
            login = _logins.get(self._key) or self._log_in()
            try:
                return self._call(method, params, login.token)
            except _SessionOver:
                # Nothing ran, so that it can be called again; but not for ever.
                _logins.pop(self._key, None)
                if is_again:
                    raise ExportNotExecuted('Tryton ends each session at once.') from None
        return None

    # === MEANS === #

    @property
    def _key(self):
        connection = self.connection
        return connection.address, connection.database, connection.login, connection.secret

    def _log_in(self):
        connection = self.connection
        if not connection.database:
            raise ExportNotExecuted('Enter the name of the database in Tryton.')
        params = [connection.login, {'password': connection.secret}]
        try:
            result = self._call('common.db.login', params, '')
        except _SessionOver:
            raise ExportNotExecuted(
                f'Tryton does not let {connection.login} in: check login and password.'
            ) from None
        try:
            user_id, token = result[:2]
        except (TypeError, ValueError) as error:
            raise ExportUnclear('Tryton gave no answer to the login that we know.') from error
        text = f'{connection.login}:{user_id}:{token}'
        login = _Login(base64.b64encode(text.encode()).decode())
        _logins[self._key] = login
        while len(_logins) > MOST_LOGINS:
            _logins.popitem(last=False)
        return login

    def _call(self, method, params, token):
        path = f'/{quote(self.connection.database, safe="")}/rpc/'
        headers = {'Authorization': f'Session {token}'} if token else {}
        answer = self._post(path, method, params, headers)
        return self._read(answer, is_reading=method.endswith(READING) or not token)

    def _post(self, path, method, params, headers):
        body = {'id': 1, 'method': method, 'params': to_tryton(params)}
        return http_call(self.connection, 'POST', path, json=body, headers=headers)

    def _read(self, response, is_reading):
        """The result in a response, or what went wrong.

        No body of an error is shown: it may repeat what was sent, in whatever form.
        """
        status = response.status_code
        if status == 401 and (is_reading or _is_over(response)):
            raise _SessionOver
        if status in NOT_EXECUTED and is_reading:
            raise ExportNotExecuted(self._explain_status(status))
        if status != 200:
            address = self.connection.address
            raise ExportUnclear(f'{address} answered with an error ({status}): its log says why.')
        try:
            answer = response.json()
        except ValueError as error:
            raise ExportUnclear('The answer cannot be read; is it Tryton?') from error
        if not isinstance(answer, dict) or not answer.keys() & {'result', 'error'}:
            raise ExportUnclear('The answer is none of Tryton: check the address.')
        if 'error' in answer:
            self._raise_error(answer['error'], is_reading)
        return from_tryton(answer['result'])

    def _explain_status(self, status):
        address, database = self.connection.address, self.connection.database
        return {
            404: f'There is no database {database} at {address}.',
            429: 'Tryton lets nobody in for a while: the login failed too often.',
        }.get(status, f'{address} did not take the call ({status}): check the address.')

    def _raise_error(self, error, is_reading):
        """Raise what an error of Tryton means; all of them were rolled back over there."""
        kind, details = (*error, '', '')[:2] if isinstance(error, list) else (str(error), '')
        details = details if isinstance(details, list) else [details]
        shown = [str(part).strip() for part in details if part]
        if kind == 'UserWarning' and not is_reading:
            text = self.connection.mask(' '.join(shown[1:]))
            raise TrytonWarning(shown[0], f'Tryton warns: {text}')
        if kind == 'UserError':
            # The last one is a domain, for programs.
            text = self.connection.mask(' '.join(shown[:2]))
            refusal = ExportNotExecuted if is_reading else ExportRefused
            raise refusal(f'Tryton says: {text}')
        if kind == 'ConcurrencyException':
            raise ExportNotExecuted('Somebody else changed the same thing in Tryton.')
        if kind == 'LoginException':
            raise ExportNotExecuted(
                'Tryton asks for more than a password: give the user of the export another login.'
            )
        raise ExportUnclear(f'Tryton failed: {self.connection.mask(str(kind))[:300]}')


def _is_over(response):
    """Whether it is Tryton itself that did not look at a call, since the session is over."""
    text = response.headers.get('WWW-Authenticate', '') + response.text
    return any(words in text for words in OVER)
