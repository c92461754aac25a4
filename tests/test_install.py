"""Installing the add-on as people do, and taking it away again."""

import time

import pytest
from browser import open_page
from documents import make_invoice
from registries import transaction
from rpc import Tab

import odoo.sql_db

from devkit.addons import find_parts
from devkit.template import SCRIPTS

PARTS = [addon.name for addon in find_parts()]

slow_because = 'add-ons are installed and uninstalled, again and again'

APP = '.o_kanban_record:not(.o_kanban_ghost)'


def read_state(database, name='credit_invoice'):
    """The state of an add-on, read past every cache."""
    with odoo.sql_db.db_connect(database).cursor() as cursor:
        cursor.execute('SELECT state FROM ir_module_module WHERE name = %s', (name,))
        return (cursor.fetchone() or [None])[0]


def wait_for_state(database, state, name='credit_invoice', seconds=300):
    """Wait until the server has brought an add-on into a state."""
    end = time.monotonic() + seconds
    while read_state(database, name) != state:
        assert time.monotonic() < end, f'{name} is not {state} after {seconds} s'
        time.sleep(0.5)


@pytest.fixture
def database(fresh_db):
    return fresh_db('base')


def test_mp01_an_admin_installs_the_add_on_from_the_apps_menu(database, server, browser_path):
    running = server(database)
    with open_page(browser_path, running.url) as page:
        page.login('admin', 'admin')
        # What "Update Apps List" does.
        page.call('ir.module.module', 'update_list')
        page.go('/odoo/apps')
        page.wait(f"document.querySelector('{APP}') && 1")
        page.click(f'{APP}:has(img[src*="/credit_invoice/"]) button', 'Activate')
        # All of them in one go: its parts come with the app.
        for name in ('credit_invoice', *PARTS):
            wait_for_state(database, 'installed', name)
        page.wait("document.querySelector('.o_main_navbar') && document.readyState == 'complete'")
        page.go('/odoo/action-account.action_move_out_invoice_type')
        page.wait("document.querySelector('.o_list_view, .o_view_nocontent') && 1")


def test_mp09_uninstalling_leaves_the_ledger_as_it_was(fresh_db, server):
    database = fresh_db('suite')
    with transaction(database) as env:
        invoice = make_invoice(env)
        dialog = (
            env['account.move.reversal']
            .with_context(active_model='account.move', active_ids=invoice.ids)
            .create({})
        )
        dialog.action_create_credit()
        invoice.reversal_move_ids.action_post()
        ids = (invoice | invoice.reversal_move_ids).ids
        before = (invoice | invoice.reversal_move_ids).line_ids.read(['balance', 'account_id'])
        module_id = env['ir.module.module'].search([('name', '=', 'credit_invoice')]).id
        env.cr.commit()
    tab = Tab(server(database).url, database, seconds=300)
    tab.call('ir.module.module', 'button_immediate_uninstall', [module_id])
    assert read_state(database) == 'uninstalled'
    with odoo.sql_db.db_connect(database).cursor() as cursor:
        cursor.execute(
            'SELECT id, balance, account_id FROM account_move_line WHERE move_id IN %s',
            (tuple(ids),),
        )
        after = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(
            'SELECT 1 FROM information_schema.columns WHERE column_name IN '
            "('credited_line_id', 'replaced_move_id', 'credit_customer_ref', 'credit_reason', "
            "'credited_amount', 'credited_percentage', 'credit_status')"
        )
        assert not cursor.fetchall()
    assert {line['id'] for line in before} == set(after)
    for line in before:
        assert after[line['id']] == (line['balance'], line['account_id'][0])


def test_mp11_uninstalling_a_connector_keeps_what_is_known_and_installing_it_goes_on(
    fresh_db, server
):
    database = fresh_db('suite')
    with transaction(database) as env:
        systems = env['credit.export.system'].create([
            {
                'name': connector,
                'connector': connector,
                'address': 'http://127.0.0.1:9',
                'date_start': '2020-01-01',
            }
            for connector in ('odoo', 'tryton')
        ])
        invoice = make_invoice(env)
        assert invoice.export_record_ids.system_id == systems
        names = [f'credit_invoice_export_{system.connector}' for system in systems]
        connectors = env['ir.module.module'].search([('name', 'in', names)])
        record_ids, module_ids = invoice.export_record_ids.ids, connectors.ids
        env.cr.commit()
    tab = Tab(server(database).url, database, seconds=300)

    tab.call('ir.module.module', 'button_immediate_uninstall', module_ids)
    form = {'name': {}, 'active': {}, 'connector': {}, 'can_be_asked': {}}
    for row, connector in zip(
        tab.call('credit.export.system', 'web_read', systems.ids, form),
        ('odoo', 'tryton'),
        strict=True,
    ):
        assert (row['active'], row['connector'], row['can_be_asked']) == (False, connector, False)
    assert tab.call('credit.export.record', 'search_count', [('id', 'in', record_ids)]) == 2
    # Nothing is exported any more, and nothing is in the way of crediting.
    action = tab.call('account.move', 'action_credit_invoice', invoice.ids)
    assert action['res_model'] == 'account.move.reversal'
    with pytest.raises(AssertionError, match='was uninstalled: install it again first'):
        tab.call('credit.export.system', 'write', systems.ids, {'active': True})

    tab.call('ir.module.module', 'button_immediate_install', module_ids)
    tab.call('credit.export.system', 'write', systems.ids, {'active': True})
    action = tab.call('account.move', 'action_credit_invoice', invoice.ids)
    assert action['res_model'] == 'credit.export.check.wizard'


