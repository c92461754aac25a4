"""The database server: a private cluster in the cache, or the user's own.

The cluster holds nothing but throw-away data, so it trades safety for speed.
It listens on a Unix socket only. It runs while any `./dev` needs it; the last
one to end stops it.
"""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import console
from .address import USER, Address
from .errors import DevError, disk_full, is_disk_full
from .locks import FileLock, step_lock
from .packages import ensure_server_binaries
from .paths import cache_path, digest, make_dir
from .process import capture
from .system import as_user, database_user, ensure_packages, is_root

SOCKET_PATH_LIMIT = 107  # bytes, by the kernel
SETTINGS = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 256MB
max_parallel_workers_per_gather = 0
# Throw-away data: a crash of the machine may break it, nothing is lost.
fsync = off
synchronous_commit = off
full_page_writes = off
max_wal_size = 2GB
checkpoint_timeout = 30min
autovacuum_naptime = 5min
timezone = 'UTC'
log_timezone = 'UTC'
"""


class PrivateCluster:
    """The cluster in the cache folder."""

    def __init__(self):
        self.os_user = database_user()
        self.bin = _find_binaries()
        version = capture([self.bin / 'postgres', '--version']).stdout
        major = re.search(r'(\d+)', version)
        if not major:
            raise DevError(f'{self.bin}/postgres does not say its version')
        owner = self.os_user.pw_name if self.os_user else 'own'
        self.folder = cache_path('postgres', f'{major[1]}-{owner}')
        self.data = self.folder / 'data'
        self.socket_folder = self._socket_folder()
        self.address = Address(str(self.socket_folder), None, USER)
        self._users = FileLock(cache_path('locks', f'cluster-users-{self.folder.name}.lock'))

    def _socket_folder(self) -> Path:
        folder = self.folder / 'socket'
        if len(os.fsencode(folder / '.s.PGSQL.5432.lock')) > SOCKET_PATH_LIMIT:
            name = f'credit-invoice-{os.geteuid()}-{digest(self.folder)}'
            folder = Path(tempfile.gettempdir()) / name
        return folder

    def __enter__(self) -> Address:
        with step_lock('cluster'):
            self._users.acquire(shared=True)
            try:
                if not self._running():
                    self._start()
            except BaseException:
                self._users.release()
                raise
        return self.address

    def __exit__(self, _type, error, _traceback) -> None:
        self._stop_if_last()
        # A full disk brings the server down, and looks like silence from outside.
        if isinstance(error, DevError) and is_disk_full(_tail(self.folder / 'log', lines=200)):
            raise disk_full(self.folder) from error

    def _stop_if_last(self) -> None:
        with step_lock('cluster'):
            # Whoever gets the exclusive lock was the last user.
            last = self._users.acquire(blocking=False)
            if last and self._running():
                self._control('stop', '-m', 'fast')
            self._users.release()

    def _control(self, action: str, *options: str) -> int:
        command = [self.bin / 'pg_ctl', action, '-w', '-s', '-t', '60', '-D', self.data]
        if action == 'start':
            command += ['-l', self.folder / 'log', '-o', f"-k '{self.socket_folder}'"]
        # Not through a pipe: the server inherits it, and its end would never come.
        with (self.folder / 'pg_ctl.out').open('w', encoding='utf-8') as output:
            return subprocess.run(
                [str(part) for part in [*command, *options]],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                check=False,
                **self._run_options(),
            ).returncode

    def _run_options(self) -> dict:
        # Not in the current folder, which the user we become may not enter.
        return {'cwd': '/', **as_user(self.os_user)}

    def _running(self) -> bool:
        """Tell whether the cluster's own server runs, and forget one that was killed."""
        pid_file = self.data / 'postmaster.pid'
        try:
            pid = int(pid_file.read_text(encoding='utf-8').splitlines()[0])
        except (OSError, ValueError, IndexError):
            return False
        if _is_postgres(pid, self.data):
            return True
        console.say('the database server was killed the last time; starting it anew')
        pid_file.unlink()
        return False

    def _start(self) -> None:
        self._own(make_dir(self.folder), 0o755)
        self._own(make_dir(self.socket_folder), 0o700)
        self._discard_after_crash()
        if not (self.data / 'ready').exists():
            self._initialise()
        (self.folder / 'log').unlink(missing_ok=True)
        if self._control('start'):
            words = _tail(self.folder / 'log') or _tail(self.folder / 'pg_ctl.out')
            if is_disk_full(words):
                raise disk_full(self.folder)
            raise DevError(
                f'the database server does not start: {words[-300:]} (log: {self.folder}/log)'
            )
        (self.folder / 'boot').write_text(_boot_id(), encoding='utf-8')

    def _own(self, folder: Path, mode: int) -> None:
        """Give a folder to the server's user."""
        if self.os_user:
            os.chown(folder, self.os_user.pw_uid, self.os_user.pw_gid)
        elif folder.stat().st_uid != os.geteuid():
            raise DevError(f'{folder} belongs to another user; remove it')
        folder.chmod(mode)

    def _discard_after_crash(self) -> None:
        """Drop data that the machine went down under: without fsync it may be broken."""
        boot = self.folder / 'boot'
        went_down = (
            (self.data / 'ready').exists()
            and 'in production' in self._control_state()
            and boot.exists()
            and boot.read_text(encoding='utf-8') != _boot_id()
        )
        if went_down:
            console.say('the machine went down while the databases were open: making them anew')
            shutil.rmtree(self.data)

    def _control_state(self) -> str:
        environment = {**os.environ, 'LC_ALL': 'C'}
        shown = capture([self.bin / 'pg_controldata', self.data], env=environment)
        return shown.stdout

    def _initialise(self) -> None:
        with console.timed('making a private PostgreSQL cluster'):
            part = self.folder / 'data.part'
            shutil.rmtree(self.data, ignore_errors=True)
            shutil.rmtree(part, ignore_errors=True)
            command = [self.bin / 'initdb', '-D', part, '-U', USER, '-E', 'UTF8']
            command += ['--auth=trust', '--no-locale', '--no-sync']
            result = capture(command, **self._run_options())
            if result.returncode:
                if is_disk_full(result.stderr):
                    raise disk_full(self.folder)
                raise DevError(f'initdb failed: {" ".join(result.stderr.split())[-300:]}')
            with (part / 'postgresql.conf').open('a', encoding='utf-8') as settings:
                settings.write(SETTINGS)
            part.rename(self.data)
            (self.data / 'ready').touch()


