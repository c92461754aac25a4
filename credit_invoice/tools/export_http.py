"""HTTP calls of connectors: whatever goes wrong is sorted into what the contract knows."""

import requests
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ConnectTimeout, InvalidSchema, InvalidURL, MissingSchema
from urllib3.exceptions import NameResolutionError, NewConnectionError

from .export_contract import ExportNotExecuted, ExportUnclear

# Of an error page, enough to recognise it.
SHOWN = 300


def call(connection, method, path, *, json=None, headers=None, timeout=None):
    """Call the other side once: no retries, no redirects, no proxy or login of the environment.

    :param Connection connection: address and time-out
    :param str path: appended to the address
    :param json: what to send
    :param float timeout: seconds, instead of the connection's
    :return: the response, whatever its status
    :rtype: requests.Response
    :raise ExportNotExecuted: if the other side was not reached
    :raise ExportUnclear: if it was, and no whole answer came back
    """
    url = connection.address.rstrip('/') + path
    with requests.Session() as session:
        # A login of ~/.netrc would replace ours.
        session.trust_env = False
        try:
            return session.request(
                method,
                url,
                json=json,
                headers=headers,
                timeout=timeout or connection.timeout,
                allow_redirects=False,
            )
        except (InvalidURL, InvalidSchema, MissingSchema) as error:
            raise ExportNotExecuted(f'{connection.address} is not a web address.') from error
        except ConnectTimeout as error:
            raise ExportNotExecuted(f'{connection.address} could not be reached.') from error
        except RequestsConnectionError as error:
            if _was_never_sent(error):
                raise ExportNotExecuted(f'{connection.address} could not be reached.') from error
            raise ExportUnclear(f'{connection.address} broke the connection off.') from error
        except requests.Timeout as error:
            raise ExportUnclear(f'{connection.address} did not answer in time.') from error
        except requests.RequestException as error:
            raise ExportUnclear(f'{connection.address} gave no whole answer.') from error


def read_json(response, connection):
    """The JSON of a response.

    :param Connection connection: whose secret the text of an error must not hold
    :raise ExportUnclear: if it is none: cut off, or from something in between
    """
    try:
        return response.json()
    except ValueError as error:
        text = connection.mask(response.text)[:SHOWN]
        raise ExportUnclear(
            f'The answer cannot be read (HTTP {response.status_code}): {text}'
        ) from error


def _was_never_sent(error):
    """Whether a connection failed before anything could be sent over it."""
    reason = getattr(error.args[0], 'reason', None) if error.args else None
    return isinstance(reason, NewConnectionError | NameResolutionError)
