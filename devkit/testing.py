"""`./dev test`: the tests, on a copy of the suite template."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from . import console
from .addons import find_addons, select
from .errors import DevError
from .odoo import Odoo, warnings_about
from .paths import ROOT, cache_path
from .process import finish, foreground, start
from .session import open_session
from .system import ensure_test_tools, free_port
from .template import copy

# pytest's status where no test was selected.
NO_TESTS = 5
# Files of tests that take minutes: they run beside the others.
EXPORTS = 'test_export_*.py'
HISTORIES = 'test_random_*.py'
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
    if options.rest and not _are_of_everything(options.rest):
        named = any(map(_names_a_path, options.rest))
        paths = [] if named else [ROOT / path for path in default_paths()]
        command, environment = _pytest(odoo, options, paths)
        status = foreground(
            command,
            interactive='--pdb' in options.rest and sys.stdin.isatty(),
            env=environment,
        )
    else:
        status = _run_side_by_side(odoo, options)
    # pytest's own: 2 is an interruption, 4 a wrong argument.
    return {0: 0, 2: 130, 4: 2}.get(status, 1)


def _are_of_everything(arguments: list[str]) -> bool:
    """Tell whether arguments of pytest mean the same for each group of the tests alone."""
    words = iter(arguments)
    for word in words:
        if word in ('-k', '-m'):
            next(words, None)
        elif not word.startswith(('--hypothesis-seed=', '--durations=', '--long', '-q', '-v')):
            return False
    return True


def _groups() -> list[tuple[str, list]]:
    """Return the groups of tests that can run at the same time: what each is called, and the
    arguments of pytest that select it.

    Their order is one in which two processors are done at about the same time.
    """
    folders = [ROOT / path for path in default_paths()]
    whole = [folder for folder in folders if folder.parent == ROOT]
    addons = [folder for folder in folders if folder not in whole]
    # The add-on itself comes first, and has most of the tests.
    first, others = addons[:1], addons[1:]
    without = [f'--ignore-glob=*/{pattern}' for pattern in (EXPORTS, HISTORIES)]
    groups = [
        ('the tests of the add-on', [*first, *(without if first else ())]),
        ('outside accounting systems', _find(whole, EXPORTS)),
        ('exports, and the tests of the other add-ons', [*_find(first, EXPORTS), *others]),
        ('tests/', [*whole, *(without if whole else ())]),
        ('random histories', _find(whole, HISTORIES)),
    ]
    return [(name, arguments) for name, arguments in groups if arguments]


def _find(folders: list[Path], pattern: str) -> list[Path]:
    return sorted(path for folder in folders for path in folder.glob(pattern))


def _run_side_by_side(odoo: Odoo, options) -> int:
    """Run all groups of tests, one more at once than there are processors, each on a database of
    its own.

    What the first says is seen as it goes on; the output of the others follows in the end.

    :return: pytest's status of the worst; a group without a test counts only if none has any
    """
    waiting, running, logs, statuses = _groups(), [], [], []
    # One more than there are processors: the tests of other programs mostly wait for these.
    lanes = (os.cpu_count() or 1) + 1
    try:
        while waiting or running:
            while waiting and len(running) < lanes:
                name, paths = waiting.pop(0)
                log = None
                if running or statuses:
                    console.say(f'{name} run beside; what they say follows')
                    log = cache_path('logs', f'tests-{os.getpid()}-{len(logs)}.log')
                    logs.append(log)
                running.append(_start_group(odoo, options, paths, log))
            for process in [process for process in running if process.poll() is not None]:
                running.remove(process)
                finish(process)
                statuses.append(process.returncode)
            time.sleep(0.2)
    finally:
        for process in running:
            finish(process)
    for log in logs:
        print(log.read_text(encoding='utf-8', errors='replace'))
        log.unlink()
    ran = [status for status in statuses if status != NO_TESTS]
    # One that was killed has a negative status.
    return max(map(abs, ran)) if ran else NO_TESTS


def _start_group(odoo: Odoo, options, paths: list, log: Path | None) -> subprocess.Popen:
    """Start the tests of one group.

    :param log: where its output goes, if not to our own
    """
    command, environment = _pytest(odoo, options, paths)
    common = {'env': environment, 'stdin': subprocess.DEVNULL}
    if log is None:
        return start(command, **common)
    with log.open('wb') as output:
        return start(command, **common, stdout=output, stderr=subprocess.STDOUT)


def _pytest(odoo: Odoo, options, paths: list) -> tuple[list, dict]:
    """Return the command that runs tests on a copy of the suite, and its environment."""
    database = copy(odoo, 'suite')
    config = odoo.config_file(database, http_port=free_port())
    environment = {**odoo.environment(), 'CREDIT_INVOICE_TEST_DATABASE': database}
    if options.db_url:
        environment['CREDIT_INVOICE_DB_URL'] = options.db_url
    command = [
        *(sys.executable, '-m', 'pytest', '-p', 'devkit.pytest_plugin'),
        *(f'--odoo-config={config}', '--odoo-http', '--odoo-log-level=warn'),
        *(f'--rootdir={ROOT}', '-c', ROOT / 'pytest.ini'),
        *options.rest,
        *paths,
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
