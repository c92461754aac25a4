import ast
from pathlib import Path

from odoo.tests import tagged

from ...tools.actions import notify, open_records, open_window
from ..common import CreditCommon

HERE = Path(__file__).resolve().parents[2]
# What only `tools/actions.py` may write down.
KINDS = {'ir.actions.act_window', 'ir.actions.client'}


def find_hand_made_actions(folder):
    """Where a dictionary with a type of action stands: list of `file:line`."""
    return [
        f'{path.relative_to(folder.parent)}:{node.lineno}'
        for path in sorted(folder.rglob('*.py'))
        if 'tests' not in path.parts and path.name != 'actions.py'
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8')))
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant)
        and key.value == 'type'
        and isinstance(value, ast.Constant)
        and value.value in KINDS
    ]


@tagged('post_install', '-at_install')
class TestActions(CreditCommon):
    """What methods of ours return to the client."""

    def test_mp06_the_client_gets_the_views_of_whatever_it_opens(self):
        invoices = self.make_invoice() | self.make_invoice()
        for records in (invoices[0], invoices, invoices.browse()):
            action = open_records(records, 'Invoices')
            self.assertEqual(action['views'][-1], (False, 'form'))
            self.assertEqual(len(action['views']), 1 if len(records) == 1 else 2)
            shown = self.env['account.move'].browse(action.get('res_id')).exists()
            shown |= invoices.search(action.get('domain', [('id', '=', 0)]))
            self.assertEqual(shown, records)
        # Which columns a list has depends on it.
        self.assertEqual(open_records(invoices, '')['context']['default_move_type'], 'out_invoice')
        self.assertEqual(open_window(invoices[0], 'Invoice')['views'], [(False, 'form')])
        notice = notify('Done', then=open_records(invoices, 'Invoices'))
        self.assertTrue(notice['params']['next']['views'])
        self.assertNotIn('next', notify('Done')['params'])

    def test_mp06_no_action_is_made_anywhere_else(self):
        for addon in HERE.parent.glob('credit_invoice*'):
            self.assertFalse(find_hand_made_actions(addon))
