"""Two people, two tabs, two workers: one credit, and the second is led to it (decision 14).

Real connections to a real database: each of the two transactions has its snapshot before the other
one commits, as two workers have it that start at the same time.
"""

from concurrent.futures import ThreadPoolExecutor

import psycopg2.errors
import pytest
from registries import transaction
from rpc import Tab


def open_dialog(invoice):
    action = invoice.action_credit_invoice()
    return invoice.env[action['res_model']].with_context(action['context']).create({})


def get_credits(database, invoice_id):
    with transaction(database) as env:
        return env['account.move'].browse(invoice_id).reversal_move_ids.ids


def test_mp06_two_transactions_make_one_credit(database, invoice_id):
    with transaction(database) as env:
        invoice = env['account.move'].browse(invoice_id)
        dialog_ids = [open_dialog(invoice).id, open_dialog(invoice).id]
        env.cr.commit()
    with transaction(database) as one, transaction(database) as other:
        one['account.move.reversal'].browse(dialog_ids[0]).action_create_credit()
        one.cr.commit()
        with pytest.raises(psycopg2.errors.SerializationFailure):
            other['account.move.reversal'].browse(dialog_ids[1]).action_create_credit()
    # The host replays a request that fails so.
    with transaction(database) as again:
        action = again['account.move.reversal'].browse(dialog_ids[1]).action_create_credit()
        again.cr.commit()
    credits = get_credits(database, invoice_id)
    assert [action['params']['next']['res_id']] == credits


def test_mp06_the_same_dialog_in_two_transactions(database, invoice_id):
    with transaction(database) as env:
        dialog_id = open_dialog(env['account.move'].browse(invoice_id)).id
        env.cr.commit()
    with transaction(database) as one, transaction(database) as other:
        one['account.move.reversal'].browse(dialog_id).action_create_credit()
        one.cr.commit()
        with pytest.raises(psycopg2.errors.SerializationFailure):
            other['account.move.reversal'].browse(dialog_id).action_create_credit()
    assert len(get_credits(database, invoice_id)) == 1


def test_mp06_two_credits_of_one_invoice_are_posted_one_after_the_other(database, invoice_id):
    with transaction(database) as env:
        invoice = env['account.move'].browse(invoice_id)
        for _draft in range(2):
            open_dialog(invoice).action_create_credit()
        ids = invoice.reversal_move_ids.ids
        env.cr.commit()
    with transaction(database) as one, transaction(database) as other:
        one['account.move'].browse(ids[0]).action_post()
        one.cr.commit()
        with pytest.raises(psycopg2.errors.SerializationFailure):
            other['account.move'].browse(ids[1]).action_post()


def test_mp06_a_loser_that_waits_too_long_gives_up(database, invoice_id):
    with transaction(database) as env:
        dialog_id = open_dialog(env['account.move'].browse(invoice_id)).id
        env.cr.commit()
    with transaction(database) as one, transaction(database) as other:
        one.cr.execute('UPDATE account_move SET ref = ref WHERE id = %s', (invoice_id,))
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            other['account.move.reversal'].browse(dialog_id).action_create_credit()
    assert not get_credits(database, invoice_id)


@pytest.fixture(scope='module')
def running(database, server):
    return server(database, workers=3)


@pytest.mark.parametrize('is_same_dialog', [True, False])
def test_mp06_a_double_click_over_http_makes_one_credit(
    database, invoice_id, running, is_same_dialog
):
    tabs = [Tab(running.url, database) for _tab in range(4)]
    context = {'active_model': 'account.move', 'active_ids': [invoice_id]}
    dialogs = [tab.call('account.move.reversal', 'create', {}, **context) for tab in tabs]
    if is_same_dialog:
        dialogs = dialogs[:1] * len(tabs)

    def submit(tab, dialog):
        action = tab.call('account.move.reversal', 'action_create_credit', [dialog])
        return action['params']['next']['res_id']

    with ThreadPoolExecutor(len(tabs)) as threads:
        opened = set(threads.map(submit, tabs, dialogs))
    assert opened == set(get_credits(database, invoice_id))
    assert len(opened) == 1
