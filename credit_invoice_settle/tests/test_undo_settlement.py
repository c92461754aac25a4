from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .ledger import LedgerCommon

INVOICED, PAID, CREDITED, SETTLED = '2026-01-15', '2026-02-10', '2026-03-05', '2026-04-20'
LATER = '2026-03-10'
STEPS = {
    'account.move.line': ('_reconcile_pairs',),
    'account.move': (
        '_create_refunds',
        '_create_refund_payment',
        '_create_settlement_entries',
        '_match_settlement_parts',
        '_record_settlements',
        '_link_partials',
        '_send_approved_credits',
    ),
    'account.payment': ('action_post',),
    'credit.settlement': ('create', '_log_settlement'),
}


class SettlementUndoCommon(LedgerCommon):
    """Invoices of a customer, and what the ledger says of them."""

    is_foreign = is_on_payment = False

    def setUp(self):
        super().setUp()
        self.currency = self.make_pounds() if self.is_foreign else self.company.currency_id
        self.used_tax = self.cash_basis_tax if self.is_on_payment else self.tax

    def invoice(self, day=INVOICED, **values):
        return self.make_invoice(
            [
                {
                    'name': 'Work',
                    'quantity': 3,
                    'price_unit': 33.35,
                    'account_id': self.accounts['sales'].id,
                    'tax_ids': [Command.set(self.used_tax.ids)],
                },
                {
                    'name': 'Goods',
                    'price_unit': 99.99,
                    'account_id': self.accounts['sales'].id,
                    'tax_ids': [Command.set(self.used_tax.ids)],
                },
            ],
            invoice_date=day,
            currency_id=self.currency.id,
            **values,
        )

    def draft_credit(self, invoice, way=None):
        if way:
            self.make_refund_rule(way)
        return self.make_credit(invoice, date=CREDITED)

    def get_ledger(self):
        """What the books of the company say: balances by account, customer, tax box and currency.

        :return: dictionary of (balance, amount in currency)
        """
        Line = self.env['account.move.line'].sudo()
        domain = [('company_id', '=', self.company.id), ('parent_state', '=', 'posted')]
        ledger = {}
        for groupby in (
            ['account_id', 'partner_id', 'currency_id'],
            ['tax_tag_ids', 'currency_id'],
            ['tax_line_id', 'currency_id'],
        ):
            rows = Line._read_group(domain, groupby, ['balance:sum', 'amount_currency:sum'])
            for *keys, balance, amount in rows:
                currency = keys[-1]
                key = (groupby[0], *(key.display_name for key in keys))
                ledger[key] = (self.company.currency_id.round(balance), currency.round(amount))
        return {key: amounts for key, amounts in ledger.items() if any(amounts)}

    def get_rows(self, moves):
        """Every journal item and state of some documents."""
        moves.invalidate_recordset()
        moves.line_ids.invalidate_recordset()
        return [
            (
                *(move[name] for name in ('name', 'state', 'payment_state', 'amount_residual')),
                move.is_settled_without_money,
                move.status_in_payment,
                [
                    (
                        line.account_id,
                        line.balance,
                        line.amount_currency,
                        line.amount_residual,
                        line.amount_residual_currency,
                        line.reconciled,
                        sorted(line.matched_debit_ids.ids + line.matched_credit_ids.ids),
                    )
                    for line in move.line_ids.sorted('id')
                ],
            )
            for move in moves.sudo().sorted('id')
        ]

    def get_moves(self):
        return self.Move.sudo().search([('company_id', '=', self.company.id)]).with_env(self.env)


