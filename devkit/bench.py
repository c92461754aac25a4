"""`./dev bench`: a benchmark on a throw-away database.

``tests/benchmarks/NAME.py`` has ``run(env, n, **options)``: it measures for each
size of the list ``n`` and returns its figures, nested dictionaries as it likes.
Its options come as text.
"""

import json
import os
import sys
from pathlib import Path

from .errors import DevError
from .paths import DEVKIT, ROOT, cache_path
from .process import foreground
from .session import open_session
from .template import copy

FOLDER = ROOT / 'tests' / 'benchmarks'


def run(options) -> int:
    """Run one benchmark, print its figures, write them where asked."""
    call = _read_call(options)
    with open_session(options.db_url) as odoo:
        database = copy(odoo, f'product:{options.chart}' if options.chart else 'product')
        config = odoo.config_file(database)
        result = cache_path('logs', f'bench-{os.getpid()}.json')
        environment = {**odoo.environment(), 'BENCH': json.dumps({**call, 'result': str(result)})}
        status = foreground(
            [sys.executable, DEVKIT / 'scripts' / 'run_bench.py', config, database],
            cwd=odoo.host.root,
            env=environment,
        )
        if status:
            return 1
        figures = json.loads(result.read_text(encoding='utf-8'))
        result.unlink()
    for name, value in flatten(figures):
        print(f'{name} = {value}')
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=2) + '\n', encoding='utf-8')
    return 0


def _read_call(options) -> dict:
    """Return what is to be measured, as far as the command line says."""
    known = sorted(path.stem for path in FOLDER.glob('[!_]*.py'))
    if options.name not in known:
        which = f'no benchmark {options.name}' if options.name else 'which benchmark?'
        raise DevError(f'{which}; there are: {", ".join(known) or "none yet"}')
    try:
        sizes = [int(part) for part in (options.n or '').split(',') if part]
    except ValueError as error:
        raise DevError(f'--n takes whole numbers, such as 50,200, not {options.n}') from error
    pairs = [argument.partition('=') for argument in options.rest]
    wrong = [key for key, equals, _value in pairs if not equals or not key.isidentifier()]
    if wrong:
        raise DevError(f'options of a benchmark are key=value, not {", ".join(wrong)}')
    if options.json and not Path(options.json).absolute().parent.is_dir():
        raise DevError(f'--json {options.json}: there is no such folder')
    extra = {key: value for key, _equals, value in pairs}
    return {'path': str(FOLDER / f'{options.name}.py'), 'sizes': sizes, 'options': extra}


def flatten(figures: dict, prefix: str = ''):
    """Yield nested figures as pairs of a dotted name and a value."""
    for key, value in figures.items():
        if isinstance(value, dict):
            yield from flatten(value, f'{prefix}{key}.')
        else:
            yield f'{prefix}{key}', f'{value:.4g}' if isinstance(value, float) else value
