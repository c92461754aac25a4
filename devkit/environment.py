"""The environment of the host's processes, from which no call gets out."""

import json
import os

OUTER = 'CREDIT_INVOICE_OUTER_ENVIRONMENT'
NOWHERE = 'http://127.0.0.1:9'  # refuses at once
# Settings of a person's own database client or server.
FOREIGN = ('ODOO_RC', 'OPENERP_SERVER', 'PGDATABASE', 'PGHOST', 'PGPORT', 'PGUSER', 'PGPASSWORD')


def sealed(python_path: list) -> dict[str, str]:
    """Return the environment for the host, which finds modules in ``python_path``.

    Python's web clients obey the proxy variables, so that whatever the host
    would call in the background is refused.
    """
    changes = {
        'PYTHONPATH': os.pathsep.join(map(str, python_path)),
        'PYTHONWARNINGS': 'ignore',
        'PYTHONUNBUFFERED': '1',
    }
    for name in ('http_proxy', 'https_proxy', 'all_proxy'):
        changes[name] = changes[name.upper()] = NOWHERE
    changes['no_proxy'] = changes['NO_PROXY'] = '127.0.0.1,localhost'
    before = {name: os.environ.get(name) for name in changes}
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return {**kept, **changes, OUTER: json.dumps(before)}


def unseal() -> None:
    """Undo it where `./dev` is called by a test: a preparation may have to fetch things."""
    before = json.loads(os.environ.pop(OUTER, '{}'))
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
