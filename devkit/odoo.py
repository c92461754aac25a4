"""Running the host: its configuration file, environment and log."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from .databases import Databases, config_path
from .environment import sealed
from .host import Host
from .paths import DEVKIT, ROOT, cache_path
from .process import foreground, run_step

STARTER = DEVKIT / 'scripts' / 'odoo_bin.py'
LOG_LINE = re.compile(
    r'^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>[\w.]+):'
)
BAD_LEVELS = ('WARNING', 'ERROR', 'CRITICAL')
# What a test class and its browser say is the test's business, not the server's.
TEST_LOGGER = re.compile(r'odoo\.addons\.\w+\.tests\.')


@dataclass(frozen=True)
class Odoo:
    """The host together with the databases it works on."""

    host: Host
    databases: Databases

    def config_file(self, database: str, **extra: object) -> Path:
        """Write a configuration for ``database`` and return its path.

        :param extra: further options of the host's configuration file
        """
        address = self.databases.address
        options = {
            'addons_path': ','.join(str(path) for path in [*self.host.addons_paths, ROOT]),
            'data_dir': self.databases.data_dir,
            'db_name': database,
            'dbfilter': f'^{database}$',
            'list_db': False,
            'http_interface': '127.0.0.1',
            'max_cron_threads': 0,
            # A debugger or a slow machine must not have its request killed.
            'limit_time_cpu': 3600,
            'limit_time_real': 3600,
            'limit_memory_soft': 4 << 30,
            'limit_memory_hard': 6 << 30,
            'screenshots': cache_path('screenshots'),
            # Nothing is ever mailed: no server is at this port.
            'smtp_server': '127.0.0.1',
            'smtp_port': 9,
            **{f'db_{key}': value for key, value in address.options().items()},
            **extra,
        }
        path = config_path(database)
        path.touch(mode=0o600)
        lines = [f'{key} = {value}\n' for key, value in options.items()]
        path.write_text('[options]\n' + ''.join(lines), encoding='utf-8')
        return path

    def environment(self) -> dict[str, str]:
        """Return the environment of the host's processes, in which no call gets out."""
        return sealed([self.host.root, ROOT])

    def command(self, database: str, *arguments: object, **config: object) -> list:
        """Return the command line that starts the host on ``database``.

        A subcommand goes first in ``arguments``.
        """
        config_file = self.config_file(database, **config)
        words = [str(argument) for argument in arguments]
        sub = [words.pop(0)] if words and not words[0].startswith('-') else []
        return [sys.executable, STARTER, *sub, '-c', config_file, *words]

    def run(self, database: str, *arguments: object, failure: str) -> str:
        """Run the host to its end, as a step of a preparation; return its log."""
        return run_step(
            self.command(database, *arguments, '--stop-after-init', '--no-http'),
            failure=failure,
            log=f'odoo-{database}',
            cwd=self.host.root,
            env=self.environment(),
        )

    def script(self, database: str, path: Path, *, failure: str, **variables: object) -> str:
        """Run a Python file in the host's shell on ``database``; return its output."""
        environment = {**self.environment(), **{k: str(v) for k, v in variables.items()}}
        with path.open('rb') as source:
            return run_step(
                self.command(database, 'shell', '--no-http', '--log-level=warn'),
                failure=failure,
                log=f'shell-{database}',
                cwd=self.host.root,
                env=environment,
                stdin=source,
            )

    def shell(self, database: str) -> int:
        """Run the host's shell on our own input; return its status."""
        return foreground(
            self.command(database, 'shell', '--no-http', '--log-level=warn'),
            interactive=sys.stdin.isatty(),
            cwd=self.host.root,
            env=self.environment(),
        )


def warnings_in(log: str) -> list[str]:
    """Return the warnings and errors in a server log, each with the lines that follow it."""
    found, current = [], None
    for line in log.splitlines():
        header = LOG_LINE.match(line)
        if header:
            current = None
            if header['level'] in BAD_LEVELS and not TEST_LOGGER.match(header['logger']):
                current = [line]
                found.append(current)
        elif current is not None:
            current.append(line)
    return ['\n'.join(lines) for lines in found]


def warnings_about(log: str, modules: list[str]) -> list[str]:
    """Return the warnings in a server log whose logger or text names one of ``modules``."""
    named = re.compile(r'\b(' + '|'.join(map(re.escape, modules)) + r')\b')
    return [record for record in warnings_in(log) if modules and named.search(record)]
