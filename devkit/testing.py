"""`./dev test`: the tests, in lanes (lanes.py), each on a copy of the suite template of its own."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from . import console, lanes
from .addons import find_addons, select
from .errors import DevError
from .odoo import Odoo, warnings_about
from .paths import ROOT, cache_path
from .process import finish, foreground, is_run_alive, start
from .rooms import split_names
from .session import open_session
from .stopwatch import describe_slowest, find_slow
from .system import ensure_test_tools, free_port
from .template import copy

# pytest's status where no test was selected.
NO_TESTS = 5
# Of a lane; what all of them say is said in the end.
LANE = ('-qq', '--no-header', '-rN')
# What pytest says when it could run the tests that it was to run.
RAN = (0, 1, NO_TESTS)
# How often is told how far the tests have come.
PROGRESS_SECONDS = 60
RESULT = re.compile(r'(\d+) failed, (\d+) error\(s\) of (\d+) tests')


def run(options) -> int:
    """Run the tests; return 0 when some ran and none failed."""
    ensure_test_tools()
    with open_session(options.db_url) as odoo:
        if options.host_runner:
            return _run_host_runner(odoo, options.rest)
        return _run_pytest(odoo, options)


def default_paths() -> list[str]:
    """Return every add-on's tests folder and the top-level one, as far as they exist."""
    folders = [*(addon.path / 'tests' for addon in find_addons()), ROOT / 'tests']
    return [str(folder.relative_to(ROOT)) for folder in folders if folder.is_dir()]


def _names_a_path(argument: str) -> bool:
    """Tell whether an argument of pytest selects tests by file or folder."""
    return not argument.startswith('-') and Path(argument.partition('::')[0]).exists()


def _run_pytest(odoo: Odoo, options) -> int:
    paths, rest = split_names(options.rest)
    if _are_for_each_lane(rest):
        return _run_lanes(odoo, options, rest, paths or default_paths())
    if not paths and not any(map(_names_a_path, rest)):
        paths = default_paths()
    command, environment = _pytest(odoo, options, [*rest, *paths])
    status = foreground(
        command,
        interactive='--pdb' in rest and sys.stdin.isatty(),
        env=environment,
    )
    # pytest's own: 2 is an interruption, 4 a wrong argument.
    return {0: 0, 2: 130, 4: 2}.get(status, 1)


def _are_for_each_lane(arguments: list[str]) -> bool:
    """Tell whether arguments of pytest mean for each lane what they mean for all tests.

    Those that select a few tests do not: reading all in several lanes takes longer than running
    them in one.
    """
    shared = ('--hypothesis-seed=', '--durations=', '--long', '-q', '-v')
    return all(argument.startswith(shared) for argument in arguments)


def _count_lanes(paths: list[str]) -> int:
    """Return how many lanes are worth while: some tests mostly wait for other programs."""
    found = [ROOT / path for path in paths]
    files = [file for path in found for file in (path, *path.rglob('test_*.py')) if file.is_file()]
    return max(1, min((os.cpu_count() or 1) + 1, len(files)))


def _run_lanes(odoo: Odoo, options, rest: list[str], paths: list[str]) -> int:
    """Run tests in lanes, one more than there are processors, and say what all say.

    :param rest: arguments of pytest
    :param paths: of tests
    :return: 0 when some ran and none failed
    """
    folder = _make_folder()
    running: list[subprocess.Popen] = []
    try:
        for number in range(_count_lanes(paths)):
            command, environment = _pytest(odoo, options, [*LANE, *rest, *paths])
            environment[lanes.LANE] = f'{folder}:{number}'
            running.append(_start_lane(command, environment, folder / f'lane-{number}.log'))
        _wait(running, folder)
        for path in sorted(folder.glob('*.log')):
            print(path.read_text(encoding='utf-8', errors='replace'))
        return _judge_lanes(folder, [process.returncode for process in running], options)
    finally:
        for process in running:
            finish(process)
        shutil.rmtree(folder, ignore_errors=True)


def _make_folder() -> Path:
    """Make the folder of this run's lanes, and remove those of runs that are over."""
    folder = cache_path('lanes', str(os.getpid()))
    for path in folder.parent.iterdir():
        if path == folder or not is_run_alive(int(path.name)):
            shutil.rmtree(path, ignore_errors=True)
    folder.mkdir()
    return folder


