"""The host: an Odoo 19.0 tree, the user's own or one made from Debian's package."""

import ast
import base64
import hashlib
import io
import os
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

from . import apt, console
from .errors import DevError
from .locks import step_lock
from .paths import cache_dir, cache_path, check_space, digest
from .process import capture, run_step
from .system import ensure_packages

SERIES = '19.0'
PACKAGE = 'odoo-19'
# Debian takes these out of the package; its links expect them under the same root.
COMPANIONS = [
    'fonts-roboto-unhinted',
    'fonts-montserrat',
    'fonts-inconsolata',
    'fonts-ocr-b',
    'libjs-jquery',
    'libjs-jquery-form',
    'libjs-underscore',
    # Later releases lack the files of Font Awesome 4 that the web client uses.
    'fonts-font-awesome/bookworm',
]
# Left out by Debian as well; without it the web client's bundle fails.
SCRIPT = '@mediapipe/selfie_segmentation'
SCRIPT_VERSION = '0.1.1675465747'
SCRIPT_SHA512 = (
    'IxYxNhwE5VwOm52L1yoFWYLP7q9Pd+NJjzOC5tlepfvEGaY3o9hslhUrx9BgseqdfZtKSDtd/4NfCSMjNzQalA=='
)
SCRIPT_FILE = 'selfie_segmentation.js'
SPACE_NEEDED = 3 << 30  # bytes: packages, tree, and what follows
PREPARATION = 1  # raise when this file prepares a tree differently


@dataclass(frozen=True)
class Host:
    """An Odoo tree: the folder to start ``python -m odoo`` in, and a key of its version."""

    root: Path
    key: str

    @property
    def addons_paths(self) -> list[Path]:
        """Return the folders of the host's own add-ons."""
        folders = [self.root / 'odoo' / 'addons', self.root / 'addons']
        return [folder for folder in folders if folder.is_dir()]


def ensure_host(*, update: bool = False) -> Host:
    """Return the host, prepared if need be.

    :param update: look for a newer package although one is prepared
    """
    if given := os.environ.get('ODOO_HOME'):
        return _own_tree(Path(given).expanduser())
    current = cache_dir() / 'host' / 'current'
    if update or not current.exists():
        with step_lock('host'):
            if update or not current.exists():
                _prepare(current)
    folder = current.parent / current.read_text(encoding='utf-8').strip()
    return Host(folder / 'usr/lib/python3/dist-packages', folder.name)


def _own_tree(root: Path) -> Host:
    """Return the user's own tree, if it is one of the series we are made for."""
    release = root / 'odoo' / 'release.py'
    if not release.is_file():
        raise DevError(f'ODOO_HOME={root} is not an Odoo source tree: it has no odoo/release.py')
    version = _read_version(release.read_text(encoding='utf-8', errors='replace'))
    if version != SERIES:
        raise DevError(f'ODOO_HOME={root} is Odoo {version or "unknown"}, not {SERIES}')
    head = capture(['git', '-C', root, 'rev-parse', 'HEAD']) if shutil.which('git') else None
    return Host(root.absolute(), digest(root.absolute(), head and head.stdout))


def _read_version(source: str) -> str | None:
    """Return the series out of the text of ``odoo/release.py``."""
    for line in source.splitlines():
        if line.startswith('version_info'):
            parts = line.partition('=')[2].strip().strip('()').split(',')
            return '.'.join(str(ast.literal_eval(part.strip())) for part in parts[:2])
    return None


def _prepare(current: Path) -> None:
    """Fetch and complete the package; ``current`` names it when all is done."""
    check_space(SPACE_NEEDED)
    debian = apt.PrivateApt(['sid', 'bookworm'])
    debian.update()
    version = debian.version(PACKAGE)
    if not version:
        raise DevError(f'the Debian mirror no longer has {PACKAGE}; {apt.OTHER_WAYS}')
    folder = cache_path('host', f'{version}-{PREPARATION}'.replace(':', '_'))
    if not folder.exists():
        part = folder.with_name(f'{folder.name}.part')
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        _fetch_and_unpack(debian, version, part)
        _restore_script(part)
        part.rename(folder)
    # A name in a file rather than a link: replaced in one step.
    fresh = current.with_suffix('.part')
    fresh.write_text(folder.name, encoding='utf-8')
    fresh.replace(current)


def _fetch_and_unpack(debian: apt.PrivateApt, version: str, root: Path) -> None:
    downloads = root / 'downloads'
    with console.timed(f'fetching Odoo {version} (about 130 MB)'):
        packages = debian.download([f'{PACKAGE}={version}', *COMPANIONS], downloads)
    with console.timed(f'unpacking {len(packages)} packages (about 1.3 GB)'):
        for package in packages:
            run_step(
                ['dpkg-deb', '-x', package, root],
                failure=f'{package.name} could not be unpacked',
                log='unpack',
            )
    shutil.rmtree(downloads)
    # dpkg-deb takes over the archive's idea of the root folder's rights.
    root.chmod(0o755)


def _restore_script(root: Path) -> None:
    """Put the JavaScript file back that Debian leaves out."""
    with console.timed(f'fetching {SCRIPT} {SCRIPT_VERSION}'):
        archive = _fetch_script(root)
    if base64.b64encode(hashlib.sha512(archive).digest()).decode() != SCRIPT_SHA512:
        raise DevError(f'{SCRIPT} {SCRIPT_VERSION} is not the file it was: its SHA-512 differs')
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        member = tar.extractfile(f'package/{SCRIPT_FILE}')
        assert member is not None, 'part of an archive whose digest is known'
        script = member.read()
    addons = root / 'usr/lib/python3/dist-packages/odoo/addons'
    if not (addons / 'mail').is_dir():
        addons = addons.parent.parent / 'addons'
    target = addons / 'mail/static/lib/selfie_segmentation' / SCRIPT_FILE
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(script)


def _fetch_script(folder: Path) -> bytes:
    """Fetch the script's archive by its name, with npm's own settings."""
    if not shutil.which('npm'):
        ensure_packages(['npm'], SCRIPT)
    packed = capture(['npm', 'pack', '--silent', f'{SCRIPT}@{SCRIPT_VERSION}'], cwd=folder)
    archives = list(folder.glob('*.tgz'))
    if packed.returncode or not archives:
        reason = (packed.stderr or '').strip().splitlines()[-1:] or ['no answer']
        raise DevError(f'the npm registry did not give {SCRIPT} {SCRIPT_VERSION}: {reason[0]}')
    content = archives[0].read_bytes()
    archives[0].unlink()
    return content
