"""Installing the add-on on a full ledger, against the host's account_debit_note.

Each is installed by a process of its own on a copy of the same database, in turn. The seconds are
those of the whole process, start and registry included; what a start alone takes is told beside
them. The memory is the most that the process had at any time.
"""

import os
import statistics
import time
from pathlib import Path

import psycopg2

from devkit import console, process
from devkit.errors import DevError
from devkit.paths import cache_path
from devkit.template import INSTALL, ensure_template, with_chart

TEMPLATES = ()
FOLDER = Path(__file__).parent
OURS, OTHER = 'credit_invoice', 'account_debit_note'


def run(odoo, n=(200_000,), moves=0, rounds=3, chart=None):
    """Measure.

    :param odoo: devkit's `Odoo`
    :param n: the largest number is that of documents in the ledger, a quarter of them credits
    :param moves: the same, as an option
    :param rounds: how often each is installed; the medians are reported
    """
    ledger = odoo.databases.throw_away(ensure_template(odoo, with_chart('base', chart)))
    moves = int(moves) or max(n)
    with console.timed(f'making a ledger of {moves} documents'):
        odoo.script(
            ledger,
            FOLDER / '_fill_ledger.py',
            failure='the ledger cannot be made',
            BENCHMARKS=FOLDER,
            MOVES=moves,
        )
    start_seconds, _peak = _run(odoo, ledger)
    figures = {OURS: [], OTHER: []}
    for number in range(int(rounds)):
        for module in (OURS, OTHER) if number % 2 == 0 else (OTHER, OURS):
            figures[module].append(_install(odoo, ledger, module))
    return {**_summarize(figures, start_seconds), **_count(odoo, ledger)}


def _summarize(figures, start_seconds):
    seconds = {module: statistics.median(run[0] for run in figures[module]) for module in figures}
    peaks = {module: max(run[1] for run in figures[module]) for module in figures}
    return {
        'ratio': round(
            statistics.median(
                ours[0] / other[0]
                for ours, other in zip(figures[OURS], figures[OTHER], strict=True)
            ),
            3,
        ),
        'seconds': round(seconds[OURS], 2),
        'debit_note_seconds': round(seconds[OTHER], 2),
        'start_seconds': round(start_seconds, 2),
        'peak_mb': round(peaks[OURS], 1),
        'debit_note_peak_mb': round(peaks[OTHER], 1),
    }


def _install(odoo, ledger, module):
    """Install a module on a copy of the ledger; return seconds and megabytes."""
    database = odoo.databases.throw_away(ledger)
    try:
        figures = _run(odoo, database, '-i', module, *INSTALL)
        state = _read(odoo, database, f"SELECT state FROM ir_module_module WHERE name = '{module}'")
        if state != 'installed':
            raise DevError(f'{module} is {state}, not installed')
        return figures
    finally:
        odoo.databases.drop(database)


def _run(odoo, database, *arguments):
    """Run the host to its end; return its seconds and the most megabytes it had."""
    log = cache_path('logs', f'install-{database}.log')
    with log.open('wb') as output:
        start = time.perf_counter()
        child = process.start(
            odoo.command(database, *arguments, '--stop-after-init', '--no-http'),
            cwd=odoo.host.root,
            env=odoo.environment(),
            stdout=output,
            stderr=output,
        )
        try:
            _pid, status, usage = os.wait4(child.pid, 0)
            seconds = time.perf_counter() - start
            child.returncode = os.waitstatus_to_exitcode(status)
        finally:
            process.finish(child)
    if child.returncode:
        raise DevError(f'the host failed (log: {log})')
    log.unlink()
    return seconds, usage.ru_maxrss / 1024


def _count(odoo, ledger):
    return {
        'moves': _read(odoo, ledger, "SELECT count(*) FROM account_move WHERE state = 'posted'"),
        'credits': _read(
            odoo, ledger, 'SELECT count(*) FROM account_move WHERE reversed_entry_id IS NOT NULL'
        ),
        'items': _read(odoo, ledger, 'SELECT count(*) FROM account_move_line'),
    }


def _read(odoo, database, query):
    """The one value that a query gives."""
    connection = psycopg2.connect(dbname=database, **odoo.databases.address.options())
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0]
    finally:
        connection.close()
