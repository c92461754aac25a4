"""Where things are: the repository and the cache folder."""

import contextlib
import hashlib
import os
import shutil
import time
from functools import cache
from pathlib import Path

from .errors import DevError, disk_full

ROOT = Path(__file__).resolve().parent.parent
DEVKIT = ROOT / 'devkit'


@cache
def cache_dir() -> Path:
    """Return the cache folder, created if need be.

    Root's own home is closed to the unprivileged user that PostgreSQL runs as,
    so root's cache goes to a folder that everybody can enter.
    """
    if given := os.environ.get('CREDIT_INVOICE_CACHE'):
        folder = Path(given).expanduser().absolute()
    elif given := os.environ.get('XDG_CACHE_HOME'):
        folder = Path(given).absolute() / 'credit-invoice-dev'
    elif os.geteuid() == 0:
        folder = Path('/var/cache/credit-invoice-dev')
    else:
        folder = Path.home() / '.cache' / 'credit-invoice-dev'
    return make_dir(folder)


def make_dir(folder: Path) -> Path:
    """Create ``folder`` with its parents and return it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise DevError(
            f'cannot create {folder}: {error.strerror}; set CREDIT_INVOICE_CACHE to another folder'
        ) from error
    return folder


def cache_path(*parts: str) -> Path:
    """Return a path in the cache whose parent folder exists."""
    path = cache_dir().joinpath(*parts)
    make_dir(path.parent)
    return path


def check_space(needed: int) -> None:
    """Make sure, before much is fetched, that the cache has room for ``needed`` bytes."""
    if shutil.disk_usage(cache_dir()).free < needed:
        raise disk_full(cache_dir(), needed)


def remove_old(folder: Path, *, days: int) -> None:
    """Remove files under ``folder`` that nobody has written to for so many days."""
    limit = time.time() - days * 24 * 3600
    for path in folder.rglob('*'):
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < limit:
                path.unlink()


def digest(*parts: object) -> str:
    """Return a short key of ``parts``, for the names of things in the cache."""
    text = '\0'.join(str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def file_digest(path: Path) -> str:
    """Return a short key of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]
