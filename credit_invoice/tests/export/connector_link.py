"""A line between a connector and the other side that loses, cuts, delays and doubles.

An HTTP proxy on loopback: a connector is given its address instead of the other side's. What it
does with each request is said by a *plan*: a function of the number of the request (from 1) and
its line ('POST /x') that answers with the name of a fault, or with None to pass it on. Nothing
here knows Odoo; a test of any program can use it.
"""

import http.client
import select
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP_HEADERS = {'connection', 'content-length', 'host', 'keep-alive', 'transfer-encoding'}
# How long the other side may take, and how long a caller is waited for who should give up.
UPSTREAM_SECONDS = 60
PATIENCE = 30

LOSE_REQUEST = 'lose_request'  # the request never arrives
LOSE_ANSWER = 'lose_answer'  # the work is done, and nobody says so
CUT_ANSWER = 'cut_answer'  # the work is done, and half of the answer comes back
ERROR_AFTER = 'error_after'  # the work is done, and the answer is an error of something in between
FORBIDDEN_AFTER = 'forbidden_after'  # the work is done, and a filter in between blocks the answer
ERROR_BEFORE = 'error_before'  # something in between answers, and passes nothing on
SLOW_ANSWER = 'slow_answer'  # the work is done, and the answer comes after the time-out
LATE = 'late'  # the request is held back, and arrives with `deliver` after the time-out
TWICE = 'twice'  # the request arrives twice
ECHO = 'echo'  # an error page that repeats the request, as debuggers do
DOWN_AFTER = 'down_after'  # answers, and then nobody listens any more
RESTART = 'restart'  # the work is done, nobody says so, and nobody listens any more
NOT_JSON = 'not_json'  # another program answers there
REDIRECT = 'redirect'

BROKEN = {
    ERROR_AFTER: (500, '<h1>Internal Server Error</h1>'),
    FORBIDDEN_AFTER: (403, '<h1>Forbidden</h1>'),
    ERROR_BEFORE: (503, '<h1>Service Unavailable</h1>'),
    NOT_JSON: (200, '<h1>It works!</h1>'),
    REDIRECT: (302, ''),
}
# Those after which the other side has done what it was asked for.
DONE = {
    LOSE_ANSWER,
    CUT_ANSWER,
    ERROR_AFTER,
    FORBIDDEN_AFTER,
    SLOW_ANSWER,
    TWICE,
    DOWN_AFTER,
    RESTART,
}


class Link:
    """A proxy to one address, usable as a context manager.

    :param str target: address of the other side
    :param plan: see the module
    :param note: called with each line of what happened, for logs of whole histories
    """

    def __init__(self, target, plan=None, note=None):
        self.target = urlsplit(target)
        self.plan = plan or (lambda number, line: None)
        self.note = note or (lambda text: None)
        self.count = 0
        self.struck = []
        self.held = []
        self._guard = threading.Condition()
        self._busy = 0
        self._server = None
        self.port = 0
        self.listen()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    @property
    def address(self):
        return f'http://127.0.0.1:{self.port}'

    def listen(self):
        """Take connections, again on the port of before."""
        if self._server is None:
            self._server = _Server(('127.0.0.1', self.port), _Handler)
            self._server.link = self
            self.port = self._server.server_address[1]
            threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        """Refuse connections from now on."""
        server, self._server = self._server, None
        if server:
            server.shutdown()
            server.server_close()

    @property
    def is_listening(self):
        return self._server is not None

    @property
    def fileno(self):
        """The socket on which connections are taken, for whoever forks; None without."""
        return self._server and self._server.fileno()

    @contextmanager
    def at_work(self):
        """While a request is on its way, its caller may be long gone."""
        with self._guard:
            self._busy += 1
        try:
            yield
        finally:
            with self._guard:
                self._busy -= 1
                self._guard.notify_all()

    def wait_until_idle(self):
        """Wait until no request is on its way."""
        with self._guard:
            assert self._guard.wait_for(lambda: not self._busy, PATIENCE)

    def draw(self, line):
        """The fault for the next request."""
        with self._guard:
            self.count += 1
            fault = self.plan(self.count, line)
            if fault:
                self.struck.append(fault)
            self.note(f'request {self.count} {line}: {fault or "passed on"}')
            return fault

    def deliver(self):
        """Let the requests arrive that were held back, whose caller has long given up."""
        held, self.held = self.held, []
        for request in held:
            self.note(f'arrives late: {request[0]} {request[1]}')
            self.forward(*request)
        return len(held)

    def forward(self, method, path, headers, body):
        """Ask the other side.

        :return: tuple of status, headers and body
        """
        connection = http.client.HTTPConnection(
            self.target.hostname, self.target.port, timeout=UPSTREAM_SECONDS
        )
        try:
            connection.request(method, self.target.path.rstrip('/') + path, body, headers)
            response = connection.getresponse()
            return response.status, response.getheaders(), response.read()
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 50

    def handle_error(self, request, client_address):
        """Say nothing: whoever calls is meant to have given up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_args):
        """Say nothing on the console."""

    def handle_one_request(self):
        self.close_connection = True
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            return
        self.close_connection = True
        with self.server.link.at_work():
            self._pass_on(self.server.link)

    def _pass_on(self, link):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in HOP_HEADERS
        }
        fault = link.draw(f'{self.command} {self.path}')
        self._strike(link, fault, (self.command, self.path, headers, body))

    def _strike(self, link, fault, request):
        if fault == LATE:
            self._wait_for_hangup()
            link.held.append(request)
        if fault in (LATE, LOSE_REQUEST):
            return
        if fault == ECHO:
            self._answer(500, [('Content-Type', 'text/plain')], repr(request).encode())
            return
        status, headers, answer = 0, [], b''
        if not fault or fault in DONE:
            status, headers, answer = link.forward(*request)
        if fault == TWICE:
            link.forward(*request)
        if fault in (DOWN_AFTER, RESTART):
            link.close()
        if fault in BROKEN:
            status, text = BROKEN[fault]
            headers, answer = [('Content-Type', 'text/html'), ('Location', '/x')], text.encode()
        if fault == SLOW_ANSWER:
            self._wait_for_hangup()
        elif fault not in (LOSE_ANSWER, RESTART):
            self._answer(status, headers, answer, is_cut=fault == CUT_ANSWER)

    def _answer(self, status, headers, body, is_cut=False):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP_HEADERS:
                self.send_header(name, value)
        self.send_header('Connection', 'close')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if is_cut else body)

    def _wait_for_hangup(self):
        """Wait until the caller has given up."""
        readable, _writable, _errors = select.select([self.connection], [], [], PATIENCE)
        if readable:
            self.connection.recv(1, socket.MSG_PEEK)
