"""The page for consultants, followed to the letter: its module is taken out of it and installed."""

import re
from pathlib import Path

import pytest
from documents import make_invoice
from lxml import etree
from registries import transaction
from rpc import Tab

from devkit.paths import ROOT

PAGE = ROOT / 'credit_invoice' / 'readme' / 'CONSULTANTS.md'
# A file's name in code at the beginning of a paragraph, and the next block of code.
FILE = re.compile(r'^`(?P<name>[\w/]+\.(?:py|xml))`:.*?^```\w+\n(?P<text>.*?)^```', re.M | re.S)
MODULE = 'credit_team_lead'


@pytest.fixture(scope='module')
def installed(tmp_path_factory, fresh_db, server):
    """A running server with the module of the page."""
    folder = tmp_path_factory.mktemp('addons')
    for name, text in read_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding='utf-8')
    database = fresh_db('suite')
    with transaction(database) as env:
        invoice_id = make_invoice(env).id
        env.cr.commit()
    from odoo.tools import config

    paths = ','.join([*config['addons_path'], str(folder)])
    running = server(database, 0, '-i', MODULE, f'--addons-path={paths}')
    return Tab(running.url, database), invoice_id


def read_files():
    """The files that the page gives, by name."""
    text = PAGE.read_text(encoding='utf-8')
    return {found['name']: found['text'] for found in FILE.finditer(text)}


def get_arch(tab, model, view):
    view_id = tab.call('ir.model.data', 'check_object_reference', 'account', view)[1]
    return etree.fromstring(tab.call(model, 'get_view', view_id)['arch'])


def test_the_page_gives_every_file_of_the_module():
    assert [Path(name).parts[0] for name in read_files()] == [MODULE] * 5


def test_mp01_the_dialog_has_the_field_the_sentence_and_the_moved_button(installed):
    arch = get_arch(installed[0], 'account.move.reversal', 'view_account_move_reversal')
    assert arch.xpath("//field[@name='approved_by']")
    assert arch.xpath("//p[@name='ask_team_lead']")
    buttons = [button.get('name') for button in arch.xpath('//footer//button[@name]')]
    assert buttons.index('action_create_and_approve') < buttons.index('action_create_credit')


def test_mp06_what_is_typed_in_the_dialog_stands_on_the_credit_note(installed):
    tab, invoice_id = installed
    context = {'active_model': 'account.move', 'active_ids': [invoice_id]}
    dialog_id = tab.call(
        'account.move.reversal', 'create', {'approved_by': 'The team lead'}, **context
    )
    tab.call('account.move.reversal', 'action_create_credit', [dialog_id])
    (credit,) = tab.call(
        'account.move',
        'search_read',
        [('reversed_entry_id', '=', invoice_id)],
        ['approved_by'],
    )
    assert credit['approved_by'] == 'The team lead'
    arch = get_arch(tab, 'account.move', 'view_move_form')
    assert arch.xpath("//field[@name='approved_by']")