@tagged('post_install', '-at_install')
class TestUndoSettlement(SettlementUndoCommon):
    """Approve, then undo: the books, every older document and its matches are as before."""

    allow_inherited_tests_method = True

    def assertUndone(self, credit, **choice):
        """Approve a draft and undo it again."""
        moves, before = self.get_moves(), self.get_ledger()
        rows = self.get_rows(moves - credit)
        self.env.flush_all()
        settlement = self.approve_in_window(credit, SETTLED, **choice)
        self.assertEqual(settlement.state, 'done')
        self.assertNotEqual(self.get_ledger(), before)
        posted = self.get_rows(credit)[0][:4]
        settlement.action_undo()
        self.assertEqual(settlement.state, 'undone')
        self.assertEqual(set(settlement.line_ids.mapped('state')), {'undone'})
        self.assertEqual(credit.amount_residual, credit.amount_total, posted)
        self.assertEqual(credit.payment_state, 'not_paid')
        self.assertEqual(self.get_rows(moves - credit), rows)
        credit.button_draft()
        self.assertEqual(self.get_ledger(), before)
        self.assertEqual(self.get_rows(moves - credit), rows)

    def test_pc17_undo_of_use_against_the_own_invoice(self):
        invoice = self.invoice()
        self.assertUndone(self.draft_credit(invoice))

    def test_pc17_undo_of_use_against_a_half_paid_invoice(self):
        invoice = self.invoice()
        self.register_payment(invoice, PAID, amount=60.0)
        self.assertUndone(self.draft_credit(invoice))

    def test_pc17_undo_of_use_against_the_oldest_invoices(self):
        invoice = self.invoice()
        self.register_payment(invoice, PAID)
        self.invoice(LATER)
        self.invoice(CREDITED)
        self.assertUndone(self.draft_credit(invoice), settlement='oldest')

    def test_pc17_undo_of_use_against_chosen_invoices(self):
        invoice = self.invoice()
        self.register_payment(invoice, PAID)
        uses = {self.invoice(LATER): 40.0, self.invoice(LATER): 72.5}
        credit = self.draft_credit(invoice)
        self.assertUndone(credit, settlement='chosen', uses=uses)

    def test_pc17_undo_of_a_refund_by_payment(self):
        invoice = self.invoice()
        self.register_payment(invoice, PAID)
        self.assertUndone(self.draft_credit(invoice), settlement='refund')

    def test_pc17_undo_of_a_refund_by_entry(self):
        invoice = self.invoice()
        self.register_payment(invoice, PAID)
        self.assertUndone(self.draft_credit(invoice, 'entry'), settlement='refund')

    def test_pc17_undo_of_a_refund_by_bill(self):
        invoice = self.invoice()
        self.register_payment(invoice, PAID)
        self.assertUndone(self.draft_credit(invoice, 'bill'), settlement='refund')

    def test_pc17_undo_of_a_split(self):
        invoice = self.invoice()
        self.register_payment(invoice, PAID)
        later = self.invoice(LATER)
        credit = self.draft_credit(invoice)
        self.assertUndone(
            credit,
            settlement='split',
            uses={later: 40.01},
            refund_amount=100.02,
        )

    def test_pc17_undo_of_use_on_another_receivable_account(self):
        invoice = self.invoice()
        self.register_payment(invoice, PAID)
        self.partner_a.sudo().property_account_receivable_id = self.accounts['other receivable']
        later = self.invoice(LATER)
        credit = self.draft_credit(invoice)
        self.assertNotEqual(
            *(
                move.line_ids.account_id.filtered(
                    lambda account: account.account_type == 'asset_receivable'
                )
                for move in (credit, later)
            )
        )
        self.assertUndone(credit, settlement='chosen', uses={later: 55.55})
        self.assertTrue(credit.credit_settlement_ids.line_ids.entry_move_id)

    def test_pc25_undo_of_the_second_of_two_settlements(self):
        invoice = self.invoice()
        self.register_payment(invoice, PAID)
        later = self.invoice(LATER)
        credit = self.draft_credit(invoice)
        self.approve_in_window(credit, SETTLED, settlement='chosen', uses={later: 40.0})
        moves, before = self.get_moves(), self.get_ledger()
        rows = self.get_rows(moves)
        settlement = self.approve_in_window(credit, SETTLED, settlement='refund')
        settlement.action_undo()
        self.assertEqual(self.get_ledger(), before)
        self.assertEqual(self.get_rows(moves), rows)


@tagged('post_install', '-at_install')
class TestUndoSettlementInForeignCurrency(TestUndoSettlement):
    is_foreign = True


@tagged('post_install', '-at_install')
class TestUndoSettlementOnPayment(TestUndoSettlement):
    is_on_payment = True


@tagged('post_install', '-at_install')
class TestUndoSettlementOnPaymentInForeignCurrency(TestUndoSettlement):
    is_on_payment = is_foreign = True


@tagged('post_install', '-at_install')
class TestApproveFails(SettlementUndoCommon):
    """Whatever step of *Approve* fails, nothing of it is done."""

    def get_state(self):
        """All that *Approve* leaves behind."""
        self.env.flush_all()
        self.env.invalidate_all()
        moves = self.get_moves()
        counted = ('account.payment', 'credit.settlement', 'credit.settlement.line')
        messages = self.env['mail.message'].sudo()
        triggers = self.env['ir.cron.trigger'].sudo()
        return {
            'rows': self.get_rows(moves),
            'ledger': self.get_ledger(),
            'sending': [(move.name, move.sending_data) for move in moves],
            'messages': messages.search_count([('model', '=', 'account.move')]),
            'triggers': triggers.search_count([]),
            **{model: self.env[model].sudo().search_count([]) for model in counted},
        }

    def test_pc07_a_failure_leaves_nothing_half_done(self):
        invoice = self.invoice()
        self.register_payment(invoice, PAID)
        self.partner_a.sudo().property_account_receivable_id = self.accounts['other receivable']
        later = self.invoice(LATER)
        credit = self.draft_credit(invoice)
        window = self.open_window(
            credit,
            SETTLED,
            settlement='split',
            uses={later: 40.0},
            refund_amount=100.0,
            is_sent=True,
        ).save()
        before = self.get_state()
        for model, methods in STEPS.items():
            for method in methods:
                with self.subTest(step=method):
                    cls = self.env.registry[model]
                    failing = patch.object(cls, method, side_effect=UserError('Injected'))
                    with (
                        self.assertRaisesRegex(UserError, 'Injected'),
                        self.cr.savepoint(),
                        failing,
                    ):
                        window.action_approve()
                    self.assertEqual(self.get_state(), before)
                    self.assertFalse(window.is_done)
        next_number = self._get_next_number(credit)
        window.action_approve()
        self.assertEqual(credit.name, next_number)
        self.assertNotEqual(self.get_state(), before)

    def _get_next_number(self, credit):
        """The number that the journal gives to the next credit."""
        return credit.sudo().name_placeholder or credit.sudo().name
