"""Lanes: processes that share the tests among them, each on a database of its own.

Each lane collects all tests, and takes the next unit that no lane has taken yet, longest first, so
that all are done at about the same time. A unit is a class of an add-on's tests, or a file of
`tests/`, whose fixtures live as long as the file.

What a lane does, it writes into a file, a line of JSON for each thing; `read` makes one account of
the files of all lanes.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .paths import DEVKIT, cache_path

LANE = 'CREDIT_INVOICE_LANE'
# How long each unit took: here in the last run, and where there was none.
LAST, DEFAULTS = 'seconds.json', DEVKIT / 'seconds.json'
# Of a unit that never ran.
UNKNOWN = 30


def get_unit(node_id: str) -> str:
    """Return the unit that a test is run in: what its lane runs without a break."""
    path, _, rest = node_id.partition('::')
    is_of_addon = not path.startswith('tests/')
    return f'{path}::{rest.partition("::")[0]}' if is_of_addon and '::' in rest else path


def order(units: Iterable[str], seconds: dict[str, float]) -> list[str]:
    """Return units in the order in which lanes take them."""
    return sorted(units, key=lambda unit: (-seconds.get(unit, UNKNOWN), unit))


def read_seconds() -> dict[str, float]:
    """Return how long each unit took when it last ran."""
    found = json.loads(DEFAULTS.read_text(encoding='utf-8')) if DEFAULTS.exists() else {}
    try:
        return found | json.loads(cache_path(LAST).read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return found


def write_seconds(seconds: dict[str, float], *, keep: bool) -> None:
    """Note how long units took.

    :param keep: whether for new machines, too; then nothing else is known of them
    """
    for path, known in ((cache_path(LAST), read_seconds()), *([(DEFAULTS, {})] if keep else ())):
        text = json.dumps({**known, **seconds}, indent=1, sort_keys=True)
        part = path.with_suffix(f'.{os.getpid()}')
        part.write_text(text + '\n', encoding='utf-8')
        part.replace(path)


class Lane:
    """What a lane knows of the others.

    :param folder: theirs, with an empty file for each unit that is taken
    :param number: which of them it is
    """

    def __init__(self, folder: Path, number: int):
        self.folder = folder
        self.file = folder / f'lane-{number}.jsonl'

    @classmethod
    def of_environment(cls) -> 'Lane | None':
        """Return the lane that this process is, if it is one."""
        folder, _, number = os.environ.get(LANE, '').rpartition(':')
        return cls(Path(folder), int(number)) if folder else None

    def take(self, unit: str) -> bool:
        """Take a unit; tell whether no lane was faster."""
        name = hashlib.sha256(unit.encode()).hexdigest()
        try:
            os.close(os.open(self.folder / name, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        return True

    def share(self, items: list) -> Iterator[list]:
        """Give the tests of one unit after the other, as long as there is one that is not taken.

        :param items: all tests, with a `nodeid` each
        """
        units: dict[str, list] = {}
        for item in items:
            units.setdefault(get_unit(item.nodeid), []).append(item)
        for unit in order(units, read_seconds()):
            if self.take(unit):
                yield units[unit]

    def write(self, kind: str, *values) -> None:
        """Note a thing for `read`."""
        with self.file.open('a', encoding='utf-8') as file:
            file.write(json.dumps([kind, *values]) + '\n')


@dataclass
class Account:
    """What tests said: of one session, or of all lanes together."""

    counts: Counter = field(default_factory=Counter)  # outcome: number
    failures: dict[str, str] = field(default_factory=dict)  # test: in a line, why
    warnings: list[str] = field(default_factory=list)
    units: dict[str, dict] = field(default_factory=dict)  # unit: see `Stopwatch`
    ran: list[str] = field(default_factory=list)  # tests
    collected: list[list[str]] = field(default_factory=list)  # tests, of each lane

    def add(self, kind: str, *values) -> None:
        """Add a thing that a session or a lane says."""
        if kind == 'failed':
            self.counts['failed'] += 1
            self.failures.setdefault(*values)
        elif kind == 'broken':
            self.add_failure(*values)
        elif kind == 'unit':
            self.units[values[0]] = values[1]
        elif kind in ('passed', 'skipped'):
            self.counts[kind] += 1
        else:  # collected, ran, warnings
            getattr(self, kind).append(*values)

    def add_failure(self, name: str, reason: str) -> None:
        """Add what failed outside a test, or in none; each lane may say it."""
        if name not in self.failures:
            self.add('failed', name, reason)

    def check_all_ran(self) -> None:
        """Take for a failure what was collected, and was not run once and by one lane alone."""
        times = Counter(self.ran)
        wrong: dict[str, list[str]] = {}
        for test in dict.fromkeys(test for lane in self.collected for test in lane):
            if times[test] != 1:
                wrong.setdefault(get_unit(test), []).append(test)
        for unit, tests in wrong.items():
            example = f'{tests[0]} ran {times[tests[0]]} times'
            self.add_failure(unit, f'{len(tests)} of its tests did not run once: {example}')
        if any(sorted(lane) != sorted(self.collected[0]) for lane in self.collected):
            self.add_failure('tests', 'the lanes did not collect the same')

    @property
    def is_empty(self) -> bool:
        """Tell whether no test ran."""
        return not self.counts['passed'] + self.counts['failed']

    def closing_lines(self) -> list[str]:
        """Return what is said last: one line for everything, and what failed under it."""
        said = [f'{self.counts[name]} {name}' for name in ('passed', 'failed', 'skipped')]
        said.append(f'{len(self.warnings)} warnings of our own modules')
        return [
            ', '.join(said),
            *(f'FAILED {name}: {reason}' for name, reason in self.failures.items()),
            *(f'WARNING {text.splitlines()[0]}' for text in self.warnings),
        ]


def read(folder: Path) -> Account:
    """Return one account of all lanes, as far as they have come."""
    account = Account()
    for path in sorted(folder.glob('lane-*.jsonl')):
        # A line that is being written has no end yet.
        for line in path.read_text(encoding='utf-8').split('\n')[:-1]:
            account.add(*json.loads(line))
    return account
