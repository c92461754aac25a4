"""Run one benchmark in a process of its own: run_bench.py CONFIG DATABASE, call in $BENCH."""

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
config, database = sys.argv[1:]
odoo.tools.config.parse_config(
    ['-c', config, '-d', database, '--log-level=warn'], setup_logging=True
)
threading.current_thread().dbname = database

spec = importlib.util.spec_from_file_location('benchmark', call['path'])
module = importlib.util.module_from_spec(spec)
sys.path.insert(0, str(Path(call['path']).parent))

registry = odoo.modules.registry.Registry(database)
with registry.cursor() as cursor:
    env = odoo.api.Environment(cursor, odoo.SUPERUSER_ID, {})
    # Only now: a benchmark may import from the add-ons, which need a registry.
    spec.loader.exec_module(module)
    sizes = {'n': call['sizes']} if call['sizes'] else {}
    figures = module.run(env, **sizes, **call['options'])
    cursor.rollback()
Path(call['result']).write_text(json.dumps(figures), encoding='utf-8')
