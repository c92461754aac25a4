from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .test_overpayment import OverpaymentCommon


class UseCreditsCommon(OverpaymentCommon):
    """A customer with two open credits, of 115.00 and 57.50, and a new invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credit = cls.make_kept_credit([(1, 100.0)])
        cls.later = cls.make_kept_credit([(1, 50.0)], date='2026-02-03')
        cls.credits = cls.credit | cls.later

    @classmethod
    def make_kept_credit(cls, lines, date='2026-02-01', **values):
        """A credit of a paid invoice whose money the customer left here."""
        invoice = cls.make_invoice(lines, **values)
        cls.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoice.ids
        ).create({'payment_date': '2026-01-20'})._create_payments()
        credit = cls.make_credit(invoice, date=date)
        credit.approve_credits(settlement='keep', date='2026-02-05')
        return credit

    def make_new(self, price=200.0, **values):
        return self.make_invoice([(1, price)], invoice_date='2026-02-10', **values)

    def open_use_window(self, invoice):
        action = invoice.action_use_credits()
        return Form(self.env[action['res_model']].with_context(**action['context']))


@tagged('post_install', '-at_install')
class TestUseCredits(UseCreditsCommon):
    def test_pc20b_open_invoice_says_what_is_open(self):
        invoice = self.make_new()
        self.assertEqual(invoice.open_credit_amount, 172.5)
        self.assertIn('172.50', invoice.open_credit_message)
        self.assertIn(self.partner_a.display_name, invoice.open_credit_message)

    def test_pc20b_draft_says_so_as_soon_as_the_customer_is_chosen(self):
        form = Form(self.Move.with_context(default_move_type='out_invoice'))
        self.assertFalse(form.open_credit_message)
        form.partner_id = self.partner_a
        self.assertIn('172.50', form.open_credit_message)
        form.partner_id = self.partner_b
        self.assertFalse(form.open_credit_message)

    def test_pc20b_others_say_nothing(self):
        stranger = self.make_new(partner_id=self.partner_b.id)
        pound = self.get_currency(**{'2026-01-01': 2.0})
        foreign = self.make_new(currency_id=pound.id)
        paid = self.make_new()
        self.pay(paid, payment_date='2026-02-11')
        for move in (stranger, foreign, paid, self.credit):
            self.assertFalse(move.open_credit_message)

    def test_pc20b_it_takes_one_query_for_many(self):
        invoices = self.make_new() | self.make_new(partner_id=self.partner_b.id)
        self.env.flush_all()
        invoices.mapped('open_credit_amount')
        invoices.invalidate_recordset(['open_credit_amount'], flush=False)
        with self.assertQueryCount(1):
            invoices.mapped('open_credit_amount')

    def test_pc20b_lists_do_not_ask(self):
        for name in ('account.view_out_invoice_tree', 'account.view_invoice_tree'):
            view = self.env.ref(name)
            arch = self.Move.get_view(view.id, 'list')['arch']
            self.assertNotIn('open_credit', arch)
            self.assertNotIn('has_open_money', arch)

    def test_pc20b_window_proposes_the_oldest_first(self):
        invoice = self.make_new(130.0)
        window = self.open_use_window(invoice)
        self.assertEqual(window.amount_open, 149.5)
        self.assertEqual(window.amount_after, 0.0)
        self.assertIn(self.credit.name, window.preview_html)
        wizard = window.save()
        self.assertEqual(wizard.line_ids.credit_id, self.credits)
        self.assertEqual(wizard.line_ids.mapped('amount'), [115.0, 34.5])
        wizard.action_use()
        self.assertEqual(self.get_residuals(invoice, *self.credits), [0.0, 0.0, 23.0])

    def test_pc20_part_of_a_credit_is_used_and_the_rest_stays_open(self):
        invoice = self.make_new()
        window = self.open_use_window(invoice)
        with window.line_ids.edit(0) as row:
            row.amount = 40.0
        with window.line_ids.edit(1) as row:
            row.amount = 0.0
        window.date = '2026-02-12'
        window.save().action_use()
        self.assertEqual(self.get_residuals(invoice, *self.credits), [190.0, 75.0, 57.5])
        self.assertEqual(invoice.payment_state, 'partial')

    def test_pc21_credit_is_settled_on_the_same_date(self):
        invoice = self.make_new()
        invoice.use_credits([(self.credit.id, 115.0)], date='2026-02-12', description='Agreed')
        settlement = self.credit.credit_settlement_ids.sorted('id')[-1:]
        part = invoice.credit_settled_line_ids
        self.assertEqual(self.credit.amount_residual, 0.0)
        self.assertEqual(part.settlement_id, settlement)
        self.assertEqual(settlement.date.isoformat(), '2026-02-12')
        self.assertEqual(part.date, settlement.date)
        self.assertEqual(part.description, 'Agreed')

    def test_pc20b_two_credits_at_once_without_arguments(self):
        invoice = self.make_new()
        invoice.use_credits()
        self.assertEqual(self.get_residuals(invoice, *self.credits), [57.5, 0.0, 0.0])
        self.assertEqual(len(invoice.credit_settled_line_ids), 2)
        self.assertFalse(invoice.open_credit_message)

    def test_pc20b_use_is_undone(self):
        invoice = self.make_new()
        invoice.use_credits()
        invoice.credit_settled_line_ids.settlement_id.action_undo()
        self.assertEqual(self.get_residuals(invoice, *self.credits), [230.0, 115.0, 57.5])
        self.assertIn('172.50', invoice.open_credit_message)

    def test_pc20b_draft_uses_them_when_it_is_confirmed(self):
        invoice = self.make_new(post=False)
        window = self.open_use_window(invoice)
        self.assertFalse(window.preview_html)
        with window.line_ids.edit(1) as row:
            row.amount = 25.0
        window.save().action_use()
        self.assertEqual(invoice.planned_credit_amount, 140.0)
        self.assertIn('140.00', invoice.open_credit_message)
        self.assertEqual(self.get_residuals(*self.credits), [115.0, 57.5])
        again = self.open_use_window(invoice)
        self.assertEqual(again.amount, 140.0)
        invoice.action_post()
        self.assertEqual(self.get_residuals(invoice, *self.credits), [90.0, 0.0, 32.5])
        self.assertFalse(invoice.credit_planned_use_ids)
        today = fields.Date.context_today(invoice)
        self.assertEqual(set(invoice.credit_settled_line_ids.mapped('date')), {today})
        self.assertEqual(invoice.credit_settled_line_ids.user_id, self.clerk)

    def test_pc20b_confirmed_draft_takes_as_much_as_there_is(self):
        invoice, other = self.make_new(post=False), self.make_new(10.0)
        invoice.use_credits([(self.credit.id, 115.0), (self.later.id, 57.5)])
        other.use_credits([(self.credit.id, 11.5)])
        self.approve(self.later, settlement='refund')
        invoice.action_post()
        self.assertEqual(self.get_residuals(invoice, *self.credits), [126.5, 0.0, 0.0])
        bodies = ' '.join(invoice.message_ids.mapped('body'))
        self.assertIn('no more than', bodies)
        self.assertIn(self.later.name, bodies)

    def test_pc20b_smaller_invoice_takes_only_its_total(self):
        invoice = self.make_new(post=False)
        invoice.use_credits()
        invoice.invoice_line_ids.price_unit = 100.0
        invoice.action_post()
        self.assertEqual(self.get_residuals(invoice, *self.credits), [0.0, 0.0, 57.5])

    def test_pc20b_two_drafts_share_a_credit(self):
        invoices = self.make_new(post=False) | self.make_new(post=False)
        for invoice in invoices:
            invoice.use_credits([(self.credit.id, 100.0)])
        invoices.action_post()
        self.assertEqual(self.get_residuals(*invoices, self.credit), [130.0, 215.0, 0.0])

    def test_pc20b_plan_ends_with_its_customer(self):
        invoice = self.make_new(post=False)
        invoice.use_credits()
        invoice.partner_id = self.partner_b
        self.assertFalse(invoice.open_credit_message)
        invoice.action_post()
        self.assertEqual(self.get_residuals(invoice, *self.credits), [230.0, 115.0, 57.5])

    def test_pc20b_plan_of_another_customer_names_no_credit(self):
        """R43: one customer's credit never pays another, nor is it named to them."""
        invoice = self.make_new(post=False)
        invoice.use_credits()
        invoice.partner_id = self.partner_b
        invoice.action_post()
        texts = ' '.join(invoice.message_ids.mapped('body'))
        self.assertIn('of another customer', texts)
        self.assertNotIn(self.credit.name, texts)

    def test_pc20b_plan_in_another_currency_is_told_in_its_own(self):
        pound = self.get_currency(**{'2026-01-01': 2.0})
        invoice = self.make_new(post=False)
        invoice.use_credits([(self.credit.id, 100.0)])
        invoice.currency_id = pound
        invoice.action_post()
        self.assertEqual(self.credit.amount_residual, 115.0)
        texts = [body for body in invoice.message_ids.mapped('body') if 'were to be used' in body]
        self.assertEqual(len(texts), 1)
        self.assertNotIn(pound.symbol, texts[0])
        self.assertIn('this invoice is in GBP: nothing was used', texts[0])

    def test_pc20b_sentence_names_the_customer_without_address(self):
        self.partner_a.sudo().write({'street': '310 Alder Street', 'city': 'Portland'})
        invoice = self.make_new(post=False).with_context(show_address=True)
        self.assertIn(f'{self.partner_a.name} has open credits', invoice.open_credit_message)
        self.assertNotIn('Alder', invoice.open_credit_message)

    def test_ts01_notice_counts_what_the_user_may_see(self):
        """R46: a record rule hides a journal; its credits are in no sum."""
        journal = self.company_data['default_journal_sale'].sudo().copy({'code': 'SECR'})
        journal.default_account_id = self.company_data['default_account_revenue']
        for model in ('account.move', 'account.move.line'):
            self.env['ir.rule'].sudo().create({
                'name': 'one journal',
                'model_id': self.env['ir.model'].sudo()._get(model).id,
                'domain_force': f"[('journal_id', '!=', {journal.id})] "
                f"if user.id == {self.clerk.id} else [(1, '=', 1)]",
            })
        hidden = self.env(su=True)['account.move'].create({
            'move_type': 'out_refund',
            'partner_id': self.partner_a.id,
            'journal_id': journal.id,
            'invoice_date': '2026-02-01',
            'invoice_line_ids': [Command.create({'name': 'Secret', 'price_unit': 10.0})],
        })
        hidden.action_post()
        invoice = self.make_new()
        self.assertEqual(invoice.sudo().open_credit_amount, 172.5 + hidden.amount_total)
        window = self.open_use_window(invoice).save()
        self.assertEqual(invoice.open_credit_amount, sum(window.line_ids.mapped('amount_open')))
        self.assertIn('172.50', invoice.open_credit_message)

    def test_pc20b_draft_is_copied_without_its_plan(self):
        invoice = self.make_new(post=False)
        invoice.use_credits()
        copy = invoice.copy()
        self.assertFalse(copy.credit_planned_use_ids)
        self.assertIn('172.50', copy.open_credit_message)

    def test_pc20b_draft_that_waits_for_its_date_keeps_its_plan(self):
        invoice = self.make_invoice([(1, 200.0)], post=False, invoice_date='2030-01-01')
        invoice.use_credits()
        invoice._post(soft=True)
        self.assertEqual(invoice.state, 'draft')
        self.assertTrue(invoice.credit_planned_use_ids)
        self.assertEqual(self.credit.amount_residual, 115.0)

    def test_pc20b_leave_hides_it_for_this_invoice(self):
        invoice, other = self.make_new(), self.make_new()
        invoice.action_leave_credits()
        self.assertFalse(invoice.open_credit_message)
        self.assertTrue(other.open_credit_message)
        self.open_use_window(invoice).save().action_use()
        self.assertFalse(invoice.is_open_credit_left)
        self.assertEqual(invoice.amount_residual, 57.5)

    def test_pc20b_leave_on_a_draft_drops_the_plan(self):
        invoice = self.make_new(post=False)
        invoice.use_credits()
        self.open_use_window(invoice).save().action_leave()
        self.assertFalse(invoice.credit_planned_use_ids)
        invoice.action_post()
        self.assertEqual(self.credit.amount_residual, 115.0)

    def test_pc20b_second_submit_uses_once(self):
        invoice = self.make_new(20.0)
        wizard = self.open_use_window(invoice).save()
        wizard.action_use()
        wizard.action_use()
        self.assertEqual(len(invoice.credit_settled_line_ids), 1)
        with self.assertRefused('takes no credits'):
            invoice.use_credits()

    def test_pc20b_foreign_currency_is_used_with_its_difference(self):
        pound = self.get_currency(**{'2026-01-01': 2.0, '2026-02-01': 4.0})
        none = self.env['account.tax']
        credit = self.make_kept_credit([(1, 100.0, none)], currency_id=pound.id)
        invoice = self.make_invoice(
            [(1, 80.0, none)], currency_id=pound.id, invoice_date='2026-02-10'
        )
        self.assertEqual(invoice.open_credit_amount, 100.0)
        invoice.use_credits()
        self.assertEqual(self.get_residuals(invoice, credit), [0.0, 20.0])
        self.assertEqual(credit.line_ids.filtered('date_maturity').amount_residual, -10.0)
        self.assertTrue(
            credit.line_ids.matched_debit_ids.exchange_move_id
            | invoice.line_ids.matched_credit_ids.exchange_move_id
        )

    def test_pc20b_posting_locks_the_invoice_and_what_is_planned_for_it(self):
        invoice = self.make_new(post=False)
        invoice.use_credits()
        locked, lock = [], type(invoice)._lock_for_credit

        def note(documents):
            locked.append(documents.ids)
            return lock(documents)

        with patch.object(type(invoice), '_lock_for_credit', note):
            invoice.action_post()
        self.assertEqual(set(locked[0]), set((invoice | self.credits).ids))

    def test_pc20b_planned_credits_are_used_by_who_may_only_post(self):
        invoice = self.make_new(post=False)
        invoice.use_credits()
        approve = self.env.ref('credit_invoice.group_credit_approve')
        self.env.ref('account.group_account_invoice').sudo().implied_ids -= approve
        poster = new_test_user(
            self.env(su=True), 'poster', 'base.group_user,account.group_account_invoice'
        )
        self.assertFalse(poster.has_group('credit_invoice.group_credit_approve'))
        invoice.with_user(poster).action_post()
        self.assertEqual(self.get_residuals(invoice, *self.credits), [57.5, 0.0, 0.0])
        self.assertEqual(invoice.credit_settled_line_ids.user_id, poster)

    def test_ts01_who_may_not_approve_is_refused(self):
        invoice, draft = self.make_new(), self.make_new(post=False)
        approve = self.env.ref('credit_invoice.group_credit_approve')
        self.env.ref('account.group_account_invoice').sudo().implied_ids -= approve
        poster = new_test_user(
            self.env(su=True), 'poster', 'base.group_user,account.group_account_invoice'
        )
        reader = new_test_user(
            self.env(su=True), 'reader', 'base.group_user,account.group_account_readonly'
        )
        for user in (poster, reader):
            for move in (invoice, draft):
                with self.assertRaises(AccessError):
                    move.with_user(user).use_credits()
                with self.assertRaises(AccessError):
                    move.with_user(user).action_use_credits()
            with self.assertRaises(AccessError):
                self.env['credit.planned.use'].with_user(user).create({
                    'move_id': draft.id,
                    'credit_id': self.credit.id,
                    'amount': 1.0,
                })
        with self.assertRaises(AccessError):
            invoice.with_user(reader).action_leave_credits()
        self.assertIn('172.50', invoice.with_user(reader).open_credit_message)
        invoice.with_user(poster).action_leave_credits()
        self.assertTrue(invoice.is_open_credit_left)

    def test_bad_input_gets_one_sentence_and_leaves_nothing(self):
        stranger = self.make_kept_credit([(1, 10.0)], partner_id=self.partner_b.id)
        credit, nan = self.credit.id, float('nan')
        for invoice in (self.make_new(), self.make_new(post=False)):
            for uses, text in (
                ([], 'Enter an amount'),
                (5, 'list of'),
                ([(credit, nan)], 'must be numbers'),
                ([(credit, 'x')], 'must be numbers'),
                ([(credit, -1.0)], 'must be numbers'),
                ([(credit, 0)], 'above zero'),
                ([(credit, 115.01)], 'of it is open'),
                ([(stranger.id, 1.0)], 'choose open credits'),
                ([(invoice.id, 1.0)], 'choose open credits'),
                ([(0, 1.0)], 'choose open credits'),
            ):
                with self.subTest(uses=uses), self.assertRefused(text):
                    invoice.use_credits(uses)
                self.assertFalse(invoice.credit_planned_use_ids)
                self.assertFalse(invoice.credit_settled_line_ids)
        small = self.make_new(10.0)
        with self.assertRefused('Lower the amounts'):
            small.use_credits([(credit, 50.0)])
        with self.assertRefused('before it is issued'):
            small.use_credits(date='2026-02-05')

    def test_pc20b_foreign_company_is_refused(self):
        root = self.env(user=1, context={})
        company = self._create_other_company(root)
        credit = (
            root['account.move']
            .with_company(company)
            .create({
                'move_type': 'out_refund',
                'partner_id': self.partner_a.id,
                'invoice_date': '2026-02-01',
                'invoice_line_ids': [
                    fields.Command.create({'name': 'x', 'price_unit': 10.0, 'tax_ids': []})
                ],
            })
        )
        credit.action_post()
        self.assertEqual(credit.state, 'posted')
        invoice = self.make_new()
        self.assertEqual(invoice.open_credit_amount, 172.5)
        with self.assertRefused('choose open credits'):
            invoice.use_credits([(credit.id, 1.0)])

    def test_pc20b_nothing_to_use_is_refused(self):
        with self.assertRefused('has no open credits'):
            self.make_new(partner_id=self.partner_b.id).action_use_credits()
        with self.assertRefused('takes no credits'):
            self.credit.action_use_credits()
