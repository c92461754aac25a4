"""HTTP calls of connectors: whatever goes wrong is sorted into what the contract knows."""

import ssl

import requests
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import (
    ConnectTimeout,
    InvalidHeader,
    InvalidSchema,
    InvalidURL,
    MissingSchema,
)
from urllib3.exceptions import (
    HTTPError,
    LocationValueError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)

from .export_contract import ExportNotExecuted, ExportUnclear

# Of an error page, enough to recognise it.
SHOWN = 300
# More than any honest answer has, unpacked; it must not take the worker's memory.
MOST_BYTES = 50 * 1024 * 1024
CHUNK = 16 * 1024
NO_ADDRESS = (InvalidURL, InvalidSchema, MissingSchema, LocationValueError)
# A connection that failed before anything could be sent over it.
NEVER_SENT = (NewConnectionError, NameResolutionError)


def call(connection, method, path, *, json=None, headers=None):
    """Call the other side once: no retries, no redirects, no proxy or login of the environment.

    The whole answer has to be there within what is left of the operation's time.

    :param Connection connection: address and time-out
    :param str path: appended to the address
    :param json: what to send
    :return: the response, whatever its status, with its whole content
    :rtype: requests.Response
    :raise ExportNotExecuted: if the other side was not reached
    :raise ExportUnclear: if it was, and no whole answer came back
    """
    with connection.one_operation(), requests.Session() as session:
        seconds = connection.get_seconds_left()
        if seconds <= 0:
            raise ExportUnclear(_explain_slow(connection))
        # A login of ~/.netrc would replace ours.
        session.trust_env = False
        try:
            response = session.request(
                method,
                connection.address.rstrip('/') + path,
                json=json,
                headers=headers,
                timeout=seconds,
                allow_redirects=False,
                stream=True,
            )
            _read_content(response, connection)
        except (requests.RequestException, HTTPError, UnicodeError) as error:
            _raise_sorted(error, connection)
        return response


def read_json(response, connection):
    """The JSON of a response.

    :param Connection connection: whose secret the text of an error must not hold
    :raise ExportUnclear: if it is none: cut off, or from something in between
    """
    try:
        return response.json()
    except (ValueError, RecursionError):
        text = connection.mask(response.content.decode('utf-8', errors='replace'))[:SHOWN]
        # The error in between holds the whole text as it came.
        raise ExportUnclear(
            f'The answer cannot be read (HTTP {response.status_code}): {text}'
        ) from None


def _read_content(response, connection):
    """Read the body of a response as far as time and memory allow.

    :raise ExportUnclear: if it goes on for too long
    """
    content = bytearray()
    # What has arrived, without waiting for more: `iter_content` waits until a piece is full.
    while chunk := response.raw.read1(CHUNK, decode_content=True):
        content += chunk
        if len(content) > MOST_BYTES:
            raise ExportUnclear(f'{connection.address} answers with more than can be read.')
        if connection.get_seconds_left() <= 0:
            raise ExportUnclear(_explain_slow(connection))
    # Where `requests` keeps what it has read.
    response._content = bytes(content)


def _explain_slow(connection):
    return f'{connection.address} did not answer in time.'


def _raise_sorted(error, connection):
    """Raise what a call that failed means.

    :raise ExportNotExecuted: if certainly nothing was sent
    :raise ExportUnclear: in all other cases
    """
    address = connection.address
    reason = getattr(error.args[0], 'reason', None) if error.args else None
    if isinstance(error, InvalidHeader | UnicodeEncodeError):
        # The error repeats what cannot be sent.
        text = 'The key has characters that no key has: enter it again.'
        raise ExportNotExecuted(text) from None
    if isinstance(error, NO_ADDRESS):
        text = f'{address} is not a web address.' if address else 'Enter the address first.'
        raise ExportNotExecuted(text) from error
    if isinstance(error, ConnectTimeout) or isinstance(reason, NEVER_SENT):
        raise ExportNotExecuted(f'{address} could not be reached.') from error
    if _is_of_certificate(error):
        raise ExportNotExecuted(
            f'The certificate of {address} is not trusted: have it renewed, or correct the address.'
        ) from error
    if isinstance(error, requests.Timeout | ReadTimeoutError):
        raise ExportUnclear(_explain_slow(connection)) from error
    if isinstance(error, RequestsConnectionError):
        raise ExportUnclear(f'{address} broke the connection off.') from error
    raise ExportUnclear(f'{address} gave no whole answer.') from error


def _is_of_certificate(error):
    """Whether it was the certificate: then nothing was sent yet."""
    while error is not None:
        reason = getattr(error, 'reason', None)
        if any(
            isinstance(item, ssl.SSLCertVerificationError) for item in (error, reason, *error.args)
        ):
            return True
        error = reason if isinstance(reason, Exception) else error.__cause__ or error.__context__
    return False
