"""`./dev lint`: style, each tool with its configuration at the top of the repository."""

import os
import shutil
from pathlib import Path

from . import console
from .addons import find_addons
from .locks import step_lock
from .packages import MARKER, ensure_environment
from .paths import DEVKIT, ROOT, cache_path, digest, file_digest
from .process import foreground, run_step
from .system import ensure_packages

NPM = DEVKIT / 'npm'
FORMATTED = ('**/*.xml', '**/*.js')


def run(options) -> int:
    """Run every tool; return 0 when none found anything."""
    tools = ensure_environment('requirements-lint').parent
    addons = [addon.path for addon in find_addons()]
    checks = [
        *_ruff(tools, fix=options.fix),
        *_odoo_checks(tools, addons, fix=options.fix),
        *_prettier(addons, fix=options.fix),
        ('words on screen', [tools / 'python', DEVKIT / 'words.py']),
    ]
    failed = []
    for name, command in checks:
        console.say(name)
        if foreground(command, cwd=ROOT, env={**os.environ, 'PYTHONWARNINGS': 'ignore'}):
            failed.append(name)
    console.say(f'found something: {", ".join(failed)}' if failed else 'nothing found')
    return 1 if failed else 0


def _ruff(tools: Path, *, fix: bool) -> list[tuple[str, list]]:
    ruff, cache = tools / 'ruff', f'--cache-dir={cache_path("ruff")}'
    sources = [ROOT, ROOT / 'dev']
    return [
        ('ruff check', [ruff, 'check', '-q', cache, *(['--fix'] if fix else []), *sources]),
        (
            'ruff format',
            [ruff, 'format', '-q', cache, *([] if fix else ['--diff']), *sources],
        ),
    ]


def _odoo_checks(tools: Path, addons: list[Path], *, fix: bool) -> list[tuple[str, list]]:
    if not addons:
        return []
    fixing = ['--fix'] if fix else []
    checks = [
        ('pylint-odoo', [tools / 'pylint', f'--rcfile={ROOT / ".pylintrc"}', *addons]),
        (
            'OCA checks of XML and manifests',
            [tools / 'oca-checks-odoo-module', f'--config={ROOT / ".oca_hooks.cfg"}']
            + [*fixing, *addons],
        ),
    ]
    translations = [path for addon in addons for path in sorted(addon.glob('i18n/*.po*'))]
    if translations:
        checks.append(('OCA checks of translations', [tools / 'oca-checks-po', *translations]))
    return checks


def _prettier(addons: list[Path], *, fix: bool) -> list[tuple[str, list]]:
    files = [
        path
        for addon in addons
        for pattern in FORMATTED
        for path in sorted(addon.glob(pattern))
        if _is_formatted(path.relative_to(addon).parts)
    ]
    if not files:
        return []
    modules = _ensure_npm_packages() / 'node_modules'
    return [
        (
            'prettier',
            [
                *('node', modules / 'prettier' / 'bin' / 'prettier.cjs'),
                f'--plugin={modules / "@prettier/plugin-xml/src/plugin.js"}',
                *(f'--config={ROOT / ".prettierrc.json"}', '--log-level=warn'),
                *('--ignore-path=', '--write' if fix else '--check', *files),
            ],
        )
    ]


def _is_formatted(parts: tuple[str, ...]) -> bool:
    """Tell whether a file is ours to format: not others' libraries, not the data of tests."""
    return parts[0] != 'tests' and parts[:2] != ('static', 'lib')


def _ensure_npm_packages() -> Path:
    """Return the folder of prettier and its plug-in, installed by their lock file."""
    folder = cache_path('npm', digest(file_digest(NPM / 'package-lock.json')))
    if not (shutil.which('node') and shutil.which('npm')):
        ensure_packages(['nodejs', 'npm'], 'prettier')
    if not (folder / MARKER).exists():
        with step_lock('npm'), console.timed('installing prettier'):
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(NPM, folder)
            run_step(
                ['npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts'],
                failure='prettier could not be installed',
                log='npm',
                cwd=folder,
            )
            (folder / MARKER).touch()
    return folder
