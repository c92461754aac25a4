"""The command line: what there is, and what each part does."""

import argparse
import os
import signal
import sys
from importlib import import_module

from . import console, process
from .address import check_reachable, parse_url
from .environment import unseal
from .errors import DevError, disk_full, is_disk_full_error
from .paths import cache_dir
from .system import check_port

DESCRIPTION = """\
Runs the add-ons of this repository on Odoo 19.0, and checks them.

The first command fetches Odoo, its Python packages and a database server, and
keeps them in a cache folder; later ones start in seconds. Nothing outside that
folder is touched, save for missing system packages, which are installed when
run as root and named in one line otherwise.
"""
EPILOG = """\
examples:
  ./dev run                                   play with it on http://127.0.0.1:8069
  ./dev test                                  everything
  ./dev test tryton                           a room or add-on, and all above it
  ./dev test credit_invoice/tests -k draft    some of it; any argument of pytest
  ./dev test tests/test_random_histories.py --long
                                              10,000 random histories of credits
  ./dev shell --chart be_comp < script.py     on a throw-away Belgian database
  ./dev bench credit --n 50,200 --json out.json
  ./dev lint --fix

environment:
  ODOO_HOME               an Odoo 19.0 source tree to use instead of Debian's package
  CREDIT_INVOICE_CACHE    the cache folder (else $XDG_CACHE_HOME/credit-invoice-dev,
                          ~/.cache/credit-invoice-dev, as root
                          /var/cache/credit-invoice-dev)
  CREDIT_INVOICE_MIRROR   a Debian archive to fetch the package odoo-19 from
  CREDIT_INVOICE_DB_URL   same as --db-url
  CI=true                 a missing browser is a failure instead of a skip

exit status: 0 all is well, 1 a test, check or script failed, 2 the command could
not do its work (one line says why), 130 interrupted
"""