def test_mp09_uninstalling_keeps_the_documents_of_the_demonstration(fresh_db, server, _odoo):
    database = fresh_db('suite')
    _odoo.script(
        database,
        SCRIPTS / 'load_demo.py',
        failure='the demonstration data cannot be loaded',
        ADDONS='credit_invoice',
    )
    with transaction(database) as env:
        before = env['account.move'].search([('state', '=', 'posted')]).mapped('name')
        module_id = env['ir.module.module'].search([('name', '=', 'credit_invoice')]).id
        draft = env['account.move'].search(
            [('move_type', '=', 'out_refund'), ('state', '=', 'draft')], limit=1
        )
        draft.activity_schedule('credit_invoice.mail_activity_type_credit_approval')
        env.cr.commit()
    assert len(before) > 20
    running = server(database)
    tab = Tab(running.url, database, seconds=300)
    tab.call('ir.module.module', 'button_immediate_uninstall', [module_id])
    assert read_state(database) == 'uninstalled'
    with odoo.sql_db.db_connect(database).cursor() as cursor:
        cursor.execute("SELECT name FROM account_move WHERE state = 'posted'")
        after = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT 1 FROM res_users WHERE login = 'clerk'")
        assert cursor.fetchone()
    assert sorted(after) == sorted(before)
    log = running.log_path.read_text(encoding='utf-8', errors='replace')
    assert not [line for line in log.splitlines() if 'ERROR' in line or 'bad query' in line]


def credit_over_rpc(tab, invoice_id):
    """Credit an invoice as the dialog does.

    :return: ids of (invoice, draft credit)
    """
    action = tab.call('account.move', 'action_credit_invoice', [invoice_id])
    dialog_ids = tab.call('account.move.reversal', 'create', [{}], **action['context'])
    tab.call('account.move.reversal', 'action_create_credit', dialog_ids)
    (row,) = tab.call('account.move', 'read', [invoice_id], ['reversal_move_ids'])
    return invoice_id, row['reversal_move_ids'][0]


def read_open(tab, *ids):
    rows = tab.call('account.move', 'read', list(ids), ['state', 'amount_residual'])
    return [(row['state'], row['amount_residual']) for row in rows]


def test_pc07_without_settling_a_credit_is_confirmed_and_matched_as_the_host_does(fresh_db, server):
    database = fresh_db('suite')
    with transaction(database) as env:
        invoice_ids = [make_invoice(env).id for _number in range(4)]
        module_ids = env['ir.module.module'].search([('name', '=', 'credit_invoice_settle')]).ids
        env.cr.commit()
    tab = Tab(server(database).url, database, seconds=300)
    settled, kept, waiting = (credit_over_rpc(tab, invoice_id) for invoice_id in invoice_ids[:3])
    tab.call('account.move', 'approve_credits', [settled[1]])
    tab.ask('account.move', 'approve_credits', [kept[1]], settlement='keep')
    before = read_open(tab, *settled, *kept)

    tab.call('ir.module.module', 'button_immediate_uninstall', module_ids)
    assert read_state(database, 'credit_invoice_settle') == 'uninstalled'
    assert read_state(database) == 'installed'
    assert read_open(tab, *settled, *kept) == before
    for model, kinds in {
        'account.move': ('form', 'list', 'search'),
        'account.move.reversal': ('form',),
        'credit.posting.rule': ('form', 'list'),
        'credit.reason': ('form', 'list'),
        'res.config.settings': ('form',),
        'res.partner': ('form',),
    }.items():
        views = [(False, kind) for kind in kinds]
        arches = tab.call(model, 'get_views', views)['views']
        assert not any('settlement' in arches[kind]['arch'] for kind in kinds), model
    tab.call('account.move', 'action_post', [waiting[1]])
    assert read_open(tab, *waiting) == [('posted', 0.0), ('posted', 0.0)]
    invoice_id, credit_id = credit_over_rpc(tab, invoice_ids[3])
    tab.call('account.move', 'action_post', [credit_id])
    assert read_open(tab, invoice_id, credit_id) == [('posted', 0.0), ('posted', 0.0)]
    # A credit that is reset opens its invoice again.
    tab.call('account.move', 'button_draft', [credit_id])
    assert read_open(tab, invoice_id)[0][1] > 0

    tab.call('ir.module.module', 'button_immediate_install', module_ids)
    tab.call('account.move', 'approve_credits', [credit_id])
    assert read_open(tab, invoice_id, credit_id) == [('posted', 0.0), ('posted', 0.0)]
    # What was kept is used after all.
    tab.ask('account.move', 'approve_credits', [kept[1]], settlement='own')
    assert read_open(tab, *kept) == [('posted', 0.0), ('posted', 0.0)]
