"""HTTP calls of connectors against real sockets: how long, how much, what it means."""

import gzip
import socket
import ssl
import struct
import subprocess
import threading
import time
import traceback

import pytest

from odoo.addons.credit_invoice.tools import export_http
from odoo.addons.credit_invoice.tools.export_contract import (
    Connection,
    Connector,
    ExportNotExecuted,
    ExportUnclear,
    Query,
)
from odoo.addons.credit_invoice.tools.export_http import call, read_json

JSON = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
KEY = 'k3y-that-nobody-may-see'


@pytest.fixture
def serve():
    """Give a function that starts a server of one handler: it gets each connection, once what came
    over it is read; the answer is the address."""
    listeners = []

    def start(handle, context=None):
        listener = socket.create_server(('127.0.0.1', 0))
        listeners.append(listener)

        def answer(connection):
            with connection:
                try:
                    if context:
                        connection = context.wrap_socket(connection, server_side=True)
                    connection.recv(65536)
                    handle(connection)
                except OSError:
                    pass  # the caller gave up

        def run():
            while True:
                try:
                    connection, _address = listener.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        threading.Thread(target=run, daemon=True).start()
        return f'http{"s" if context else ""}://127.0.0.1:{listener.getsockname()[1]}'

    yield start
    for listener in listeners:
        listener.close()


def connect(address, timeout=1.0, secret=KEY):
    return Connection(address=address, timeout=timeout, secret=secret)


def give(body, headers=b''):
    """A handler that answers a body."""
    answer = JSON + headers + b'Content-Length: %d\r\n\r\n' % len(body) + body
    return lambda connection: connection.sendall(answer)


def test_mp13_an_answer_is_read_as_it_is(serve):
    for handle in (
        give(b'[1, 2]'),
        give(gzip.compress(b'[1, 2]'), b'Content-Encoding: gzip\r\n'),
        lambda connection: connection.sendall(
            JSON + b'Transfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n3\r\n 2]\r\n0\r\n\r\n'
        ),
        lambda connection: connection.sendall(JSON + b'Connection: close\r\n\r\n[1, 2]'),
    ):
        connection = connect(serve(handle))
        assert read_json(call(connection, 'GET', '/'), connection) == [1, 2]


def test_mp13_an_answer_that_drips_is_given_up_in_time(serve):
    sent = []

    def drip(connection):
        connection.sendall(JSON + b'Content-Length: 400\r\n\r\n')
        for byte in range(400):
            connection.sendall(b' ')
            sent.append(byte)
            time.sleep(0.3)

    with pytest.raises(ExportUnclear, match='did not answer in time'):
        call(connect(serve(drip)), 'GET', '/')
    # Given up long before all of it was there, although no single wait was too long.
    assert 0 < len(sent) < 400


def test_mp13_all_requests_of_one_operation_share_the_time_out(serve):
    def answer_late(connection):
        time.sleep(0.4)
        give(b'[]')(connection)

    class Slow(Connector):
        count = 0

        def find(self, query):
            for _request in range(20):
                call(self.connection, 'GET', '/')
                self.count += 1
            return []

        def read(self, external_id):
            return self.find(Query(external_id=external_id))

        def period_open(self, day):
            call(self.connection, 'GET', '/')
            return day

    connector = Slow(connect(serve(answer_late)))
    for look in (lambda: connector.find(Query(key='k')), lambda: connector.read('1')):
        connector.count = 0
        with pytest.raises(ExportUnclear, match='did not answer in time'):
            look()
        assert connector.count <= 2
    # Each operation has its own time.
    for _operation in range(4):
        connector.period_open(None)


def test_mp18_the_pages_of_a_long_list_have_the_time_out_each(serve):
    class Paged(Connector):
        def find(self, query):
            return [call(self.connection, 'GET', '/').status_code for _page in range(4)]

    def answer_late(connection):
        time.sleep(0.4)
        give(b'[]')(connection)

    connector = Paged(connect(serve(answer_late)))
    day = time.gmtime()
    assert connector.find(Query(date_from=day, date_to=day)) == [200] * 4


