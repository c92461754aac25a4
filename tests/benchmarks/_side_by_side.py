"""The add-on and the host alone, in turn, in one process and on the same documents."""

import gc
import statistics
import time
from contextlib import contextmanager

from _ledger import make_partners_and_products, post_invoices

OURS = 'odoo.addons.credit_invoice'
LINES = 5
# A credit is never dated before its invoice: after the last of them.
CREDIT_DATE = '2026-01-31'


# === THE HOST ALONE === #


@contextmanager
def host_only(registry):
    """Take every override of ours off the host's models, so that the host works alone.

    What is ours is read off the classes of the registry. Stored fields of ours stay, with nothing
    to be computed.
    """
    taken = {}
    for model in registry.values():
        if not _is_ours(model):
            taken |= _find_overrides(model)
    for (cls, name), (_value, stub) in taken.items():
        setattr(cls, name, stub) if stub else delattr(cls, name)
    try:
        yield
    finally:
        for (cls, name), (value, _stub) in taken.items():
            setattr(cls, name, value)


def _is_ours(cls):
    return (getattr(cls, '_original_module', None) or cls.__module__).startswith('credit_invoice')


def _find_overrides(model):
    """What classes of ours change on a model: (class, name) -> (method, what stands in for it)."""
    found, mro = {}, model.__mro__
    stubs = _make_stubs(model)
    for position, cls in enumerate(mro):
        if not cls.__module__.startswith(OURS):
            continue
        below = [base for base in mro[position + 1 :] if not base.__module__.startswith(OURS)]
        for name, value in vars(cls).items():
            if name.startswith('__') or not callable(value) and not isinstance(value, classmethod):
                continue
            if any(name in vars(base) for base in below):
                found[cls, name] = value, None
            elif name in stubs:
                found[cls, name] = value, stubs[name]
    return found


def _make_stubs(model):
    """Methods that compute nothing, by the names of those that compute our stored fields."""
    fields = {}
    for field in model._fields.values():
        modules = field._modules or ()
        is_ours = modules and all(name.startswith('credit_invoice') for name in modules)
        if is_ours and field.store and isinstance(field.compute, str):
            fields.setdefault(field.compute, []).append(field.name)

    def make_stub(names):
        def compute_nothing(self):
            for name in names:
                self[name] = False

        return compute_nothing

    return {compute: make_stub(names) for compute, names in fields.items()}


# === DOCUMENTS === #


def make_invoices(env, count):
    """Post `count` customer invoices of 5 lines with a tax on each.

    :return: the invoices
    """
    invoices = post_invoices(env, count, *make_partners_and_products(env, LINES))
    env.flush_all()
    # A ledger in use has statistics; without them the database plans for empty tables.
    env.cr.execute('ANALYZE')
    return invoices


def draft_credits(env, invoices):
    """Credit invoices by the host's dialog.

    :return: the drafts
    """
    dialog = (
        env['account.move.reversal']
        .with_context(active_model='account.move', active_ids=invoices.ids)
        .create({'date': CREDIT_DATE, 'journal_id': invoices.journal_id.id})
    )
    dialog.refund_moves()
    credits = env['account.move'].browse(dialog.new_move_ids.ids)
    assert len(credits) == len(invoices)
    return credits


# === FIGURES === #


class _Rollback(Exception):
    """Ends a measured block, so that the next one finds the same data."""


@contextmanager
def undone(env):
    """Undo what is done inside, so that the next side finds the same data."""
    try:
        with env.cr.savepoint():
            yield
            raise _Rollback
    except _Rollback:
        env.invalidate_all()
        env.registry.clear_all_caches()


def measure(env, function):
    """Call a function without arguments.

    :return: (what it returns, wall seconds, queries of the cursor)
    """
    env.flush_all()
    env.invalidate_all()
    gc.collect()
    queries, start = env.cr.sql_log_count, time.perf_counter()
    result = function()
    env.flush_all()
    return result, time.perf_counter() - start, env.cr.sql_log_count - queries


def get_figures(ours, hosts, count):
    """The medians of both sides, per document.

    :param ours: list of (seconds, queries) of each round
    :param hosts: the same of the host
    """
    seconds = statistics.median(run[0] for run in ours) / count
    host_seconds = statistics.median(run[0] for run in hosts) / count
    return {
        'seconds': round(seconds, 5),
        'queries': round(statistics.median(run[1] for run in ours) / count, 2),
        'host_seconds': round(host_seconds, 5),
        'host_queries': round(statistics.median(run[1] for run in hosts) / count, 2),
        'ratio': round(host_seconds / seconds, 2),
    }
