"""Locks between `./dev` processes, by files.

The kernel lets go of such a lock when its holder dies, however it dies, so a
lock that can be taken means that nobody is left behind it.
"""

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path

from . import console
from .paths import cache_path


class FileLock:
    """An advisory lock on a file, shared or exclusive."""

    def __init__(self, path: Path):
        self.path = path
        self._fd = None

    def acquire(self, *, shared: bool = False, blocking: bool = True) -> bool:
        """Take the lock; tell whether it was got. Changes the mode of a held one."""
        if self._fd is None:
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._fd, mode | (0 if blocking else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let go of the lock."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


@contextmanager
def step_lock(name: str):
    """Let only one process at a time do the step ``name``; others wait for it."""
    lock = FileLock(cache_path('locks', f'{name}.lock'))
    if not lock.acquire(blocking=False):
        console.say(f'waiting for another ./dev that is busy with: {name}')
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
