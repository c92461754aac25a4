from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..common import CreditCommon

TOO_MUCH = 'cannot be posted. Of .* can still be credited.*, not .* Lower the credit note'


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestLimits(CreditCommon):
    """More than was invoiced is refused when it is posted, whatever way it came (decision 6)."""

    def assertRefused(self, credits, text=TOO_MUCH):
        with self.assertRaisesRegex(UserError, text) as caught, self.cr.savepoint():
            credits.action_post()
        self.assertEqual(set(credits.mapped('state')), {'draft'})
        return str(caught.exception)

    def make_spent(self):
        """An invoice of 4 at 25, of which 3 are credited."""
        invoice = self.make_invoice(lines=[(4, 25)])
        credit = self.make_credit(invoice)
        credit.invoice_line_ids.quantity = 3
        credit.action_post()
        return invoice

    def make_by_hand(self, lines=((1, 100),), **values):
        """A credit as other programs make it: without any dialog."""
        values = {'move_type': 'out_refund', 'invoice_date': '2026-02-01', **values}
        return self.make_invoice(lines=lines, post=False, **values)

    # === ROUTES === #

    def test_ts03_two_drafts_of_the_whole_by_the_button(self):
        invoice = self.make_invoice()
        for turn in (0, 1):
            with self.subTest(turn):
                credits = self.make_credit(invoice) | self.make_credit(invoice)
                credits[turn].action_post()
                message = self.assertRefused(credits[1 - turn])
                self.assertIn(f'after {credits[turn].name}', message)
                credits[turn].button_draft()
                credits.unlink()

    def test_ts03_two_drafts_posted_together(self):
        invoice = self.make_invoice()
        credits = self.make_credit(invoice) | self.make_credit(invoice)
        self.assertRefused(credits)
        self.assertEqual(invoice.amount_residual, invoice.amount_total)

    def test_ts03_the_hosts_wizard_over_rpc(self):
        invoice = self.make_invoice()
        Wizard = self.env['account.move.reversal']
        values = {
            'move_ids': [Command.set(invoice.ids)],
            'journal_id': invoice.journal_id.id,
            'date': '2026-02-01',
        }
        for _twice in range(2):
            wizard_id = call_kw(Wizard, 'create', [values], {})
            call_kw(Wizard, 'refund_moves', [[wizard_id]], {})
        first, second = invoice.reversal_move_ids
        first.action_post()
        self.assertRefused(second)
        wizard_id = call_kw(Wizard, 'create', [values], {})
        with self.assertRaisesRegex(UserError, 'has been credited in full by'):
            call_kw(Wizard, 'refund_moves', [[wizard_id]], {})

    def test_ts03_the_list(self):
        invoices = self.make_invoice() | self.make_invoice()
        first, second = self.make_credit(invoices), self.make_credit(invoices)
        first.action_post()
        for credit in second:
            self.assertRefused(credit)

    def test_ts03_created_over_rpc(self):
        invoice = self.make_spent()
        values = {
            'move_type': 'out_refund',
            'partner_id': invoice.partner_id.id,
            'reversed_entry_id': invoice.id,
            'invoice_date': '2026-02-01',
            'invoice_line_ids': [Command.create(self._get_line_vals((1, 25.01)))],
        }
        credit = self.Move.browse(call_kw(self.Move, 'create', [values], {}))
        self.assertRefused(credit)
        credit.invoice_line_ids.price_unit = 25
        credit.action_post()
        self.assertEqual(invoice.amount_residual, 0)

    def test_ts03_a_free_credit_that_gets_its_invoice_later(self):
        invoice = self.make_spent()
        credit = self.make_by_hand([(1, 25.01)])
        credit.reversed_entry_id = invoice
        self.assertRefused(credit)

    def test_ag02_a_posted_free_credit_is_linked_within_the_limits(self):
        invoice = self.make_spent()
        small, large = self.make_by_hand([(1, 25)]), self.make_by_hand([(1, 25.01)])
        (small | large).action_post()
        refused = self.assertRaisesRegex(UserError, 'cannot be linked.* be credited after .*, not ')
        with refused, self.cr.savepoint():
            large.reversed_entry_id = invoice
        self.assertFalse(large.reversed_entry_id)
        small.reversed_entry_id = invoice
        self.assertEqual(invoice.credit_status, 'full')

    def test_ag02_a_posted_line_is_linked_with_its_own_customers_invoice_only(self):
        invoice = self.make_invoice()
        for partner, text in (
            (self.partner_b, 'same company, customer'),
            (self.partner_a, 'be linked'),
        ):
            with self.subTest(partner.name):
                credit = self.make_by_hand([(5, 33.35)], partner_id=partner.id)
                credit.action_post()
                with self.assertRaisesRegex(UserError, text), self.cr.savepoint():
                    credit.invoice_line_ids.credited_line_id = invoice.invoice_line_ids[0]

    def test_ts03_a_line_that_gets_its_invoice_line_later(self):
        invoice = self.make_invoice(lines=[(4, 25), (1, 900)])
        credit = self.make_by_hand([(5, 25)], reversed_entry_id=invoice.id)
        credit.invoice_line_ids.credited_line_id = invoice.invoice_line_ids[0]
        self.assertRefused(credit, 'Of "4 at 25", 4.00 can still be credited, not 5.00')

    # === THE DRAFT EDITED BY HAND === #

    def test_ts03_per_line_quantity(self):
        invoice = self.make_invoice(lines=[(4, 25), (1, 900)])
        credit = self.make_credit(invoice)
        credit.invoice_line_ids[1].unlink()
        credit.invoice_line_ids.quantity = 4.01
        self.assertRefused(credit, 'Of "4 at 25", 4.00 can still be credited, not 4.01')

    def test_ts03_per_line_price(self):
        invoice = self.make_invoice(lines=[(4, 25), (1, 900)])
        credit = self.make_credit(invoice)
        credit.invoice_line_ids[1].unlink()
        credit.invoice_line_ids.price_unit = 25.01
        self.assertRefused(credit, r'Of "4 at 25", .*115.00 \(with tax\) can still be credited')

    def test_ts03_two_lines_of_one_line(self):
        invoice = self.make_invoice(lines=[(4, 25), (1, 900)])
        credit = self.make_credit(invoice)
        line = credit.invoice_line_ids[0]
        credit.invoice_line_ids[1].unlink()
        credit.invoice_line_ids = [
            Command.create({**self._get_line_vals((1, 25)), 'credited_line_id': origin.id})
            for origin in line.credited_line_id
        ]
        self.assertRefused(credit, 'Of "4 at 25", 0.00 can still be credited, not 1.00')

    def test_ts03_the_total_with_an_added_line(self):
        invoice = self.make_invoice(lines=[(4, 25)])
        credit = self.make_credit(invoice)
        credit.invoice_line_ids = [Command.create(self._get_line_vals((1, 0.1)))]
        self.assertRefused(credit, 'Of INV/.*115.00 can still be credited, not .*115.1')

    def test_ts03_the_total_with_a_line_whose_link_was_cut(self):
        invoice = self.make_invoice(lines=[(4, 25)])
        credit = self.make_credit(invoice)
        credit.invoice_line_ids.credited_line_id = False
        credit.invoice_line_ids.quantity = 5
        self.assertRefused(credit, 'Of INV/.*115.00 can still be credited, not .*143.75')

    def test_ts03_per_tax(self):
        invoice = self.make_invoice(lines=[(1, 100), (1, 100, self.tax_a.browse())])
        credit = self.make_by_hand([(2, 93)], reversed_entry_id=invoice.id)
        self.assertLess(credit.amount_total, invoice.amount_total)
        self.assertRefused(credit, 'Of the tax "15%" of INV.*15.00 can still .*, not .*27.90')
        credit.invoice_line_ids.price_unit = 50
        credit.action_post()

    def test_ts03_a_tax_that_was_not_invoiced(self):
        other = self.tax_a.sudo().copy({'name': 'Other', 'amount': 5})
        invoice = self.make_invoice(lines=[(4, 25)])
        credit = self.make_credit(invoice)
        credit.invoice_line_ids.tax_ids = other
        self.assertRefused(credit, r'Of "4 at 25", .*can still be credited')

    # === WHAT NO POLICY ALLOWS === #

    def test_ts03_another_customer(self):
        self.env.company.sudo().credit_limit_policy = 'allow'
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        with self.assertRaisesRegex(UserError, 'use Credit and Re-invoice on INV/'):
            credit.partner_id = self.partner_b
        foreign = self.make_by_hand(partner_id=self.partner_b.id, reversed_entry_id=invoice.id)
        self.assertRefused(foreign, 'was for partner_a. Set the customer back')

    def test_ts03_another_currency(self):
        self.env.company.sudo().credit_limit_policy = 'allow'
        currency = self.get_currency(**{'2026-01-01': 2})
        credit = self.make_credit(self.make_invoice())
        credit.currency_id = currency
        self.assertRefused(credit, 'that is in USD. Set the currency back')

    # === LATER === #

    def trigger_scheduler(self):
        with self.enter_registry_test_mode():
            self.env.ref('account.ir_cron_auto_post_draft_entry').sudo().method_direct_trigger()

    def test_ts03_the_scheduler_posts_no_more_than_is_left(self):
        invoice = self.make_invoice()
        first, second = self.make_credit(invoice), self.make_credit(invoice)
        second.write({'invoice_date': '2026-04-01', 'date': '2026-04-01', 'auto_post': 'at_date'})
        first.action_post()
        with freeze_time('2026-04-02'), mute_logger('odoo.addons.base.models.ir_cron'):
            self.trigger_scheduler()
            self.assertEqual(second.state, 'draft')
            bodies = ' '.join(second.message_ids.mapped('body'))
            self.assertIn(f'can still be credited after {first.name}', bodies)
            first.button_draft()
            first.button_cancel()
            self.trigger_scheduler()
        self.assertEqual(second.state, 'posted')
        self.assertEqual(invoice.amount_residual, 0)

    def test_ts03_an_invoice_that_changed_under_its_draft_credit(self):
        for values, text in (
            ({'price_unit': 20}, '92.00 .with tax. can still .*, not .*115.00'),
            ({'quantity': 3}, '3.00 can still be credited, not 4.00'),
            ({'tax_ids': False}, '0.00 .tax. can still be credited, not .*15.00'),
        ):
            with self.subTest(values):
                invoice = self.make_invoice(lines=[(4, 25), (1, 20)])
                credit = self.make_credit(invoice)
                invoice.button_draft()
                self.assertRefused(credit, 'which it credits, is not posted')
                invoice.invoice_line_ids[0].write(values)
                invoice.invoice_date = '2026-01-15'
                invoice.action_post()
                self.assertRefused(credit, text)

    def test_ts03_an_invoice_line_that_was_deleted_under_its_draft_credit(self):
        invoice = self.make_invoice(lines=[(4, 25), (1, 20)])
        credit = self.make_credit(invoice)
        invoice.button_draft()
        invoice.invoice_line_ids[1].unlink()
        invoice.action_post()
        self.assertRefused(credit, '115.00 can still be credited, not .*138.00')

    # === POLICIES === #

    def make_too_much(self):
        invoice = self.make_invoice(lines=[(4, 25)])
        credit = self.make_credit(invoice)
        credit.invoice_line_ids.price_unit = 30
        return invoice, credit

    def get_log(self, move):
        return ' '.join(move.message_ids.mapped('body'))

    def test_ts03_warned_of_on_the_draft(self):
        _invoice, credit = self.make_too_much()
        self.assertIn('115.00', credit.credit_excess_message)
        credit.invoice_line_ids.price_unit = 25
        credit.invalidate_recordset()
        self.assertFalse(credit.credit_excess_message)

    def test_if05_block_is_the_default(self):
        self.assertEqual(self.env.company.credit_limit_policy, 'block')
        _invoice, credit = self.make_too_much()
        message = self.assertRefused(credit)
        self.assertIn('ask someone who may credit more than invoiced', message)

    def test_if05_a_reason_alone_is_not_enough(self):
        _invoice, credit = self.make_too_much()
        credit.credit_exceed_reason = 'Goodwill'
        self.assertRefused(credit)

    def test_if05_the_right_alone_is_not_enough(self):
        _invoice, credit = self.make_too_much()
        self.give_right()
        self.assertRefused(credit, 'enter the reason to credit more')

    def give_right(self):
        self.clerk.sudo().group_ids += self.env.ref('credit_invoice.group_credit_exceed')

    def test_if05_the_right_and_a_reason_post_and_are_logged_on_both(self):
        invoice, credit = self.make_too_much()
        self.give_right()
        credit.credit_exceed_reason = 'Goodwill'
        credit.action_post()
        for move in invoice | credit:
            self.assertIn(f'{self.clerk.name} credited more than was left', self.get_log(move))
            self.assertIn('Reason: Goodwill.', self.get_log(move))
        self.assertEqual(invoice.credit_status, 'over')
        self.assertEqual(-credit.amount_residual_signed, 23)

    def test_if05_warn_posts_and_logs(self):
        self.env.company.sudo().credit_limit_policy = 'warn'
        invoice, credit = self.make_too_much()
        credit.action_post()
        for move in invoice | credit:
            self.assertIn('Reason: none, the policy allows it.', self.get_log(move))

    def test_if05_allow_posts_in_silence(self):
        self.env.company.sudo().credit_limit_policy = 'allow'
        invoice, credit = self.make_too_much()
        credit.action_post()
        self.assertNotIn('credited more', self.get_log(invoice) + self.get_log(credit))

    def test_if05_the_policy_is_the_companys(self):
        company = self.env.company.sudo()
        other = company.create({'name': 'Other', 'credit_limit_policy': 'allow'})
        _invoice, credit = self.make_too_much()
        self.assertRefused(credit)
        company.credit_limit_policy, other.credit_limit_policy = 'allow', 'block'
        credit.action_post()

    def test_if05_a_branch_follows_its_root(self):
        company = self.env.company.sudo()
        company.write({'child_ids': [Command.create({'name': 'Branch'})]})
        branch = company.child_ids
        branch.credit_limit_policy = 'allow'
        self.assertEqual(branch._get_credit_policy_company(), company)

    def test_if05_another_persons_right_does_not_count(self):
        _invoice, credit = self.make_too_much()
        credit.credit_exceed_reason = 'Goodwill'
        boss = new_test_user(
            self.env(su=True),
            login='credit_boss',
            groups='base.group_user,credit_invoice.group_credit_exceed',
            company_id=self.env.company.id,
        )
        self.assertRefused(credit)
        credit.with_user(boss).action_post()
        self.assertEqual(credit.state, 'posted')

    # === AS THE HOST LETS IT HAPPEN === #

    def test_ts04_three_full_credits_and_one_of_500_on_an_invoice_of_100(self):
        invoice = self.make_invoice(lines=[(1, 100, self.tax_a.browse())])
        credits = self.Move.union(*(self.make_credit(invoice) for _draft in range(3)))
        huge = self.make_by_hand([(1, 500, self.tax_a.browse())], reversed_entry_id=invoice.id)
        self.assertRefused(huge)
        credits[0].action_post()
        for credit in credits[1:] | huge:
            self.assertIn(credits[0].name, self.assertRefused(credit))
        self.assertEqual((invoice.amount_residual, invoice.credited_amount), (0, 100))

    def test_ts04_parts_post_until_nothing_is_left(self):
        invoice = self.make_invoice(lines=[(4, 25)])
        drafts = [self.make_credit(invoice) for _draft in range(5)]
        for draft in drafts:
            draft.invoice_line_ids.quantity = 1
        for draft in drafts[:4]:
            draft.action_post()
        self.assertRefused(drafts[4], 'Of "4 at 25", 0.00 can still be credited, not 1.00')