def main(arguments: list[str]) -> int:
    """Run one command; return its exit status."""
    # Made by root, the cache must stay readable for the database's user.
    os.umask(0o022)
    signal.signal(signal.SIGTERM, _on_terminate)
    signal.signal(signal.SIGHUP, _on_terminate)
    signal.signal(signal.SIGINT, _on_interrupt if _heeds_interrupts() else signal.SIG_IGN)
    unseal()
    try:
        options = parse(arguments)
        return options.run(options)
    except DevError as error:
        print(f'dev: {error}', file=sys.stderr)
        return 2
    except OSError as error:
        if not is_disk_full_error(error):
            raise
        print(f'dev: {disk_full(cache_dir())}', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        console.say('interrupted')
        return 130
    finally:
        process.close_record()


def _heeds_interrupts() -> bool:
    """Tell whether Ctrl-C is for us; a shell's background job is started without."""
    return signal.getsignal(signal.SIGINT) is not signal.SIG_IGN


def _on_interrupt(number: int, _frame) -> None:
    # Once is enough: what follows is the tidying up.
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _on_terminate(number: int, _frame) -> None:
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return what the command line says; ``run`` in it is what to call."""
    parser = argparse.ArgumentParser(
        prog='./dev',
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar='COMMAND', required=True)
    for add in (
        _add_run,
        _add_test,
        _add_shell,
        _add_bench,
        _add_lint,
        _add_pictures,
        _add_prepare,
    ):
        add(commands)
    options, rest = parser.parse_known_args(arguments)
    if rest and not getattr(options, 'takes_rest', False):
        parser.error(f'unrecognized arguments: {" ".join(rest)}')
    options.rest = [argument for argument in rest if argument != '--']
    return options


def _add_command(commands, name: str, help_text: str, run, *, database: bool = True):
    """Add a command whose code is imported, and environment made, when it is called."""
    command = commands.add_parser(name, help=help_text, description=help_text)
    command.set_defaults(run=run)
    if database:
        command.add_argument(
            '--db-url',
            default=os.environ.get('CREDIT_INVOICE_DB_URL'),
            metavar='URL',
            help='use the server at postgresql://user:password@host:port instead of a private one',
        )
    return command


def in_environment(module: str, *, check=None, host: bool = True):
    """Return a function that calls ``devkit.<module>.run`` under our environment's Python.

    What can be checked without it comes first, so that a bad condition shows
    before minutes of preparation.

    :param check: function of the options that raises `DevError`
    :param host: whether the command needs the host
    """

    def run(options) -> int:
        from .host import ensure_host
        from .packages import ensure_environment

        if check:
            check(options)
        process.sweep_killed_runs()
        if getattr(options, 'db_url', None):
            check_reachable(parse_url(options.db_url))
        if host:
            ensure_host(update=getattr(options, 'update', False))
        python = ensure_environment('requirements')
        if sys.prefix != str(python.parent.parent):
            process.close_record()
            os.execv(python, [str(python), sys.argv[0], *sys.argv[1:]])
        return import_module(f'devkit.{module}').run(options)

    return run


def _add_run(commands) -> None:
    command = _add_command(
        commands,
        'run',
        'serve a database with the add-ons and demonstration data on 127.0.0.1',
        in_environment('serve', check=check_port),
    )
    command.add_argument('--port', type=int, default=8069, help='port to serve on (8069)')
    command.add_argument(
        '--database', default='credit_demo', metavar='NAME', help='its name (credit_demo)'
    )
    command.add_argument('--fresh', action='store_true', help='make the database anew')
    command.add_argument(
        '--addons',
        metavar='A,B',
        help='our add-ons to install (all but those named test_…)',
    )


def _add_test(commands) -> None:
    command = _add_command(
        commands,
        'test',
        "run the tests: every add-on's tests folder and tests/, those of a room or add-on and "
        'all above it, or what the arguments of pytest select',
        in_environment('testing'),
    )
    command.add_argument(
        '--host-runner',
        action='store_true',
        help='install the add-ons with --test-enable on a fresh database instead, the way '
        'the host runs tests; arguments are names of add-ons',
    )
    command.add_argument(
        '--keep-seconds',
        action='store_true',
        help='of a run of all tests: keep how long each took for other machines, too',
    )
    command.epilog = (
        'The name of a room or an add-on of ours runs its tests and those of all above it. '
        'Further arguments are those of pytest. With --long, random histories of invoices and '
        'credits are 10,000 instead of 300, which takes hours; --hypothesis-seed=N repeats a run.'
    )
    command.set_defaults(takes_rest=True)


def _add_shell(commands) -> None:
    command = _add_command(
        commands,
        'shell',
        'run a script, or an interactive shell, on a throw-away database with all our add-ons',
        in_environment('shell'),
    )
    command.add_argument('--db', metavar='NAME', help='on this existing database instead')
    command.add_argument(
        '--chart',
        metavar='CODE',
        help='with another chart of accounts: be_comp, de_skr03, us, …',
    )


def _add_bench(commands) -> None:
    command = _add_command(
        commands,
        'bench',
        'run a benchmark of tests/benchmarks on a throw-away database',
        in_environment('bench'),
    )
    command.add_argument('name', nargs='?', help='which one; without it they are listed')
    command.add_argument('--n', metavar='N,N', help='sizes to measure, such as 50,200')
    command.add_argument('--json', metavar='FILE', help='write the figures there too')
    command.add_argument('--chart', metavar='CODE', help='with another chart of accounts')
    command.set_defaults(takes_rest=True)
    command.epilog = 'Further options of the benchmark follow "--" as key=value.'


def _add_lint(commands) -> None:
    command = _add_command(
        commands,
        'lint',
        'check style: ruff, pylint with pylint-odoo, the OCA checks, prettier, words on screen',
        in_environment('lint', host=False),
        database=False,
    )
    command.add_argument('--fix', action='store_true', help='correct what can be corrected')


def _add_pictures(commands) -> None:
    command = _add_command(
        commands,
        'pictures',
        'make the pictures of README.md and of the Apps page anew',
        in_environment('pictures'),
    )
    command.add_argument('names', nargs='*', metavar='NAME', help='some of them (all)')


def _add_prepare(commands) -> None:
    command = _add_command(
        commands,
        'prepare',
        'fetch and build everything that run and test need, and nothing else',
        in_environment('prepare'),
    )
    command.add_argument(
        '--update', action='store_true', help='look for a newer package of the host'
    )
