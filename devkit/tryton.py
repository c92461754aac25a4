"""A real Tryton for tests: its database is made once and copied for each test file.

Tryton is a program of other people; it runs with the Python of the environment
`requirements-peers`, on SQLite, and is reached over loopback only.
"""

import base64
import datetime
import json
import os
import secrets
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from . import console
from .environment import sealed
from .errors import DevError
from .locks import step_lock
from .packages import ensure_environment, environment_key
from .paths import DEVKIT, cache_path, digest, file_digest, make_dir
from .process import finish, run_step, start
from .system import free_port

DATABASE = 'tryton'
MODULE = 'account_invoice'
SCRIPT = DEVKIT / 'scripts' / 'tryton_setup.py'
START_SECONDS = 120
# All users of a database that only tests see have it; it is no secret, and looks like one.
PASSWORD = 'Tryt0n-pässword "of tests"'
ADMIN, BOOKKEEPER, FORGETFUL = 'admin', 'bookkeeper', 'forgetful'
CONFIG = """\
[database]
uri = sqlite://
path = {folder}
[web]
listen = 127.0.0.1:{port}
[session]
# A login that failed is held against the next ones for so many seconds.
timeout = 1
"""


def ensure_tryton() -> Path:
    """Return the folder of the database that is copied, made if need be."""
    # It holds the years up to the next one.
    year = datetime.date.today().year
    key = digest(environment_key('requirements-peers'), file_digest(SCRIPT), CONFIG, PASSWORD, year)
    folder = cache_path('tryton', key)
    if folder.exists():
        return folder
    python = ensure_environment('requirements-peers')
    with step_lock('tryton'):
        if not folder.exists():
            part = folder.with_suffix('.part')
            shutil.rmtree(part, ignore_errors=True)
            with console.timed('making the Tryton database (takes half a minute)'):
                _build(python, make_dir(part))
            part.rename(folder)
    return folder


def _build(python: Path, folder: Path) -> None:
    config = _write_config(folder, 0)
    # Tryton wants the file to be there.
    (folder / f'{DATABASE}.sqlite').touch()
    password_file = folder / 'password'
    password_file.touch(mode=0o600)
    password_file.write_text(PASSWORD, encoding='utf-8')
    options = {'cwd': folder, 'env': {**_environment(), 'TRYTONPASSFILE': str(password_file)}}
    run_step(
        [
            *(python, '-m', 'trytond.cli.admin', '-c', config, '-d', DATABASE),
            *('-u', MODULE, '--activate-dependencies', '--email', 'admin@example.com', '-v'),
        ],
        failure='the Tryton database cannot be made',
        log='tryton-activate',
        **options,
    )
    options['env']['TRYTON_PASSWORD'] = PASSWORD
    run_step(
        [python, SCRIPT, config, DATABASE],
        failure='the Tryton database cannot be set up',
        log='tryton-setup',
        **options,
    )
    password_file.unlink()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in sealed([]).items() if not name.startswith('TRYTOND_')}
    kept.pop('PYTHONPATH')
    return kept


def _write_config(folder: Path, port: int) -> Path:
    path = folder / 'trytond.conf'
    path.write_text(CONFIG.format(folder=folder, port=port), encoding='utf-8')
    return path


class RunningTryton:
    """A Tryton server on loopback with a database of its own: ``url``, ``call``, ``stop``."""

    def __init__(self):
        source = ensure_tryton()
        self.folder = cache_path('tryton', f'copy-{os.getpid()}-{secrets.token_hex(4)}')
        shutil.copytree(source, self.folder)
        self.port = free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        self.database = DATABASE
        self.database_path = self.folder / f'{DATABASE}.sqlite'
        self.password = PASSWORD
        self.log_path = cache_path('logs', f'tryton-{self.port}.log')
        self._process = None
        self.start()

    def start(self) -> None:
        """Start the server, again on the port of before, and wait until it answers."""
        config = _write_config(self.folder, self.port)
        python = ensure_environment('requirements-peers')
        with self.log_path.open('ab') as log:
            self._process = start(
                [python, '-m', 'trytond.cli', '-c', config, '-d', DATABASE],
                cwd=self.folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            if self._process.poll() is not None:
                raise DevError(f'Tryton did not start (log: {self.log_path})')
            try:
                self.call('model.res.user.get_preferences', True, {})
                return
            except OSError as error:
                if time.monotonic() > deadline:
                    raise DevError(f'Tryton does not answer (log: {self.log_path})') from error
            time.sleep(0.1)

    def halt(self) -> None:
        """Stop the server; the database stays."""
        if self._process is not None:
            finish(self._process)
            self._process = None

    def stop(self) -> None:
        """Stop the server, and drop the database."""
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, method: str, *params: object, login: str = ADMIN) -> object:
        """Call a method as somebody over there; the last parameter is the context.

        :raise AssertionError: with what Tryton says
        """
        token = base64.b64encode(f'{login}:{PASSWORD}'.encode()).decode()
        request = urllib.request.Request(
            f'{self.url}/{DATABASE}/rpc/',
            json.dumps({'id': 1, 'method': method, 'params': params}).encode(),
            {'Content-Type': 'application/json', 'Authorization': f'Basic {token}'},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            result = json.load(answer)
        if 'error' in result:
            raise AssertionError(f'{method}: {result["error"]}')
        return result['result']


def remove_left_behind() -> None:
    """Remove the copies of runs that were killed."""
    from .process import is_run_alive

    for path in cache_path('tryton', 'x').parent.glob('copy-*'):
        pid = path.name.split('-')[1]
        if not is_run_alive(int(pid)):
            shutil.rmtree(path, ignore_errors=True)
