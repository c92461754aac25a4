"""What `./dev test` adds to pytest: fixtures, lanes (lanes.py), and three rules.

A warning of our own modules in a server log fails the session, unless the test
takes it in (``assertLogs``) or says that it means it
(``@pytest.mark.expects_log('regex')``). A session in which no test ran fails. So
does one with a class of tests that takes a minute of processor time and does not
say why (stopwatch.py).

Fixtures for the plain functions of the top-level ``tests/``:

env           an environment of the superuser on the session's database, rolled
              back at the end; a commit is only a flush
db_name       the session's database: all our add-ons on a chart of accounts
odoo_conf     path of a configuration file for it
fresh_db      function: name of a new copy of a template ('suite', 'base',
              'chart:be_comp', 'suite:be_comp'), dropped at the end of the file
server        function: starts a real server process on a database, waits until it
              answers, returns a `RunningServer`; stopped at the end of the file
tryton        a real Tryton with a company, a chart and taxes (devkit/tryton.py), of the test
              file's own, stopped at its end
browser_path  path of the browser; without one the test is skipped, or fails
              where CI=true
"""

import gc
import logging
import os
import re
import threading

import freezegun
import pytest

from .addons import find_addons
from .lanes import Account, Lane, get_unit
from .odoo import TEST_LOGGER, warnings_about
from .prepared import use_prepared_company
from .stopwatch import Stopwatch, describe_slowest, find_slow, read_clocks
from .system import find_browser

NO_BROWSER = 'no browser is installed (chromium)'
MISSING_BROWSER = re.compile(r'Chrome executable not found|Failed to detect chrome devtools port')


class OwnWarnings(logging.Handler):
    """Keeps the warnings that concern our modules, with the test they came from."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.modules = [addon.name for addon in find_addons()]
        self.named = re.compile(r'\b(' + '|'.join(map(re.escape, self.modules or ['-'])) + r')\b')
        self.current = 'before the first test'
        self.expected: list[str] = []
        self._guard = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record if it concerns us and the current test does not expect it."""
        # Without the traceback, in which every failing test of ours is named.
        text = f'{record.levelname} {record.name}: {record.getMessage()}'
        if self.named.search(text) and not TEST_LOGGER.match(record.name):
            self.keep(text)

    def keep(self, text: str) -> None:
        """Note a warning, unless the current test expects it."""
        if not any(re.search(pattern, text) for pattern in self.expected):
            with self._guard:
                _note('warnings', f'{self.current}: {text}')


class RunningServer:
    """A server process on loopback: ``url``, ``log_path``, ``port``, ``stop()``."""

    def __init__(self, odoo, database: str, workers: int, arguments: tuple):
        from .serve import start_server

        self.database = database
        self._stop, self.port, self.log_path = start_server(
            odoo, database, workers=workers, arguments=arguments
        )
        self.url = f'http://127.0.0.1:{self.port}'
        self._stopped = False

    def stop(self) -> None:
        """Stop the process, and judge its log."""
        if not self._stopped:
            self._stopped = True
            self._stop()
            log = self.log_path.read_text(encoding='utf-8', errors='replace')
            for warning in warnings_about(log, _warnings.modules):
                _warnings.keep(warning)


_warnings = OwnWarnings()
_account = Account()
_lane = Lane.of_environment()
_stopwatch = Stopwatch()


def _note(kind: str, *values) -> None:
    """Note what tests say, for all lanes where this is one."""
    _account.add(kind, *values)
    if _lane:
        _lane.write(kind, *values)


def pytest_addoption(parser):
    """Add the option that has random tests try more."""
    parser.addoption(
        '--long',
        action='store_true',
        help='let tests of random histories run thousands of them instead of a few (hours)',
    )
    parser.addoption('--seed', type=int, help='run the fault runs of this seed only')


def pytest_configure(config):
    """Listen from the start: the registry is loaded before the first test."""
    logging.getLogger().addHandler(_warnings)
    # A class that stands still in time is measured by the clock on the wall.
    freezegun.configure(extend_ignore_list=['_pytest', 'devkit.stopwatch'])


def pytest_collectreport(report):
    """Note a file that cannot be read."""
    if report.failed:
        _note('broken', str(report.nodeid), _in_a_line(report))


