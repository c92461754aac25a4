"""Where a database server is, and finding one that runs."""

import os
import socket
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from .errors import DevError
from .paths import digest

USER = 'odoo'
DEFAULT_PORT = 5432


@dataclass(frozen=True)
class Address:
    """Where a database server is and who we are to it."""

    host: str
    port: int | None
    user: str
    password: str | None = None

    @property
    def key(self) -> str:
        """Return a key of this server, to keep what belongs to it apart."""
        return digest(self.host, self.port, self.user)

    def options(self) -> dict[str, object]:
        """Return what a client passes to connect, the unset parts left out."""
        options = {
            'host': self.host,
            'port': self.port,
            'user': self.user,
            'password': self.password,
        }
        return {key: value for key, value in options.items() if value}


def parse_url(url: str) -> Address:
    """Return the address in ``postgresql://user:password@host:port``."""
    parts = urlsplit(url)
    if parts.scheme not in ('postgresql', 'postgres'):
        raise DevError('--db-url must look like postgresql://user:password@host:5432')
    try:
        port = parts.port
    except ValueError as error:
        raise DevError(f'--db-url names no valid port: {error}') from error
    query = dict(part.partition('=')[::2] for part in parts.query.split('&') if part)
    user = unquote(parts.username or '') or os.environ.get('PGUSER') or USER
    password = unquote(parts.password) if parts.password else None
    host = unquote(parts.hostname or query.get('host', '')) or 'localhost'
    if user == 'postgres':
        raise DevError(
            'Odoo refuses to work as the database user postgres: name another in --db-url'
        )
    return Address(host, port, user, password)


def check_reachable(address: Address) -> None:
    """Make sure that something listens there.

    :raise DevError: when nothing does
    """
    try:
        if address.host.startswith('/'):
            path = f'{address.host}/.s.PGSQL.{address.port or DEFAULT_PORT}'
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(5)
                probe.connect(path)
        else:
            target = (address.host, address.port or DEFAULT_PORT)
            socket.create_connection(target, timeout=5).close()
    except OSError as error:
        where = f'{address.host}:{address.port or DEFAULT_PORT}'
        raise DevError(f'the database server at {where} does not answer: {error}') from error
