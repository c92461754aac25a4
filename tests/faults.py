"""What goes wrong between us and an outside system, drawn from a seed.

`Faults` is the plan of a `Link` (`credit_invoice/tests/export/connector_link.py`). `Worker` works
off the outbox in a process of its own, which can be killed at any step: before and after each
commit and each request. `Clock` is the time by which the outbox waits. Every step goes into one
log, which is printed when a history fails.
"""

import os
import random
import select
import signal
import time
import traceback
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from unittest.mock import patch

import requests
from registries import load_registry

from odoo import SUPERUSER_ID, api, sql_db

from odoo.addons.credit_invoice.tests.export import connector_link as link_faults

# What can happen to a request, and how often beside the others.
FAULTS = {
    link_faults.LOSE_REQUEST: 3,
    link_faults.LOSE_ANSWER: 4,
    link_faults.CUT_ANSWER: 2,
    link_faults.ERROR_AFTER: 3,
    link_faults.ERROR_BEFORE: 1,
    link_faults.SLOW_ANSWER: 1,
    link_faults.LATE: 3,
    link_faults.TWICE: 2,
    link_faults.DOWN_AFTER: 1,
    link_faults.RESTART: 1,
    link_faults.NOT_JSON: 1,
}
# Where nothing goes wrong on the way.
PATIENT_TIMEOUT = 60
WORKER_SECONDS = 60
QUIET_MINUTES = 15


class Steps(list):
    """The log of one history."""

    def note(self, text):
        self.append(text)

    def __str__(self):
        return '\n'.join(f'{number:4} {text}' for number, text in enumerate(self, start=1))


class Clock:
    """The time of the outbox, and how long its connectors wait."""

    def __init__(self):
        self.now = datetime(2026, 3, 2, 8, 0)
        self.timeout = PATIENT_TIMEOUT

    def pass_minutes(self, minutes):
        self.now += timedelta(minutes=minutes)

    @contextmanager
    def rules(self, registry):
        """Have the models of a registry go by this clock."""
        system = registry['credit.export.system']
        prepare = system._prepare_connection
        connection = lambda self_, timeout=None: replace(prepare(self_), timeout=self.timeout)
        now = lambda _records: self.now
        with (
            patch.object(registry['credit.export.record'], '_get_now', now),
            patch.object(system, '_prepare_connection', connection),
        ):
            yield


class Faults:
    """What happens to each request.

    :param rng: draws it
    :param hooks: things that somebody does over there just before a request, by name
    """

    def __init__(self, rng, hooks, counts):
        self.rng, self.hooks, self.counts = rng, hooks, counts
        self.is_on, self.share = False, rng.choice((0.1, 0.2, 0.4))

    def __call__(self, _number, _line):
        self.counts['requests'] += 1
        if not self.is_on or self.rng.random() > self.share:
            return None
        if self.rng.random() < 0.1:
            name = self.rng.choice(sorted(self.hooks))
            if self.hooks[name]():
                self.counts[name] += 1
            return None
        fault = self.rng.choices(list(FAULTS), FAULTS.values())[0]
        self.counts[fault] += 1
        return fault


class Worker:
    """The worker of one system in a process of its own.

    :param link: the line to the other side, which the child must not hold open
    """

    def __init__(self, database, system_id, link, counts):
        self.database, self.system_id = database, system_id
        self.link, self.counts = link, counts
        self.registry = load_registry(database)

    def run(self, steps, kill_at=None, twins=1):
        """Work off what is due.

        :param int kill_at: the step at which the process is killed, if it gets there
        :param int twins: how many processes try to at the same time; the first one is killed
        """
        children = [
            self._start(steps, f'worker {number + 1}', kill_at if not number else None)
            for number in range(twins)
        ]
        for child in children:
            self._finish(steps, *child)
        self.link.wait_until_idle()
        self._wait_until_gone()

    def run_here(self, steps):
        """Work off what is due, in this process."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env['credit.export.system'].browse(self.system_id)._work_off()
        steps.note('worker: done')

    def _start(self, steps, name, kill_at):
        reading, writing = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(reading)
            _work(self, _Trace(writing, name, kill_at))
        os.close(writing)
        return pid, reading, name

    def _finish(self, steps, pid, reading, name):
        """Wait for a process, and take over what it did."""
        text = b''
        with os.fdopen(reading, 'rb', buffering=0) as pipe:
            while select.select([pipe], [], [], WORKER_SECONDS)[0]:
                part = pipe.read(65536)
                if not part:
                    break
                text += part
            else:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                raise AssertionError(f'{name} hangs:\n{text.decode()}')
        status = os.waitpid(pid, 0)[1]
        lines = text.decode().splitlines()
        self.counts['steps'] += len(lines)
        killed = os.WIFSIGNALED(status)
        self.counts['kills'] += killed
        last = f', last {lines[-1]}' if lines else ''
        steps.note(f'{name}: {len(lines)} steps{last}{"; KILLED" if killed else ""}')
        if status and not (killed and os.WTERMSIG(status) == signal.SIGKILL):
            raise AssertionError(f'{name} failed:\n{text.decode()}')

    def _wait_until_gone(self):
        """Wait until the server of the database has noticed that a process is no more."""
        for _try in range(500):
            with self.registry.cursor() as cr:
                cr.execute(
                    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = "
                    '(SELECT oid FROM pg_database WHERE datname = current_database())'
                )
                if not cr.fetchone():
                    return
            time.sleep(0.01)
        raise AssertionError('A worker holds its lock for ever.')


class _Trace:
    """Counts the steps of a worker, and ends it at one of them."""

    def __init__(self, pipe, name, kill_at):
        self.pipe, self.name, self.kill_at = pipe, name, kill_at
        self.count = 0

    def step(self, text):
        self.count += 1
        os.write(self.pipe, f'{self.count} {text}\n'.encode())
        if self.count == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name, function):
        """A function that is two steps."""

        def traced(*args, **values):
            self.step(f'before {name}')
            result = function(*args, **values)
            self.step(f'after {name}')
            return result

        return traced


def _work(worker, trace):
    """Be the worker, and end."""
    status = 1
    try:
        # The connections and the listening socket of the parent stay the parent's.
        sql_db._Pool = sql_db._Pool_readonly = None
        worker.registry._db = sql_db.db_connect(worker.database)
        if worker.link.is_listening:
            os.close(worker.link.fileno)
        commit = sql_db.Cursor.commit
        sql_db.Cursor.commit = trace.around('commit', commit)
        send = requests.Session.request
        requests.Session.request = trace.around('request', send)
        with sql_db.db_connect(worker.database).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env['credit.export.system'].browse(worker.system_id)._work_off()
        status = 0
    except BaseException:  # noqa: BLE001  # whatever it is, it must not run on in the parent's code
        with suppress(OSError):
            os.write(trace.pipe, traceback.format_exc().encode())
    finally:
        os._exit(status)


def draw(seed, what):
    """Random numbers of their own for one purpose, so that a change of one moves no other."""
    return random.Random(f'{seed}/{what}')
