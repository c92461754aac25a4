"""Registries of further databases, beside the one of the test session."""

from contextlib import contextmanager

from odoo import SUPERUSER_ID, api, tools
from odoo.modules.registry import Registry


def load_registry(database):
    """The registry of a database.

    While it loads, the host must not look for tests to run: pytest runs them.
    """
    enabled, tools.config['test_enable'] = tools.config['test_enable'], False
    try:
        return Registry(database)
    finally:
        tools.config['test_enable'] = enabled


@contextmanager
def transaction(database):
    """The superuser's environment in a transaction of its own, with its snapshot taken.

    It is rolled back unless it was committed.
    """
    with load_registry(database).cursor() as cursor:
        cursor.execute('SELECT 1')
        try:
            yield api.Environment(cursor, SUPERUSER_ID, {})
        finally:
            cursor.rollback()


def copy_with(fresh_db, set_up):
    """Make a database with all our add-ons, and with what some tests need.

    :param fresh_db: the fixture of that name
    :param set_up: function of an environment that makes what they need
    :return: its name
    """
    name = fresh_db('suite')
    with transaction(name) as env:
        set_up(env)
        env.cr.commit()
    return name
