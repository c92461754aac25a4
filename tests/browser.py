"""A headless Chromium, driven over its own protocol, for tests that look from outside."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import websocket

# What the protocol answers when the page that was asked makes room for another one.
PAGE_LEFT = 'Inspected target navigated or closed'
ARGUMENTS = (
    '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync',
    '--disable-background-networking', '--disable-component-update', '--disable-extensions',
    '--disable-dev-shm-usage', '--remote-allow-origins=*', '--remote-debugging-port=0',
    '--window-size=1400,950',
)  # fmt: skip

# The host limits the address space of its own process, which is too little for a browser.
UNLIMITED = ('sh', '-c', 'ulimit -v unlimited; exec "$@"', 'sh')


class PageLeft(AssertionError):
    """The page went elsewhere before it answered."""


class Page:
    """One page of the browser.

    :param str url: base address of the server under test
    :param socket: the page's open debugging connection
    """

    def __init__(self, url, socket):
        self.url = url
        self._socket = socket
        self._last_id = 0
        # What the page's scripts broke with, as far as it has arrived.
        self.errors = []
        self.console = []
        self.command('Page.enable')
        self.command('Runtime.enable')

    def command(self, method, **params):
        """Send one command of the protocol and return its result.

        :raise PageLeft: if the page went elsewhere before it answered
        """
        self._last_id += 1
        self._socket.send(json.dumps({'id': self._last_id, 'method': method, 'params': params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get('id') == self._last_id:
                if message.get('error', {}).get('message') == PAGE_LEFT:
                    raise PageLeft(f'{method}: {PAGE_LEFT}')
                assert 'error' not in message, message
                return message['result']
            self._note_event(message)

    def _note_event(self, message):
        params = message.get('params', {})
        if message.get('method') == 'Runtime.exceptionThrown':
            details = params['exceptionDetails']
            self.errors.append(
                details.get('exception', {}).get('description') or details.get('text', '')
            )
        elif message.get('method') == 'Runtime.consoleAPICalled':
            words = [str(arg.get('value', arg.get('description', ''))) for arg in params['args']]
            self.console.append((params['type'], ' '.join(words)))

    def evaluate(self, expression):
        """The value of a JavaScript expression, or of what it promises.

        It is None where the page went elsewhere before it answered, as it may after any click.
        """
        try:
            result = self.command(
                'Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True
            )
        except PageLeft:
            return None
        return result['result'].get('value')

    def go(self, path):
        """Open a path of the server."""
        self.command('Page.navigate', url=self.url + path)

    def wait(self, expression, seconds=60):
        """Wait until an expression is true.

        :raise AssertionError: if it does not become so in time
        """
        end = time.monotonic() + seconds
        while not (value := self.evaluate(expression)):
            assert time.monotonic() < end, f'waited {seconds} s for {expression}'
            time.sleep(0.2)
        return value

    def click(self, selector, text='', seconds=60):
        """Click the first visible element of a selector that holds a text."""
        self.wait(
            f"""(() => {{
                const found = [...document.querySelectorAll({json.dumps(selector)})].find(
                    (el) => el.offsetParent && el.innerText.includes({json.dumps(text)})
                );
                found?.click();
                return Boolean(found);
            }})()""",
            seconds,
        )

    def call(self, model, method, *args):
        """Call a method of a model as the user who is logged in."""
        body = json.dumps({
            'jsonrpc': '2.0',
            'params': {'model': model, 'method': method, 'args': args, 'kwargs': {}},
        })
        answer = self.command(
            'Runtime.evaluate',
            expression=f"""fetch('/web/dataset/call_kw', {{
                method: 'POST', headers: {{'Content-Type': 'application/json'}},
                body: {json.dumps(body)},
            }}).then((answer) => answer.json())""",
            awaitPromise=True,
            returnByValue=True,
        )['result']['value']
        assert 'error' not in answer, answer
        return answer['result']

    def login(self, login, password):
        """Log in through the form."""
        self.go('/web/login')
        self.wait(
            "document.querySelector('.oe_login_form input[name=password]')?.offsetParent && 1"
        )
        self.evaluate(f"""(() => {{
            document.querySelector('input[name=login]').value = {json.dumps(login)};
            document.querySelector('input[name=password]').value = {json.dumps(password)};
            document.querySelector('.oe_login_form').submit();
        }})()""")
        self.wait("document.querySelector('.o_web_client .o_main_navbar') && 1")


@contextmanager
def open_page(browser_path, url):
    """Start a browser with an empty profile and give its page; it ends with the block."""
    profile = tempfile.mkdtemp(prefix='credit-browser-')
    process = subprocess.Popen(
        [*UNLIMITED, browser_path, *ARGUMENTS, f'--user-data-dir={profile}', 'about:blank'],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        socket = websocket.create_connection(_get_debugger_url(Path(profile)), timeout=120)
        yield Page(url, socket)
        socket.close()
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shutil.rmtree(profile, ignore_errors=True)


def _get_debugger_url(profile, seconds=30):
    port_file = profile / 'DevToolsActivePort'
    end = time.monotonic() + seconds
    while not (port_file.exists() and port_file.read_text().strip()):
        assert time.monotonic() < end, 'the browser did not start'
        time.sleep(0.1)
    port = port_file.read_text().split()[0]
    with urllib.request.urlopen(f'http://127.0.0.1:{port}/json', timeout=30) as answer:
        return next(page for page in json.load(answer) if page['type'] == 'page')[
            'webSocketDebuggerUrl'
        ]
