"""`./dev prepare`: do now what the first run or test would do."""

from .host import ensure_host
from .session import open_session
from .system import ensure_test_tools
from .template import ensure_template
from .tryton import ensure_tryton


def run(options) -> int:
    """Prepare host, packages, database server, template databases and Tryton's."""
    if options.update:
        ensure_host(update=True)
    ensure_test_tools()
    with open_session(options.db_url) as odoo:
        ensure_template(odoo, 'suite')
        ensure_tryton()
    return 0
