"""Approving n credits in one go against the host, which posts and matches them one by one.

Both work on drafts of the same invoices, in turn, each inside a savepoint that is rolled back. The
host's side is the same process with this add-on's methods taken off its classes; `at_once` is the
host posting all of them together, as its list does. Times are wall seconds; queries are those of
the cursor.
"""

import resource

from _side_by_side import (
    CREDIT_DATE,
    draft_credits,
    get_figures,
    host_only,
    make_invoices,
    measure,
    undone,
)


def approve(credits):
    """As the window of *Approve* on a selection, or a caller over RPC."""
    credits.approve_credits(date=CREDIT_DATE)


def post_one_by_one(credits):
    """As a person who confirms one credit after the other."""
    for credit in credits:
        credit.action_post()


def post_at_once(credits):
    """As a person who confirms a selection in the host's list."""
    credits.action_post()


def _measure_approval(env, invoices, work, is_host):
    with undone(env):
        credits = draft_credits(env, invoices)
        if is_host:
            with host_only(env.registry):
                _result, *figures = measure(env, lambda: work(credits))
        else:
            _result, *figures = measure(env, lambda: work(credits))
        assert set(invoices.mapped('payment_state')) == {'reversed'}
        assert bool(credits.credit_settlement_ids) != is_host
    return figures


def run(env, n=(200,), rounds=3, **_options):
    """Measure.

    :param env: an environment on a database with a chart of accounts
    :param n: numbers of credits; the figures on top are those of the largest
    :param rounds: alternating rounds per number; the medians are reported
    :return: nested dictionary of figures, per credit
    """
    admin = env.ref('base.user_admin')
    admin.group_ids |= env.ref('account.group_account_invoice')
    env = env(user=admin, su=False)
    invoices = make_invoices(env, max(n))
    sides = {
        'ours': (approve, False),
        'host': (post_one_by_one, True),
        'once': (post_at_once, True),
    }
    for work, is_host in sides.values():
        _measure_approval(env, invoices[:1], work, is_host)
    figures = {}
    for size in sorted({*n}):
        runs = {name: [] for name in sides}
        for _round in range(int(rounds)):
            for name, (work, is_host) in sides.items():
                runs[name].append(_measure_approval(env, invoices[:size], work, is_host))
        figures[size] = get_figures(runs['ours'], runs['host'], size)
        figures[size]['at_once'] = get_figures(runs['ours'], runs['once'], size)
    return {
        **figures[max(n)],
        'peak_mb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        'by_n': {str(size): figures[size] for size in figures},
    }
