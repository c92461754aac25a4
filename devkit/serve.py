"""Server processes: the one of `./dev run`, and those that tests ask for."""

import contextlib
import itertools
import json
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from xml.etree import ElementTree

from . import console
from .addons import Addon, find_addons, select
from .errors import DevError
from .locks import FileLock
from .odoo import BAD_LEVELS, LOG_LINE, Odoo
from .paths import cache_path
from .process import finish, start
from .session import open_session
from .system import check_port, free_port
from .template import ensure_template, load_demo

START_SECONDS = 120
USER_FIELDS = ('login', 'password')


def run(options) -> int:
    """Serve the demonstration database until Ctrl-C."""
    check_port(options)
    names = options.addons.split(',') if options.addons else None
    addons = select(names) if names else _default_addons()
    with open_session(options.db_url) as odoo, _only_server(odoo, options.database):
        ensure_demo(odoo, options.database, addons, fresh=options.fresh)
        # Where what prints finds styles and pictures before an administrator has logged in.
        address = f'http://127.0.0.1:{options.port}'
        odoo.databases.set_parameter(options.database, 'report.url', address)
        process, log = _launch(odoo, options.database, options.port, max_cron_threads=1)
        try:
            _wait_until_served(process, options.port, log)
            _announce(options.port, log, addons)
            threading.Thread(target=_follow_warnings, args=(log,), daemon=True).start()
            process.wait()
        except KeyboardInterrupt:
            console.say('stopping')
            return 0
        raise DevError(f'the server ended by itself with status {process.returncode} (log: {log})')


@contextlib.contextmanager
def _only_server(odoo: Odoo, database: str):
    """Keep a second `./dev run` from changing the database under the first one."""
    lock = FileLock(cache_path('locks', f'run-{odoo.databases.data_dir.name}-{database}.lock'))
    if not lock.acquire(blocking=False):
        raise DevError(f'another ./dev run already serves the database {database}')
    try:
        yield
    finally:
        lock.release()


def _default_addons() -> list[Addon]:
    return [addon for addon in find_addons() if not addon.name.startswith('test_')]


def ensure_demo(odoo: Odoo, database: str, addons: list[Addon], *, fresh: bool) -> None:
    """Make the demonstration database, or bring it up to date with our files."""
    base = ensure_template(odoo, 'base')
    have = _read_note(odoo, database)
    wanted = {
        'base': base,
        'files': {addon.name: addon.digest() for addon in addons},
        'demo': {addon.name: addon.digest(of='demo') for addon in addons},
    }
    gone = set(have['files']) - {addon.name for addon in find_addons()} if have else set()
    if have and (have['base'] != base or gone) and not fresh:
        console.say('the host or the set of add-ons changed: making the database anew')
        fresh = True
    if not have or fresh:
        _make_demo(odoo, database, addons, wanted)
    else:
        _update_demo(odoo, database, have, wanted)


def _read_note(odoo: Odoo, database: str) -> dict:
    """Return what a demonstration database was made from, {} where there is none.

    :raise DevError: when the database is not one of ours, which we must not replace
    """
    if not odoo.databases.exists(database):
        return {}
    note = odoo.databases.comment(database)
    if not note.startswith('{'):
        raise DevError(f'the database {database} was not made by ./dev run; name another')
    return json.loads(note)


def _make_demo(odoo: Odoo, database: str, addons: list[Addon], wanted: dict) -> None:
    databases, names = odoo.databases, ','.join(wanted['files'])
    with console.timed(f'making the database {database} with {names or "no add-on"}'):
        part = databases.throw_away(wanted['base'])
        if names:
            odoo.run(
                part, '-i', names, '--skip-auto-install', failure='our add-ons cannot be installed'
            )
        load_demo(odoo, part, addons)
        # Before it gets its name: without the note it would not be ours to replace.
        databases.set_comment(part, json.dumps(wanted))
        databases.rename(part, database)


def _update_demo(odoo: Odoo, database: str, have: dict, wanted: dict) -> None:
    """Install what is new and update what changed; demonstration data is left as it is."""
    new = [name for name in wanted['files'] if name not in have['files']]
    changed = [name for name, key in wanted['files'].items() if have['files'].get(name, key) != key]
    arguments = ['-i', ','.join(new)] if new else []
    arguments += ['-u', ','.join(changed)] if changed else []
    if arguments:
        with console.timed(f'updating {", ".join(new + changed)}'):
            odoo.run(
                database,
                *(*arguments, '--skip-auto-install'),
                failure='our add-ons cannot be updated (./dev run --fresh makes a new database)',
            )
    if any(have['demo'].get(name, key) != key for name, key in wanted['demo'].items()):
        console.say('the demonstration data changed: ./dev run --fresh loads it')
    note = {
        'base': have['base'],
        'files': {**have['files'], **wanted['files']},
        'demo': {**wanted['demo'], **have['demo']},
    }
    odoo.databases.set_comment(database, json.dumps(note))


def _launch(odoo: Odoo, database: str, port: int, *arguments: str, **config: object):
    """Start a server process; return it with the path of its log."""
    log = cache_path('logs', f'server-{database}-{port}.log')
    with log.open('wb') as output:
        process = start(
            odoo.command(database, f'--http-port={port}', *arguments, **config),
            cwd=odoo.host.root,
            env=odoo.environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    return process, log


def _answers(port: int) -> bool:
    try:
        address = f'http://127.0.0.1:{port}/web/health?db_server_status=1'
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(address, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _wait_until_served(process: subprocess.Popen, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(port):
        if process.poll() is not None:
            lines = log.read_text(encoding='utf-8', errors='replace').strip().splitlines()
            last = lines[-1] if lines else 'no output'
            raise DevError(f'the server did not start: {last} (log: {log})')
        if time.monotonic() > deadline:
            raise DevError(f'the server does not answer after {START_SECONDS} s (log: {log})')
        time.sleep(0.1)


def _announce(port: int, log: Path, addons: list[Addon]) -> None:
    address = f'http://127.0.0.1:{port}'
    for login, password in [('admin', 'admin'), *demo_users(addons)]:
        print(f'  {address}   user {login}   password {password}', flush=True)
    console.say(f'Ctrl-C stops it; its log: {log}')


def demo_users(addons: list[Addon]) -> list[tuple[str, str]]:
    """Return login and password of the users that the demonstration data of add-ons brings."""
    users = []
    for path in itertools.chain(*(sorted(addon.path.glob('demo/*.xml')) for addon in addons)):
        for record in ElementTree.parse(path).iterfind(".//record[@model='res.users']"):
            found = {name: record.findtext(f"field[@name='{name}']") for name in USER_FIELDS}
            if all(found.values()):
                users.append(tuple(found.values()))
    return users


def _follow_warnings(log: Path) -> None:
    """Show the warnings and errors that the server writes, with their tracebacks."""
    with log.open(encoding='utf-8', errors='replace') as lines:
        shown = False
        while True:
            line = lines.readline()
            if not line:
                time.sleep(0.3)
                continue
            if header := LOG_LINE.match(line):
                shown = header['level'] in BAD_LEVELS
            if shown:
                print(re.sub(r'\s+$', '', line), flush=True)


def start_server(odoo: Odoo, database: str, *, workers: int, arguments=()):
    """Start a server for a test; return its stop function, port and log's path."""
    port = free_port()
    process, log = _launch(
        odoo, database, port, *arguments, workers=workers, gevent_port=free_port()
    )
    with contextlib.ExitStack() as on_failure:
        on_failure.callback(finish, process)
        _wait_until_served(process, port, log)
        on_failure.pop_all()
    return lambda: finish(process), port, log
