"""What every command that touches a database needs, made ready and put away."""

import contextlib

from . import process
from .address import parse_url
from .databases import Databases, check_answers
from .errors import DevError
from .host import ensure_host
from .odoo import Odoo
from .paths import cache_path, remove_old
from .postgres import PrivateCluster


def _open_server(url: str | None):
    """Return a context that gives a server's address: the user's own, or the private one's.

    :raise DevError: when it does not answer
    """
    if not url:
        return PrivateCluster()
    address = parse_url(url)
    check_answers(address)
    return contextlib.nullcontext(address)


@contextlib.contextmanager
def open_session(db_url: str | None):
    """Give an `Odoo` with its host prepared and its database server running.

    At the end, throw-away copies are dropped and processes ended, also after
    an error or Ctrl-C.
    """
    process.sweep_killed_runs()
    remove_old(cache_path('logs'), days=7)
    remove_old(cache_path('screenshots'), days=7)
    host = ensure_host()
    with _open_server(db_url) as address:
        databases = Databases(address, private=not db_url)
        databases.drop_left_behind()
        try:
            yield Odoo(host, databases)
        finally:
            process.end_children()
            databases.drop_throw_away()
            # What a child `./dev` or a test session that was killed left behind.
            process.sweep_killed_runs()
            with contextlib.suppress(DevError):  # an error that led here counts more
                databases.drop_left_behind()
            process.close_record()
