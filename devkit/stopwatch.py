"""How long a class of tests takes, by the processor: how busy a machine is must not fail a test.

Counted is what the process of the tests uses, and what the processes use that it starts and ends,
not what the database uses. A processor that is slow, or shared with others, takes longer for the
same work: a known piece of work is measured beside, and the limit is longer by as much as it takes
longer than where the limit was set. A faster machine has the same limit.
"""

import resource
import time

# Of processor time. A class of tests (of tests/, a file) that takes longer says in `slow_because`
# why.
LIMIT = 60
KINDS = ('processor', 'elapsed')
# Of processor time, for the known piece of work where the limit was set.
REFERENCE = 0.020


def processor_seconds() -> float:
    """Return the processor time of this process, and of those that it started and ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def read_clocks() -> tuple[float, float]:
    """Return processor seconds and elapsed seconds, since some time in the past."""
    return processor_seconds(), time.monotonic()


def measure_slowness() -> float:
    """Return how many times longer than where the limit was set work takes, at least 1."""
    begin = time.thread_time()
    words: dict[str, int] = {}
    for number in range(80_000):
        word = str(number % 1000)
        words[word] = words.get(word, 0) + number
    return max(1.0, (time.thread_time() - begin) / REFERENCE)


class Stopwatch:
    """Measures units of tests while they run, as dictionaries.

    ``processor`` seconds, ``elapsed`` seconds (only to share the next run among lanes),
    ``limit`` in processor seconds, ``because`` what the unit says on why it is slow.
    """

    def __init__(self):
        self.units: dict[str, dict] = {}
        self._begin = self._apart = (0.0, 0.0)
        self._slowness = measure_slowness()

    def start(self) -> None:
        """Begin with a test."""
        self._begin, self._apart = read_clocks(), (0.0, 0.0)

    def leave_out(self, begin: tuple[float, float]) -> None:
        """Leave out what began then: it belongs to the session, not to the test that came first."""
        now = read_clocks()
        self._apart = tuple(self._apart[kind] + now[kind] - begin[kind] for kind in range(2))

    def stop(self, unit: str, because: str) -> None:
        """End with a test of a unit."""
        found = self.units.setdefault(unit, {'processor': 0.0, 'elapsed': 0.0, 'limit': 0.0})
        for kind, now in enumerate(read_clocks()):
            found[KINDS[kind]] += now - self._begin[kind] - self._apart[kind]
        found['because'] = because

    def close(self, unit: str) -> dict:
        """Return what was measured of a unit whose tests have all run."""
        before, self._slowness = self._slowness, measure_slowness()
        found = self.units[unit]
        found['limit'] = LIMIT * max(before, self._slowness)
        return {
            key: round(value, 1) if isinstance(value, float) else value
            for key, value in found.items()
        }


def find_slow(units: dict[str, dict]) -> dict[str, str]:
    """Return the units that took too long and do not say why: {unit: in a line, how long}."""
    return {
        unit: f'{found["processor"]:.0f} s of processor time, more than {found["limit"]:.0f}: '
        'make it faster, or say why in `slow_because`'
        for unit, found in units.items()
        if found['processor'] > found['limit'] and not found['because']
    }


def describe_slowest(units: dict[str, dict], number: int = 5) -> list[str]:
    """Return a line for each of the units that took longest."""
    slowest = sorted(units.items(), key=lambda pair: -pair[1]['processor'])[:number]
    return [
        f'{found["processor"]:6.1f} s of processor time, {found["elapsed"]:6.1f} s in all: {unit}'
        + (f' ({found["because"]})' if found['because'] else '')
        for unit, found in slowest
    ]
