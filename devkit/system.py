"""System packages, and the user that PostgreSQL runs as."""

import os
import pwd
import shutil
import socket

from . import console
from .errors import DevError
from .process import capture, run_step


def is_root() -> bool:
    """Tell whether we may install system packages."""
    return os.geteuid() == 0


def ensure_packages(packages: list[str], purpose: str) -> None:
    """Install Debian packages when run as root, else say how in one line.

    :raise DevError: when they cannot be installed
    """
    command = f'apt-get install --no-install-recommends {" ".join(packages)}'
    if not is_root():
        raise DevError(f'{purpose} needs system packages; as root: {command}')
    if not shutil.which('apt-get'):
        raise DevError(f'{purpose} needs these Debian packages: {" ".join(packages)}')
    environment = {**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'}
    install = ['apt-get', 'install', '-y', '-q', '--no-install-recommends', *packages]
    with console.timed(f'installing the system packages {" ".join(packages)} ({purpose})'):
        if capture([*install, '--simulate'], env=environment).returncode:
            # Fresh containers come without package lists.
            run_step(
                ['apt-get', 'update', '-q'],
                failure='apt-get update failed',
                log='apt-update',
                env=environment,
            )
        run_step(
            install,
            failure=f'{command} failed',
            log='apt-install',
            env=environment,
        )


def find_browser() -> str | None:
    """Return the path of the browser that the host's tests would take."""
    names = ('google-chrome', 'chromium', 'chromium-browser', 'google-chrome-stable')
    return next((path for name in names if (path := shutil.which(name))), None)


def ensure_test_tools() -> None:
    """Get the browser and the PDF renderer that tests drive, where that is possible."""
    wanted = []
    if not find_browser():
        wanted.append('chromium')
    if not shutil.which('wkhtmltopdf'):
        wanted.append('wkhtmltopdf')
    if not wanted:
        return
    try:
        ensure_packages(wanted, 'browser and PDF tests')
    except DevError as error:
        if os.environ.get('CI') == 'true':
            raise
        console.say(f'{error}; the tests that need them are skipped')


def database_user() -> pwd.struct_passwd | None:
    """Return the user PostgreSQL is to run as, None for the caller itself.

    PostgreSQL refuses to run as root.
    """
    if not is_root():
        return None
    for name in ('postgres', 'nobody'):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise DevError('this machine has neither a user postgres nor nobody to run the database as')


def as_user(user: pwd.struct_passwd | None) -> dict:
    """Return the options of `subprocess` that run a program as ``user``."""
    if user is None:
        return {}
    return {'user': user.pw_uid, 'group': user.pw_gid, 'extra_groups': []}


def free_port() -> int:
    """Return a port of the loopback interface that is free now."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def check_port(options) -> None:
    """Make sure that we can serve on ``options.port``."""
    port = options.port
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(('127.0.0.1', port))
        except OverflowError as error:
            raise DevError(f'{port} is not a port') from error
        except OSError as error:
            raise DevError(
                f'port {port} cannot be used ({error.strerror}): '
                f'end what uses it or take another, as in ./dev run --port {port + 1}'
            ) from error
