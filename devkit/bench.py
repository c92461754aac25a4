"""`./dev bench`: a benchmark on throw-away databases.

``tests/benchmarks/NAME.py`` has ``run(env, n, **options)``: it measures for each
size of the list ``n`` and returns its figures, nested dictionaries as it likes.
Its options come as text.

A benchmark may say on what it runs by a literal ``TEMPLATES``, names of template
databases, which ``--chart`` puts on another chart. ``run`` gets an environment on a
copy of each, all in one process. The default is ``('product',)``. With ``()`` it
runs in the process of ``./dev`` instead: ``run`` gets the `Odoo` with which it makes
databases and starts processes itself, and ``chart`` where one was asked for.
"""

import ast
import importlib.util
import json
import os
import sys
from pathlib import Path

from .errors import DevError
from .odoo import Odoo
from .paths import DEVKIT, ROOT, cache_path
from .process import foreground
from .session import open_session
from .template import copy, with_chart

FOLDER = ROOT / 'tests' / 'benchmarks'


def run(options) -> int:
    """Run one benchmark, print its figures, write them where asked."""
    call = _read_call(options)
    templates = _read_templates(Path(call['path']))
    with open_session(options.db_url) as odoo:
        if templates:
            figures = _measure_in_host(odoo, call, templates, options.chart)
        else:
            figures = _measure_outside(odoo, call, options.chart)
    if figures is None:
        return 1
    for name, value in flatten(figures):
        print(f'{name} = {value}')
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=2) + '\n', encoding='utf-8')
    return 0


def _read_templates(path: Path) -> tuple[str, ...]:
    """Return the ``TEMPLATES`` of a benchmark, which only its own process can import."""
    for node in ast.parse(path.read_text(encoding='utf-8')).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == 'TEMPLATES':
            return ast.literal_eval(node.value)
    return ('product',)


def _measure_in_host(odoo: Odoo, call: dict, templates: tuple, chart: str | None) -> dict | None:
    """Run a benchmark in a process of the host; return its figures, None when it failed."""
    databases = [copy(odoo, with_chart(name, chart)) for name in templates]
    result = cache_path('logs', f'bench-{os.getpid()}.json')
    status = foreground(
        [
            *(sys.executable, DEVKIT / 'scripts' / 'run_bench.py'),
            *(odoo.config_file(databases[0]), *databases),
        ],
        cwd=odoo.host.root,
        env={**odoo.environment(), 'BENCH': json.dumps({**call, 'result': str(result)})},
    )
    if status:
        return None
    figures = json.loads(result.read_text(encoding='utf-8'))
    result.unlink()
    return figures


def _measure_outside(odoo: Odoo, call: dict, chart: str | None) -> dict:
    """Run a benchmark in this process."""
    spec = importlib.util.spec_from_file_location('benchmark', call['path'])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sizes = {'n': call['sizes']} if call['sizes'] else {}
    return module.run(odoo, **sizes, **({'chart': chart} if chart else {}), **call['options'])


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
