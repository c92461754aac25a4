"""Template databases: built once, copied in a second.

base    the host's accounting with a chart of accounts, nothing of ours
chart   base with another country's chart (``chart:be_comp``)
suite   base, or a chart, with all our add-ons; on base, with a company for classes of tests
product base, or a chart, with those of our add-ons that people install
world   base with further companies, each with the chart of accounts of its country, and the host's
        electronic invoices; ``suite:world`` is that with all our add-ons
demo    product, with demonstration data
"""

import re
import time
from pathlib import Path

from . import console
from .addons import Addon, find_addons
from .errors import DevError
from .locks import step_lock
from .odoo import Odoo, warnings_in
from .packages import environment_key
from .paths import DEVKIT, ROOT, digest, file_digest
from .prepared import XML_ID

# `base_import` comes with the host's web client wherever modules are installed by themselves.
MODULES = 'account,rpc,base_import'
# What is looked at in one database: charts of accounts, and modules of the host.
WORLD = ('be_comp', 'de_skr03', 'es_pymes', 'us')
WORLD_MODULES = ('account_edi_ubl_cii',)
SUITES_KEPT = 3
SCRIPTS = DEVKIT / 'scripts'
INSTALL = ('--skip-auto-install', '--log-level=info')


def ensure_template(odoo: Odoo, name: str) -> str:
    """Return the database of the template ``name``, built if need be.

    :param name: ``base``, ``chart:CODE``, ``suite``, ``product``, the latter two also with
        ``:CODE`` or ``:world``; ``demo``
    """
    kind, _, code = name.partition(':')
    if kind == 'base':
        return _ensure_base(odoo)
    if kind == 'chart' and code:
        return _ensure_chart(odoo, code)
    if kind in ('suite', 'product'):
        return _ensure_suite(odoo, kind, code)
    if kind == 'demo':
        return _ensure_demo(odoo)
    raise DevError(
        f'no template {name}: base, chart:CODE, suite[:CODE], product[:CODE], demo there are'
    )


def _base_key(odoo: Odoo) -> str:
    scripts = [path.read_text(encoding='utf-8') for path in sorted(SCRIPTS.glob('template_*.py'))]
    return digest(odoo.host.key, environment_key('requirements'), MODULES, *scripts)


def _build(odoo: Odoo, name: str, source: str | None, steps) -> str:
    """Build the template database ``name`` by ``steps`` on a copy of ``source``."""
    databases = odoo.databases
    if databases.exists(name):
        return name
    with step_lock(f'template-{databases.data_dir.name}-{name[: name.rindex("_")]}'):
        if not databases.exists(name):
            part = databases.throw_away(source)
            steps(part)
            databases.rename(part, name)
    return name


def _ensure_base(odoo: Odoo) -> str:
    def steps(database: str) -> None:
        with console.timed('building the base database (takes about a minute)'):
            odoo.run(database, '-i', MODULES, *INSTALL, failure='the base database cannot be built')
            odoo.script(
                database,
                SCRIPTS / 'template_base.py',
                failure='the base database cannot be set up',
            )

    return _build(odoo, f'ci_base_{_base_key(odoo)}', None, steps)


def _ensure_chart(odoo: Odoo, code: str) -> str:
    module = find_chart_module(odoo, code)
    base = _ensure_base(odoo)

    def steps(database: str) -> None:
        with console.timed(f'building the database with the chart {code} ({module})'):
            failure = f'the chart {code} cannot be installed'
            if module != 'account':
                odoo.run(database, '-i', module, *INSTALL, failure=failure)
            odoo.script(database, SCRIPTS / 'template_chart.py', failure=failure, CHART=code)

    return _build(odoo, f'ci_chart_{code}_{digest(_base_key(odoo), module)}', base, steps)


def _ensure_world(odoo: Odoo) -> str:
    modules = {find_chart_module(odoo, code) for code in WORLD} - {'account'}
    modules = ','.join(sorted({*modules, *WORLD_MODULES}))
    script = SCRIPTS / 'load_world.py'

    def steps(database: str) -> None:
        with console.timed(f'building the database with the charts {", ".join(WORLD)}'):
            failure = 'the charts of accounts cannot be installed'
            odoo.run(database, '-i', modules, *INSTALL, failure=failure)
            odoo.script(database, script, failure=failure, CHARTS=','.join(WORLD))

    base = _ensure_base(odoo)
    return _build(
        odoo, f'ci_world_{digest(base, modules, WORLD, file_digest(script))}', base, steps
    )


