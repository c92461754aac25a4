"""`./dev shell`: the host's shell on a database of its own."""

from .errors import DevError
from .session import open_session
from .template import copy


def run(options) -> int:
    """Run the shell on our input; an exception in it gives exit status 1."""
    with open_session(options.db_url) as odoo:
        if options.db:
            if options.chart:
                raise DevError('--db names a database as it is: --chart does not go with it')
            if not odoo.databases.exists(options.db):
                raise DevError(f'there is no database {options.db}')
            database = options.db
        else:
            name = f'suite:{options.chart}' if options.chart else 'suite'
            database = copy(odoo, name)
        return 1 if odoo.shell(database) else 0
