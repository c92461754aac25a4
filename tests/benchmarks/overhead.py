"""What the add-on costs where nothing is credited: with it and without it, in turn.

Two databases, equal but for the add-on, are worked on by one process, as by an administrator
in the web client: `post` creates and posts n invoices of 5 lines, `form` opens posted invoices,
`new` the form of a new one, `list` reads 80 and 1,000 rows of the list of invoices. What the
client reads follows from the views, so that whatever an add-on puts there is counted.

`ratio` is the time with the add-on by that without it, the median over the pairs; a quarter of
the pairs are below `ratio_low`, a quarter above `ratio_high`. `cpu_ratio` leaves out the database
server, and whoever else keeps the machine busy. Queries are those of the cursor.
With `-- same=1` the database without the add-on is compared with itself: how far ratios can be
trusted on this machine.
"""

import gc
import statistics
import time
from ast import literal_eval

from _ledger import make_ledger, make_partners_and_products, post_invoices
from _web import get_spec

TEMPLATES = ('product', 'base')
LINES = 5
ROWS = (80, 1000)
LIST = 'account.view_out_invoice_tree'
ACTION = 'account.action_move_out_invoice'
FORMS = 20


class _Rollback(Exception):
    """Ends a measured block, so that the next one finds the same data."""


class Side:
    """One of the two databases, and what is done on it."""

    def __init__(self, env, count):
        """Fill the ledger and look up what the views want.

        :param count: how many invoices `post` makes
        """
        make_ledger(env, max(ROWS) * 5 // 4, LINES)
        self.parts = make_partners_and_products(env, LINES)
        env.cr.commit()
        self.env = env(
            user=env.ref('base.user_admin'),
            context={'lang': 'en_US', 'allowed_company_ids': env.company.ids},
            su=False,
        )
        self.count = count
        self.form_spec = get_spec(self.env, 'account.move', 'form')
        self.list_spec = get_spec(self.env, 'account.move', 'list', LIST)
        self.list_domain = literal_eval(self.env.ref(ACTION).sudo().domain)
        moves = self.env['account.move'].search([('move_type', '=', 'out_invoice')])
        # Every third of them is credited.
        self.form_ids = moves.sorted('id')[:FORMS].ids

    def post(self):
        """Create and post invoices."""
        env = self.env
        parts = [records.with_env(env) for records in self.parts]
        invoices = post_invoices(env, self.count, *parts)
        env.flush_all()
        assert set(invoices.mapped('state')) == {'posted'}

    def open_forms(self):
        """Open invoices, each as in a request of its own."""
        for move_id in self.form_ids:
            self.env.invalidate_all()
            self.env['account.move'].browse(move_id).web_read(self.form_spec)

    def open_new(self):
        """Open the form of a new invoice."""
        self.env.invalidate_all()
        model = self.env['account.move'].with_context(default_move_type='out_invoice')
        model.onchange({}, [], self.form_spec)

    def read_list(self, rows):
        """Read the first rows of the list of invoices."""
        self.env.invalidate_all()
        found = self.env['account.move'].web_search_read(
            self.list_domain, self.list_spec, limit=rows, count_limit=10001
        )
        assert len(found['records']) == rows


def _measure(side, work, repeat):
    """Do work a few times and undo it; return its figures."""
    cr = side.env.cr
    gc.collect()
    try:
        with cr.savepoint():
            queries, cpu, start = cr.sql_log_count, time.process_time(), time.perf_counter()
            for _time in range(repeat):
                work(side)
            figures = {
                'seconds': time.perf_counter() - start,
                'cpu': time.process_time() - cpu,
                'queries': cr.sql_log_count - queries,
            }
            raise _Rollback
    except _Rollback:
        side.env.invalidate_all()
    return figures


def _compare(sides, work, rounds, repeat=1, per=1):
    """Measure work on both sides in turn.

    :param repeat: how often it is done for one figure
    :param per: how many documents it is about, of which the figures are told
    """
    for side in sides:
        _measure(side, work, 1)
    ours, hosts = [], []
    for number in range(rounds):
        turns = [(ours, sides[0]), (hosts, sides[1])]
        for runs, side in turns if number % 2 == 0 else reversed(turns):
            runs.append(_measure(side, work, repeat))
    low, ratio, high = _get_quartiles(ours, hosts, 'seconds')
    return {
        'ratio': ratio,
        'ratio_low': low,
        'ratio_high': high,
        'cpu_ratio': _get_quartiles(ours, hosts, 'cpu')[1],
        **{
            f'{prefix}{name}': round(statistics.median(run[name] for run in runs) / repeat / per, 5)
            for prefix, runs in (('', ours), ('host_', hosts))
            for name in ('seconds', 'queries')
        },
    }


def _get_quartiles(ours, hosts, name):
    """The quartiles, the median in the middle, of a figure's ratios, pair by pair."""
    ratios = [our[name] / host[name] for our, host in zip(ours, hosts, strict=True)]
    if len(ratios) == 1:
        ratios *= 2
    return [round(ratio, 3) for ratio in statistics.quantiles(ratios, method='inclusive')]


def _get_modules(env):
    return set(env['ir.module.module'].search([('state', '=', 'installed')]).mapped('name'))


def run(env, host_env, n=(200,), *, rounds=7, readings=21, same=''):
    """Measure.

    :param env: an environment on a database with the add-on
    :param host_env: one on a database without it
    :param n: the largest number is that of the invoices posted at once
    :param rounds: alternating pairs of posting
    :param readings: those of opening forms and lists
    :param same: anything, to compare the host with itself
    :return: nested dictionary of figures, `post` per invoice, `form` per form
    """
    ours = _get_modules(env) - _get_modules(host_env)
    assert ours and all(name.startswith('credit_invoice') for name in ours), ours
    count, readings = max(n), int(readings)
    without = Side(host_env, count)
    sides = (without, without) if same else (Side(env, count), without)
    # What is there now is not looked through again, however large two registries are.
    gc.collect()
    gc.freeze()
    figures = {
        'form': _compare(sides, Side.open_forms, readings, per=FORMS),
        'new': _compare(sides, Side.open_new, readings, repeat=5),
        'list': {},
    }
    for rows, repeat in zip(ROWS, (10, 2), strict=True):
        compared = _compare(sides, lambda side, rows=rows: side.read_list(rows), readings, repeat)
        figures['list'] |= {f'{name}_{rows}': value for name, value in compared.items()}
    # Last: what it leaves behind in the database would slow the others down.
    figures['post'] = _compare(sides, Side.post, int(rounds), per=count)
    return figures
