"""Crediting n invoices of 5 lines: this add-on against the host's own wizard.

Both work on the same fresh invoices, in turn, each inside a savepoint that is rolled back; drafts
and posting are measured apart. The host's side is the same process with this add-on's methods
taken off its classes. Times are wall seconds; queries are those of the cursor.
"""

import resource

from _side_by_side import draft_credits, get_figures, host_only, make_invoices, measure, undone


def _credit_and_post(env, invoices):
    """Draft the credits, then post them, each measured; nothing is kept."""
    figures = {}
    with undone(env):
        credits, *figures['draft'] = measure(env, lambda: draft_credits(env, invoices))
        _action, *figures['post'] = measure(env, credits.action_post)
        assert set(invoices.mapped('payment_state')) == {'reversed'}
    return figures


def run(env, n=(50, 200, 800), rounds=1, **_options):
    """Measure.

    :param env: an environment on a database with a chart of accounts
    :param n: numbers of invoices
    :param rounds: alternating pairs per number; the medians are reported
    :return: nested dictionary of figures, per invoice; `draft`, `post` for the middle number
    """
    sizes = sorted({1, *n})
    invoices = make_invoices(env, max(sizes))
    _credit_and_post(env, invoices[:1])
    with host_only(env.registry):
        _credit_and_post(env, invoices[:1])
    figures = {}
    for size in sizes:
        ours, hosts = [], []
        for _round in range(max(int(rounds), 9) if size == 1 else int(rounds)):
            ours.append(_credit_and_post(env, invoices[:size]))
            with host_only(env.registry):
                hosts.append(_credit_and_post(env, invoices[:size]))
        figures[size] = {
            step: get_figures([our[step] for our in ours], [host[step] for host in hosts], size)
            for step in ('draft', 'post')
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
