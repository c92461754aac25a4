"""What a run of histories needs: both sides, the line between them, a worker, a clock, counts."""

import gc
from collections import Counter
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from export_histories import History
from faults import QUIET_MINUTES, Clock, Worker
from registries import load_registry, transaction

from odoo.addons.credit_invoice.tests.export.connector_link import Link

DATE_START = '2026-02-01'


@contextmanager
def make_rig(here, side, address, **values):
    """Connect a database to another side, over a line that can fail.

    :param str here: the database
    :param side: see `export_sides.py`
    :param values: of the `credit.export.system`
    """
    clock, counts = Clock(), Counter()
    with Link(address) as link, clock.rules(load_registry(here)):
        with transaction(here) as env:
            bank = env['account.journal'].search([('type', '=', 'bank')], limit=1)
            # Without an account of its own, a payment has no entry.
            bank.inbound_payment_method_line_ids.payment_account_id = bank.default_account_id.copy()
            system = env['credit.export.system'].create({
                'name': 'Books',
                'company_id': env.company.id,
                'address': link.address,
                'date_start': DATE_START,
                'quiet_minutes': QUIET_MINUTES,
                'is_exporting_payments': True,
                **values,
            })
            worker = Worker(here, system.id, link, counts)
            env.cr.commit()
        yield SimpleNamespace(
            database=here, worker=worker, link=link, side=side, clock=clock, counts=counts
        )


def get_codes(database):
    """What the company's accounts and taxes are called.

    :return: (codes of income and receivable accounts by type, names and rates of sales taxes)
    """
    with transaction(database) as env:
        accounts = env['account.account'].search([
            ('account_type', 'in', ('income', 'income_other', 'asset_receivable')),
            ('company_ids', 'in', env.company.ids),
        ])
        taxes = env['account.tax'].search([
            ('type_tax_use', '=', 'sale'),
            ('company_id', '=', env.company.id),
        ])
        return (
            {account.code: account.account_type for account in accounts},
            {tax.name: tax.amount for tax in taxes},
        )


def run(rig, seed):
    """Live through one history; on a failure, print its steps."""
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


def run_all(rig, config, capsys, seeds, long_seeds):
    """Live through many histories, and print what happened."""
    one = config.getoption('--seed')
    last = long_seeds if config.getoption('--long') else seeds
    gc.collect()
    gc.freeze()  # what every worker would else copy
    try:
        for seed in [one] if one else range(1, last + 1):
            run(rig, seed)
    finally:
        gc.unfreeze()
        with capsys.disabled():
            print('\n' + '\n'.join(f'{rig.counts[name]:8} {name}' for name in sorted(rig.counts)))
    assert rig.counts['kills'] or one