def pytest_collection_finish(session):
    """Share what is the same for all tests: a company, and what the collector need not look at."""
    use_prepared_company()
    _note('collected', [str(item.nodeid) for item in session.items])
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """Run the tests that this lane takes, where it is one."""
    if not _lane or session.testsfailed or session.config.option.collectonly:
        return None
    for items in _lane.share(session.items):
        # After the last, all that is of its file and class goes, and the session stays.
        for item, following in zip(items, [*items[1:], session], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
        _close_unit(get_unit(str(items[0].nodeid)))
    return True


def _close_unit(unit: str) -> None:
    _note('unit', unit, _stopwatch.close(unit))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    """Measure a test, with what is set up and put away for it."""
    _stopwatch.start()
    yield
    owners = (getattr(item, 'cls', None), getattr(item, 'module', None))
    reasons = [reason for owner in owners if (reason := getattr(owner, 'slow_because', ''))]
    _stopwatch.stop(get_unit(str(item.nodeid)), next(iter(reasons), ''))
    _note('ran', str(item.nodeid))


@pytest.hookimpl(hookwrapper=True)
def pytest_fixture_setup(fixturedef):
    """Leave out of the measure what is set up once for all tests."""
    begin = read_clocks()
    yield
    if fixturedef.scope == 'session':
        _stopwatch.leave_out(begin)


def pytest_runtest_setup(item):
    """Note which test runs, and which warnings it means."""
    _warnings.current = item.nodeid
    _warnings.expected = [mark.args[0] for mark in item.iter_markers('expects_log')]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Turn a skip for want of a browser into a failure where CI=true; count."""
    report = (yield).get_result()
    no_browser = report.skipped and MISSING_BROWSER.search(str(report.longrepr))
    if no_browser and os.environ.get('CI') == 'true':
        report.outcome = 'failed'
        report.longrepr = f'{NO_BROWSER}, which CI=true does not allow'
    if report.failed:
        _note('failed', str(report.nodeid), _in_a_line(report))
    elif report.when == 'call' or report.skipped:
        _note(report.outcome)


def _in_a_line(report) -> str:
    """Return what failed, as short as it can be said."""
    crash = getattr(report.longrepr, 'reprcrash', None)
    lines = (crash.message if crash else str(report.longrepr)).strip().splitlines() or ['']
    return lines[0 if crash else -1][:200]


def pytest_sessionfinish(session):
    """Fail a session in which no test ran, our modules warned or a class is slow."""
    if session.config.option.collectonly:
        return
    for unit in _stopwatch.units.keys() - _account.units.keys():
        _close_unit(unit)
    if not session.config.option.long and not _lane:
        for unit, text in find_slow(_account.units).items():
            _account.add_failure(unit, text)
    if session.exitstatus in (0, 5):
        if _account.is_empty:
            session.exitstatus = 5
        elif _account.warnings or _account.failures:
            session.exitstatus = 1


def pytest_terminal_summary(terminalreporter):
    """Say what the rules found; the lines for everything follow where this is a lane."""
    if _account.warnings:
        terminalreporter.section('warnings of our own modules', red=True, bold=True)
        for text in _account.warnings:
            terminalreporter.line(text)
    if _lane:
        return
    if _account.is_empty:
        terminalreporter.section('no test ran', red=True, bold=True)
    for text in [*describe_slowest(_account.units), *_account.closing_lines()]:
        terminalreporter.line(text)


@pytest.fixture(scope='session')
def db_name() -> str:
    """Return the name of the session's database."""
    return os.environ['CREDIT_INVOICE_TEST_DATABASE']


@pytest.fixture(scope='session')
def odoo_conf(request) -> str:
    """Return the path of the host's configuration file for the session's database."""
    return request.config.getoption('--odoo-config')


@pytest.fixture
def env(db_name):
    """Give the superuser's environment in a transaction that is always rolled back."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    with Registry(db_name).cursor() as cursor:
        cursor.commit = cursor.flush
        try:
            yield api.Environment(cursor, SUPERUSER_ID, {})
        finally:
            cursor.rollback()
            del cursor.commit


@pytest.fixture(scope='session')
def _odoo():
    """Give the means of devkit, in a session of its own beside that of `./dev test`."""
    from .session import open_session

    with open_session(os.environ.get('CREDIT_INVOICE_DB_URL')) as odoo:
        yield odoo


@pytest.fixture(scope='module')
def fresh_db(_odoo):
    """Give a function that copies a template; the copies go at the end of the test file."""
    from .template import copy

    made = []

    def make(name: str = 'suite') -> str:
        made.append(copy(_odoo, name))
        return made[-1]

    yield make
    for name in made:
        _odoo.databases.drop(name)


@pytest.fixture(scope='module')
def server(_odoo, fresh_db):  # stopped before the databases go
    """Give a function that starts a server process on a database."""
    servers = []

    def start(database: str, workers: int = 0, *arguments: str) -> RunningServer:
        servers.append(RunningServer(_odoo, database, workers, arguments))
        return servers[-1]

    yield start
    for running in servers:
        running.stop()


@pytest.fixture(scope='module')
def tryton():
    """Give a running Tryton with a database of the test file's own."""
    from .tryton import RunningTryton, remove_left_behind

    remove_left_behind()
    running = RunningTryton()
    yield running
    running.stop()


@pytest.fixture
def browser_path() -> str:
    """Return the browser's path; see the module's text for a machine without one."""
    path = find_browser()
    if not path:
        if os.environ.get('CI') == 'true':
            pytest.fail(f'{NO_BROWSER}, which CI=true does not allow')
        pytest.skip(NO_BROWSER)
    return path
