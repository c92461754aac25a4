import re
from pathlib import Path

from odoo import Command
from odoo.service.model import call_kw
from odoo.tests import tagged

from odoo.addons.credit_invoice.tests.common import CreditCommon

ADDONS = Path(__file__).parents[2]
KEY = re.compile(r"with_context\([^)]*?\b(credit_\w+)=|get_guarded\(\s*\S+, '(credit_\w+)'")
READ = re.compile(r"context(?:\.get\(|\[)'(credit_\w+)'")
# What an action of ours sends along: which documents a list has selected.
FROM_CLIENTS = {'credit_selection'}
SHAPES = (True, 1, 0.5, 'x', [], [1], {}, {'x': 1})


def find_keys():
    """Every key of ours in the context, as the code of all add-ons names it."""
    found = set()
    for path in ADDONS.glob('credit_invoice*/**/*.py'):
        if 'tests' not in path.parts:
            text = path.read_text(encoding='utf-8')
            found.update(key for keys in KEY.findall(text) for key in keys if key)
            found.update(READ.findall(text))
    return found - FROM_CLIENTS


@tagged('post_install', '-at_install')
class TestContextKeys(CreditCommon):
    """No key of ours that a client sends in the context makes a difference."""

    def call(self, context, model, method, *args):
        return call_kw(self.env[model], method, args, {'context': context})

    def credit(self, context, invoice, **values):
        dialog_id = self.call(
            context,
            'account.move.reversal',
            'create',
            {'move_ids': [Command.set(invoice.ids)], 'date': '2026-02-01', **values},
        )
        self.call(context, 'account.move.reversal', 'action_create_credit', [dialog_id])
        return self.env['account.move.reversal'].browse(dialog_id).new_move_ids

    def tell(self, context):
        """Live through a story over RPC.

        :return: what the ledger says in the end
        """
        invoice = self.make_invoice(
            [(3, 33.35), (1, 99.99)], invoice_cash_rounding_id=self.cash_rounding_a.id
        )
        first, second = invoice.invoice_line_ids
        part = self.credit(
            context,
            invoice,
            credit_scope='part',
            credit_line_ids=[
                Command.create({'move_line_id': first.id, 'quantity': 2}),
                Command.create({'move_line_id': second.id, 'percentage': 11}),
            ],
        )
        line = part.invoice_line_ids[0]
        self.call(context, 'account.move.line', 'write', line.ids, {'quantity': 1})
        self.call(context, 'account.move', 'approve_credits', part.ids)
        rest = self.credit(context, invoice)
        self.call(context, 'account.move', 'approve_credits', rest.ids)
        self.call(context, 'credit.settlement', 'action_undo', rest.credit_settlement_ids.ids)
        other = self.make_invoice([(1, 10)])
        self.call(context, 'account.move', 'use_credits', other.ids, [(rest.id, 5.0)])
        self.env.invalidate_all()
        documents = invoice | part | rest | other
        settlements = (part | rest).credit_settlement_ids
        return {
            'items': [sorted(move.line_ids.mapped('balance')) for move in documents],
            'residuals': documents.mapped('amount_residual'),
            'states': documents.mapped('state'),
            'matches': sorted(documents.line_ids.matched_credit_ids.mapped('amount')),
            'settled': [
                (part.kind, part.amount, part.state, len(part.partial_ids))
                for part in settlements.line_ids.sorted('id')
            ],
        }

    def test_mp22_no_client_sends_what_is_kept_in_the_context(self):
        keys = find_keys()
        self.assertIn('credit_reconcile_plan', keys)
        self.assertGreater(len(keys), 15)
        wanted = self.tell({})
        self.assertEqual(len(wanted['matches']), 2)
        for shape in SHAPES:
            with self.subTest(shape):
                self.assertEqual(self.tell(dict.fromkeys(keys, shape)), wanted)
