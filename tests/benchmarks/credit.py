"""Crediting n invoices of 5 lines: this add-on against the host's own wizard.

Both work on the same fresh invoices, in turn, each inside a savepoint that is rolled back; drafts
and posting are measured apart. The host's side is the same process with this add-on's methods
taken off its classes. Times are wall seconds; queries are those of the cursor.
"""

import gc
import resource
import statistics
import time
from contextlib import contextmanager

from odoo import Command

from odoo.addons.credit_invoice.models import (
    account_move,
    account_move_line,
    account_move_reverse,
)
from odoo.addons.credit_invoice.wizards import account_move_reversal

LINES = 5
OWN_CLASSES = {
    account_move.AccountMove: 'account.move',
    account_move_reverse.AccountMove: 'account.move',
    account_move_line.AccountMoveLine: 'account.move.line',
    account_move_reversal.AccountMoveReversal: 'account.move.reversal',
}


@contextmanager
def host_only():
    """Take every override of ours off the host's models, so that the host works alone."""
    taken = []
    for cls in OWN_CLASSES:
        for name, value in list(vars(cls).items()):
            if callable(value) and not name.startswith('__') and _is_override(cls, name):
                taken.append((cls, name, value))
                delattr(cls, name)
    try:
        yield
    finally:
        for cls, name, value in taken:
            setattr(cls, name, value)


def _is_override(cls, name):
    registry_class = _REGISTRY_CLASSES[cls]
    mro = registry_class.__mro__
    return any(name in vars(base) for base in mro[mro.index(cls) + 1 :])


_REGISTRY_CLASSES = {}


class _Rollback(Exception):
    """Ends a measured block, so that the next one finds the same data."""


def make_invoices(env, count):
    """Post `count` customer invoices of 5 lines with a tax on each.

    :return: the invoices
    """
    tax = env['account.tax'].search(
        [('type_tax_use', '=', 'sale'), ('company_id', '=', env.company.id)], limit=1
    )
    partners = env['res.partner'].create([{'name': f'Customer {i}'} for i in range(20)])
    products = env['product.product'].create([{'name': f'Product {i}'} for i in range(LINES)])
    invoices = env['account.move'].create([
        {
            'move_type': 'out_invoice',
            'partner_id': partners[i % len(partners)].id,
            'invoice_date': '2026-01-15',
            'invoice_line_ids': [
                Command.create({
                    'product_id': product.id,
                    'quantity': 1 + i % 7,
                    'price_unit': 10.37 + j,
                    'tax_ids': [Command.set(tax.ids)],
                })
                for j, product in enumerate(products)
            ],
        }
        for i in range(count)
    ])
    invoices.action_post()
    env.flush_all()
    # A ledger in use has statistics; without them the database plans for empty tables.
    env.cr.execute('ANALYZE')
    return invoices


def _measure(env, function):
    env.flush_all()
    env.invalidate_all()
    gc.collect()
    queries, start = env.cr.sql_log_count, time.perf_counter()
    result = function()
    env.flush_all()
    return result, time.perf_counter() - start, env.cr.sql_log_count - queries


def _credit_and_post(env, invoices):
    """Draft the credits, then post them, each measured; nothing is kept."""
    figures = {}
    try:
        with env.cr.savepoint():
            dialog = (
                env['account.move.reversal']
                .with_context(active_model='account.move', active_ids=invoices.ids)
                .create({'date': '2026-01-20', 'journal_id': invoices.journal_id.id})
            )
            _action, *figures['draft'] = _measure(env, dialog.refund_moves)
            credits = env['account.move'].browse(dialog.new_move_ids.ids)
            assert len(credits) == len(invoices)
            _action, *figures['post'] = _measure(env, credits.action_post)
            assert set(invoices.mapped('payment_state')) == {'reversed'}
            raise _Rollback
    except _Rollback:
        env.invalidate_all()
        env.registry.clear_all_caches()
    return figures


def _get_step_figures(ours, hosts, step, count):
    seconds = statistics.median(run[step][0] for run in ours) / count
    host_seconds = statistics.median(run[step][0] for run in hosts) / count
    return {
        'seconds': round(seconds, 5),
        'queries': round(statistics.median(run[step][1] for run in ours) / count, 2),
        'host_seconds': round(host_seconds, 5),
        'host_queries': round(statistics.median(run[step][1] for run in hosts) / count, 2),
        'ratio': round(host_seconds / seconds, 2),
    }


def run(env, n=(50, 200, 800), rounds=1, **_options):
    """Measure.

    :param env: an environment on a database with a chart of accounts
    :param n: numbers of invoices
    :param rounds: alternating pairs per number; the medians are reported
    :return: nested dictionary of figures, per invoice; `draft`, `post` for the middle number
    """
    for cls, model in OWN_CLASSES.items():
        _REGISTRY_CLASSES[cls] = env.registry[model]
    sizes = sorted({1, *n})
    invoices = make_invoices(env, max(sizes))
    _credit_and_post(env, invoices[:1])
    with host_only():
        _credit_and_post(env, invoices[:1])
    figures = {}
    for size in sizes:
        ours, hosts = [], []
        for _round in range(max(int(rounds), 9) if size == 1 else int(rounds)):
            ours.append(_credit_and_post(env, invoices[:size]))
            with host_only():
                hosts.append(_credit_and_post(env, invoices[:size]))
        figures[size] = {
            step: _get_step_figures(ours, hosts, step, size) for step in ('draft', 'post')
        }
    measured = [size for size in sizes if size > 1]
    middle = measured[len(measured) // 2]
    small, large = figures[measured[0]], figures[measured[-1]]
    return {
        'draft': figures[middle]['draft'],
        'post': figures[middle]['post'],
        'growth': round(large['draft']['seconds'] / small['draft']['seconds'], 2),
        'growth_post': round(large['post']['seconds'] / small['post']['seconds'], 2),
        'single': figures[1]['draft'],
        'peak_mb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        'by_n': {str(size): figures[size] for size in measured},
    }
