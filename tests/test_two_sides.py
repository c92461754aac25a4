"""What is left of a tax may be a debit in one currency and a credit in the other.

A yen is less than a cent: whatever was rounded on the way, the last credit takes -1 yen beside 0.01
dollars. The host allows no such journal item. The history is one that `test_random_histories.py`
found.
"""

import pytest
from histories import History, set_up
from registries import copy_with, transaction

DRAWN = {
    'rounding': 'round_per_line',
    'currency': 'JPY',
    'cash_rounding': '',
    'rows': [
        {
            'quantity': 2,
            'price_unit': 62.83,
            'discount': 0,
            'taxes': ['odd', 'plain', 'base of the next'],
        },
        {
            'quantity': 2,
            'price_unit': -15.7075,
            'discount': 0,
            'taxes': ['two accounts', 'withheld', 'odd'],
        },
    ],
}


@pytest.fixture(scope='module')
def database(fresh_db):
    return copy_with(fresh_db, set_up)


@pytest.mark.parametrize('is_together', [True, False])
def test_ts04_quarters_of_a_few_yen_leave_nothing(database, is_together):
    with transaction(database) as env:
        history = History(env, DRAWN)
        history.draft_shares(4)
        for drafts in [history.drafts] if is_together else history.drafts:
            drafts.action_post()
        history.check()
        history.check_closed()
        items = history.credits.line_ids
        assert any(item.balance and not item.amount_currency for item in items)
