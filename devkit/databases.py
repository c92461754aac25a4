"""Databases and the filestores that belong to them."""

import contextlib
import os
import shutil
from pathlib import Path

import psycopg2
from psycopg2 import errorcodes, sql

from . import console
from .address import Address
from .errors import DevError, disk_full
from .paths import cache_dir, cache_path, digest
from .process import is_run_alive, record

THROW_AWAY = 'ci_tmp_'


def config_path(database: str) -> Path:
    """Return the path of the host's configuration file for a database."""
    return cache_path('conf', f'{database}.conf')


def check_answers(address: Address) -> None:
    """Make sure that a server answers and lets us create databases."""
    with _cursor(address) as cursor:
        cursor.execute('SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user')
        if not cursor.fetchone()[0]:
            raise DevError(f'the database user {address.user} may not create databases')


@contextlib.contextmanager
def _cursor(address: Address, database: str = 'postgres'):
    try:
        connection = psycopg2.connect(dbname=database, connect_timeout=5, **address.options())
    except psycopg2.OperationalError as error:
        reason = ' '.join(str(error).split())
        raise DevError(f'the database server does not answer: {reason}') from error
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    except psycopg2.Error as error:
        if error.pgcode == errorcodes.DISK_FULL:
            raise disk_full(cache_dir()) from error
        raise DevError(f'the database server refuses: {" ".join(str(error).split())}') from error
    finally:
        connection.close()


class Databases:
    """The databases of one server, each with its filestore in the cache."""

    def __init__(self, address: Address, *, private: bool):
        self.address = address
        # One folder per server: equal names on two servers are two databases.
        name = 'private' if private else address.key
        self.data_dir = cache_path('data', name)
        self.private = private
        (self.data_dir / 'filestore').mkdir(parents=True, exist_ok=True)
        # Other machines and cache folders may use the same server.
        self._prefix = f'{THROW_AWAY}{digest(cache_dir(), os.uname().nodename)[:6]}_'
        self._count = 0
        self.made: list[str] = []

    def filestore(self, name: str) -> Path:
        """Return the folder of a database's attachments."""
        return self.data_dir / 'filestore' / name

    def names(self) -> list[str]:
        """Return the names of all databases, the newest last."""
        with _cursor(self.address) as cursor:
            cursor.execute('SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY oid')
            return [name for (name,) in cursor.fetchall()]

    def exists(self, name: str) -> bool:
        """Tell whether there is a database of that name."""
        return name in self.names()

    def create(self, name: str, template: str | None = None) -> None:
        """Create a database, as a copy of ``template`` with its filestore where given."""
        self.drop(name)
        statement = sql.SQL('CREATE DATABASE {} TEMPLATE {}').format(
            sql.Identifier(name), sql.Identifier(template or 'template0')
        )
        if not template:
            statement += sql.SQL(" ENCODING 'UTF8' LC_COLLATE 'C'")
        with _cursor(self.address) as cursor:
            cursor.execute(statement)
        if template and self.filestore(template).exists():
            # Links: the host never changes an attachment's file, it makes another.
            shutil.copytree(self.filestore(template), self.filestore(name), copy_function=os.link)

    def throw_away(self, template: str | None) -> str:
        """Return the name of a new database that this run's end removes, unless renamed."""
        self._count += 1
        name = f'{self._prefix}{os.getpid()}_{self._count}'
        record()  # declares this run alive, so that nobody takes the copy for a leftover
        self.made.append(name)
        self.create(name, template)
        return name

    def rename(self, old: str, new: str) -> None:
        """Rename a database and its filestore."""
        self.drop(new)
        config_path(old).unlink(missing_ok=True)
        if old in self.made:
            self.made.remove(old)
        if self.filestore(old).exists():
            self.filestore(old).rename(self.filestore(new))
        with _cursor(self.address) as cursor:
            cursor.execute(
                sql.SQL('ALTER DATABASE {} RENAME TO {}').format(
                    sql.Identifier(old), sql.Identifier(new)
                )
            )

    def drop(self, name: str) -> None:
        """Remove a database with its filestore, if it is there."""
        with _cursor(self.address) as cursor:
            cursor.execute(
                'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s', [name]
            )
            cursor.execute(sql.SQL('DROP DATABASE IF EXISTS {}').format(sql.Identifier(name)))
        shutil.rmtree(self.filestore(name), ignore_errors=True)
        config_path(name).unlink(missing_ok=True)

    def drop_throw_away(self) -> None:
        """Remove the copies that this run made."""
        for name in self.made:
            with contextlib.suppress(DevError):
                self.drop(name)
        self.made.clear()

    def drop_left_behind(self) -> None:
        """Remove the copies of runs of this cache folder that were killed."""
        for name in self.names():
            if name.startswith(self._prefix):
                pid = int(name.removeprefix(self._prefix).partition('_')[0])
                if not is_run_alive(pid):
                    console.say(f'dropping the database {name} of a run that was killed')
                    self.drop(name)

    def comment(self, name: str) -> str:
        """Return the note that `set_comment` left on a database, '' without one."""
        with _cursor(self.address) as cursor:
            cursor.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
                [name],
            )
            row = cursor.fetchone()
        return (row and row[0]) or ''

    def set_comment(self, name: str, text: str) -> None:
        """Leave a note on a database; it is not copied with it."""
        with _cursor(self.address) as cursor:
            cursor.execute(
                sql.SQL('COMMENT ON DATABASE {} IS {}').format(
                    sql.Identifier(name), sql.Literal(text)
                )
            )

    def set_parameter(self, name: str, key: str, value: str) -> None:
        """Set a system parameter of the host, which no server of the database has read yet."""
        with _cursor(self.address, name) as cursor:
            cursor.execute(
                'INSERT INTO ir_config_parameter (key, value) VALUES (%s, %s)'
                ' ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value',
                [key, value],
            )
