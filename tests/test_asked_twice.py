"""A program that loses an answer asks again, from another worker: what it names is made once.

Each of the two transactions has its snapshot before the other one commits.
"""

import psycopg2.errors
import pytest
from documents import make_invoice
from registries import transaction

from odoo.exceptions import UserError

# What the host replays a request for.
LOST = (psycopg2.errors.SerializationFailure, psycopg2.errors.LockNotAvailable)


def credit(env, invoice_ids, reference, amount=42.0, method='action_create_credit'):
    """What a program calls for a part of invoices.

    :return: the documents that it is told of
    """
    context = {'active_model': 'account.move', 'active_ids': invoice_ids}
    values = {'move_ids': [(6, 0, invoice_ids)], 'reference': reference}
    if amount:
        values |= {'credit_scope': 'part', 'credit_amount': amount}
    dialog = env['account.move.reversal'].with_context(**context).create(values)
    getattr(dialog, method)()
    return dialog.new_move_ids


def read_credits(database, invoice_id):
    """(how many credits, what they come to)"""
    with transaction(database) as env:
        credits = env['account.move'].browse(invoice_id).reversal_move_ids
        return len(credits), sum(credits.mapped('amount_total'))


def test_mp06_a_part_asked_for_twice_at_once_is_credited_once(database, invoice_id):
    """R47: R-1 twice, from two workers, then R-2: two credits, and the second call is told of the
    first one."""
    with transaction(database) as one, transaction(database) as other:
        first = credit(one, [invoice_id], 'R-1').ids
        one.cr.commit()
        with pytest.raises(LOST):
            credit(other, [invoice_id], 'R-1')
    with transaction(database) as replayed:
        assert credit(replayed, [invoice_id], 'R-1').ids == first
        replayed.cr.commit()
    with transaction(database) as env:
        assert credit(env, [invoice_id], 'R-2').ids != first
        env.cr.commit()
    assert read_credits(database, invoice_id) == (2, 84)


def test_mp06_without_a_reference_two_calls_are_two_credits(database, invoice_id):
    for _call in range(2):
        with transaction(database) as env:
            credit(env, [invoice_id], False)
            env.cr.commit()
    assert read_credits(database, invoice_id) == (2, 84)


@pytest.mark.parametrize(
    'method',
    ['action_create_credit', 'action_create_and_approve', 'refund_moves'],
)
def test_mp06_every_way_of_the_dialog_answers_again(database, invoice_id, method):
    amount = 0 if method == 'refund_moves' else 42.0
    results = []
    for _call in range(2):
        with transaction(database) as env:
            results.append(credit(env, [invoice_id], 'R-1', amount, method).ids)
            env.cr.commit()
    assert results[0] == results[1]
    assert read_credits(database, invoice_id)[0] == 1


def test_mp20_credit_and_reinvoice_answers_again(database, invoice_id):
    results = []
    for _call in range(2):
        with transaction(database) as env:
            made = credit(env, [invoice_id], 'R-1', 0, 'action_credit_and_reinvoice')
            results.append(made.ids)
            env.cr.commit()
    assert results[0] == results[1]
    assert read_credits(database, invoice_id)[0] == 1


def test_mp24_several_invoices_answer_together_and_a_reference_is_for_one_request(database):
    with transaction(database) as env:
        ids = [make_invoice(env).id for _number in range(3)]
        env.cr.commit()
    for _call in range(2):
        with transaction(database) as env:
            assert len(credit(env, ids[:2], 'R-1', 0)) == 2
            env.cr.commit()
    with transaction(database) as env, pytest.raises(UserError, match='R-1 was used'):
        credit(env, ids, 'R-1', 0)
    # Another invoice has references of its own.
    with transaction(database) as env:
        assert credit(env, ids[2:], 'R-1', 0)


def test_mp06_what_was_discarded_is_not_made_again_by_itself(database, invoice_id):
    with transaction(database) as env:
        credit(env, [invoice_id], 'R-1').action_discard_credit()
        env.cr.commit()
    with transaction(database) as env, pytest.raises(UserError, match='discarded'):
        credit(env, [invoice_id], 'R-1')


