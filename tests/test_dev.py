"""`./dev` itself: what it says when something is wrong, and what it leaves behind.

Each test runs the command as a person does, in an environment made for it. The
tests of bad conditions have an empty cache folder and never get to fetch
anything; the others use the prepared one.
"""

import ast
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import urllib.request
import xmlrpc.client
from pathlib import Path

import pytest

from devkit import errors, odoo, paths
from devkit.address import parse_url
from devkit.bench import flatten
from devkit.environment import OUTER
from devkit.postgres import SOCKET_PATH_LIMIT, PrivateCluster

slow_because = 'each test runs the command as a person does, some with a database of their own'

ROOT = Path(__file__).resolve().parent.parent
PROGRESS = re.compile(r' …|: done in [0-9.]+ s$')
# How long anything may take: other work on the machine must not fail a test.
PATIENCE = 600
COMMANDS = ('run', 'test', 'shell', 'bench', 'lint', 'pictures', 'prepare')


@pytest.fixture
def dev(tmp_path):
    """Give a function that runs `./dev` to its end.

    ``cache='empty'`` is a new machine, on which nothing has been prepared.
    """

    def run(*arguments, cache=None, root=ROOT, input=None, timeout=PATIENCE, **environment):
        return subprocess.run(
            [str(root / 'dev'), *map(str, arguments)],
            env=_environment(tmp_path, cache, environment),
            input=input if input is not None else '',
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            cwd=root,
        )

    return run


def _environment(tmp_path, cache=None, extra=()):
    environment = {**os.environ, 'CI': '', **dict(extra)}
    if cache == 'empty':
        environment['CREDIT_INVOICE_CACHE'] = str(tmp_path / 'cache')
        for name in ('ODOO_HOME', 'CREDIT_INVOICE_DB_URL', 'CREDIT_INVOICE_MIRROR'):
            if name not in dict(extra):
                environment.pop(name, None)
    return environment


def assert_one_line(result, *words):
    """Check that a command ended with one clear line that has these words in it."""
    said = [line for line in result.stderr.splitlines() if not PROGRESS.search(line)]
    assert result.returncode == 2, result.stderr
    assert 'Traceback' not in result.stderr
    assert len(said) == 1, result.stderr
    assert said[0].startswith('dev: ')
    for word in words:
        assert word in said[0]


@pytest.fixture
def fake_tools(tmp_path):
    """Give a function that returns a PATH on which apt and its friends are scripts of ours."""

    def make(**scripts: str) -> str:
        folder = tmp_path / 'bin'
        folder.mkdir()
        for name in ('python3', 'env', 'sh', 'cat', 'touch', 'git'):
            if found := shutil.which(name):
                (folder / name).symlink_to(found)
        # The Python that runs the command, whatever shims are on the real PATH.
        (folder / 'python3').unlink(missing_ok=True)
        (folder / 'python3').symlink_to(getattr(sys, '_base_executable', sys.executable))
        for name, body in scripts.items():
            script = folder / name.replace('_', '-')
            script.write_text(f'#!/bin/sh\n{textwrap.dedent(body)}', encoding='utf-8')
            script.chmod(0o755)
        return str(folder)

    return make


# An apt that finds a mirror, and the lists of packages where an update puts them.
APT_GET = """
    for word; do case "$word" in
        Dir::State::Lists=*) lists=${word#*=};;
        indextargets) echo "http://mirror.invalid/debian/ main"; exit 0;;
        update) UPDATE;;
        download) touch odoo.deb; exit 0;;
    esac; done
"""


# === The command line === #


def test_help_names_every_command(dev):
    text = dev('--help').stdout
    for command in COMMANDS:
        assert f'\n    {command}' in text
        assert dev(command, '--help').returncode == 0


def test_an_unknown_command_is_refused(dev):
    result = dev('frobnicate')
    assert result.returncode == 2
    assert 'frobnicate' in result.stderr


def test_a_wrong_python_gets_one_line():
    code = (
        'import sys, runpy; sys.version_info = (3, 8, 0, "final", 0); '
        f'runpy.run_path({str(ROOT / "dev")!r})'
    )
    result = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=False
    )
    assert_one_line(result, 'Python 3.10 or newer is needed', '3.8')


def test_the_starter_is_readable_for_old_pythons():
    ast.parse((ROOT / 'dev').read_text(encoding='utf-8'), feature_version=(3, 4))


# === Bad conditions === #


def test_a_port_in_use_gets_one_line(dev):
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert_one_line(dev('run', '--port', port, cache='empty'), str(port), 'another')