def _find_binaries() -> Path:
    """Return the folder of the server's programs, fetched where there is none."""
    if found := _installed_binaries():
        return found
    if is_root() and shutil.which('apt-get'):
        with contextlib.suppress(DevError):
            ensure_packages(['postgresql'], 'the database')
        if found := _installed_binaries():
            return found
    return ensure_server_binaries()


def _installed_binaries() -> Path | None:
    folders = sorted(
        Path('/usr/lib/postgresql').glob('*/bin'),
        key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0,
        reverse=True,
    )
    if on_path := shutil.which('postgres'):
        folders.append(Path(on_path).resolve().parent)
    complete = ('postgres', 'initdb', 'pg_ctl')
    return next(
        (folder for folder in folders if all((folder / name).exists() for name in complete)), None
    )


def _is_postgres(pid: int, data: Path) -> bool:
    """Tell whether process ``pid`` is the server of ``data`` and not a later namesake."""
    try:
        command = Path(f'/proc/{pid}/cmdline').read_bytes().split(b'\0')
    except OSError:
        return False
    return os.fsencode(data) in command and b'postgres' in command[0]


def _boot_id() -> str:
    try:
        return Path('/proc/sys/kernel/random/boot_id').read_text(encoding='utf-8').strip()
    except OSError:
        return 'unknown'


def _tail(path: Path, lines: int = 2) -> str:
    try:
        text = path.read_text(encoding='utf-8', errors='replace').strip()
    except OSError:
        return ''
    return ' | '.join(text.splitlines()[-lines:])
