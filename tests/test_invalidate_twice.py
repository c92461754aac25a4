"""Invalidating an invoice while somebody else prints, credits or invalidates it (decision 14).

As in `test_twice`, each of the two transactions has its snapshot before the other one commits.
"""

import psycopg2.errors
import pytest
from registries import transaction

from odoo.exceptions import UserError


def get_invoice(env, invoice_id):
    return env['account.move'].browse(invoice_id)


def invalidate(env, invoice_id):
    return get_invoice(env, invoice_id).invalidate_invoice('A mistake', not_handed_over=True)


def print_invoice(env, invoice_id):
    get_invoice(env, invoice_id)._record_handover('printed')


def credit(env, invoice_id):
    action = get_invoice(env, invoice_id).action_credit_invoice()
    dialog = env[action['res_model']].with_context(action['context']).create({})
    dialog.action_create_credit()


def run_at_once(database, invoice_id, first, second):
    """Run both with snapshots from before; the first commits, the second must fail."""
    with transaction(database) as one, transaction(database) as other:
        first(one, invoice_id)
        one.cr.commit()
        with pytest.raises(psycopg2.errors.SerializationFailure):
            second(other, invoice_id)


def test_pc01_two_people_invalidate_once(database, invoice_id):
    run_at_once(database, invoice_id, invalidate, invalidate)
    # The host replays a request that fails so.
    with transaction(database) as again:
        assert invalidate(again, invoice_id)
        again.cr.commit()
    with transaction(database) as env:
        invoice = get_invoice(env, invoice_id)
        assert invoice.state == 'cancel'
        assert ' '.join(invoice.message_ids.mapped('body')).count('Invalidated:') == 1


@pytest.mark.parametrize(
    ('act', 'text'), [(print_invoice, 'printed or downloaded'), (credit, 'discard it first')]
)
def test_pc02_what_happened_a_moment_before_counts(database, invoice_id, act, text):
    run_at_once(database, invoice_id, act, invalidate)
    with transaction(database) as again, pytest.raises(UserError, match=text):
        invalidate(again, invoice_id)


def test_pc01_a_print_that_comes_too_late_is_one_of_a_cancelled_invoice(database, invoice_id):
    run_at_once(database, invoice_id, invalidate, print_invoice)
    with transaction(database) as again:
        print_invoice(again, invoice_id)
        assert not get_invoice(again, invoice_id).handed_over_how


def test_pc01_a_credit_that_comes_too_late_is_refused(database, invoice_id):
    run_at_once(database, invoice_id, invalidate, credit)
    with transaction(database) as again, pytest.raises(UserError, match='cancelled'):
        credit(again, invoice_id)
