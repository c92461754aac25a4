"""Several transactions want the same last amount of an invoice: one gets it (decisions 6 and 14).

Real connections to a real database, as in `test_twice`: each transaction has its snapshot before
the other one commits.
"""

from concurrent.futures import ThreadPoolExecutor

import psycopg2.errors
import pytest
from registries import transaction
from rpc import Tab

from odoo import Command
from odoo.exceptions import UserError


def make_drafts(database, invoice_id, count=2):
    """Draft credits of all that is left of an invoice."""
    with transaction(database) as env:
        invoice = env['account.move'].browse(invoice_id)
        for _draft in range(count):
            dialog = env['account.move.reversal'].create({'move_ids': [Command.set(invoice.ids)]})
            dialog.refund_moves()
        env.cr.commit()
        return invoice.reversal_move_ids.ids


@pytest.fixture
def draft_ids(database, invoice_id):
    return make_drafts(database, invoice_id)


def post(env, credit_id):
    env['account.move'].browse(credit_id).action_post()


def reset(env, move_id):
    env['account.move'].browse(move_id).button_draft()


def race(database, first, second):
    """Let one transaction commit while another one, with an older snapshot, is under way.

    :param first: function and id
    :param second: the same, of the transaction that loses
    :return: what the second one is told when the host replays it, or None if it succeeds
    """
    with transaction(database) as one, transaction(database) as other:
        first[0](one, first[1])
        one.cr.commit()
        with pytest.raises(psycopg2.errors.SerializationFailure):
            second[0](other, second[1])
    with transaction(database) as again:
        try:
            second[0](again, second[1])
        except UserError as error:
            return str(error)
        again.cr.commit()
        return None


def read(database, move_id, *names):
    with transaction(database) as env:
        return tuple(env['account.move'].browse(move_id)[name] for name in names)


@pytest.mark.parametrize('winner', [0, 1])
def test_ts03_two_drafts_of_the_same_last_amount(database, invoice_id, draft_ids, winner):
    first, second = draft_ids[winner], draft_ids[1 - winner]
    message = race(database, (post, first), (post, second))
    (name,) = read(database, first, 'name')
    assert f'can still be credited after {name}' in message
    assert read(database, second, 'state', 'name') == ('draft', False)
    assert read(database, invoice_id, 'credited_amount', 'amount_residual') == (100, 0)


def test_ts03_two_parts_that_are_too_much_together(database, invoice_id, draft_ids):
    with transaction(database) as env:
        drafts = env['account.move'].browse(draft_ids)
        for draft, quantity in zip(drafts, (0.6, 0.5), strict=True):
            draft.invoice_line_ids.quantity = quantity
        env.cr.commit()
    message = race(database, (post, draft_ids[0]), (post, draft_ids[1]))
    assert 'Of "Work", 0.40 can still be credited, not 0.50' in message
    assert read(database, invoice_id, 'credited_amount') == (60,)


def test_ts03_two_parts_that_fit_are_both_posted(database, invoice_id, draft_ids):
    with transaction(database) as env:
        env['account.move'].browse(draft_ids).invoice_line_ids.quantity = 0.5
        env.cr.commit()
    assert race(database, (post, draft_ids[0]), (post, draft_ids[1])) is None
    assert read(database, invoice_id, 'credited_amount', 'amount_residual') == (100, 0)


def test_ts03_two_drafts_return_the_same_goods_that_were_free(database, invoice_id):
    # Nothing of the invoice changes with such a credit: only the write of the lock protects.
    with transaction(database) as env:
        invoice = env['account.move'].browse(invoice_id).copy({'invoice_date': '2026-01-15'})
        invoice.invoice_line_ids = [Command.create({'name': 'Gift', 'price_unit': 0})]
        invoice.action_post()
        env.cr.commit()
    draft_ids = make_drafts(database, invoice.id)
    with transaction(database) as env:
        lines = env['account.move'].browse(draft_ids).invoice_line_ids
        lines.filtered('price_unit').unlink()
        env.cr.commit()
    message = race(database, (post, draft_ids[0]), (post, draft_ids[1]))
    assert 'Of "Gift", 0.00 can still be credited, not 1.00' in message


def make_combined_draft(database, invoice_id, line_id):
    """A draft that credits the line of another invoice, too."""
    draft_ids = make_drafts(database, invoice_id, count=1)
    with transaction(database) as env:
        draft = env['account.move'].browse(draft_ids)
        draft.invoice_line_ids = [
            Command.create({
                'name': 'Of the other',
                'price_unit': 100,
                'tax_ids': False,
                'credited_line_id': line_id,
            })
        ]
        env.cr.commit()
        return draft.id


def test_mp24_a_line_of_an_invoice_is_credited_elsewhere(database, invoice_id):
    with transaction(database) as env:
        invoice = env['account.move'].browse(invoice_id)
        other = invoice.copy({'invoice_date': '2026-01-15'})
        other.action_post()
        env.cr.commit()
        other_id, line_id = other.id, other.invoice_line_ids.id
    combined = make_combined_draft(database, invoice_id, line_id)
    (own,) = make_drafts(database, other_id, count=1)
    message = race(database, (post, combined), (post, own))
    (name,) = read(database, combined, 'name')
    assert name in message
    assert read(database, other_id, 'credited_amount', 'amount_residual') == (100, 0)


def test_ts15_an_invoice_reset_while_its_credit_is_posted(database, invoice_id, draft_ids):
    message = race(database, (post, draft_ids[0]), (reset, invoice_id))
    (name,) = read(database, draft_ids[0], 'name')
    assert f'cannot be reset to draft: {name}' in message
    assert read(database, invoice_id, 'state', 'amount_residual') == ('posted', 0)


def test_ts15_a_credit_posted_while_its_invoice_is_reset(database, invoice_id, draft_ids):
    message = race(database, (reset, invoice_id), (post, draft_ids[0]))
    assert 'which it credits, is not posted' in message
    assert read(database, draft_ids[0], 'state') == ('draft',)


def test_ts15_a_credit_reset_while_another_one_is_posted(database, invoice_id, draft_ids):
    with transaction(database) as env:
        post(env, draft_ids[0])
        env.cr.commit()
    assert race(database, (reset, draft_ids[0]), (post, draft_ids[1])) is None
    assert read(database, invoice_id, 'credited_amount', 'amount_residual') == (100, 0)


@pytest.fixture(scope='module')
def running(database, server):
    return server(database, workers=2)


def test_ts03_two_tabs_post_two_drafts_at_once(database, invoice_id, running, draft_ids):
    tabs = [Tab(running.url, database) for _draft in draft_ids]

    def submit(tab, draft_id):
        try:
            tab.call('account.move', 'action_post', [draft_id])
        except AssertionError as refusal:
            return refusal.args[0]['data']
        return None

    with ThreadPoolExecutor(len(tabs)) as threads:
        answers = list(threads.map(submit, tabs, draft_ids))
    (refusal,) = filter(None, answers)
    posted = draft_ids[answers.index(None)]
    (name,) = read(database, posted, 'name')
    assert refusal['name'] == 'odoo.exceptions.UserError'
    assert f'can still be credited after {name}' in refusal['message']
    states = [read(database, draft_id, 'state')[0] for draft_id in draft_ids]
    assert sorted(states) == ['draft', 'posted']
    assert read(database, invoice_id, 'credited_amount', 'amount_residual') == (100, 0)
