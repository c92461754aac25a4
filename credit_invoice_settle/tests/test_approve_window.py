from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from .test_approve import ApproveCommon


class ApproveWindowCommon(ApproveCommon):
    @classmethod
    def make_draft_of_several(cls, *amounts):
        """One draft that credits several invoices of these amounts in full."""
        no_tax = cls.env['account.tax']
        invoices = cls.Move.union(*(cls.make_invoice([(1, amount, no_tax)]) for amount in amounts))
        return cls.make_draft(invoices, credit_scope='part', credit_amount=sum(amounts))


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestApproveAtOnce(ApproveWindowCommon):
    """*Approve* in one click, where nothing is left to decide."""

    def assertAsks(self, credit):
        """The window opens, and nothing was done."""
        self.assertFalse(credit.is_credit_approved_at_once)
        self.assertEqual(credit.action_approve()['res_model'], 'credit.approve.wizard')
        self.assertEqual(credit.state, 'draft')

    def test_pc07_unpaid_invoice_is_credited_in_one_click(self):
        for price in (100.0, 40.0):
            invoice = self.make_invoice([(1, 100.0)])
            credit = self.make_draft(invoice)
            credit.invoice_line_ids.price_unit = price
            self.assertTrue(credit.is_credit_approved_at_once)
            notice = credit.action_approve()
            self.assertEqual(credit.state, 'posted')
            self.assertEqual(credit.amount_residual, 0.0)
            self.assertEqual(invoice.amount_residual, invoice.amount_total - credit.amount_total)
            self.assertEqual(credit.credit_settlement_ids.date.isoformat(), '2026-03-10')
            params = notice['params']
            self.assertIn(f'used against {invoice.name}', params['message'])
            self.assertEqual(params['settlement_ids'], credit.credit_settlement_ids.ids)
            self.assertIn(f'opens {invoice.name} again', params['undo_note'])
            self.assertIn(f'{credit.name} stays posted', params['undo_note'])
            self.assertEqual(params['next']['type'], 'ir.actions.act_window_close')

    def test_pc07_window_opens_where_there_is_a_choice(self):
        paid = self.make_invoice([(1, 100.0)])
        self.pay(paid)
        partly = self.make_invoice([(1, 100.0)])
        self.pay(partly, amount=10.0)
        by_reason = self.make_draft(self.make_invoice([(1, 100.0)]))
        by_reason.credit_reason_id = (
            self
            .env['credit.reason']
            .sudo()
            .create({
                'name': 'Kept',
                'settlement': 'keep',
            })
        )
        for credit in (
            self.make_draft(paid),
            self.make_draft(partly),
            by_reason,
            self.make_draft_of_several(50.0, 60.0),
            self.make_invoice([(1, 9.0)], post=False, move_type='out_refund'),
        ):
            self.assertAsks(credit)

    def test_ts01_window_opens_for_the_second_person(self):
        credit = self.make_draft(self.make_invoice([(1, 100.0)]))
        self.env.company.sudo().credit_four_eyes_amount = 50.0
        second = new_test_user(
            self.env(su=True),
            'second',
            'base.group_user,account.group_account_invoice',
            company_id=self.env.company.id,
            company_ids=[Command.set(self.env.company.ids)],
        )
        self.assertAsks(credit.with_user(second))
        with self.assertRefused('needs a second person'):
            credit.action_approve_credits()
            self.approve(credit)

    def test_pc21_window_opens_where_an_instalment_can_be_chosen(self):
        term = (
            self
            .env['account.payment.term']
            .sudo()
            .create({
                'name': 'Two halves',
                'line_ids': [
                    Command.create({'value': 'percent', 'value_amount': 50.0, 'nb_days': days})
                    for days in (10, 40)
                ],
            })
        )
        invoice = self.make_invoice([(1, 100.0)], invoice_payment_term_id=term.id)
        credit = self.make_draft(invoice)
        self.assertTrue(credit.is_credit_approved_at_once)
        credit.invoice_line_ids.price_unit = 40.0
        self.assertAsks(credit)

    def test_pc17_undo_from_the_notice_says_what_is_left(self):
        invoice = self.make_invoice()
        credit = self.make_draft(invoice)
        ids = credit.action_approve()['params']['settlement_ids']
        settlements = self.env['credit.settlement'].browse(ids)
        notice = call_kw(settlements, 'action_undo_from_notice', [ids], {})
        self.assertIn(credit.name, notice['params']['message'])
        self.assertEqual(credit.state, 'posted')
        self.assertEqual(invoice.amount_residual, invoice.amount_total)

    def test_pc17_kept_money_has_nothing_to_undo(self):
        invoice = self.make_invoice()
        self.pay(invoice)
        credit = self.make_draft(invoice)
        notice = self.make_window(credit).save().action_approve()
        self.assertNotIn('settlement_ids', notice['params'])

    def test_pc17_undo_of_a_refund_names_the_payment(self):
        invoice = self.make_invoice()
        self.pay(invoice)
        credit = self.make_draft(invoice)
        window = self.make_window(credit)
        window.settlement = 'refund'
        params = window.save().action_approve()['params']
        payment = credit.credit_settlement_ids.line_ids.payment_id
        self.assertIn(f'Undo cancels {payment.display_name}', params['undo_note'])

    def test_ts01_who_may_not_approve_has_no_click(self):
        invoice = self.make_invoice()
        credit, posted = self.make_draft(invoice), self.make_credit(self.make_invoice(), post=True)
        reader = new_test_user(
            self.env(su=True), 'reader', 'base.group_user,account.group_account_readonly'
        )
        with self.assertRaises(AccessError):
            call_kw(credit.with_user(reader), 'action_approve', [credit.ids], {})
        settlements = posted.credit_settlement_ids.with_user(reader)
        with self.assertRaises(AccessError):
            call_kw(settlements, 'action_undo_from_notice', [settlements.ids], {})


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestApproveWindow(ApproveWindowCommon):
    """What the window of *Approve* says, and what it lets be typed."""

    def test_mp24_credit_of_several_invoices_is_approved_in_the_window(self):
        """A credit of two invoices: the window divides it as it credits them."""
        credit = self.make_draft_of_several(100.0, 50.0)
        invoices = credit._get_credit_origins()
        self.assertEqual(len(invoices), 2)
        window = self.make_window(credit)
        self.assertFalse(window.refusal)
        window.save().action_approve()
        self.assertEqual(self.get_residuals(credit, *invoices), [0.0, 0.0, 0.0])

    def test_pc07_heading_names_customer_invoice_and_reason(self):
        invoice = self.make_invoice()
        window = self.make_window(self.make_draft(invoice, reason='Wrong price'))
        self.assertEqual(window.heading, self.partner_a.name)
        self.assertIn(invoice.name, window.subheading)
        self.assertIn('Wrong price', window.subheading)

    def test_pc24_last_part_of_a_split_is_the_rest(self):
        invoice = self.make_invoice([(1, 100.0)])
        self.pay(invoice)
        credit = self.make_draft(invoice)
        window = self.make_window(credit)
        window.settlement = 'split'
        window.refund_amount = 30.0
        self.assertFalse(window.refusal)
        self.assertEqual(window.keep_amount, credit.amount_total - 30.0)
        window.refund_amount = credit.amount_total + 1
        self.assertTrue(window.is_refund_too_much)
        self.assertTrue(window.is_divided_too_much)
        self.assertIn('lower an amount', window.refusal)
        window.refund_amount = 30.0
        window.save().action_approve()
        kinds = {line.kind: line.amount for line in credit.credit_settlement_ids.line_ids}
        self.assertEqual(kinds, {'refund': 30.0, 'keep': credit.amount_total - 30.0})

    def test_pc24_an_impossible_amount_is_marked(self):
        invoice = self.make_invoice([(1, 100.0)])
        window = self.make_window(self.make_draft(invoice))
        window.settlement = 'chosen'
        with window.line_ids.edit(0) as line:
            line.amount = invoice.amount_total + 1
            self.assertTrue(line.is_too_much)
        self.assertTrue(window.refusal)

    def test_pc20_settle_of_a_kept_credit_proposes_what_is_open(self):
        paid = self.make_invoice([(1, 100.0)])
        self.pay(paid)
        credit = self.make_draft(paid)
        self.approve(credit)
        self.assertEqual(self.make_window(credit).settlement, 'keep')
        later = self.make_invoice([(1, 50.0)], invoice_date='2026-02-03')
        window = self.make_window(credit)
        self.assertEqual(window.settlement, 'oldest')
        self.assertIn(later.name, window.preview_html)
        window.save().action_approve()
        self.assertEqual(later.amount_residual, 0.0)

    def test_pc07_what_is_beyond_the_limit_is_said_at_once(self):
        invoice = self.make_invoice([(1, 100.0)])
        credit = self.make_draft(invoice)
        credit.invoice_line_ids.price_unit = 110.0
        self.assertIn('can still be credited', credit.credit_approval_obstacle)
        window = self.make_window(credit)
        self.assertIn('can still be credited', window.refusal)
        self.assertFalse(window.preview_html)

    def test_mp05_cents_that_posting_cuts_anew_are_no_obstacle(self):
        """Parts of a third each: their cents add up only when the last one is posted."""
        invoice = self.make_invoice([(3, 33.35)])
        credits = [self.make_draft(invoice) for _part in range(3)]
        for credit in credits:
            credit.invoice_line_ids.quantity = 1
        for credit in reversed(credits):
            self.assertFalse(credit.credit_approval_obstacle)
            window = self.make_window(credit)
            self.assertFalse(window.refusal)
            window.save().action_approve()
        self.assertEqual(invoice.amount_residual, 0.0)

    def test_pc07_what_keeps_a_draft_from_being_posted_is_said_on_it(self):
        credit = self.make_draft(self.make_invoice())
        self.assertFalse(credit.credit_approval_obstacle)
        self.env.company.sudo().credit_reason_required = True
        credit.invalidate_recordset()
        self.assertIn('choose a reason first', credit.credit_approval_obstacle)
        self.assertIn('choose a reason first', self.make_window(credit).refusal)

    def test_pc11_preview_of_a_refund_shows_payment_and_invoice(self):
        invoice = self.make_invoice()
        self.pay(invoice)
        window = self.make_window(self.make_draft(invoice))
        window.settlement = 'refund'
        self.assertIn('Outgoing payment', window.preview_html)
        self.assertIn(invoice.name, window.preview_html)
        self.assertIn('Nothing is open of it', window.preview_html)

    def test_pc05_journal_items_have_codes_partners_and_sums(self):
        invoice = self.make_invoice()
        credit = self.make_draft(invoice)
        html = self.make_window(credit).items_html
        account = credit.line_ids.account_id[:1]
        self.assertIn(account.code, html)
        self.assertIn(self.partner_a.name, html)
        self.assertIn('approve_items_total', html)

    def test_pc07_a_credit_of_a_later_day_is_settled_on_it(self):
        credit = self.make_draft(self.make_invoice())
        credit.write({'invoice_date': '2026-03-12', 'date': '2026-03-12'})
        self.assertEqual(str(self.make_window(credit).date), '2026-03-12')
