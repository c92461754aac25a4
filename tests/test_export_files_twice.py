"""Two people and one file: a document is in one file, and a file is answered once (decision 14).

Each of the two transactions has its snapshot before the other one commits.
"""

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
