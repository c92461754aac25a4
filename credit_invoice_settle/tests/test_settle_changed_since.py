from freezegun import freeze_time

from odoo.tests import tagged

from .test_approve import ApproveCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestSettledOnArchivedAccount(ApproveCommon):
    def test_mp05_a_receivable_account_archived_since_is_used_as_it_was(self):
        """R22"""
        account = (
            self
            .env['account.account']
            .sudo()
            .create({
                'name': 'Old debtors',
                'code': 'ARCOLD',
                'account_type': 'asset_receivable',
            })
        )
        new = self.partner_a.sudo().property_account_receivable_id
        self.partner_a.sudo().property_account_receivable_id = account
        invoice = self.make_invoice(lines=[(2, 50)])
        self.partner_a.sudo().property_account_receivable_id = new
        account.sudo().active = False
        self.env.invalidate_all()
        credit = self.make_credit(invoice)
        credit.invoice_line_ids[0].quantity = 1
        credit.approve_credits()
        self.make_credit(invoice).approve_credits()
        self.assertEqual(invoice.credit_status, 'full')
        self.assertEqual(invoice.amount_residual, 0.0)
        credits = invoice.reversal_move_ids
        # Between two accounts of the customer, an entry.
        entries = credits.credit_settlement_ids.line_ids.entry_move_id
        items_by_account = (invoice | credits | entries).line_ids.grouped('account_id')
        for account, items in items_by_account.items():
            self.assertZero(sum(items.mapped('balance')), account.name)
