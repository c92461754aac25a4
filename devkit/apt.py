"""Debian packages from another suite, through a private state of apt.

The machine's own package lists and sources stay as they are. Mirror, proxy and
keyring are those of the machine's apt, which also checks every signature.
"""

import os
import re
import shutil
from pathlib import Path

from . import console
from .errors import DevError
from .paths import cache_path, make_dir
from .process import capture, run_step

OTHER_WAYS = (
    'two other ways: ODOO_HOME=<folder of an Odoo 19.0 source tree>, or '
    'CREDIT_INVOICE_MIRROR=<address of a Debian archive that still has it, '
    'such as a dated one of snapshot.debian.org>'
)
KEYRING = Path('/usr/share/keyrings/debian-archive-keyring.gpg')


class PrivateApt:
    """An apt of our own, with its lists and sources in the cache."""

    def __init__(self, suites: list[str]):
        self.folder = make_dir(cache_path('apt', 'state'))
        self.suites = suites
        for name in ('lists/partial', 'archives/partial'):
            make_dir(self.folder / name)

    def _options(self) -> list[str]:
        settings = {
            'Dir::State::Lists': self.folder / 'lists',
            'Dir::Cache': self.folder,
            'Dir::Etc::SourceList': self.folder / 'sources.list',
            'Dir::Etc::SourceParts': '/dev/null',
            'Acquire::Retries': '2',
            'Acquire::http::Timeout': '30',
            'Acquire::https::Timeout': '30',
            'Acquire::Languages': 'none',
            # apt's own helper user cannot enter every cache folder.
            'APT::Sandbox::User': '',
            'Debug::NoLocking': 'true',
        }
        return [part for key, value in settings.items() for part in ('-o', f'{key}={value}')]

    def update(self) -> None:
        """Fetch the package lists of our suites.

        :raise DevError: when no mirror answers
        """
        mirror, options = find_mirror()
        lines = [f'deb {options} {mirror} {suite} main\n' for suite in self.suites]
        (self.folder / 'sources.list').write_text(''.join(lines), encoding='utf-8')
        lists = self.folder / 'lists'
        for path in lists.glob('*Packages*'):
            path.unlink()
        with console.timed(f'reading the package lists of Debian {", ".join(self.suites)}'):
            try:
                run_step(
                    ['apt-get', *self._options(), 'update', '-q'],
                    failure='apt-get update failed',
                    log='apt-private-update',
                )
            except DevError as error:
                # Clean-up hooks of the machine's apt may fail for a user; what
                # counts is whether the lists are there.
                if 'disk is full' in str(error):
                    raise
        if not any(lists.glob('*Packages*')):
            raise DevError(f'the Debian mirror {mirror} does not answer; {OTHER_WAYS}')

    def version(self, package: str) -> str | None:
        """Return the newest version of a package, None where it is not offered."""
        shown = capture(['apt-cache', *self._options(), 'show', '--no-all-versions', package])
        found = re.search(r'^Version: (.+)$', shown.stdout, re.MULTILINE)
        return found[1].strip() if found else None

    def download(self, packages: list[str], folder: Path) -> list[Path]:
        """Fetch packages into ``folder``; apt checks each against the signed lists."""
        make_dir(folder)
        run_step(
            ['apt-get', *self._options(), 'download', '-q', *packages],
            failure='the Debian packages could not be fetched',
            log='apt-download',
            cwd=folder,
        )
        return sorted(folder.glob('*.deb'))


def find_mirror() -> tuple[str, str]:
    """Return address and source options of the Debian mirror this machine uses.

    :raise DevError: on a machine without one
    """
    if not (shutil.which('apt-get') and shutil.which('dpkg-deb')):
        raise DevError(f'this machine has no apt to fetch Odoo with; {OTHER_WAYS}')
    signed = f'signed-by={KEYRING}' if KEYRING.exists() else ''
    if given := os.environ.get('CREDIT_INVOICE_MIRROR'):
        # Archives of past days are validly signed, though for a time gone by.
        return given, f'[{signed} check-valid-until=no]'
    shown = capture(['apt-get', 'indextargets', '--format', '$(REPO_URI) $(COMPONENT)'])
    for line in shown.stdout.splitlines():
        address, _, component = line.strip().partition(' ')
        if component == 'main' and re.search(r'/debian/?$', address):
            return address, f'[{signed}]' if signed else ''
    raise DevError(f"no Debian mirror in this machine's apt configuration; {OTHER_WAYS}")
