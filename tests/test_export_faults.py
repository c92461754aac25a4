"""Nothing lost and nothing doubled, whatever the network and the machine do (decision 19).

Random histories of invoices, credits, payments and applications are exported to a real accounting
program (`test_credit_invoice/books_server.py`) over a line that loses, cuts, delays and doubles,
by a worker that is killed between any two steps. What is drawn is in `export_histories.py`, what
goes wrong in `faults.py`, what must hold in the end in `export_judgement.py`. On a failure the seed
and every step are printed; `--seed` runs one again.
"""

import gc
from collections import Counter
from types import SimpleNamespace

import pytest
from export_histories import History
from faults import QUIET_MINUTES, Clock, Worker
from registries import load_registry, transaction

from odoo.addons.credit_invoice.tests.connector_link import Link
from odoo.addons.test_credit_invoice.books_server import Books, BooksServer

SEEDS, LONG_SEEDS = 200, 10_000
KEY = 'key-of-the-fault-runs'

pytestmark = pytest.mark.fault


def connect(env, address):
    """The books of the company, in which its accounts and taxes are called what they are here."""
    accounts = env['account.account'].search([]).mapped('code')
    taxes = env['account.tax'].search([]).mapped('name')
    bank = env['account.journal'].search([('type', '=', 'bank')], limit=1)
    # Without an account of its own, a payment has no entry.
    bank.inbound_payment_method_line_ids.payment_account_id = bank.default_account_id.copy()
    system = env['credit.export.system'].create({
        'name': 'Books',
        'connector': 'books',
        'company_id': env.company.id,
        'address': address,
        'secret': KEY,
        'date_start': '2026-02-01',
        'quiet_minutes': QUIET_MINUTES,
        'is_exporting_payments': True,
    })
    return system.id, accounts, taxes


@pytest.fixture(scope='module')
def rig(database):
    """Give both sides, the line between them, and a clock for all."""
    books, clock, counts = Books(), Clock(), Counter()
    registry = load_registry(database)
    with BooksServer(books, KEY) as server, Link(server.address) as link, clock.rules(registry):
        with transaction(database) as env:
            system_id, accounts, taxes = connect(env, link.address)
            env.cr.commit()
        books.accounts |= set(accounts)
        books.taxes |= set(taxes)
        yield SimpleNamespace(
            database=database,
            worker=Worker(database, system_id, link, counts),
            link=link,
            books=books,
            clock=clock,
            counts=counts,
        )


def run(rig, seed):
    """Live through one history; fails with its steps."""
    history = History(rig, seed)
    rig.counts['seeds'] += 1
    try:
        findings = history.run()
    except Exception:
        print(f'\nseed {seed}\n{history.steps}')
        raise
    if findings:
        text = '\n'.join(findings)
        pytest.fail(f'seed {seed}\n{history.steps}\n\n{text}', pytrace=False)


def test_ts18_nothing_is_lost_and_nothing_is_doubled(rig, request, capsys):
    option = request.config.getoption
    gc.collect()
    gc.freeze()  # what every worker would else copy
    seeds = [option('--seed')] if option('--seed') else range(1, 1 + SEEDS)
    if option('--long'):
        seeds = range(1, 1 + LONG_SEEDS)
    try:
        for seed in seeds:
            run(rig, seed)
    finally:
        gc.unfreeze()
        with capsys.disabled():
            print('\n' + '\n'.join(f'{rig.counts[name]:8} {name}' for name in sorted(rig.counts)))
    assert rig.counts['kills'] or option('--seed')