def test_a_number_that_is_no_port_gets_one_line(dev):
    assert_one_line(dev('run', '--port', 99999, cache='empty'), '99999')


def test_a_home_that_is_no_odoo_gets_one_line(dev, tmp_path):
    result = dev('shell', cache='empty', ODOO_HOME=str(tmp_path))
    assert_one_line(result, 'ODOO_HOME', 'not an Odoo source tree')


def test_a_home_of_another_series_gets_one_line(dev, tmp_path):
    (tmp_path / 'odoo').mkdir()
    release = tmp_path / 'odoo' / 'release.py'
    release.write_text("FINAL = 'final'\nversion_info = (18, 0, 0, FINAL, 0, '')\n")
    result = dev('shell', cache='empty', ODOO_HOME=str(tmp_path))
    assert_one_line(result, 'Odoo 18.0, not 19.0')


def test_a_machine_without_apt_is_told_of_other_ways(dev, fake_tools):
    result = dev('shell', cache='empty', PATH=fake_tools())
    assert_one_line(result, 'no apt', 'ODOO_HOME', 'CREDIT_INVOICE_MIRROR')


def test_a_mirror_that_does_not_answer_gets_one_line(dev, fake_tools):
    path = fake_tools(apt_get=APT_GET.replace('UPDATE', 'exit 100'), dpkg_deb='exit 0')
    result = dev('shell', cache='empty', PATH=path)
    assert_one_line(result, 'mirror.invalid', 'does not answer', 'ODOO_HOME')


def test_a_package_gone_from_the_mirror_names_the_two_other_ways(dev, fake_tools):
    path = fake_tools(
        apt_get=APT_GET.replace('UPDATE', 'touch $lists/x_Packages; exit 0'),
        apt_cache='exit 100',
        dpkg_deb='exit 0',
    )
    result = dev('shell', cache='empty', PATH=path)
    assert_one_line(result, 'no longer has odoo-19', 'ODOO_HOME', 'CREDIT_INVOICE_MIRROR')


def test_a_disk_that_fills_up_while_unpacking_gets_one_line(dev, fake_tools):
    path = fake_tools(
        apt_get=APT_GET.replace('UPDATE', 'touch $lists/x_Packages; exit 0'),
        apt_cache='echo "Version: 19.0-1"',
        dpkg_deb='echo "dpkg-deb: error: cannot write: No space left on device" >&2; exit 2',
    )
    result = dev('shell', cache='empty', PATH=path)
    assert_one_line(result, 'the disk is full', 'CREDIT_INVOICE_CACHE')


def test_a_disk_that_is_full_from_the_start_is_noticed_before_fetching(monkeypatch):
    usage = shutil.disk_usage(ROOT)._replace(free=1000)
    monkeypatch.setattr(paths.shutil, 'disk_usage', lambda folder: usage)
    with pytest.raises(errors.DevError, match='the disk is full: free 3 GB'):
        paths.check_space(3 << 30)


def test_a_full_disk_is_one_line_wherever_it_is_met(monkeypatch, capsys):
    from devkit import cli

    def run(options):
        with open('/dev/full', 'w', encoding='utf-8') as full:
            full.write('x' * 100_000)

    monkeypatch.setattr(cli, 'parse', lambda arguments: type('Options', (), {'run': run}))
    monkeypatch.setattr(cli, 'unseal', lambda: None)
    monkeypatch.setattr(cli.signal, 'signal', lambda *arguments: None)
    assert cli.main([]) == 2
    assert 'the disk is full' in capsys.readouterr().err


def test_a_cache_that_cannot_be_made_gets_one_line(dev, tmp_path):
    (tmp_path / 'file').touch()
    result = dev('shell', CREDIT_INVOICE_CACHE=str(tmp_path / 'file' / 'cache'))
    assert_one_line(result, 'cannot create', 'CREDIT_INVOICE_CACHE')


def test_a_database_server_that_is_not_there_gets_one_line(dev):
    with socket.socket() as closed:
        closed.bind(('127.0.0.1', 0))
        port = closed.getsockname()[1]
    result = dev('shell', '--db-url', f'postgresql://odoo@127.0.0.1:{port}')
    assert_one_line(result, f'127.0.0.1:{port}', 'does not answer')


def test_a_database_server_that_keeps_silent_gets_one_line(dev):
    with socket.socket() as silent:
        silent.bind(('127.0.0.1', 0))
        silent.listen()
        port = silent.getsockname()[1]
        result = dev('shell', '--db-url', f'postgresql://odoo@127.0.0.1:{port}')
    assert_one_line(result, 'does not answer')