@pytest.mark.parametrize('reference', [' ', 'x' * 101, 7])
def test_mp06_a_reference_is_a_short_text(database, invoice_id, reference):
    with (
        transaction(database) as env,
        pytest.raises(UserError, match='1 to 100 visible characters'),
    ):
        env['account.move'].browse(invoice_id).use_credits(reference=reference)


def make_later_invoice(env, invoice_id):
    """Another invoice of the same customer."""
    invoice = env['account.move'].browse(invoice_id).copy({'invoice_date': '2026-01-20'})
    invoice.action_post()
    return invoice


def make_open_credit(env, invoice_id, amount=42.0):
    """A posted credit that was kept."""
    made = credit(env, [invoice_id], False, amount)
    made.approve_credits(settlement='keep')
    return made


def test_pc20_credits_used_twice_under_a_reference_are_used_once(database, invoice_id):
    with transaction(database) as env:
        kept = make_open_credit(env, invoice_id)
        new = make_later_invoice(env, invoice_id)
        env.cr.commit()
    uses = [(kept.id, 10.0)]
    with transaction(database) as one, transaction(database) as other:
        one['account.move'].browse(new.id).use_credits(uses, reference='R-1')
        one.cr.commit()
        with pytest.raises(LOST):
            other['account.move'].browse(new.id).use_credits(uses, reference='R-1')
    for reference, left in (('R-1', 90), ('R-2', 80)):
        with transaction(database) as env:
            invoice = env['account.move'].browse(new.id)
            assert invoice.use_credits(uses, reference=reference) is True
            assert invoice.amount_residual == left
            env.cr.commit()


def test_pc07_credits_approved_twice_under_a_reference_are_settled_once(database, invoice_id):
    with transaction(database) as env:
        draft = credit(env, [invoice_id], False)
        other_invoice = make_later_invoice(env, invoice_id)
        env.cr.commit()
    choice = {'settlement': 'chosen', 'uses': [(other_invoice.id, 10.0)], 'reference': 'R-1'}
    for _call in range(2):
        with transaction(database) as env:
            move = env['account.move'].browse(draft.id)
            assert move.approve_credits(**choice) is True
            assert (move.state, move.amount_residual) == ('posted', 32)
            assert len(move.credit_settlement_ids) == 1
            env.cr.commit()
    with transaction(database) as env:
        env['account.move'].browse(draft.id).approve_credits(**{**choice, 'reference': 'R-2'})
        assert env['account.move'].browse(draft.id).amount_residual == 22


def pay(env, invoice, amount):
    wizard = env['account.payment.register'].with_context(
        active_model='account.move', active_ids=invoice.ids
    )
    return wizard.create({'amount': amount}).action_create_payments()


def test_pc22_an_overpayment_asked_back_twice_under_a_reference_goes_back_once(
    database, invoice_id
):
    with transaction(database) as env:
        pay(env, env['account.move'].browse(invoice_id), 150.0)
        env.cr.commit()
    for reference, count in (('R-1', 1), ('R-1', 1), ('R-2', 2)):
        with transaction(database) as env:
            invoice = env['account.move'].browse(invoice_id)
            assert invoice.refund_overpayment(10.0, reference=reference) is True
            assert len(invoice.credit_settlement_ids) == count
            env.cr.commit()
    with transaction(database) as env, pytest.raises(UserError, match='something else'):
        env['account.move'].browse(invoice_id).use_credits(reference='R-1')


def test_pc01_what_was_posted_again_is_not_invalidated_by_a_late_repetition(database, invoice_id):
    arguments = {'not_handed_over': True, 'reference': 'R-1'}
    with transaction(database) as env:
        invoice = env['account.move'].browse(invoice_id)
        invoice.invalidate_invoice('Typed twice', **arguments)
        assert invoice.state == 'cancel'
        invoice.button_draft()
        invoice.action_post()
        env.cr.commit()
    with transaction(database) as env:
        invoice = env['account.move'].browse(invoice_id)
        assert invoice.invalidate_invoice('Typed twice', **arguments) is True
        assert invoice.state == 'posted'
