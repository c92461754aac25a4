"""Our own add-ons: those folders of the repository that have a manifest."""

import ast
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .errors import DevError
from .paths import ROOT

MANIFEST = '__manifest__.py'
# What no installed database depends on.
NOT_IN_A_DATABASE = {'tests', 'static', 'readme', 'demo', '__pycache__'}
SUFFIXES = {'.py', '.xml', '.csv', '.po', '.sql', '.json', '.html'}


@dataclass(frozen=True)
class Addon:
    """One of our add-ons."""

    path: Path

    @property
    def name(self) -> str:
        """Return the technical name."""
        return self.path.name

    @cached_property
    def manifest(self) -> dict:
        """Return what the manifest says."""
        try:
            return ast.literal_eval((self.path / MANIFEST).read_text(encoding='utf-8'))
        except (ValueError, SyntaxError, OSError) as error:
            raise DevError(f'{self.name}/{MANIFEST} cannot be read: {error}') from error

    def digest(self, *, of: str | None = None) -> str:
        """Return a key of the files that make a database, or of the folder ``of`` alone."""
        total = hashlib.sha256()
        base = self.path / of if of else self.path
        for path in sorted(base.rglob('*')):
            inside = path.relative_to(base).parts
            if path.suffix not in SUFFIXES or (not of and NOT_IN_A_DATABASE & set(inside[:-1])):
                continue
            total.update('/'.join(inside).encode() + b'\0' + path.read_bytes() + b'\0')
        return total.hexdigest()[:10]


def find_addons() -> list[Addon]:
    """Return our installable add-ons, by name."""
    addons = [Addon(path.parent) for path in sorted(ROOT.glob(f'*/{MANIFEST}'))]
    return [addon for addon in addons if addon.manifest.get('installable', True)]


def find_parts() -> list[Addon]:
    """Return those of our add-ons that the host installs with the app, unless it is told not to."""
    return [addon for addon in find_addons() if addon.manifest.get('auto_install')]


def select(names: list[str]) -> list[Addon]:
    """Return our add-ons of these names.

    :raise DevError: when there is none of a name
    """
    known = {addon.name: addon for addon in find_addons()}
    missing = [name for name in names if name not in known]
    if missing:
        raise DevError(
            f'no add-on {", ".join(missing)} here; there are: {", ".join(known) or "none"}'
        )
    return [known[name] for name in names]
