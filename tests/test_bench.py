"""The benchmarks themselves, with their figures printed; with --long, those that the README quotes
at its size.

One round beside other work says little about speed: what is asserted is the number of queries.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from devkit.bench import flatten

slow_because = 'benchmarks make ledgers, with the add-on and as the host does'

ROOT = Path(__file__).resolve().parent.parent
NUMBER = (int, float)


@pytest.fixture
def bench(tmp_path, capfd):
    """Give a function that runs a benchmark and returns its figures, once they are checked."""

    def run(*arguments):
        path = tmp_path / 'figures.json'
        command = [str(ROOT / 'dev'), 'bench', arguments[0], '--json', str(path), *arguments[1:]]
        result = subprocess.run(
            command,
            env={**os.environ, 'CI': ''},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=3600,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        figures = json.loads(path.read_text(encoding='utf-8'))
        printed = [f'{name} = {value}' for name, value in flatten(figures)]
        assert result.stdout.splitlines() == printed
        with capfd.disabled():
            print(f'\n{" ".join(map(str, arguments))}:', *printed, sep='\n  ')
        return figures

    return run


def test_overhead_compares_posting_forms_and_lists(bench):
    figures = bench('overhead', '--n', '2', '--', 'rounds=1', 'readings=1')
    for step in ('post', 'form', 'new'):
        for name in ('ratio', 'cpu_ratio', 'queries', 'host_queries', 'seconds', 'host_seconds'):
            assert figures[step][name] > 0, (step, name)
    for rows in (80, 1000):
        for name in ('ratio', 'queries', 'host_queries'):
            assert figures['list'][f'{name}_{rows}'] > 0, (rows, name)


def test_credit_compares_drafting_and_posting(bench, request):
    sizes = '50,200' if request.config.getoption('--long') else '10,40'
    figures = bench('credit', '--n', sizes, '--', 'rounds=1')
    for step in ('draft', 'post', 'single'):
        for name in ('ratio', 'queries', 'host_queries', 'seconds', 'host_seconds'):
            assert figures[step][name] > 0, (step, name)
    # Many are drafted and posted in batches, with the host one by one.
    for step in ('draft', 'post'):
        assert figures[step]['queries'] < figures[step]['host_queries'], step


def test_approve_compares_one_go_with_one_by_one(bench, request):
    size = '200' if request.config.getoption('--long') else '40'
    figures = bench('approve', '--n', size, '--', 'rounds=1')
    for step in (figures, figures['at_once'], figures['by_n'][size]):
        for name in ('ratio', 'queries', 'host_queries', 'seconds', 'host_seconds'):
            assert step[name] > 0, name
    assert figures['queries'] < figures['host_queries']


def test_the_host_alone_has_no_method_of_ours(env, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / 'tests' / 'benchmarks'))
    from _side_by_side import OURS, host_only

    def get_places(name):
        return [cls.__module__ for cls in type(env['account.move']).__mro__ if name in vars(cls)]

    names = (
        '_post',
        'button_draft',
        '_reconcile_reversed_moves',
        '_invoice_paid_hook',
        'copy',
    )
    for name in names:
        assert any(place.startswith(OURS) for place in get_places(name)), name
    before = {name: get_places(name) for name in names}
    with host_only(env.registry):
        for name in names:
            assert not any(place.startswith(OURS) for place in get_places(name)), name
    assert {name: get_places(name) for name in names} == before


def test_install_counts_seconds_and_megabytes_of_both(bench):
    figures = bench('install', '--', 'moves=400', 'rounds=1')
    for name in ('ratio', 'seconds', 'debit_note_seconds', 'start_seconds'):
        assert figures[name] > 0, name
    for name in ('peak_mb', 'debit_note_peak_mb'):
        assert 20 < figures[name] < 4000, name
    assert (figures['moves'], figures['credits'], figures['items']) == (400, 100, 1600)


def test_a_multiplied_ledger_is_one_that_the_host_could_have_made(env, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / 'tests' / 'benchmarks'))
    from _ledger import make_ledger

    make_ledger(env, 120, lines=2)
    moves = env['account.move'].search([])
    credits = moves.filtered('reversed_entry_id')
    origins = credits.reversed_entry_id
    assert (len(moves), len(credits), len(origins)) == (120, 30, 30)
    assert not any(moves.mapped(lambda move: sum(move.line_ids.mapped('balance'))))
    for credit in credits:
        origin = credit.reversed_entry_id
        assert (credit.amount_total, credit.partner_id) == (origin.amount_total, origin.partner_id)
        assert credit._get_reconciled_invoices() == origin
        assert (origin.payment_state, origin.amount_residual) == ('reversed', 0)
    names = set(moves.mapped('name'))
    assert names == {f'INV/2026/{n + 1:05}' for n in range(90)} | {
        f'RINV/2026/{n + 1:05}' for n in range(30)
    }
    assert moves.line_ids.tax_ids
    for move in moves:
        assert set(move.line_ids.mapped('move_name')) == {move.name}
    # What the host derives from it is what is stored.
    stored = [(move.amount_residual, move.payment_state) for move in moves]
    env.add_to_compute(env['account.move']._fields['amount_residual'], moves)
    env.add_to_compute(env['account.move']._fields['payment_state'], moves)
    env.add_to_compute(env['account.move.line']._fields['amount_residual'], moves.line_ids)
    assert [(move.amount_residual, move.payment_state) for move in moves] == stored
    again = moves.filtered(lambda move: move.move_type == 'out_invoice')[:1].copy({
        'invoice_date': '2026-01-28'
    })
    again.action_post()
    assert again.name == 'INV/2026/00091'
