"""Run one benchmark in a process of its own: run_bench.py CONFIG DATABASE…, call in $BENCH."""

import contextlib
import importlib.util
import json
import os
import sys
import threading
from pathlib import Path

import odoo
import odoo.api
import odoo.modules.registry

call = json.loads(os.environ['BENCH'])
config, *databases = sys.argv[1:]
odoo.tools.config.parse_config(
    ['-c', config, '-d', databases[0], '--log-level=warn'], setup_logging=True
)
threading.current_thread().dbname = databases[0]

spec = importlib.util.spec_from_file_location('benchmark', call['path'])
module = importlib.util.module_from_spec(spec)
sys.path.insert(0, str(Path(call['path']).parent))

with contextlib.ExitStack() as stack:
    envs = []
    for database in databases:
        registry = odoo.modules.registry.Registry(database)
        cursor = stack.enter_context(registry.cursor())
        stack.callback(cursor.rollback)
        envs.append(odoo.api.Environment(cursor, odoo.SUPERUSER_ID, {}))
    # Only now: a benchmark may import from the add-ons, which need a registry.
    spec.loader.exec_module(module)
    sizes = {'n': call['sizes']} if call['sizes'] else {}
    figures = module.run(*envs, **sizes, **call['options'])
Path(call['result']).write_text(json.dumps(figures), encoding='utf-8')