@pytest.mark.parametrize('url', ['mysql://localhost', 'postgresql://postgres@localhost'])
def test_a_useless_database_address_gets_one_line(dev, url):
    assert_one_line(dev('shell', '--db-url', url), '--db-url')


def test_what_does_not_exist_is_answered_with_what_does(dev):
    assert_one_line(dev('bench', 'nothing'), 'nothing', 'there are:')
    assert_one_line(dev('run', '--port', 0, '--addons', 'nothing'), 'nothing', 'credit_invoice')
    assert_one_line(dev('shell', '--chart', 'be_nothing'), 'be_nothing', 'be_comp')
    assert_one_line(dev('shell', '--db', 'nothing'), 'no database nothing')


# === Shell === #


def test_a_script_has_stdout_to_itself(dev):
    result = dev('shell', input='print(env["account.move"]._name)')
    assert (result.returncode, result.stdout) == (0, 'account.move\n'), result.stderr


def test_an_exception_in_a_script_gives_status_one(dev):
    result = dev('shell', input='raise ValueError("on purpose")')
    assert result.returncode == 1
    assert 'ValueError: on purpose' in result.stderr


def test_a_script_works_on_a_copy_that_is_gone_afterwards(dev):
    first = dev(
        'shell', input='env.company.name = "Changed"; env.cr.commit(); print(env.cr.dbname)'
    )
    second = dev('shell', input='print(env.company.name)')
    assert second.stdout != 'Changed\n'
    assert_one_line(dev('shell', '--db', first.stdout.strip()), 'no database')


