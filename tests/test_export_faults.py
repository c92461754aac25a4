"""Nothing lost and nothing doubled, whatever the network and the machine do (decision 19).

Random histories of invoices, credits, payments and applications are exported to a real accounting
program (`test_credit_invoice/books_server.py`) over a line that loses, cuts, delays and doubles,
by a worker that is killed between any two steps. What is drawn is in `export_histories.py`, what
goes wrong in `faults.py`, what must hold in the end in `export_judgement.py`. On a failure the seed
and every step are printed; `--seed` runs one again.
"""

import pytest
from export_rig import get_codes, make_rig, run_all
from export_sides import BooksSide

from odoo.addons.test_credit_invoice.books_server import Books, BooksServer

slow_because = 'whole histories are exported over a line that fails'

SEEDS, LONG_SEEDS = 50, 10_000
KEY = 'key-of-the-fault-runs'

pytestmark = pytest.mark.fault


@pytest.fixture(scope='module')
def rig(database):
    books = Books(*get_codes(database))
    with (
        BooksServer(books, KEY) as server,
        make_rig(database, BooksSide(books), server.address, connector='books', secret=KEY) as rig,
    ):
        yield rig


def test_ts18_nothing_is_lost_and_nothing_is_doubled(rig, request, capsys):
    run_all(rig, request.config, capsys, SEEDS, LONG_SEEDS)
