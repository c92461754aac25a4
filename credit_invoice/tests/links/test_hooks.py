from odoo.tests import tagged

from ...hooks import COLUMNS, fill_credited_figures, fill_settled_without_money
from ..common import CreditCommon


@tagged('post_install', '-at_install')
class TestHooks(CreditCommon):
    """What is filled on a full ledger when the add-on is installed."""

    def read_columns(self, moves):
        self.env.flush_all()
        self.env.invalidate_all()
        return {
            move.id: (
                move.credited_amount,
                round(move.credited_percentage, 9),
                move.credit_status,
                move.is_settled_without_money,
            )
            for move in moves
        }

    def make_ledger(self):
        self.env.company.sudo().credit_limit_policy = 'allow'
        currency = self.get_currency(**{'2026-01-01': 2.0})
        moves = [self.make_invoice() for _i in range(4)]
        moves += [
            self.make_invoice(move_type='out_receipt'),
            self.make_invoice(move_type='out_refund'),
        ]
        moves += [self.make_invoice(currency_id=currency.id) for _i in range(2)]
        partial, full, over, draft, receipt, _free, foreign, other = moves
        for invoice in (partial, partial, foreign):
            credit = self.make_credit(invoice)
            credit.invoice_line_ids[0].quantity = 1
            credit.action_post()
        self.make_credit(full, post=True)
        credit = self.make_credit(over)
        credit.invoice_line_ids[0].price_unit = 99
        credit.action_post()
        self.make_credit(draft)
        self.make_credit(receipt, post=True)
        credit = self.make_credit(other)
        # Such a credit cannot be posted any more; there may be some from before.
        credit.write({'reversed_entry_id': False, 'currency_id': self.company_data['currency'].id})
        credit.invoice_line_ids.credited_line_id = False
        credit.action_post()
        self.env.flush_all()
        self.env.cr.execute(
            'UPDATE account_move SET reversed_entry_id = %s WHERE id = %s', [other.id, credit.id]
        )
        self.env.invalidate_all()
        for name in ('credited_amount', 'credited_percentage', 'credit_status'):
            self.env.add_to_compute(other._fields[name], other)
        self.pay(draft)
        moves += draft.reversal_move_ids + full.reversal_move_ids
        return self.Move.union(*moves)

    def test_if03_installing_fills_what_would_be_computed(self):
        moves = self.make_ledger()
        computed = self.read_columns(moves)
        self.assertEqual(
            {status for _amount, _percentage, status, _settled in computed.values()},
            {False, 'partial', 'full', 'over'},
        )
        self.assertEqual({settled for *_, settled in computed.values()}, {False, True})
        self.env.cr.execute(
            'UPDATE account_move SET credited_amount = NULL, credited_percentage = NULL, '
            'credit_status = NULL, is_settled_without_money = NULL'
        )
        self.env.invalidate_all()
        fill_credited_figures(self.env)
        fill_settled_without_money(self.env)
        self.assertEqual(self.read_columns(moves), computed)

    def test_if03_every_stored_figure_has_its_column_before_the_orm_looks(self):
        stored = {
            name
            for name, field in self.Move._fields.items()
            if field.store
            and field.compute
            and field._modules
            and set(field._modules) == {'credit_invoice'}
        }
        self.assertEqual(stored, set(COLUMNS))
        for name, column_type in COLUMNS.items():
            self.assertEqual(self.Move._fields[name].column_type[0], column_type)

    def test_uninstalling_tells_of_every_kind_of_record_that_goes(self):
        module = self.env['ir.module.module'].sudo().search([('name', '=', 'credit_invoice')])
        wizard = self.env['base.module.uninstall'].sudo().create({'module_ids': module.ids})
        told = set(wizard.model_ids.mapped('model'))
        for name, model in self.env.registry.models.items():
            if name.startswith('credit.') and model._original_module == 'credit_invoice':
                is_kept = model._auto and not model._transient and not model._abstract
                self.assertEqual(name in told, is_kept, name)
        self.assertGreaterEqual(
            told,
            {'credit.reason', 'credit.posting.rule', 'credit.export.record'},
        )
