"""Which tests belong to a room or an add-on, and to those above it."""

import re
from pathlib import Path

from .addons import Addon, find_addons
from .paths import ROOT

BASE = 'credit_invoice'
# The rooms of the base, from the ground floor up; tests/test_rooms.py keeps them in that order.
ROOMS = (
    *('links', 'mirror', 'discount', 'rules', 'posting'),
    *('dialog', 'handover', 'export', 'compare'),
)


def split_names(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Divide arguments of `./dev test`: the tests of the rooms and add-ons that are named, and the
    others.

    :return: (paths, arguments of pytest)
    """
    paths: dict[str, None] = {}
    others, is_value = [], False
    for argument in arguments:
        found = None if is_value else find_tests(argument)
        # What follows is not the name of a room.
        is_value = argument in ('-k', '-m', '-p')
        if found is None:
            others.append(argument)
        else:
            paths.update(dict.fromkeys(str(path.relative_to(ROOT)) for path in found))
    return list(paths), others


def find_tests(name: str) -> list[Path] | None:
    """Return the tests of a room or add-on and of all above it; None where there is no such.

    :param name: of a room, or of an add-on, also without what all of them begin with
    """
    addons = {addon.name: addon for addon in find_addons()}
    if name in ROOMS and BASE in addons:
        above = set(ROOMS[ROOMS.index(name) :])
        # Of what stands above the whole house, the other add-ons.
        others = [path for path in _find_addon_tests(addons, BASE)[1:] if path.parent != ROOT]
        return [*_find_room_tests(addons[BASE], above), *others]
    for full in (name, f'{BASE}_{name}', f'{BASE}_export_{name}'):
        if full in addons:
            return _find_addon_tests(addons, full)
    return None


def _find_room_tests(addon: Addon, rooms: set[str]) -> list[Path]:
    """Return the tests of some rooms of an add-on, and those that belong to no room."""
    paths = sorted((addon.path / 'tests').glob('*'))
    return [path for path in paths if path.name in rooms or path.match('test_*.py')]


def _find_addon_tests(addons: dict[str, Addon], name: str) -> list[Path]:
    """Return the tests of an add-on, and of all that depend on it."""
    above = {name}
    while more := {
        addon.name
        for addon in addons.values()
        if above & set(addon.manifest.get('depends', ())) and addon.name not in above
    }:
        above |= more
    folders = [addons[found].path / 'tests' for found in sorted(above, key=(name).__ne__)]
    return [folder for folder in folders if folder.is_dir()] + _find_common_tests(above)


def _find_common_tests(names: set[str]) -> list[Path]:
    """Return the tests of `tests/` that import from an add-on of these, or by what they use.

    All of them stand above the base.
    """
    folder = ROOT / 'tests'
    if BASE in names:
        return [folder] if folder.is_dir() else []
    texts = {path.stem: path.read_text(encoding='utf-8') for path in folder.glob('*.py')}
    pattern = re.compile(r'\bodoo\.addons\.(' + '|'.join(sorted(names)) + r')\b')
    importing = {stem for stem, text in texts.items() if pattern.search(text)}
    uses = {
        stem: set(re.findall(r'^(?:from|import) (\w+)', text, re.M)) for stem, text in texts.items()
    }
    while more := {stem for stem in uses if uses[stem] & importing and stem not in importing}:
        importing |= more
    return [folder / f'{stem}.py' for stem in sorted(importing) if stem.startswith('test_')]
