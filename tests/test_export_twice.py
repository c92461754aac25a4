"""Two people, or a person and the worker (decision 14): a document is in one file, a file is
answered once, an export is recorded once, and nothing is changed under what is sent.

Each of the two transactions has its snapshot before the other one commits.
"""

import logging

import psycopg2.errors
import pytest
from documents import make_invoice
from registries import transaction

from odoo.exceptions import UserError

# What the host replays a request for.
LOST = (psycopg2.errors.SerializationFailure, psycopg2.errors.LockNotAvailable)


@pytest.fixture(scope='module')
def system_id(database):
    """Give a system that takes files."""
    with transaction(database) as env:
        system = env['credit.export.system'].create({
            'name': 'Books in files',
            'connector': 'files',
            'file_format': 'beancount',
            'date_start': '2026-01-01',
        })
        env.cr.commit()
        return system.id


@pytest.fixture
def waiting_id(database, system_id):
    """Give an invoice that waits for a file."""
    with transaction(database) as env:
        invoice = make_invoice(env)
        env.cr.commit()
        return invoice.id


@pytest.fixture
def batch_id(database, system_id, waiting_id):
    """Give the file of that invoice."""
    with transaction(database) as env:
        env['credit.export.system'].browse(system_id).action_make_batch()
        env.cr.commit()
        return get_record(env, waiting_id).batch_id.id


def get_record(env, invoice_id):
    return env['account.move'].browse(invoice_id).export_record_ids


def test_ts18_two_files_made_at_once_hold_a_document_once(database, system_id, waiting_id):
    with transaction(database) as one, transaction(database) as other:
        one['credit.export.system'].browse(system_id).action_make_batch()
        one.cr.commit()
        with pytest.raises(LOST):
            other['credit.export.system'].browse(system_id).action_make_batch()
            other.cr.commit()
    with transaction(database) as env:
        record = get_record(env, waiting_id)
        batches = env['credit.export.batch'].search([('record_ids', 'in', record.ids)])
        assert (record.state, batches) == ('in_file', record.batch_id)
        with pytest.raises(UserError, match='Nothing waits'):
            env['credit.export.system'].browse(system_id).action_make_batch()


def test_ts18_what_is_taken_back_meanwhile_is_in_no_file(database, system_id, waiting_id):
    with transaction(database) as one, transaction(database) as other:
        one['account.move'].browse(waiting_id).button_draft()
        one.cr.commit()
        with pytest.raises(LOST):
            other['credit.export.system'].browse(system_id).action_make_batch()
            other.cr.commit()
    with transaction(database) as env:
        assert get_record(env, waiting_id).state == 'cancelled'


def test_ts18_what_goes_into_a_file_meanwhile_is_not_taken_back(database, system_id, waiting_id):
    with transaction(database) as one, transaction(database) as other:
        one['credit.export.system'].browse(system_id).action_make_batch()
        one.cr.commit()
        with pytest.raises(LOST):
            other['account.move'].browse(waiting_id).button_draft()
            other.cr.commit()
    with (
        transaction(database) as again,
        pytest.raises(UserError, match='withdraw that file first'),
    ):
        again['account.move'].browse(waiting_id).button_draft()


@pytest.mark.parametrize('first, second', [('confirm', 'withdraw'), ('withdraw', 'confirm')])
def test_ts18_a_file_is_confirmed_or_withdrawn(database, waiting_id, batch_id, first, second):
    with transaction(database) as one, transaction(database) as other:
        getattr(one['credit.export.batch'].browse(batch_id), f'action_{first}')()
        one.cr.commit()
        with pytest.raises(LOST):
            getattr(other['credit.export.batch'].browse(batch_id), f'action_{second}')()
            other.cr.commit()
    with transaction(database) as env:
        expected = {'confirm': ('confirmed', 'sent'), 'withdraw': ('withdrawn', 'to_send')}[first]
        state = env['credit.export.batch'].browse(batch_id).state
        assert (state, get_record(env, waiting_id).state) == expected


def test_mp19_what_goes_into_a_file_meanwhile_is_not_renumbered(database, system_id, waiting_id):
    with transaction(database) as one, transaction(database) as other:
        one['credit.export.system'].browse(system_id).action_make_batch()
        one.cr.commit()
        with pytest.raises(LOST):
            other['account.move'].browse(waiting_id).name = 'INV/2026/77777'
            other.cr.commit()


@pytest.fixture
def unrecorded_id(database, waiting_id):
    """Give an invoice that nobody has recorded yet."""
    with transaction(database) as env:
        get_record(env, waiting_id).unlink()
        env.cr.commit()
    return waiting_id


@pytest.mark.parametrize('second', ['action_send_again', 'button_draft'])
def test_mp19_two_that_record_an_invoice_or_take_it_back(database, unrecorded_id, second):
    with transaction(database) as one, transaction(database) as other:
        one['account.move'].browse(unrecorded_id).action_send_again()
        one.cr.commit()
        with pytest.raises(psycopg2.errors.SerializationFailure):
            getattr(other['account.move'].browse(unrecorded_id), second)()
            other.cr.commit()


def test_mp15_a_credit_is_not_posted_while_its_invoice_is_found_missing(
    database, waiting_id, batch_id
):
    with transaction(database) as env:
        env['credit.export.batch'].browse(batch_id).action_confirm()
        invoice = env['account.move'].browse(waiting_id)
        action = invoice.action_credit_invoice()
        dialog = env[action['res_model']].with_context(action['context']).create({})
        dialog.action_create_credit()
        invoice_id, credit_id = invoice.id, dialog.new_move_ids.id
        env.cr.commit()
    with transaction(database) as one, transaction(database) as other:
        get_record(one, invoice_id).state = 'missing'
        one.cr.commit()
        with pytest.raises(psycopg2.errors.SerializationFailure):
            other['account.move'].browse(credit_id).action_post()


def test_mp22_a_key_that_meets_an_answer_is_in_no_log(database, system_id):
    texts = []
    handler = logging.Handler(logging.DEBUG)
    handler.emit = lambda record: texts.append(record.getMessage())
    logging.getLogger('odoo').addHandler(handler)
    try:
        with transaction(database) as one, transaction(database) as other:
            one['credit.export.system'].browse(system_id)._note_answer(
                {'last_answer': 'No answer.'}, is_silent=True
            )
            one.cr.commit()
            with pytest.raises(psycopg2.errors.SerializationFailure):
                other['credit.export.system'].browse(system_id).secret = 'brand-new-key'
        with transaction(database) as env, pytest.raises(psycopg2.errors.NotNullViolation):
            env['credit.export.system'].create({'secret': 'brand-new-key'})
    finally:
        logging.getLogger('odoo').removeHandler(handler)
    assert texts
    assert not [text for text in texts if 'brand-new-key' in text]


def test_mp17_a_new_system_is_known_though_somebody_looked_before_it_was_there(fresh_db):
    database = fresh_db('suite')
    with transaction(database) as one, transaction(database) as other:
        values = {'name': 'Books', 'connector': 'files', 'date_start': '2026-01-01'}
        one['credit.export.system'].create(values)
        # Another request of the same process, which cannot see it yet.
        System = other['credit.export.system']
        assert not System._get_all_system_ids()
        assert not System._get_system_ids(other.company.id)
        assert not System._has_ever_been_used()
        one.cr.commit()
    with transaction(database) as env:
        assert make_invoice(env).export_record_ids
