"""The rooms of the app know only those below them, though all share one registry; and the app
knows none of the add-ons above it."""

import ast
import re
from collections import Counter, defaultdict

import pytest

from devkit.addons import find_addons
from devkit.rooms import ROOMS

ADDONS = {addon.name: addon for addon in find_addons() if addon.name.startswith('credit_')}
APP = 'credit_invoice'
ABOVE = ADDONS.keys() - {APP}
FLOOR_OF = {room: floor for floor, room in enumerate(ROOMS)}
# Rooms by another name.
ROOM_OF = {'report': 'links', 'controllers': 'handover'}
# Methods of the host, too, which some room above does not go on to.
OF_THE_HOST = {'write', '_compute_totals'}
# Of each of these, an add-on has one override for each model: what rooms do is a step of it.
ENTRIES = ('create', 'write', 'unlink', '_post')
MODELS = ('account.move', 'account.move.line')


def read_modules():
    """The modules of all rooms and add-ons: pairs of a room or an add-on, and a syntax tree."""
    for addon in ADDONS.values():
        for folder in ('models', 'wizards', 'report', 'controllers'):
            for path in sorted((addon.path / folder).rglob('*.py')):
                name, *others = path.relative_to(addon.path / folder).parts
                room = ROOM_OF.get(name, name) if others else ROOM_OF.get(folder, folder)
                if others or path.name != '__init__.py':
                    tree = ast.parse(path.read_text(encoding='utf-8'))
                    yield room if addon.name == APP else addon.name, tree


def find_needs(name):
    """An add-on, and those of ours that it stands on."""
    needs = {need for need in ADDONS[name].manifest['depends'] if need in ADDONS}
    return {name}.union(*map(find_needs, needs))


def knows(room, other):
    if room in ABOVE:
        return other in FLOOR_OF or other in find_needs(room)
    return other in FLOOR_OF and (room == other or FLOOR_OF[room] > FLOOR_OF[other])


def find_methods(tree):
    """The methods of a module's models."""
    for model in tree.body:
        if isinstance(model, ast.ClassDef) and model.bases:
            yield from (part for part in model.body if isinstance(part, ast.FunctionDef))


def find_fields(tree):
    """The names of the fields that a module adds to models of others."""
    for model in tree.body:
        parts = [part for part in getattr(model, 'body', ()) if isinstance(part, ast.Assign)]
        calls = {part.targets[0].id: part.value for part in parts}
        if '_inherit' in calls and '_name' not in calls:
            yield from (name for name, call in calls.items() if is_new_field(call))


def is_new_field(node):
    function = getattr(node, 'func', None)
    is_field = getattr(getattr(function, 'value', None), 'id', '') == 'fields'
    return is_field and all(keyword.arg != 'selection_add' for keyword in node.keywords)


def is_extension(method):
    """Whether a method goes on to that of its name, which then is of another room or the host."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == method.name
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, 'id', None) == 'super'
        for node in ast.walk(method)
    )


def get_model(node):
    """The name of the model that a class extends, or None."""
    for part in node.body:
        if isinstance(part, ast.Assign) and part.targets[0].id == '_inherit':
            names = ast.literal_eval(part.value)
            return names if isinstance(names, str) else names[0]
    return None


def find_entries(addon):
    """How often an add-on overrides what documents and their lines are made and changed by.

    :return: counter of (model, method)
    """
    trees = (ast.parse(path.read_text(encoding='utf-8')) for path in addon.glob('models/**/*.py'))
    return Counter(
        (get_model(node), method.name)
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.ClassDef) and get_model(node) in MODELS
        for method in node.body
        if isinstance(method, ast.FunctionDef) and method.name in ENTRIES
    )


def find_upward_calls():
    """Which methods are called that only rooms above define: set of (room that calls, method)."""
    homes, calls = defaultdict(set), set()
    for room, tree in read_modules():
        for method in find_methods(tree):
            if not is_extension(method):
                homes[method.name].add(room)
        if room in ABOVE:
            for name in find_fields(tree):
                homes[name].add(room)
        # What a class of its own calls counts, too.
        nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
        calls.update((room, node.attr) for node in nodes)
    return {
        (room, name)
        for room, name in calls
        if name in homes.keys() - OF_THE_HOST and not any(knows(room, home) for home in homes[name])
    }


def test_rooms_know_only_those_below():
    assert not find_upward_calls()


def test_each_add_on_overrides_an_entry_once():
    found = {name: find_entries(addon.path) for name, addon in ADDONS.items()}
    assert found[APP]['account.move', 'write'] == 1
    assert not {
        (addon, *entry)
        for addon, entries in found.items()
        for entry, count in entries.items()
        if count > 1
    }


def test_rooms_import_only_from_those_below():
    upward = [
        (room, node.module)
        for room, tree in read_modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
        for part in (node.module or '').split('.')
        if ROOM_OF.get(part, part) in FLOOR_OF and not knows(room, ROOM_OF.get(part, part))
    ]
    assert not upward


@pytest.mark.parametrize('name', ADDONS)
def test_an_addon_names_only_those_it_stands_on(name):
    """Neither the add-on nor its models: in code, views, rights, and the tests of the host."""
    strangers = ADDONS.keys() - find_needs(name)
    strangers |= {model for other in strangers for model in find_models(ADDONS[other])}
    pattern = re.compile(rf'\b({"|".join(map(re.escape, sorted(strangers)))})\b')
    found = {
        f'{path.relative_to(ADDONS[name].path)}: {stranger}'
        for path in ADDONS[name].path.rglob('*.*')
        if path.suffix in ('.py', '.xml', '.csv', '.js')
        for stranger in pattern.findall(path.read_text(encoding='utf-8').replace('model_', ''))
    }
    assert not found


def find_models(addon):
    """The models that an add-on makes, as code and as external ids call them."""
    for path in addon.path.rglob('*.py'):
        for model in re.findall(r"^    _name = '(.+)'", path.read_text(encoding='utf-8'), re.M):
            yield from (model, model.replace('.', '_'))


@pytest.mark.parametrize('folder', ['models', 'wizards', 'views', 'tests'])
def test_each_folder_in_a_folder_is_a_room(folder):
    folders = (ADDONS[APP].path / folder).glob('*/')
    assert {path.name for path in folders} - {'__pycache__'} <= set(ROOMS)


@pytest.mark.parametrize('name', ADDONS)
def test_the_host_runs_every_file_of_tests(name):
    folder = ADDONS[name].path / 'tests'
    tree = ast.parse((folder / '__init__.py').read_text(encoding='utf-8'))
    imported = {alias.name for imports in tree.body for alias in imports.names}
    assert {path.stem for path in folder.rglob('test_*.py')} <= imported
