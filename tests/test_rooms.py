"""The rooms of the add-on know only those below them, though all share one registry."""

import ast
from collections import defaultdict

from devkit.paths import ROOT

ADDON = ROOT / 'credit_invoice'
# From the ground floor up.
ROOMS = (
    *('links', 'mirror', 'discount', 'rules', 'posting'),
    *('dialog', 'handover', 'export', 'compare'),
)
# Each of them can be done without, and so none knows another.
ROOF = ('settle', 'export_files', 'import_file')
FLOOR_OF = {room: floor for floor, room in enumerate(ROOMS)} | dict.fromkeys(ROOF, len(ROOMS))
# Rooms by another name.
ROOM_OF = {'link': 'links', 'report': 'links', 'controllers': 'handover'}
# Methods of the host, too, which some room above does not go on to.
OF_THE_HOST = {'write', '_compute_totals'}
# Methods of rooms above that are called all the same, by the room that calls. To be turned round or
# moved down, one after the other: nothing may be added.
EXCEPTIONS = {
    'links': [
        '_check_credit_approve_rights',
        '_check_posted_links',
        '_get_discount_taken_amount',
        '_get_remaining_lines',
        '_get_units',
        '_is_credit_without_quantity',
        '_lock_for_credit',
    ],
    'mirror': [
        '_fold_early_discount',
        '_get_discount_taken',
        '_get_other_credits',
        '_without_credit_edit',
    ],
    'rules': [
        '_get_company_targets',
        '_get_default_target',
        '_get_refund_journal',
        '_get_refund_journal_type',
    ],
    'posting': [
        '_get_money_received',
        '_get_refund_name',
        '_get_settlement_choices',
        '_mark_undone',
        '_settle_credits',
    ],
    'dialog': [
        '_get_last_settlements',
        '_get_summary',
        'approve_credits',
    ],
    'export': [
        '_describe_minutes',
        '_get_approval_refusal',
        '_get_check_domain',
        '_note_record',
        '_prepare_export_party',
    ],
}


def read_modules():
    """The modules of all rooms: pairs of a room and a syntax tree."""
    for folder in ('models', 'wizards', 'report', 'controllers'):
        for path in sorted((ADDON / folder).rglob('*.py')):
            name, *others = path.relative_to(ADDON / folder).parts
            room = name if others else folder
            if others or path.name != '__init__.py':
                yield ROOM_OF.get(room, room), ast.parse(path.read_text(encoding='utf-8'))


def knows(room, other):
    return room == other or FLOOR_OF[room] > FLOOR_OF[other]


def find_methods(tree):
    """The methods of a module's models."""
    for model in tree.body:
        if isinstance(model, ast.ClassDef) and model.bases:
            yield from (part for part in model.body if isinstance(part, ast.FunctionDef))


def is_extension(method):
    """Whether a method goes on to that of its name, which then is of another room or the host."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == method.name
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, 'id', None) == 'super'
        for node in ast.walk(method)
    )


def find_upward_calls():
    """Which methods are called that only rooms above define: set of (room that calls, method)."""
    homes, calls = defaultdict(set), set()
    for room, tree in read_modules():
        for method in find_methods(tree):
            if not is_extension(method):
                homes[method.name].add(room)
        # What a class of its own calls counts, too.
        nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
        calls.update((room, node.attr) for node in nodes)
    return {
        (room, name)
        for room, name in calls
        if name in homes.keys() - OF_THE_HOST and not any(knows(room, home) for home in homes[name])
    }


def test_rooms_know_only_those_below():
    found = defaultdict(set)
    for room, name in find_upward_calls():
        found[room].add(name)
    # One that is gone is taken off the list, too.
    assert found == {room: set(names) for room, names in EXCEPTIONS.items()}


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


def test_the_host_runs_every_file_of_tests():
    folder = ADDON / 'tests'
    (imports,) = ast.parse((folder / '__init__.py').read_text(encoding='utf-8')).body
    imported = {alias.name for alias in imports.names}
    assert {path.stem for path in folder.glob('test_*.py')} <= imported
