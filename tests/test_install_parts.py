"""The parts that come with the app by themselves: each can be taken away, and comes back."""

import pytest
from documents import make_invoice
from registries import transaction
from rpc import Tab

from devkit.addons import find_addons

PARTS = [addon.name for addon in find_addons() if addon.manifest.get('auto_install')]


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