def _ensure_suite(odoo: Odoo, kind: str, code: str) -> str:
    addons = [
        addon for addon in find_addons() if kind == 'suite' or not addon.name.startswith('test_')
    ]
    if code == 'world':
        source = _ensure_world(odoo)
    else:
        source = _ensure_chart(odoo, code) if code else _ensure_base(odoo)
    if not addons:
        return source
    names = [addon.name for addon in addons]

    def steps(database: str) -> None:
        title = f'installing {", ".join(names)}' + (f' on {code}' if code else '')
        with console.timed(title):
            _install(odoo, database, addons)
            if kind == 'suite' and not code:
                odoo.script(database, script, failure='no company can be prepared', XML_ID=XML_ID)

    script = SCRIPTS / 'prepare_company.py'
    prefix = f'ci_{kind}_{code}_' if code else f'ci_{kind}_'
    parts = (ROOT, source, *names, *(addon.digest() for addon in addons), file_digest(script))
    return _build_of_checkout(odoo, prefix, digest(*parts), source, steps)


def _ensure_demo(odoo: Odoo) -> str:
    source = _ensure_suite(odoo, 'product', '')
    addons = [addon for addon in find_addons() if not addon.name.startswith('test_')]

    def steps(database: str) -> None:
        with console.timed('loading the demonstration data'):
            load_demo(odoo, database, addons)

    key = digest(source, *(addon.digest(of='demo') for addon in addons))
    return _build_of_checkout(odoo, 'ci_demo_', key, source, steps)


def _build_of_checkout(odoo: Odoo, prefix: str, key: str, source: str, steps) -> str:
    """Build the template of a prefix for the code as it is, and drop those of older code."""
    name = _build(odoo, prefix + key, source, steps)
    if not odoo.databases.comment(name):
        odoo.databases.set_comment(name, str(ROOT))
        _drop_old(odoo, prefix)
    return name


def load_demo(odoo: Odoo, database: str, addons: list[Addon]) -> None:
    """Load the demonstration data of add-ons that are installed."""
    odoo.script(
        database,
        SCRIPTS / 'load_demo.py',
        failure='the demonstration data cannot be loaded',
        ADDONS=','.join(addon.name for addon in addons),
    )


def _install(odoo: Odoo, database: str, addons: list[Addon]) -> None:
    """Install our add-ons, and let no warning pass.

    What they need of the host goes first: what is said after that is about ours,
    also where it does not name them, as the host's hints about fields and models.
    """
    names = [addon.name for addon in addons]
    needs = {need for addon in addons for need in addon.manifest.get('depends', ())}
    if needs := sorted(needs - set(names) - {'base', *MODULES.split(',')}):
        odoo.run(
            database,
            *('-i', ','.join(needs), *INSTALL),
            failure=f'what our add-ons depend on cannot be installed ({", ".join(needs)})',
        )
    log = odoo.run(
        database,
        *('-i', ','.join(names), *INSTALL),
        failure='our add-ons cannot be installed',
    )
    if warnings := warnings_in(log):
        raise DevError('our add-ons warn while they are installed:\n' + '\n'.join(warnings))


def _drop_old(odoo: Odoo, prefix: str) -> None:
    """Drop suite templates but for the newest few of each checkout that still exists.

    The note on each says which checkout it is of.
    """
    pattern = re.compile(re.escape(prefix) + '[0-9a-f]{10}')
    names = [name for name in odoo.databases.names() if pattern.fullmatch(name)]
    by_checkout: dict[str, list[str]] = {}
    for name in names:
        by_checkout.setdefault(odoo.databases.comment(name), []).append(name)
    for checkout, found in by_checkout.items():
        keep = SUITES_KEPT if Path(checkout or ROOT).is_dir() else 0
        for name in found[: len(found) - keep]:
            odoo.databases.drop(name)


def find_chart_module(odoo: Odoo, code: str) -> str:
    """Return the host's module that brings the chart of accounts ``code``.

    :raise DevError: for an unknown code
    """
    if not re.fullmatch(r'[a-z0-9_]+', code):
        raise DevError(f'{code} is not the code of a chart of accounts')
    charts = {}
    for folder in odoo.host.addons_paths:
        for path in [
            *folder.glob('l10n_*/models/template_*.py'),
            *folder.glob('account/models/template_*.py'),
        ]:
            source = path.read_text(encoding='utf-8')
            for found in re.findall(
                r"^\s*@template\(\s*(?:template=)?['\"](\w+)['\"]\s*\)", source, re.M
            ):
                charts.setdefault(found, path.parent.parent.name)
    if code not in charts:
        near = sorted(known for known in charts if known[:2] == code[:2])
        hint = f'; near: {", ".join(near)}' if near else ''
        raise DevError(f'the host has no chart of accounts {code}{hint}')
    return charts[code]


def with_chart(name: str, code: str | None) -> str:
    """Return the name of a template with another chart of accounts, if any is asked for."""
    if not code:
        return name
    return f'chart:{code}' if name == 'base' else f'{name}:{code}'


def copy(odoo: Odoo, name: str) -> str:
    """Return the name of a throw-away copy of a template."""
    template = ensure_template(odoo, name)
    start = time.monotonic()
    database = odoo.databases.throw_away(template)
    if time.monotonic() - start > 5:
        console.say(f'copying the template took {time.monotonic() - start:.1f} s')
    return database
