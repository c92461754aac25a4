from contextlib import contextmanager

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.credit_invoice.tests.common import CreditCommon


class ApproveCommon(CreditCommon):
    """Credits to be approved, and what the ledger says afterwards."""

    @classmethod
    def make_draft(cls, invoice, **values):
        return cls.make_credit(invoice, **values)

    def approve(self, credits, **choice):
        """Approve over RPC, on 5 February."""
        credits.approve_credits(**{'date': '2026-02-05', **choice})

    @contextmanager
    def assertRefused(self, text):
        """Refused with a sentence, and rolled back as a request would be."""
        with self.assertRaisesRegex(UserError, text), self.cr.savepoint():
            yield

    def get_residuals(self, *moves):
        return [move.amount_residual for move in moves]

    def make_window(self, credit):
        """The window of *Approve*, as a form."""
        action = credit.action_approve_credits()
        return Form(self.env[action['res_model']].with_context(**action['context']))


@tagged('post_install', '-at_install')
class TestApprove(ApproveCommon):
    slow_because = 'each test posts and settles documents of its own'

    def test_pc07_window_posts_and_settles_in_one_go(self):
        invoice = self.make_invoice()
        credit = self.make_draft(invoice)
        window = self.make_window(credit)
        self.assertEqual(window.settlement, 'own')
        self.assertFalse(window.refusal)
        self.assertIn(invoice.name, window.preview_html)
        window.save().action_approve()
        self.assertEqual(credit.state, 'posted')
        self.assertEqual(self.get_residuals(credit, invoice), [0.0, 0.0])
        self.assertEqual(invoice.payment_state, 'reversed')

    def test_pc08_settlement_is_recorded_with_date_and_description(self):
        invoice = self.make_invoice()
        credit = self.make_draft(invoice)
        self.approve(credit, description='As agreed')
        settlement = credit.credit_settlement_ids
        self.assertEqual(settlement.date.isoformat(), '2026-02-05')
        self.assertEqual(settlement.description, 'As agreed')
        self.assertEqual(settlement.method, 'Used against invoice')
        self.assertEqual(settlement.line_ids.target_move_id, invoice)
        self.assertEqual(settlement.line_ids.amount, credit.amount_total)
        self.assertEqual(invoice.credit_settled_line_ids, settlement.line_ids)

    def test_pc16_description_is_the_number_of_the_credit(self):
        credit = self.make_draft(self.make_invoice())
        self.approve(credit)
        self.assertEqual(credit.credit_settlement_ids.description, credit.name)

    def test_pc08_plain_confirmation_is_recorded_too(self):
        credit = self.make_credit(self.make_invoice(), post=True)
        self.assertEqual(credit.credit_settlement_ids.line_ids.kind, 'use')
        self.assertEqual(
            credit.credit_settlement_ids.line_ids.partial_ids,
            credit.line_ids.matched_debit_ids,
        )

    def test_pc09_smaller_credit_leaves_the_invoice_partly_paid(self):
        invoice = self.make_invoice([(4, 100.0)])
        credit = self.make_draft(invoice)
        credit.invoice_line_ids.quantity = 1
        self.approve(credit)
        self.assertEqual(credit.amount_residual, 0.0)
        self.assertEqual(invoice.amount_residual, invoice.amount_total - credit.amount_total)
        self.assertEqual(invoice.payment_state, 'partial')

    def test_pc07_what_was_previewed_is_what_is_posted(self):
        invoice = self.make_invoice([(1, 100.0)])
        credit = self.make_draft(invoice)
        credit.invoice_line_ids.price_unit = 10.0
        window = self.make_window(credit).save()
        credit.invoice_line_ids.price_unit = 100.0
        with self.assertRefused('changed or settled since'):
            window.action_approve()
        self.assertEqual(credit.state, 'draft')

    def test_pc07_second_window_of_a_credit_comes_too_late(self):
        invoice = self.make_invoice([(1, 100.0)])
        self.pay(invoice)
        later = self.make_invoice([(1, 50.0)], invoice_date='2026-01-20')
        credit = self.make_draft(invoice)
        first, second = (self.make_window(credit).save() for _index in range(2))
        first.settlement = 'oldest'
        first.action_approve()
        second.settlement = 'refund'
        with self.assertRefused('changed or settled since'):
            second.action_approve()
        self.assertEqual(later.amount_residual, 0.0)
        self.assertEqual(credit.amount_residual, credit.amount_total - later.amount_total)

    def test_pc10_refund_is_not_offered_where_nothing_was_received(self):
        credit = self.make_draft(self.make_invoice())
        window = self.make_window(credit)
        self.assertEqual(window.amount_refundable, 0.0)
        with self.assertRefused('received and not yet returned'):
            self.approve(credit, settlement='split', refund_amount=credit.amount_total)
        self.assertEqual(credit.state, 'draft')

    def test_pc10_paid_invoice_is_refunded_by_payment(self):
        invoice = self.make_invoice()
        self.pay(invoice)
        credit = self.make_draft(invoice)
        self.approve(credit, settlement='refund')
        line = credit.credit_settlement_ids.line_ids
        self.assertEqual(line.kind, 'refund')
        self.assertEqual(line.payment_id.amount, credit.amount_total)
        self.assertEqual(line.payment_id.payment_type, 'outbound')
        self.assertEqual(line.method, line.payment_id.payment_method_line_id.name)
        self.assertEqual(line.payment_id.memo, credit.name)
        self.assertEqual(line.payment_id.date.isoformat(), '2026-02-05')
        self.assertEqual(credit.amount_residual, 0.0)
        self.assertIn(credit.payment_state, ('paid', 'in_payment'))
        self.assertFalse(credit.is_settled_without_money)

    def test_pc10_no_more_is_refunded_than_was_received(self):
        invoice = self.make_invoice([(1, 100.0)])
        self.pay(invoice, amount=60.0)
        credit = self.make_draft(invoice)
        self.approve(credit, settlement='refund')
        kinds = {line.kind: line.amount for line in credit.credit_settlement_ids.line_ids}
        self.assertEqual(kinds, {'refund': 60.0, 'use': credit.amount_total - 60.0})
        self.assertEqual(self.get_residuals(credit, invoice), [0.0, 0.0])

    def test_pc10_second_credit_finds_less_to_refund(self):
        invoice = self.make_invoice([(2, 100.0)])
        self.pay(invoice)
        first = self.make_draft(invoice)
        first.invoice_line_ids.quantity = 1
        self.approve(first, settlement='refund')
        second = self.make_draft(invoice)
        self.assertEqual(second._get_refundable_amount(), invoice.amount_total - first.amount_total)

    def test_pc10_what_was_written_off_was_not_received(self):
        invoice = self.make_invoice([(1, 100.0)])
        expense = self.company_data['default_account_expense']
        self.pay(
            invoice,
            amount=60.0,
            payment_difference_handling='reconcile',
            writeoff_account_id=expense.id,
        )
        credit = self.make_draft(invoice)
        self.assertEqual(credit._get_refundable_amount(), 60.0)
        free = self.make_invoice([(1, 100.0)], post=False, move_type='out_refund')
        self.assertEqual(free._get_refundable_amount(), 60.0)

    def test_pc19_keeping_again_changes_nothing(self):
        invoice = self.make_invoice()
        self.pay(invoice)
        credit = self.make_draft(invoice)
        self.approve(credit)
        messages = credit.message_ids
        self.approve(credit)
        self.assertEqual(len(credit.credit_settlement_ids), 1)
        self.assertEqual(credit.message_ids, messages)

    def test_pc15_settlement_is_not_in_the_future(self):
        credit = self.make_draft(self.make_invoice())
        with self.assertRefused('in the future'):
            self.approve(credit, date='2999-01-01')

    def test_pc10_refund_is_refused_where_nothing_came_in(self):
        free = self.make_invoice([(1, 9.0)], move_type='out_refund')
        with self.assertRefused('Nothing of .* can be refunded'):
            self.approve(free, settlement='refund')

    def test_pc10_refund_is_on_the_list_until_the_money_has_left(self):
        invoice = self.make_invoice()
        self.pay(invoice)
        credit = self.make_draft(invoice)
        self.approve(credit, settlement='refund')
        line = credit.credit_settlement_ids.line_ids
        to_refund = [('refund_state', 'in', ('open', 'in_process'))]
        self.assertIn(line, line.search(to_refund))
        self.assertEqual(line.amount_to_refund, credit.amount_total)
        line.action_mark_transferred()
        self.assertNotIn(line, line.search(to_refund))
        with self.assertRefused('marked as transferred'):
            credit.credit_settlement_ids.action_undo()
        line.action_mark_not_transferred()
        credit.credit_settlement_ids.action_undo()
        self.assertNotIn(line, line.search(to_refund))

    def test_pc10_credits_approved_together_refund_the_money_once(self):
        invoice = self.make_invoice([(2, 100.0)])
        half = invoice.amount_total / 2
        self.pay(invoice, amount=half)
        credits = self.make_draft(invoice) | self.make_draft(invoice)
        credits.invoice_line_ids.quantity = 1
        with self.assertRefused('can.* be refunded'):
            self.approve(credits, settlement='split', refund_amount=half, keep_amount=0.0)
        self.approve(credits, settlement='refund')
        lines = credits.credit_settlement_ids.line_ids
        self.assertEqual(lines.payment_id.mapped('amount'), [half])
        self.assertEqual(self.get_residuals(*credits, invoice), [0.0, 0.0, 0.0])

    def test_pc10_free_credits_approved_together_refund_the_money_once(self):
        self.pay(self.make_invoice([(1, 100.0)]), amount=60.0)
        credits = self.make_invoice([(1, 50.0)], post=False, move_type='out_refund')
        credits |= self.make_invoice([(1, 50.0)], post=False, move_type='out_refund')
        self.approve(credits, settlement='refund')
        payments = credits.credit_settlement_ids.line_ids.payment_id
        self.assertEqual(sum(payments.mapped('amount')), 60.0)

    def test_pc10_money_that_a_free_credit_returned_is_not_refunded_again(self):
        invoice = self.make_invoice([(1, 100.0)])
        self.pay(invoice)
        free = self.make_invoice([(1, 100.0)], post=False, move_type='out_refund')
        self.approve(free, settlement='refund')
        credit = self.make_draft(invoice)
        self.assertEqual(credit._get_refundable_amount(), 0.0)
        free.credit_settlement_ids.action_undo()
        self.assertEqual(credit._get_refundable_amount(), credit.amount_total)

    def test_pc19_kept_money_is_not_refunded_whatever_the_customer_prefers(self):
        self.partner_a.sudo().credit_of_paid = 'refund'
        invoice = self.make_invoice()
        self.pay(invoice)
        credit = self.make_draft(invoice)
        self.approve(credit, settlement='keep')
        self.assertEqual(credit.credit_settlement_ids.line_ids.kind, 'keep')
        self.assertEqual(credit.amount_residual, credit.amount_total)

    def test_pc19_paid_invoice_the_money_is_kept(self):
        invoice = self.make_invoice()
        self.pay(invoice)
        credit = self.make_draft(invoice)
        self.approve(credit)
        self.assertEqual(credit.amount_residual, credit.amount_total)
        self.assertEqual(credit.credit_settlement_ids.line_ids.kind, 'keep')

    def test_pc19_customer_decides_what_is_proposed(self):
        self.partner_a.sudo().credit_of_paid = 'refund'
        invoice = self.make_invoice()
        self.pay(invoice)
        credit = self.make_draft(invoice)
        self.assertEqual(self.make_window(credit).settlement, 'refund')

    def test_pc20_kept_credit_is_used_against_a_later_invoice(self):
        invoice = self.make_invoice([(1, 100.0)])
        self.pay(invoice)
        credit = self.make_draft(invoice)
        self.approve(credit)
        later = self.make_invoice([(3, 100.0)], invoice_date='2026-02-03')
        self.approve(credit, settlement='chosen', uses=[(later.id, 40.0)])
        self.assertEqual(credit.amount_residual, credit.amount_total - 40.0)
        self.assertEqual(later.amount_residual, later.amount_total - 40.0)
        self.approve(credit, settlement='oldest')
        self.assertEqual(credit.amount_residual, 0.0)
        self.assertEqual(len(credit.credit_settlement_ids), 3)

    def test_pc24_split_between_invoice_refund_and_balance(self):
        invoice = self.make_invoice([(1, 100.0)])
        total = invoice.amount_total
        self.pay(invoice)
        other = self.make_invoice([(1, 100.0)], invoice_date='2026-01-20')
        credit = self.make_draft(invoice)
        self.approve(
            credit,
            settlement='split',
            uses=[(other.id, 30.0)],
            refund_amount=50.0,
            keep_amount=total - 80.0,
        )
        self.assertEqual(other.amount_residual, total - 30.0)
        self.assertEqual(credit.amount_residual, total - 80.0)
        kinds = credit.credit_settlement_ids.line_ids.mapped('kind')
        self.assertEqual(sorted(kinds), ['keep', 'refund', 'use'])

    def test_pc24_parts_must_add_up(self):
        invoice = self.make_invoice([(1, 100.0)])
        self.pay(invoice)
        credit = self.make_draft(invoice)
        with self.assertRefused('must add up'):
            self.approve(credit, settlement='split', refund_amount=50.0, keep_amount=1.0)
        self.assertEqual(credit.state, 'draft')
        self.assertFalse(credit.credit_settlement_ids)

    def test_pc25_kept_credit_is_refunded_later_in_parts(self):
        invoice = self.make_invoice([(1, 100.0)])
        self.pay(invoice)
        credit = self.make_draft(invoice)
        self.approve(credit)
        total = credit.amount_total
        self.approve(credit, settlement='split', refund_amount=30.0, keep_amount=total - 30.0)
        self.approve(credit, settlement='refund')
        self.assertEqual(credit.amount_residual, 0.0)
        payments = credit.credit_settlement_ids.line_ids.payment_id
        self.assertEqual(sorted(payments.mapped('amount')), [30.0, total - 30.0])

    def test_pc26_settled_without_money_is_seen_and_filtered(self):
        invoice = self.make_invoice()
        credit = self.make_draft(invoice)
        self.approve(credit)
        self.assertTrue(credit.is_settled_without_money)
        self.assertTrue(invoice.is_settled_without_money)
        self.assertEqual(credit.status_in_payment, 'settled')
        found = self.Move.search([
            ('is_settled_without_money', '=', True),
            ('id', 'in', (invoice | credit).ids),
        ])
        self.assertEqual(found, invoice | credit)

    def test_pc21_instalments_are_settled_as_chosen(self):
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
        for order, expected in (
            ('earliest', [20.0, 60.0]),
            ('latest', [60.0, 20.0]),
            ('proportion', [40.0, 40.0]),
        ):
            with self.subTest(order=order):
                invoice = self.make_invoice(
                    [(1, 120.0, self.env['account.tax'])], invoice_payment_term_id=term.id
                )
                credit = self.make_draft(invoice)
                credit.invoice_line_ids.price_unit = 40.0
                self.approve(credit, settlement='own', instalments=order)
                terms = invoice.line_ids.filtered('date_maturity').sorted('date_maturity')
                self.assertEqual(terms.mapped('amount_residual'), expected)

    def test_pc17_settlement_is_undone_in_one_click(self):
        invoice = self.make_invoice()
        credit = self.make_draft(invoice)
        self.approve(credit)
        settlement = credit.credit_settlement_ids
        settlement.action_undo()
        self.assertEqual(settlement.state, 'undone')
        self.assertEqual(settlement.undone_user_id, self.clerk)
        self.assertEqual(invoice.amount_residual, invoice.amount_total)
        self.assertEqual(credit.amount_residual, credit.amount_total)
        with self.assertRaisesRegex(UserError, 'was undone already'):
            settlement.action_undo()

    def test_pc17_refund_is_undone_with_its_payment(self):
        invoice = self.make_invoice()
        self.pay(invoice)
        credit = self.make_draft(invoice)
        self.approve(credit, settlement='refund')
        settlement = credit.credit_settlement_ids
        settlement.action_undo()
        self.assertEqual(settlement.line_ids.payment_id.state, 'canceled')
        self.assertEqual(credit.amount_residual, credit.amount_total)

    def test_pc17_refunded_credit_is_not_reset_under_its_refund(self):
        invoice = self.make_invoice()
        self.pay(invoice)
        credit = self.make_draft(invoice)
        self.approve(credit, settlement='refund')
        for undo in ('button_draft', 'button_cancel'):
            with self.assertRefused('use Undo Settlement'):
                getattr(credit, undo)()
        credit.credit_settlement_ids.action_undo()
        credit.button_draft()
        self.assertEqual(credit.state, 'draft')

    def test_pc17_match_taken_off_by_the_host_is_noted(self):
        credit = self.make_credit(self.make_invoice(), post=True)
        credit.line_ids.remove_move_reconcile()
        self.assertEqual(credit.credit_settlement_ids.state, 'undone')

    def test_pc17_payment_that_settled_the_rest_stays(self):
        invoice = self.make_invoice([(1, 100.0)])
        self.pay(invoice, amount=60.0)
        credit = self.make_draft(invoice)
        self.approve(credit)
        credit.credit_settlement_ids.action_undo()
        self.assertEqual(invoice.amount_residual, invoice.amount_total - 60.0)

    def test_pc14_credit_is_sent_after_the_transaction(self):
        credit = self.make_draft(self.make_invoice())
        self.approve(credit, send=True)
        self.assertEqual(credit.sending_data['author_user_id'], self.clerk.id)

    def test_pc14_mail_names_both_numbers_and_the_use(self):
        invoice = self.make_invoice()
        credit = self.make_draft(invoice)
        self.approve(credit)
        template = credit._get_mail_template()
        subject = template._render_field('subject', credit.ids)[credit.id]
        self.assertIn(credit.name, subject)
        self.assertIn(invoice.name, subject)
        body = template._render_field('body_html', credit.ids)[credit.id]
        self.assertIn(f'Used against {invoice.name}', body)

    def test_pc07_create_and_approve_in_one_go(self):
        invoice = self.make_invoice()
        dialog = self.open_dialog(invoice)
        notice = dialog.action_create_and_approve()
        credit = dialog.new_move_ids
        self.assertEqual(credit.state, 'posted')
        self.assertEqual(self.get_residuals(credit, invoice), [0.0, 0.0])
        self.assertIn(f'used against {invoice.name}', notice['params']['message'])
        dialog.action_create_and_approve()
        self.assertEqual(len(credit.credit_settlement_ids), 1)

    def test_pc07_selection_is_approved_at_once(self):
        invoices = self.make_invoice() | self.make_invoice([(1, 10.0)])
        credits = self.make_draft(invoices)
        window = self.make_window(credits).save()
        self.assertEqual(window.settlement, 'proposed')
        window.action_approve()
        self.assertEqual(set(credits.mapped('state')), {'posted'})
        self.assertEqual(set(invoices.mapped('payment_state')), {'reversed'})
        window.action_approve()
        self.assertEqual(len(credits.credit_settlement_ids), 2)

    def test_pc07_approve_and_next_goes_through_drafts(self):
        credits = self.make_draft(self.make_invoice() | self.make_invoice([(1, 10.0)]))
        action = credits.action_approve_one_by_one()
        for number, credit in enumerate(credits, start=1):
            self.assertIn(f'{number} of 2', action['name'])
            context = action['context']
            window = self.env[action['res_model']].with_context(**context).create({})
            self.assertEqual(window.move_ids, credit)
            action = window.action_approve_and_next()
            self.assertEqual(credit.state, 'posted')
        self.assertEqual(action['type'], 'ir.actions.act_window_close')

    def test_pc07_what_does_not_apply_is_not_offered(self):
        unpaid = self.make_draft(self.make_invoice())
        self.assertEqual(self.make_window(unpaid).settlement_options, 'own,chosen,keep,split')
        invoice = self.make_invoice(partner_id=self.partner_b.id)
        self.pay(invoice)
        paid = self.make_draft(invoice)
        self.assertEqual(self.make_window(paid).settlement_options, 'refund,keep,split')

    def test_ts01_refund_goes_to_no_account_that_the_second_person_changed(self):
        self.env.company.sudo().credit_four_eyes_amount = 50.0
        colleague, third = (
            new_test_user(
                self.env(su=True),
                login,
                'base.group_user,account.group_account_invoice',
                company_id=self.env.company.id,
                company_ids=[Command.set(self.env.company.ids)],
            )
            for login in ('colleague', 'third')
        )
        account = (
            self
            .env['res.partner.bank']
            .with_user(colleague)
            .sudo()
            .create({
                'acc_number': 'NL02ABNA0123456789',
                'partner_id': self.partner_a.id,
            })
        )
        invoice = self.make_invoice()
        self.pay(invoice)
        credit = self.make_draft(invoice)
        with self.assertRefused('needs a second person'):
            self.approve(credit, settlement='keep')
        by_colleague = credit.with_user(colleague)
        with self.assertRefused('needs a second person'):
            self.approve(by_colleague, settlement='refund', refund={'partner_bank_id': account.id})
        self.approve(credit.with_user(third), settlement='keep')
        with self.assertRefused('entered or changed that account'):
            self.approve(by_colleague, settlement='refund', refund={'partner_bank_id': account.id})

    def test_pc10_refund_goes_to_the_customer_only(self):
        invoice = self.make_invoice()
        self.pay(invoice)
        credit = self.make_draft(invoice)
        stranger = (
            self
            .env['res.partner.bank']
            .sudo()
            .create({
                'acc_number': '123',
                'partner_id': self.partner_b.id,
            })
        )
        with self.assertRefused('belongs to partner_b'):
            self.approve(credit, settlement='refund', refund={'partner_bank_id': stranger.id})

    def test_ts01_who_may_not_approve_is_refused(self):
        credit = self.make_draft(self.make_invoice())
        reader = new_test_user(
            self.env(su=True), 'reader', 'base.group_user,account.group_account_readonly'
        )
        with self.assertRaises(AccessError):
            credit.with_user(reader).approve_credits()
        with self.assertRaises(AccessError):
            credit.with_user(reader).action_approve_credits()

    def test_bad_input_gets_one_sentence_and_leaves_nothing(self):
        invoice = self.make_invoice()
        credit = self.make_draft(invoice)
        stranger = self.make_invoice(partner_id=self.partner_b.id)
        for choice, text in (
            ({'settlement': 'maybe'}, 'is no value of settlement'),
            ({'wrong': 1}, 'is not known'),
            ({'settlement': 'chosen', 'uses': [(invoice.id, 'x')]}, 'Amounts must be numbers'),
            ({'settlement': 'chosen', 'uses': [(invoice.id, float('nan'))]}, 'must be numbers'),
            ({'settlement': 'chosen', 'uses': 5}, 'list of'),
            ({'settlement': 'chosen', 'uses': [(invoice.id, 1e6)]}, 'is open of it'),
            ({'settlement': 'chosen', 'uses': [(stranger.id, 1.0)]}, 'same company, customer'),
            ({'settlement': 'chosen', 'uses': [(float('inf'), 1.0)]}, 'list of'),
            ({'settlement': 'chosen', 'uses': [(invoice.id, 1e308)]}, 'must be numbers'),
            ({'settlement': 'chosen', 'uses': [(invoice.id, 10**400)]}, 'must be numbers'),
            ({'settlement': 'chosen', 'uses': [(invoice.id, True)]}, 'must be numbers'),
            ({'settlement': 'chosen', 'uses': [(invoice.id, 1), (invoice.id, 2)]}, 'once'),
            ({'settlement': 'split', 'refund_amount': '1'}, 'must be numbers'),
            ({'date': '2025-01-01'}, 'before it is issued'),
            ({'date': 'soon'}, 'Enter the date like'),
            ({'date': 5}, 'Enter the date like'),
            ({'description': ['x']}, 'must be a text'),
            ({'refund': 'cash'}, 'by names and values'),
            ({'refund': None}, 'by names and values'),
            ({'refund': {'pay': 1}}, 'is no value of refund'),
            ({'refund': {'way': ['entry']}}, 'is no value of way'),
            ({'refund': {'journal_id': 'bank'}}, 'There is no journal_id bank'),
            ({'refund': {'journal_id': 2**70}}, 'There is no journal_id'),
            ({'refund': {'partner_bank_id': 2**30}}, 'There is no partner_bank_id'),
        ):
            with self.subTest(choice=choice), self.assertRefused(text):
                self.approve(credit, **choice)
            self.assertEqual(credit.state, 'draft')
            self.assertFalse(credit.credit_settlement_ids)