def test_two_shells_at_once_do_not_meet(tmp_path):
    shells = [
        subprocess.Popen(
            [str(ROOT / 'dev'), 'shell'],
            env=_environment(tmp_path),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for shell in shells:
        shell.stdin.write('print(env.cr.dbname)')
        shell.stdin.close()
    names = [shell.stdout.read() for shell in shells]
    assert [shell.wait() for shell in shells] == [0, 0]
    assert names[0] != names[1]


# === Ends, wanted and not === #


def _start_sleeping_shell(tmp_path):
    """Start a shell whose script says its process id and database, and sleeps."""
    process = subprocess.Popen(
        [str(ROOT / 'dev'), 'shell'],
        env=_environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdin.write('import os, time; print(os.getpid(), env.cr.dbname, flush=True)\n')
    process.stdin.write('time.sleep(600)')
    process.stdin.close()
    pid, database = process.stdout.readline().split()
    return process, int(pid), database


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f'/proc/{pid}/stat').read_text(encoding='utf-8').rpartition(')')[2].split()[0]
    except OSError:
        return False
    return state != 'Z'


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_leaves_nothing_behind(dev, tmp_path, number):
    process, pid, database = _start_sleeping_shell(tmp_path)
    process.send_signal(number)
    assert process.wait(PATIENCE) in (130, 143)
    assert not _is_alive(pid)
    assert_one_line(dev('shell', '--db', database), 'no database')


def test_what_a_killed_command_left_is_cleared_away_by_the_next(dev, tmp_path):
    process, pid, database = _start_sleeping_shell(tmp_path)
    process.kill()
    process.wait()
    # Any command of the same user clears it away: another one may be faster than this one.
    assert dev('shell', input='print(1)').returncode == 0
    assert not _is_alive(pid)
    assert_one_line(dev('shell', '--db', database), 'no database')


def test_a_command_says_which_processes_of_a_killed_one_it_ends(tmp_path):
    sleeper = subprocess.Popen(['sleep', '600'], start_new_session=True)
    dead = subprocess.Popen(['true'])
    dead.wait()
    begun = Path(f'/proc/{sleeper.pid}/stat').read_text(encoding='utf-8').split()[21]
    runs = tmp_path / 'cache' / 'runs'
    runs.mkdir(parents=True)
    record = runs / f'{dead.pid}.json'
    record.write_text(json.dumps({sleeper.pid: begun}), encoding='utf-8')
    sweep = 'from devkit.process import sweep_killed_runs; sweep_killed_runs()'
    result = subprocess.run(
        [sys.executable, '-c', sweep],
        env=_environment(tmp_path, 'empty'),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f'ending process {sleeper.pid} of a run that was killed' in result.stderr
    assert sleeper.wait() == -signal.SIGTERM
    assert not record.exists()


def test_run_starts_again_on_the_database_it_made_and_ends_with_ctrl_c(tmp_path):
    name = f'ci_demo_{os.getpid()}'
    try:
        with _running(tmp_path, '--database', name) as run:
            page = urllib.request.urlopen(f'{run.address}/web/login', timeout=600).read()
            assert b'name="login"' in page
        assert f'making the database {name}' in run.said
        with _running(tmp_path, '--database', name) as run:
            # Another port than before: it is where prints find their styles.
            call = xmlrpc.client.ServerProxy(f'{run.address}/xmlrpc/2/object').execute_kw
            parameter = 'ir.config_parameter', 'get_param', ['report.url']
            assert call(name, 2, 'admin', *parameter) == run.address
        assert 'making' not in run.said
        assert 'updating' not in run.said
    finally:
        _drop(tmp_path, name)


class _running:
    """A `./dev run` as a context with its `address`, ended as by Ctrl-C; then `said` is what it
    said on the way."""

    def __init__(self, tmp_path, *arguments):
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            port = probe.getsockname()[1]
        self.log = tmp_path / f'run-{port}.log'
        with self.log.open('wb') as log:
            self.process = subprocess.Popen(
                [str(ROOT / 'dev'), 'run', '--port', str(port), *arguments],
                env=_environment(tmp_path),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def __enter__(self):
        for line in self.process.stdout:
            if found := re.search(r'http://127\.0\.0\.1:\d+', line):
                self.address = found[0]
                return self
        raise AssertionError(f'./dev run ended with {self.process.wait()}: {self._read()}')

    def __exit__(self, *_error):
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(PATIENCE) == 0
        self.said = self._read()

    def _read(self) -> str:
        return self.log.read_text(encoding='utf-8', errors='replace')


def _drop(tmp_path, name):
    """Drop a database by way of the devkit, in a process of its own."""
    code = (
        'from devkit.session import open_session\n'
        f'with open_session(None) as odoo: odoo.databases.drop({name!r})\n'
    )
    subprocess.run([sys.executable, '-c', code], env=_environment(tmp_path), check=True)


# === Rules of the tests === #


MODEL = """\
from odoo import models


class Partner(models.Model):
    _inherit = 'res.partner'
"""


@pytest.fixture(scope='module')
def small_checkout(tmp_path_factory):
    """Return a checkout with one small add-on whose tests warn, and do not."""
    root = tmp_path_factory.mktemp('checkout')
    shutil.copytree(ROOT / 'devkit', root / 'devkit')
    for name in ('dev', 'pytest.ini'):
        shutil.copy2(ROOT / name, root)
    files = {
        '__manifest__.py': "{'name': 'x', 'license': 'LGPL-3', 'author': 'x', 'depends': ['base']}",
        '__init__.py': 'from . import models',
        'models.py': MODEL,
        'tests/__init__.py': 'from . import test_small',
        'tests/test_small.py': """
            import logging
            from odoo.tests import HttpCase, TransactionCase
            logger = logging.getLogger('odoo.addons.ci_small.models')

            class Plain(TransactionCase):
                def test_quiet(self):
                    logging.getLogger('odoo.addons.base').warning('not about us')
                def test_expects(self):
                    with self.assertLogs(logger, 'WARNING'):
                        logger.warning('taken in')
                def test_warns(self):
                    logger.warning('out of the blue')

            class Browser(HttpCase):
                def test_browser(self):
                    self.browser_js('/web/login', "console.log('test successful')", 'true')
            """,
        # The runner of the host does not know it.
        'tests/test_more.py': """
            from odoo.tests import TransactionCase

            class More(TransactionCase):
                def test_fails(self):
                    self.fail('on purpose')
            """,
    }
    for name, text in files.items():
        path = root / 'ci_small' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding='utf-8')
    return root


def test_a_warning_of_ours_fails_the_session(dev, small_checkout):
    result = dev('test', '-k', 'Plain', root=small_checkout)
    assert result.returncode == 1, result.stdout
    assert '3 passed, 0 failed, 0 skipped, 1 warnings of our own modules' in result.stdout
    assert 'test_warns: WARNING odoo.addons.ci_small.models: out of the blue' in result.stdout


def test_all_tests_end_in_one_line_with_what_failed_under_it(dev, small_checkout):
    result = dev('test', root=small_checkout)
    assert result.returncode == 1, result.stdout
    lines = result.stdout.splitlines()
    said = 'WARNING odoo.addons.ci_small.models: out of the blue'
    assert lines[-3:] == [
        '4 passed, 1 failed, 0 skipped, 1 warnings of our own modules',
        'FAILED ci_small/tests/test_more.py::More::test_fails: AssertionError: on purpose',
        f'WARNING ci_small/tests/test_small.py::Plain::test_warns: {said}',
    ], result.stdout
    slowest = [line for line in lines if ' s of processor time, ' in line]
    assert {line.rpartition(': ')[2].rpartition('::')[2] for line in slowest} == {
        'Plain',
        'Browser',
        'More',
    }
    # What pytest says of a failure is there, too.
    assert "self.fail('on purpose')" in result.stdout


def test_a_quiet_session_passes(dev, small_checkout):
    result = dev('test', '-k', 'quiet or expects', root=small_checkout)
    assert result.returncode == 0, result.stdout


def test_a_session_without_tests_fails(dev, small_checkout):
    result = dev('test', '-k', 'nothing_is_called_so', root=small_checkout)
    assert result.returncode == 1
    assert 'no test ran' in result.stdout


def test_a_warning_at_installation_is_shown_and_stops_the_command(dev, small_checkout):
    models = small_checkout / 'ci_small' / 'models.py'
    models.write_text(MODEL + '    _sql_constraints = []\n', encoding='utf-8')
    try:
        result = dev('test', root=small_checkout)
    finally:
        models.write_text(MODEL, encoding='utf-8')
    assert result.returncode == 2
    assert 'our add-ons warn while they are installed' in result.stderr
    assert "'_sql_constraints' is no longer supported" in result.stderr


def _path_without_browser(tmp_path) -> str:
    """Return a PATH with all that is on ours but browsers and the means to install one."""
    folder = tmp_path / 'bin'
    folder.mkdir()
    hidden = ('chrom', 'google-chrome', 'apt-get')
    for part in os.environ['PATH'].split(os.pathsep):
        for path in sorted(Path(part).glob('*')):
            target = folder / path.name
            if not path.name.startswith(hidden) and not target.is_symlink():
                target.symlink_to(path)
    return str(folder)


def test_without_a_browser_tours_are_skipped_and_it_is_said(dev, small_checkout, tmp_path):
    path = _path_without_browser(tmp_path)
    result = dev('test', '-k', 'quiet or browser', root=small_checkout, PATH=path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert '1 passed, 0 failed, 1 skipped' in result.stdout
    assert 'the tests that need them are skipped' in result.stderr


def test_without_a_browser_a_build_server_fails(dev, small_checkout, tmp_path):
    path = _path_without_browser(tmp_path)
    result = dev('test', '-k', 'browser', root=small_checkout, PATH=path, CI='true')
    assert_one_line(result, 'chromium')


def test_the_runner_of_the_host_is_judged_by_what_it_ran(dev, small_checkout):
    result = dev('test', '--host-runner', root=small_checkout, timeout=300)
    assert result.returncode == 1
    assert '4 tests, 0 failed, 0 errors, 1 warnings' in result.stderr


# === Parts === #


def test_an_address_is_read_with_its_escapes():
    address = parse_url('postgresql://me:p%40ss@db.example:6543')
    assert address.options() == {
        'host': 'db.example',
        'port': 6543,
        'user': 'me',
        'password': 'p@ss',
    }


def test_a_long_cache_path_still_has_room_for_a_socket(monkeypatch, tmp_path):
    folder = tmp_path / ('long' * 30)
    monkeypatch.setenv('CREDIT_INVOICE_CACHE', str(folder))
    paths.cache_dir.cache_clear()
    try:
        socket_folder = PrivateCluster().socket_folder
    finally:
        paths.cache_dir.cache_clear()
    assert len(os.fsencode(socket_folder / '.s.PGSQL.5432.lock')) <= SOCKET_PATH_LIMIT


def test_a_warning_is_ours_by_its_logger_or_its_text():
    log = textwrap.dedent("""\
        2026-01-01 00:00:00,000 1 WARNING db odoo.addons.ours.models.x: a
        more of a
        2026-01-01 00:00:00,000 1 INFO db odoo.addons.ours: nothing
        2026-01-01 00:00:00,000 1 WARNING db odoo.addons.theirs: b
        2026-01-01 00:00:00,000 1 ERROR db odoo.registry: model x of module ours
        2026-01-01 00:00:00,000 1 WARNING db odoo.addons.ours.tests.test_x.X: c
        2026-01-01 00:00:00,000 1 WARNING db odoo.registry: about oursome
    """)
    found = odoo.warnings_about(log, ['ours'])
    assert [record.rpartition(': ')[2] for record in found] == [
        'a\nmore of a',
        'model x of module ours',
    ]


def test_figures_are_flattened_to_dotted_names():
    figures = {'draft': {'ratio': 12.0, 'queries': 1}, 'n': 3}
    assert dict(flatten(figures)) == {'draft.ratio': '12', 'draft.queries': 1, 'n': 3}


def test_the_environment_of_a_test_is_undone_for_a_nested_command():
    before = json.loads(os.environ[OUTER])
    assert os.environ['http_proxy'] != before['http_proxy']
