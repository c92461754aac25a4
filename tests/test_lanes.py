"""The lanes that share the tests: nothing is lost, nothing runs twice, and one account is made."""

import itertools
import json
import random
from types import SimpleNamespace

import freezegun
import pytest

from devkit import lanes, rooms
from devkit.stopwatch import Stopwatch, describe_slowest, find_slow

PATHS = (
    'credit_invoice/tests/test_a.py',
    'credit_invoice/tests/links/test_b.py',
    'tests/test_c.py',
)
NODES = [
    f'{path}{owner}::test_{number}'
    for path in PATHS
    for owner in ('', '::One', '::Two')
    for number in range(3)
]


@pytest.mark.parametrize('seed', range(20))
def test_lanes_share_exactly_what_is_collected(tmp_path, seed):
    draw = random.Random(seed)
    nodes = draw.sample(NODES, draw.randint(0, len(NODES)))
    items = [SimpleNamespace(nodeid=node) for node in nodes]
    shares = [lanes.Lane(tmp_path, number).share(items) for number in range(3)]
    # In whatever order they come for more, until there is none.
    ran = []
    while shares:
        share = draw.choice(shares)
        unit = [item.nodeid for item in next(share, [])]
        if unit:
            ran.append(unit)
        else:
            shares.remove(share)
    assert sorted(itertools.chain(*ran)) == sorted(nodes)
    # A unit is not torn apart, and its tests keep their order.
    assert all(unit == [node for node in nodes if node in unit] for unit in ran)
    units = [lanes.get_unit(unit[0]) for unit in ran]
    assert len(units) == len(set(units))


def test_a_unit_is_a_class_of_an_addon_and_a_file_of_what_shares_fixtures():
    assert lanes.get_unit('credit_invoice/tests/test_a.py::A::test_x') == (
        'credit_invoice/tests/test_a.py::A'
    )
    assert lanes.get_unit('credit_invoice/tests/test_a.py::test_x') == (
        'credit_invoice/tests/test_a.py'
    )
    assert lanes.get_unit('tests/test_c.py::A::test_x[a::b]') == 'tests/test_c.py'


def test_the_longest_comes_first_and_what_is_new_between():
    seconds = {'short': 1, 'long': 100}
    assert lanes.order(['new', 'short', 'long'], seconds) == ['long', 'new', 'short']


def write(folder, number, *lines):
    lane = lanes.Lane(folder, number)
    for line in lines:
        lane.write(*line)


def test_what_was_collected_must_run_once(tmp_path):
    tests = ['a.py::test_x', 'a.py::test_y', 'b.py::test_z']
    write(tmp_path, 0, ['collected', tests], ['ran', tests[0]], ['passed'])
    write(tmp_path, 1, ['collected', tests], ['ran', tests[0]], ['passed'])
    account = lanes.read(tmp_path)
    account.check_all_ran()
    assert account.closing_lines() == [
        '2 passed, 2 failed, 0 skipped, 0 warnings of our own modules',
        'FAILED a.py: 2 of its tests did not run once: a.py::test_x ran 2 times',
        'FAILED b.py: 1 of its tests did not run once: b.py::test_z ran 0 times',
    ]


def test_lanes_that_collect_different_tests_are_a_failure(tmp_path):
    write(tmp_path, 0, ['collected', ['a']], ['ran', 'a'])
    write(tmp_path, 1, ['collected', []])
    account = lanes.read(tmp_path)
    account.check_all_ran()
    assert account.failures == {'tests': 'the lanes did not collect the same'}


def test_the_failures_of_all_lanes_stand_under_one_line(tmp_path):
    write(tmp_path, 0, ['passed'], ['skipped'], ['failed', 'a', 'no'], ['broken', 'file', 'what'])
    write(tmp_path, 1, ['passed'], ['failed', 'b', 'never'], ['broken', 'file', 'what'])
    write(tmp_path, 2, ['warnings', 'c: WARNING of ours\nmore'])
    # A lane that is killed while it writes.
    with (tmp_path / 'lane-2.jsonl').open('a', encoding='utf-8') as file:
        file.write(json.dumps(['passed'])[:-2])
    assert lanes.read(tmp_path).closing_lines() == [
        '2 passed, 3 failed, 1 skipped, 1 warnings of our own modules',
        'FAILED a: no',
        'FAILED file: what',
        'FAILED b: never',
        'WARNING c: WARNING of ours',
    ]


# === How long they take === #


def test_a_class_is_slow_by_processor_time_unless_it_says_why():
    found = {'processor': 61.0, 'elapsed': 5.0, 'limit': 60.0, 'because': ''}
    units = {
        'slow': found,
        'excused': {**found, 'because': 'the browser'},
        # On a machine that takes twice as long for the same work.
        'busy': {**found, 'processor': 119.0, 'limit': 120.0},
        # What waits uses no processor.
        'waiting': {**found, 'processor': 1.0, 'elapsed': 600.0},
    }
    assert list(find_slow(units)) == ['slow']
    assert [line.rpartition('all: ')[2] for line in describe_slowest(units, 3)] == [
        'busy',
        'slow',
        'excused (the browser)',
    ]


def test_work_is_measured_and_what_belongs_to_the_session_is_not():
    stopwatch = Stopwatch()
    stopwatch.start()
    stopwatch.leave_out((-1000.0, -1000.0))
    stopwatch.stop('unit', '')
    found = stopwatch.close('unit')
    assert found['processor'] < 0 > found['elapsed']
    assert found['limit'] >= 60


def test_a_class_that_stands_still_in_time_is_measured():
    stopwatch = Stopwatch()
    stopwatch.start()
    with freezegun.freeze_time('2030-01-01'):
        stopwatch.stop('unit', '')
    assert 0 <= stopwatch.close('unit')['elapsed'] < 3600


# === Rooms === #


def test_a_room_brings_those_above_it_and_not_those_below():
    paths, others = rooms.split_names(['export'])
    assert not others
    assert 'credit_invoice/tests/compare' in paths
    assert 'credit_invoice_export_odoo/tests' in paths
    assert 'credit_invoice/tests/links' not in paths
    assert 'tests' not in paths
    # What belongs to no room.
    assert 'credit_invoice/tests/test_menus.py' in paths


def test_an_addon_brings_those_above_it_and_not_those_below():
    paths, others = rooms.split_names(['credit_invoice_export_tryton', '-k', 'links', '-x'])
    assert others == ['-k', 'links', '-x']
    assert 'credit_invoice_export_tryton/tests' in paths
    assert 'tests/test_export_tryton.py' in paths
    assert 'credit_invoice/tests' not in paths
    assert 'credit_invoice_export_odoo/tests' not in paths


def test_the_base_brings_every_addon():
    paths, others = rooms.split_names(['credit_invoice'])
    assert not others
    assert paths[0] == 'credit_invoice/tests'
    assert {'credit_invoice_export_odoo/tests', 'test_credit_invoice/tests', 'tests'} <= set(paths)


def test_a_short_name_is_enough():
    assert rooms.split_names(['tryton']) == rooms.split_names(['credit_invoice_export_tryton'])
    assert rooms.split_names(['nothing', 'tests/test_dev.py']) == (
        [],
        ['nothing', 'tests/test_dev.py'],
    )