@pytest.mark.parametrize('is_packed', [True, False])
def test_mp13_an_answer_without_end_does_not_fill_the_memory(serve, monkeypatch, is_packed):
    monkeypatch.setattr(export_http, 'MOST_BYTES', 3_000_000)
    sent = []

    def flood(connection):
        if is_packed:
            give(gzip.compress(b' ' * 80_000_000), b'Content-Encoding: gzip\r\n')(connection)
        connection.sendall(JSON + b'Content-Length: 900000000\r\n\r\n')
        for _megabyte in range(900):
            connection.sendall(b' ' * 1_000_000)
            sent.append(1)

    with pytest.raises(ExportUnclear, match='more than can be read'):
        call(connect(serve(flood), timeout=20), 'GET', '/')
    assert len(sent) < 50


def test_mp13_what_is_cut_off_or_no_json_is_unclear(serve):
    reset = struct.pack('ii', 1, 0)
    for handle in (
        lambda connection: connection.sendall(JSON + b'Content-Length: 10\r\n\r\n[1'),
        lambda connection: connection.sendall(JSON + b'Content-Encoding: gzip\r\n\r\n[1'),
        lambda connection: connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset),
        lambda connection: None,
        give(b'<h1>It works!</h1>'),
        give(b'[' * 200_000),
    ):
        connection = connect(serve(handle))
        with pytest.raises(ExportUnclear):
            read_json(call(connection, 'POST', '/', json={}), connection)


def test_mp13_where_nobody_can_be_reached_nothing_was_done():
    for address in (
        'http://127.0.0.1:1',
        'http://nobody.invalid',
        'http://[::1',
        f'http://{"a" * 70}.example',
        'ftp://example.com',
    ):
        with pytest.raises(ExportNotExecuted, match='could not be reached|not a web address'):
            call(connect(address), 'GET', '/')
    with pytest.raises(ExportNotExecuted, match='Enter the address first'):
        call(connect(''), 'GET', '/')


def test_mp13_a_certificate_that_nobody_trusts_gets_no_key(serve, tmp_path):
    command = 'openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -subj /CN=127.0.0.1'
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / 'cert', tmp_path / 'key')
    arrived = []
    address = serve(arrived.append, context)
    with pytest.raises(ExportNotExecuted, match='certificate of .* is not trusted'):
        call(connect(address), 'POST', '/', headers={'Authorization': KEY})
    assert not arrived


def test_mp22_a_redirection_takes_the_key_nowhere(serve):
    arrived = []
    other = serve(arrived.append)
    answer = f'HTTP/1.1 302 Found\r\nLocation: {other}/\r\nContent-Length: 0\r\n\r\n'.encode()
    connection = connect(serve(lambda one: one.sendall(answer)))
    assert call(connection, 'GET', '/', headers={'Authorization': KEY}).status_code == 302
    assert not arrived


@pytest.mark.parametrize('key', ['a-key\nof-two-lines', 'a-k€y', 'a-key\r\nX: y'])
def test_mp22_a_key_that_cannot_be_sent_is_in_no_error(serve, key):
    connection = connect(serve(give(b'[]')), secret=key)
    with pytest.raises(ExportNotExecuted, match='enter it again') as caught:
        call(connection, 'GET', '/', headers={'Authorization': f'bearer {key}'})
    for piece in (key, repr(key)[1:-1]):
        assert piece not in ''.join(traceback.format_exception(caught.value))


def test_mp22_an_answer_that_is_no_json_shows_no_key(serve):
    connection = connect(serve(give(f'<p>{KEY}</p>'.encode() * 10_000)))
    with pytest.raises(ExportUnclear) as caught:
        read_json(call(connection, 'GET', '/'), connection)
    assert KEY[:6] not in ''.join(traceback.format_exception(caught.value))
