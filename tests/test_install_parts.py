"""The parts that come with the app by themselves: each can be taken away, and comes back."""

import pytest
from documents import make_invoice
from export_rig import get_codes
from registries import transaction
from rpc import Tab

from odoo.addons.test_credit_invoice.books_server import Books, BooksServer

from devkit.addons import find_parts

slow_because = 'add-ons are taken away and installed again, each in a database of its own'
PARTS = [addon.name for addon in find_parts()]
KEY = 'key-of-the-books'


@pytest.fixture
def database(fresh_db):
    """Give a database that is the test's own."""
    return fresh_db('suite')


@pytest.fixture
def take_away(database, server):
    """Give a function that uninstalls a part, and returns a tab and what brings the part back."""

    def take(part):
        with transaction(database) as env:
            module_ids = env['ir.module.module'].search([('name', '=', part)]).ids
        tab = Tab(server(database).url, database, seconds=300)
        tab.call('ir.module.module', 'button_immediate_uninstall', module_ids)
        return tab, lambda: tab.call('ir.module.module', 'button_immediate_install', module_ids)

    return take


def commit_invoices(database, count):
    with transaction(database) as env:
        ids = [make_invoice(env).id for _number in range(count)]
        env.cr.commit()
    return ids


def use_app(tab, invoice_id):
    """Open every menu of ours and what people open most, and credit an invoice."""
    models = {'account.move', 'account.move.reversal', 'res.config.settings', 'res.partner'}
    for menu in tab.call('ir.ui.menu', 'load_menus', False).values():
        if str(menu.get('xmlid')).startswith('credit_invoice') and menu.get('actionID'):
            (action,) = tab.call(menu['actionModel'], 'read', [menu['actionID']])
            models.add(action.get('res_model') or 'account.move')
    for model in sorted(models):
        kinds = ['form'] if 'settings' in model or 'reversal' in model else ['form', 'list']
        tab.call(model, 'get_views', [[False, kind] for kind in kinds])
    action = tab.call('account.move', 'action_credit_invoice', [invoice_id])
    assert action['res_model'] == 'account.move.reversal'
    dialog_id = tab.call(action['res_model'], 'create', {}, **action['context'])
    tab.call('account.move.reversal', 'action_create_credit', [dialog_id])
    (invoice,) = tab.call('account.move', 'read', [invoice_id], ['reversal_move_ids'])
    tab.call('account.move', 'action_post', invoice['reversal_move_ids'])
    (credit,) = tab.call('account.move', 'read', invoice['reversal_move_ids'], ['state'])
    assert credit['state'] == 'posted'


@pytest.mark.parametrize('part', PARTS)
def test_mp09_the_app_works_without_any_part_of_it_and_with_it_again(database, take_away, part):
    before, after = commit_invoices(database, 2)
    tab, bring_back = take_away(part)
    use_app(tab, before)
    bring_back()
    use_app(tab, after)


def test_mp25_credits_from_a_file_stay_when_the_import_goes(database, take_away):
    (invoice_id,) = commit_invoices(database, 1)
    with transaction(database) as env:
        number = env['account.move'].browse(invoice_id).name
        row = {'number': number, 'percentage': 10, 'date': '2026-02-01', 'reason': 'Damaged'}
        credit_id = env['credit.import.line'].create([row]).credit_id.id
        env.cr.commit()
    tab, bring_back = take_away('credit_invoice_import')
    (credit,) = tab.call('account.move', 'read', [credit_id], ['credit_reason', 'amount_total'])
    assert (credit['credit_reason'], credit['amount_total']) == ('Damaged', 10.0)
    with pytest.raises(AssertionError, match='credit.import.line'):
        tab.call('credit.import.line', 'search', [])
    bring_back()
    row_ids = tab.call('credit.import.line', 'create', [{**row, 'percentage': 20}])
    (made,) = tab.call('credit.import.line', 'read', row_ids, ['credit_id'])
    assert made['credit_id'][0] != credit_id


def connect_both(env, address):
    """A program that takes files, and one that is reached; one document is in a file, one waits.

    :return: (the systems, the documents)
    """
    values = {'date_start': '2026-01-01'}
    systems = env['credit.export.system'].create([
        {'name': 'Files', 'connector': 'files', 'file_format': 'beancount', **values},
        {'name': 'Live', 'connector': 'books', 'address': address, 'secret': KEY, **values},
    ])
    in_file, waiting = make_invoice(env), make_invoice(env)
    systems[0]._make_batches(
        in_file.export_record_ids.filtered(lambda record: record.system_id == systems[0])
    )
    return systems, in_file | waiting


def get_states(tab, invoice_ids, system_id):
    """The states of documents in a system, in the order of the documents."""
    domain = [('move_id', 'in', invoice_ids), ('system_id', '=', system_id)]
    records = tab.call('credit.export.record', 'search_read', domain, ['move_id', 'state'])
    return [row['state'] for row in sorted(records, key=lambda row: row['move_id'][0])]


def test_ts18_without_files_other_systems_go_on_and_with_them_again_files_do(database, take_away):
    with BooksServer(Books(*get_codes(database)), KEY) as there:
        with transaction(database) as env:
            systems, invoices = connect_both(env, there.address)
            cron_id = env.ref('credit_invoice.ir_cron_credit_export').id
            (files_id, live_id), ids = systems.ids, invoices.ids
            env.cr.commit()
        tab, bring_back = take_away('credit_invoice_export_files')
        fields = ['active', 'connector', 'takes_batches', 'can_be_asked']
        (files,) = tab.call('credit.export.system', 'read', [files_id], fields)
        assert [files[name] for name in fields] == [False, 'files', False, False]
        tab.call('ir.cron', 'method_direct_trigger', [cron_id])
        assert get_states(tab, ids, live_id) == ['sent', 'sent']
        use_app(tab, ids[1])
    assert get_states(tab, ids, files_id) == ['unknown', 'to_send']
    with pytest.raises(AssertionError, match='was uninstalled: install it again first'):
        tab.call('credit.export.system', 'write', [files_id], {'active': True})

    bring_back()
    # The format went with the add-on.
    values = {'active': True, 'file_format': 'beancount'}
    tab.call('credit.export.system', 'write', [files_id], values)
    (record_id,) = tab.call(
        'credit.export.record', 'search', [('move_id', '=', ids[0]), ('system_id', '=', files_id)]
    )
    tab.call('credit.export.record', 'action_confirm_in_file', [record_id])
    tab.call('credit.export.system', 'action_make_batch', [files_id])
    assert get_states(tab, ids, files_id) == ['sent', 'in_file']
