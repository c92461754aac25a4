"""The histories of `test_export_faults.py`, exported to another Odoo: a few, as each takes long."""

import pytest
from export_rig import get_codes, make_rig, run_all
from export_sides import OdooSide
from other_odoo import OtherOdoo

slow_because = 'whole histories are exported to another Odoo over a line that fails'

SEEDS, LONG_SEEDS = 8, 300

pytestmark = pytest.mark.fault


@pytest.fixture(scope='module')
def rig(database, fresh_db, server):
    other = OtherOdoo(server(fresh_db('base')))
    other.set_up()
    accounts, taxes = get_codes(database)
    with other.transaction() as env:
        for model, values in (('account.account', accounts), ('account.tax', taxes)):
            add_codes(env[model], values)
        env.cr.commit()
    values = {'connector': 'odoo', 'database': other.database, 'secret': other.key}
    with make_rig(database, OdooSide(other), other.server.url, **values) as rig:
        yield rig


def add_codes(model, values):
    """Have accounts or taxes over there that are called what they are here."""
    is_tax = model._name == 'account.tax'
    for code, value in values.items():
        if is_tax and not model.search([('name', '=', code), ('type_tax_use', '=', 'sale')]):
            model.create({'name': code, 'amount': value, 'type_tax_use': 'sale'})
        if not is_tax and not model.search([('code', '=', code)]):
            model.create({'name': code, 'code': code, 'account_type': value})


def test_ts18_another_odoo_loses_nothing_and_doubles_nothing(rig, request, capsys):
    run_all(rig, request.config, capsys, SEEDS, LONG_SEEDS)
