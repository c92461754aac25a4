"""Whatever people with few rights send, in whatever order: the ledger holds what it may hold.

What is sent, and the model, are in `attackers.py`. `./dev test tests/attacks --long` goes on for
20,000 calls, `--seed N` repeats one history.
"""

import random
from collections import Counter

import pytest
from attackers import live
from registries import transaction

slow_because = 'each call has its rights, its savepoint and a look at the whole ledger'

SEED, CALLS, HISTORIES, LONG_HISTORIES = 13, 75, 8, 270


@pytest.fixture(scope='module')
def database(fresh_db):
    return fresh_db('suite')


def test_ts03_the_ledger_holds_what_it_may_hold(database, request, capfd):
    option = request.config.getoption
    seeds = [SEED + number for number in range(HISTORIES)]
    if option('--long'):
        seeds = [random.randrange(2**32) for _history in range(LONG_HISTORIES)]
    if option('--seed'):
        seeds = [option('--seed')]
    held, raw = Counter(), Counter()
    for seed in seeds:
        with transaction(database) as env:
            attack = live(env, seed, CALLS)
            held += attack.held
            raw += attack.raw
    with capfd.disabled():
        print(f'\n{held[True]} of {held.total()} calls were refused, {raw} not in a sentence')
    # An attacker of whom nothing gets through tries nothing.
    assert held[False] > held.total() / 20
    assert held[True] > held.total() / 20
