from contextlib import contextmanager
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from odoo.addons.account.models.account_move import AccountMove as HostMove

from .ledger import LedgerCommon

INVOICED, PAID, CREDITED, SETTLED = '2026-01-15', '2026-02-10', '2026-03-05', '2026-04-20'


class SettledCommon(LedgerCommon):
    """Documents whose chatter notes what changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Otherwise, the host's tests note no changes in the chatter.
        cls.env = cls.env(context={**cls.env.context, 'mail_notrack': False})
        cls.Move = cls.env['account.move']

    def invoice(self, price=100.0, **values):
        return self.make_invoice(
            [{'name': 'Work', 'price_unit': price, 'account_id': self.accounts['sales'].id}],
            **{'invoice_date': INVOICED, **values},
        )


@tagged('post_install', '-at_install')
class TestSettledWithoutMoney(SettledCommon):
    """Nothing is told to be paid where no money moved (host.md, 7); everything else still is."""

    def enter(self, account, invoice):
        """An accountant matches an invoice with an entry against an account."""
        receivable = self.accounts['receivable']
        entry = self.Move.sudo().create({
            'date': PAID,
            'journal_id': self.company_data['default_journal_misc'].id,
            'line_ids': [
                Command.create({
                    'account_id': receivable.id,
                    'partner_id': self.partner_a.id,
                    'credit': invoice.amount_total,
                }),
                Command.create({'account_id': account.id, 'debit': invoice.amount_total}),
            ],
        })
        entry.action_post()
        items = invoice.sudo().line_ids | entry.line_ids
        items.filtered(lambda line: line.account_id == receivable).reconcile()

    @contextmanager
    def told_paid(self, *expected):
        """Check of which documents those who listen are told that they are paid."""
        told = []

        def listen(moves):
            told.extend(moves)

        self.flush_tracking()
        before = self.get_paid_messages()
        with patch.object(HostMove, '_invoice_paid_hook', listen):
            yield
        self.flush_tracking()
        self.assertEqual(sorted(told, key=lambda move: move.id), list(expected))
        messages = self.get_paid_messages() - before
        self.assertLessEqual(set(messages.mapped('res_id')), {move.id for move in expected})

    def get_paid_messages(self):
        paid = self.env.ref('account.mt_invoice_paid')
        return self.env['mail.message'].sudo().search([('subtype_id', '=', paid.id)])

    def test_pc08_money_is_told(self):
        invoice = self.invoice()
        with self.told_paid(invoice):
            self.register_payment(invoice, PAID)
        self.assertEqual(invoice.status_in_payment, 'paid')
        self.assertFalse(invoice.is_settled_without_money)
        self.assertIn(self.env.ref('account.mt_invoice_paid'), invoice.message_ids.subtype_id)

    def test_pc08_a_credit_is_no_money(self):
        invoice = self.invoice()
        credit = self.make_credit(invoice, date=CREDITED)
        with self.told_paid():
            self.approve_in_window(credit, SETTLED)

    def test_pc08_a_plainly_confirmed_credit_is_no_money(self):
        credit = self.make_credit(self.invoice(), date=CREDITED)
        with self.told_paid():
            credit.action_post()

    def test_pc20_a_kept_credit_used_against_another_invoice_is_no_money(self):
        invoice, later = self.invoice(), self.invoice()
        self.register_payment(invoice, PAID)
        credit = self.make_credit(invoice, date=CREDITED)
        uses = {later: later.amount_total}
        with self.told_paid():
            self.approve_in_window(credit, SETTLED, settlement='chosen', uses=uses)
        self.assertEqual(later.status_in_payment, 'settled')
        self.assertEqual(credit.status_in_payment, 'settled')
        self.assertFalse(invoice.is_settled_without_money)

    def test_pc20_a_settlement_entry_is_no_money(self):
        invoice = self.invoice()
        self.register_payment(invoice, PAID)
        self.partner_a.sudo().property_account_receivable_id = self.accounts['other receivable']
        later = self.invoice()
        credit = self.make_credit(invoice, date=CREDITED)
        uses = {later: later.amount_total}
        with self.told_paid():
            self.approve_in_window(credit, SETTLED, settlement='chosen', uses=uses)
        self.assertEqual(later.amount_residual, 0.0)
        self.assertTrue(later.is_settled_without_money)
        self.assertEqual(later.status_in_payment, 'settled')

    def test_pc09_the_rest_that_is_paid_is_told(self):
        invoice = self.invoice()
        credit = self.make_credit(invoice, date=CREDITED)
        credit.invoice_line_ids.price_unit = 40.0
        self.approve_in_window(credit, SETTLED)
        with self.told_paid(invoice):
            self.register_payment(invoice, SETTLED)

    def test_pc10_a_refund_is_money(self):
        for way in ('payment', 'entry', 'bill'):
            with self.subTest(way=way):
                self.make_refund_rule(way)
                invoice = self.invoice()
                self.register_payment(invoice, PAID)
                credit = self.make_credit(invoice, date=CREDITED)
                self.approve_in_window(credit, SETTLED, settlement='refund')
                self.assertFalse(credit.is_settled_without_money)

    def test_pc08_an_entry_that_stands_for_money_is_told(self):
        # A point of sale books what was paid at the counter by plain entries.
        counter = self.accounts['receivable'].copy({'code': '1702'})
        for account in (counter, self.accounts['bank'], self.accounts['in transit']):
            with self.subTest(account=account.name):
                invoice = self.invoice()
                with self.told_paid(invoice):
                    self.enter(account, invoice)
                self.assertFalse(invoice.is_settled_without_money)
                self.assertEqual(invoice.status_in_payment, 'paid')

    def test_pc08_what_costs_nothing_is_paid_as_for_the_host(self):
        invoice = self.invoice(price=0.0, post=False)
        with self.told_paid(invoice):
            invoice.action_post()
        self.assertFalse(invoice.is_settled_without_money)
        self.assertEqual(invoice.status_in_payment, 'paid')

    def test_pc08_an_exchange_difference_is_no_money(self):
        pounds = self.make_pounds()
        invoice = self.invoice(currency_id=pounds.id)
        self.register_payment(invoice, PAID)
        later = self.invoice(currency_id=pounds.id, invoice_date='2026-04-10')
        credit = self.make_credit(invoice, date=CREDITED)
        with self.told_paid():
            self.approve_in_window(
                credit, SETTLED, settlement='chosen', uses={later: later.amount_total}
            )
        self.assertTrue(later.is_settled_without_money)

    def test_pc08_tax_on_payments_is_no_money(self):
        invoice = self.make_invoice([(1, 100.0, self.cash_basis_tax)], invoice_date=INVOICED)
        credit = self.make_credit(invoice, date=CREDITED)
        with self.told_paid():
            self.approve_in_window(credit, SETTLED)
        self.assertTrue(invoice.is_settled_without_money)
        self.assertTrue(credit.is_settled_without_money)
