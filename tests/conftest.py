"""Fixtures of the tests that look at an invoice through several connections."""

import pytest
from documents import make_invoice
from registries import transaction


@pytest.fixture(scope='module')
def database(fresh_db):
    """Give a database of the file's own, with all our add-ons."""
    return fresh_db('suite')


@pytest.fixture
def invoice_id(database):
    """Give a posted invoice of 100 that every connection sees."""
    with transaction(database) as env:
        invoice = make_invoice(env)
        env.cr.commit()
        return invoice.id