def _start_lane(command: list, environment: dict, log: Path) -> subprocess.Popen:
    """Start a lane, whose output goes to a file."""
    common = {'env': environment, 'stdin': subprocess.DEVNULL}
    with log.open('wb') as output:
        return start(command, **common, stdout=output, stderr=subprocess.STDOUT)


def _wait(running: list[subprocess.Popen], folder: Path) -> None:
    """Wait for all lanes, telling what fails, and now and then how far they have come."""
    told: set[str] = set()
    last = time.monotonic()
    while any(process.poll() is None for process in running):
        time.sleep(1)
        account = lanes.read(folder)
        for name in account.failures.keys() - told:
            console.say(f'FAILED {name}: {account.failures[name]}')
        told.update(account.failures)
        if time.monotonic() - last >= PROGRESS_SECONDS and account.collected:
            last = time.monotonic()
            console.say(f'  … {len(account.ran)} of {len(account.collected[0])} tests')


def _judge_lanes(folder: Path, statuses: list[int], options) -> int:
    """Say what all lanes say, and note how long the tests took; return 0 when all is well."""
    account = lanes.read(folder)
    for number, status in enumerate(statuses):
        # One that was killed has a negative status.
        if status not in RAN:
            account.add_failure(f'lane {number}', f'ended with status {status}')
    account.check_all_ran()
    if not any(argument.startswith('--long') for argument in options.rest):
        for unit, text in find_slow(account.units).items():
            account.add_failure(unit, text)
    if not options.rest and not account.failures:
        seconds = {unit: round(found['elapsed']) for unit, found in account.units.items()}
        lanes.write_seconds(seconds, keep=options.keep_seconds)
    print('\n'.join([*describe_slowest(account.units), *account.closing_lines()]), flush=True)
    if account.is_empty:
        print('no test ran')
    return 1 if account.is_empty or account.failures or account.warnings else 0


def _pytest(odoo: Odoo, options, arguments: list) -> tuple[list, dict]:
    """Return the command that runs tests on a copy of the suite, and its environment."""
    database = copy(odoo, 'suite')
    config = odoo.config_file(database, http_port=free_port())
    environment = {**odoo.environment(), 'CREDIT_INVOICE_TEST_DATABASE': database}
    # A test that calls `./dev test` is in a lane itself.
    environment.pop(lanes.LANE, None)
    if options.db_url:
        environment['CREDIT_INVOICE_DB_URL'] = options.db_url
    command = [
        *(sys.executable, '-m', 'pytest', '-p', 'devkit.pytest_plugin'),
        *(f'--odoo-config={config}', '--odoo-http', '--odoo-log-level=warn'),
        *(f'--rootdir={ROOT}', '-c', ROOT / 'pytest.ini'),
        *arguments,
    ]
    return command, environment


def _run_host_runner(odoo: Odoo, names: list[str]) -> int:
    """Run the tests the way the host's own people do: while installing."""
    addons = select(names) if names else find_addons()
    names = [addon.name for addon in addons]
    if not names:
        raise DevError('there is no add-on to test')
    database = copy(odoo, 'base')
    log_path = cache_path('logs', f'host-runner-{os.getpid()}.log')
    command = odoo.command(
        database,
        *('-i', ','.join(names), '--skip-auto-install', '--test-enable', '--stop-after-init'),
        *('--http-port', free_port(), '--log-level=test', '--logfile', log_path),
    )
    with console.timed(f'testing {", ".join(names)} with the runner of the host'):
        status = foreground(command, cwd=odoo.host.root, env=odoo.environment())
    log = log_path.read_text(encoding='utf-8', errors='replace')
    log_path.unlink()
    return _judge(status, log, [addon.name for addon in find_addons()])


def _judge(status: int, log: str, names: list[str]) -> int:
    """Say what a log of the host's runner says; return 0 when tests ran and passed."""
    failed, errors, total = 0, 0, 0
    for found in RESULT.finditer(log):
        failed, errors, total = (int(number) for number in found.groups())
    warnings = warnings_about(log, names)
    for warning in warnings:
        print(warning, file=sys.stderr)
    console.say(f'{total} tests, {failed} failed, {errors} errors, {len(warnings)} warnings')
    if not total:
        console.say('no test ran')
    return 1 if status or failed or errors or warnings or not total else 0
