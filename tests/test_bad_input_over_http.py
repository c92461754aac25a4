"""What a program sends that nobody can mean: one sentence, and nothing left behind.

Over HTTP, as other programs do it; `credit_invoice/tests/test_bad_input.py` has the other cases.
"""

import pytest
from documents import make_invoice
from registries import transaction
from rpc import Tab

MODELS = ('account.move', 'account.move.line', 'account.move.reversal', 'mail.message')


@pytest.fixture(scope='module')
def database(fresh_db):
    return fresh_db('suite')


@pytest.fixture(scope='module')
def tab(database, server):
    return Tab(server(database).url, database)


@pytest.fixture(scope='module')
def invoices(database):
    """Two invoices, each with the id of its line."""
    with transaction(database) as env:
        moves = make_invoice(env) | make_invoice(env)
        env.cr.commit()
        return [(move.id, move.invoice_line_ids.id) for move in moves]


def count(database):
    with transaction(database) as env:
        return [env[model].search_count([]) for model in MODELS]


def refuse(database, call):
    """What the server answers to a call that it refuses.

    :return: the type of the error, and its text
    """
    before = count(database)
    with pytest.raises(AssertionError) as caught:
        call()
    assert count(database) == before
    data = caught.value.args[0]['data']
    return data['name'].rpartition('.')[2], data['message']


def make_values(invoice_id, **values):
    return {'move_ids': [(6, 0, [invoice_id])], 'credit_scope': 'part', **values}


@pytest.mark.parametrize(
    ('values', 'text'),
    [
        ({'credit_amount': float('nan')}, 'The amount must be a positive number, not nan'),
        ({'credit_amount': 'ten'}, 'The amount must be a positive number, not ten'),
        ({'credit_amount': -1}, 'The amount must be a positive number, not -1'),
        ({'credit_percentage': 100.5}, 'A percentage lies between 0 and 100, not at 100.5'),
        ({'credit_percentage': float('inf')}, 'A percentage lies between 0 and 100, not at inf'),
        ({'date': False}, 'Enter the date of the credit note'),
    ],
)
def test_ts03_a_dialog_is_not_made(database, tab, invoices, values, text):
    values = make_values(invoices[0][0], **values)
    name, message = refuse(database, lambda: tab.call('account.move.reversal', 'create', values))
    assert name in ('UserError', 'ValidationError')
    assert message.startswith(text)


@pytest.mark.parametrize(
    ('values', 'text'),
    [
        ({'quantity': 1.01}, 'Of "Work", 1.00 can still be credited, not 1.01'),
        ({'quantity': -1}, 'The quantity of "Work" cannot be negative'),
        ({'amount': 1e300}, 'Of "Work", '),
        ({'quantity': 0}, 'Choose what to credit'),
        ({'amount': 1, 'is_of_other': True}, 'The line "Work" is not one of INV/'),
    ],
)
def test_ts03_a_dialog_makes_no_credit(database, tab, invoices, values, text):
    row = {'move_line_id': invoices['is_of_other' in values][1], **values}
    row.pop('is_of_other', None)
    values = make_values(invoices[0][0], credit_line_ids=[(0, 0, row)])
    dialog_id = tab.call('account.move.reversal', 'create', values)
    name, message = refuse(
        database, lambda: tab.call('account.move.reversal', 'action_create_credit', [dialog_id])
    )
    assert name in ('UserError', 'ValidationError')
    assert message.startswith(text)


def test_ts03_a_draft_keeps_its_numbers(database, tab, invoices):
    dialog_id = tab.call(
        'account.move.reversal', 'create', make_values(invoices[1][0], credit_amount=10)
    )
    action = tab.call('account.move.reversal', 'action_create_credit', [dialog_id])
    credit_id = action['params']['next']['res_id']
    with transaction(database) as env:
        line_id = env['account.move'].browse(credit_id).invoice_line_ids.id
    for value in (float('nan'), float('inf')):
        name, message = refuse(
            database,
            lambda value=value: tab.call(
                'account.move.line', 'write', [line_id], {'price_unit': value}
            ),
        )
        assert name == 'ValidationError'
        assert 'must be a number, not' in message
