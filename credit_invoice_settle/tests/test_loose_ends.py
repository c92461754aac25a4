from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .test_approve import ApproveCommon


@tagged('post_install', '-at_install')
class TestLooseEnds(ApproveCommon):
    """Whatever route a settlement is taken apart by, nothing of it stays behind (pc17)."""

    def make_settled_by_entry(self):
        """An invoice and its credit on two receivable accounts, settled by an entry."""
        account = self.company_data['default_account_receivable'].sudo()
        invoice = self.make_invoice([(1, 100.0)])
        credit = self.make_draft(invoice)
        terms = credit.line_ids.filtered(lambda line: line.display_type == 'payment_term')
        terms.account_id = account.copy({'code': f'12{invoice.id}', 'name': 'Other receivable'})
        self.approve(credit)
        self.assertEqual(self.get_residuals(invoice, credit), [0.0, 0.0])
        return invoice, credit

    def make_refunded(self):
        invoice = self.make_invoice([(1, 100.0)])
        self.pay(invoice)
        credit = self.make_draft(invoice)
        self.approve(credit, settlement='refund')
        return invoice, credit

    def assertOpen(self, invoice, credit):
        part = credit.credit_settlement_ids.line_ids
        self.assertEqual(part.mapped('state'), ['undone'])
        self.assertEqual(credit.credit_settlement_ids.state, 'undone')
        self.assertEqual(part.entry_move_id.state, 'cancel')
        self.assertEqual(invoice.amount_residual, invoice.amount_total)

    def test_pc17_credit_settled_by_entry_is_reset(self):
        invoice, credit = self.make_settled_by_entry()
        credit.button_draft()
        self.assertOpen(invoice, credit)

    def test_pc17_credit_settled_by_entry_is_cancelled(self):
        invoice, credit = self.make_settled_by_entry()
        credit.button_cancel()
        self.assertOpen(invoice, credit)

    def test_pc17_one_match_of_two_is_taken_off(self):
        for index in (0, 1):
            with self.subTest(index=index):
                documents = self.make_settled_by_entry()
                documents[index].line_ids.remove_move_reconcile()
                self.assertOpen(*documents)
                self.assertEqual(documents[1].amount_residual, documents[1].amount_total)

    def test_pc17_kept_money_of_a_reset_credit_is_kept_no_more(self):
        invoice = self.make_invoice([(1, 100.0)])
        self.pay(invoice)
        credit = self.make_draft(invoice)
        self.approve(credit, settlement='keep')
        credit.button_draft()
        self.assertEqual(credit.credit_settlement_ids.state, 'undone')

    def test_pc17_free_credit_that_was_used_is_reset(self):
        invoice = self.make_invoice([(1, 100.0)])
        credit = self.make_invoice([(1, 40.0)], post=False, move_type='out_refund')
        self.approve(credit, settlement='oldest')
        self.assertEqual(invoice.amount_residual, invoice.amount_total - credit.amount_total)
        credit.button_draft()
        self.assertEqual(invoice.amount_residual, invoice.amount_total)
        self.assertEqual(credit.credit_settlement_ids.state, 'undone')

    def test_pc17_refunded_credit_is_not_reset_by_writing_its_state(self):
        _invoice, credit = self.make_refunded()
        with self.assertRefused('use Undo Settlement'):
            credit.write({'state': 'draft'})

    def test_pc10_money_of_a_refund_whose_match_is_taken_off_is_not_refunded_again(self):
        _invoice, credit = self.make_refunded()
        payment = credit.credit_settlement_ids.line_ids.payment_id
        credit.line_ids.remove_move_reconcile()
        self.assertEqual(credit._get_refundable_amount(), 0.0)
        payment.action_draft()
        payment.action_cancel()
        self.assertEqual(credit._get_refundable_amount(), credit.amount_total)

    def test_pc17_undone_payment_keeps_its_entry_and_number(self):
        _invoice, credit = self.make_refunded()
        self.env.company.sudo().restrictive_audit_trail = True
        payment = credit.credit_settlement_ids.line_ids.payment_id
        entry, name = payment.move_id, payment.name
        credit.credit_settlement_ids.action_undo()
        self.assertEqual(payment.state, 'canceled')
        self.assertEqual((entry.exists().name, entry.state), (name, 'cancel'))

    def test_ts01_no_client_says_what_a_match_belongs_to(self):
        invoice = self.make_invoice()
        credit = self.make_draft(invoice)
        self.approve(credit)
        part = credit.credit_settlement_ids.line_ids
        paid = self.make_invoice()
        self.pay(paid)
        match = paid.line_ids.matched_credit_ids
        with self.assertRaises(AccessError):
            match.credit_settlement_line_id = part
        payment_line = match.credit_move_id
        paid.line_ids.remove_move_reconcile()
        lines = payment_line | paid.line_ids.filtered(lambda line: line.account_id.reconcile)
        lines.with_context(default_credit_settlement_line_id=part.id).reconcile()
        self.assertFalse(lines.matched_credit_ids.credit_settlement_line_id)
        self.assertEqual(paid.amount_residual, 0.0)

    def test_ts01_grant_does_not_come_from_a_default(self):
        self.env.company.sudo().credit_four_eyes_amount = 50.0
        colleague = new_test_user(
            self.env(su=True),
            'colleague',
            'base.group_user,account.group_account_invoice',
            company_id=self.env.company.id,
            company_ids=[Command.set(self.env.company.ids)],
        )
        Move = self.Move.with_context(default_credit_granted_user_id=colleague.id)
        credit = Move.create({
            'move_type': 'out_refund',
            'partner_id': self.partner_a.id,
            'invoice_date': '2026-01-15',
            'auto_post': 'at_date',
            'invoice_line_ids': [Command.create({'name': 'Much', 'price_unit': 1000.0})],
        })
        self.assertFalse(credit.sudo().credit_granted_user_id)
