"""Child processes: each in a session of its own, so that all of it can be ended.

A record of what a run started lies in the cache; the next run ends and removes
what a killed one left behind.
"""

import contextlib
import itertools
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from . import console
from .errors import DevError, disk_full, is_disk_full
from .locks import FileLock
from .paths import cache_dir, cache_path, make_dir

GRACE_SECONDS = 20
HEARTBEAT_SECONDS = 10
# How apt, pip and npm begin an error, and Python the last line of a traceback.
ERROR_LINE = re.compile(r'(E:|ERROR|error|fatal|npm error|[\w.]*(Error|Exception|Warning):) ?')
# The host says in the lines below this one what is wrong with a view.
VIEW_ERROR = re.compile(r'[\w.]*ParseError: while parsing ')
VIEW_CONTEXT = 'View error context'
# The host's log is not for people: only how far it has come is told.
LOG_HEADER = re.compile(r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ ')
MODULE_LINE = re.compile(r': Loading module (?P<name>\w+) \((?P<number>\d+)/(?P<count>\d+)\)$')


class RunRecord:
    """What this run started, in a file that is locked for as long as the run lives."""

    def __init__(self):
        self.path = cache_path('runs', f'{os.getpid()}.json')
        self.lock = FileLock(self.path.with_suffix('.lock'))
        self.processes: dict[int, str] = {}
        self.children: dict[int, subprocess.Popen] = {}

    def open(self) -> None:
        """Declare this run alive."""
        self.lock.acquire()
        self.save()

    def save(self) -> None:
        """Write the record; before a thing is made, so that none is forgotten."""
        part = self.path.with_suffix('.part')
        part.write_text(json.dumps(self.processes), encoding='utf-8')
        part.replace(self.path)

    def close(self) -> None:
        """Declare this run over."""
        self.path.unlink(missing_ok=True)
        self.lock.path.unlink(missing_ok=True)
        self.lock.release()


_record: RunRecord | None = None


def record() -> RunRecord:
    """Return this process's own record, opened at first use."""
    global _record  # noqa: PLW0603 one record per process is the point
    if _record is None:
        _record = RunRecord()
        _record.open()
    return _record


def end_children() -> None:
    """End every process this run still has going."""
    if _record is not None:
        for child in list(_record.children.values()):
            finish(child)


def close_record() -> None:
    """End this run: its processes and its record."""
    global _record  # noqa: PLW0603
    if _record is not None:
        end_children()
        _record.close()
        _record = None


def _started(pid: int) -> str:
    """Return the start time of a process as the kernel counts it, '' if there is none."""
    try:
        stat = Path(f'/proc/{pid}/stat').read_text(encoding='utf-8', errors='replace')
    except OSError:
        return ''
    return stat.rpartition(')')[2].split()[19]


def is_run_alive(pid: int) -> bool:
    """Tell whether a run with that process id is going on."""
    if pid == os.getpid():
        return True
    path = cache_path('runs', f'{pid}.lock')
    if not path.exists():
        return False
    lock = FileLock(path)
    free = lock.acquire(shared=True, blocking=False)
    lock.release()
    return not free


def sweep_killed_runs() -> None:
    """End the processes that killed runs left behind."""
    for path in make_dir(cache_dir() / 'runs').glob('*.json'):
        if is_run_alive(int(path.stem)):
            continue
        with contextlib.suppress(ValueError, OSError):
            for pid, started in json.loads(path.read_text(encoding='utf-8')).items():
                # The number may belong to somebody else by now; the start time tells.
                if started and _started(int(pid)) == started:
                    console.say(f'ending process {pid} of a run that was killed')
                    end_session(int(pid))
        path.unlink(missing_ok=True)
        path.with_suffix('.lock').unlink(missing_ok=True)


def end_session(pid: int, process: subprocess.Popen | None = None) -> None:
    """End a session leader, ours where ``process`` is given, and all of its group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(pid, number)
        except (ProcessLookupError, PermissionError):
            return
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if process is not None:
                process.poll()  # a dead child counts as alive until it is waited for
            if not _group_alive(pid):
                return
            time.sleep(0.05)


def _group_alive(pgid: int) -> bool:
    try:
        os.killpg(pgid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def start(command: list, **options) -> subprocess.Popen:
    """Start a program in its own session and note it in the record."""
    try:
        process = subprocess.Popen(
            [str(part) for part in command], start_new_session=True, **options
        )
    except FileNotFoundError as error:
        raise DevError(f'{command[0]} is missing: {error.strerror}') from error
    record().children[process.pid] = process
    record().processes[process.pid] = _started(process.pid)
    record().save()
    return process


def finish(process: subprocess.Popen) -> None:
    """End a program started by `start`, politely first, with all it started."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
    end_session(process.pid, process)
    record().children.pop(process.pid, None)
    record().processes.pop(process.pid, None)
    record().save()


def foreground(command: list, *, interactive: bool = False, **options) -> int:
    """Run a program to its end with our own input and output; return its status.

    :param interactive: a person types into it, so that Ctrl-C is the program's business
    """
    if interactive:
        with _ignored(signal.SIGINT):
            options['preexec_fn'] = lambda: signal.signal(signal.SIGINT, signal.default_int_handler)
            return subprocess.run(
                [str(part) for part in command], check=False, **options
            ).returncode
    process = start(command, **options)
    try:
        return process.wait()
    finally:
        finish(process)


@contextlib.contextmanager
def _ignored(number: signal.Signals):
    before = signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(number, before)


def run_step(command: list, *, failure: str, log: str, **options) -> str:
    """Run one step of a preparation, telling now and then that it goes on.

    :param failure: what to say when it fails; the last line of output is added
    :param log: name of the log file in the cache
    :return: the output
    :raise DevError: when the program fails
    """
    path = cache_path('logs', f'{log}.log')
    with path.open('wb') as output:
        options = {'stdin': subprocess.DEVNULL, **options, 'stdout': output, 'stderr': output}
        process = start(command, **options)
    try:
        _wait_with_heartbeat(process, path)
    finally:
        finish(process)
    text = path.read_text(encoding='utf-8', errors='replace')
    if process.returncode:
        if is_disk_full(text):
            raise disk_full(cache_dir())
        raise DevError(f'{failure}: {last_words(text)} (log: {path})')
    return text


def _wait_with_heartbeat(process: subprocess.Popen, path: Path) -> None:
    begin = time.monotonic()
    while True:
        try:
            process.wait(HEARTBEAT_SECONDS)
            return
        except subprocess.TimeoutExpired:
            with path.open('rb') as log:
                log.seek(max(0, path.stat().st_size - 20000))
                last = tell_progress(log.read().decode(errors='replace'))
            console.say(f'  … {time.monotonic() - begin:.0f} s {last}'.rstrip())


def tell_progress(text: str) -> str:
    """Return how far a program has come, by the end of its output; '' where it does not say."""
    lines = [line.strip() for line in text.replace('\r', '\n').splitlines() if line.strip()]
    for line in reversed(lines):
        if found := MODULE_LINE.search(line):
            return f'{found["name"]} ({found["number"]} of {found["count"]})'
    last = lines[-1] if lines else ''
    return '' if any(map(LOG_HEADER.match, lines)) else last[:160]


def last_words(text: str) -> str:
    """Return what of a program's output says best why it failed."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [number for number, line in enumerate(lines) if ERROR_LINE.match(line)]
    if not errors:
        return (lines or ['no output'])[-1][:300]
    last = lines[errors[-1]]
    if not VIEW_ERROR.match(last):
        return last[:300]
    reasons = itertools.takewhile(
        lambda line: not line.startswith(VIEW_CONTEXT), lines[errors[-1] + 1 :]
    )
    return ' '.join([last, *reasons])[:900]


def capture(command: list, **options) -> subprocess.CompletedProcess:
    """Run a short program quietly and return its result, whatever it is."""
    try:
        return subprocess.run(
            [str(part) for part in command],
            capture_output=True,
            text=True,
            errors='replace',
            check=False,
            stdin=subprocess.DEVNULL,
            **options,
        )
    except FileNotFoundError as error:
        raise DevError(f'{command[0]} is missing') from error
