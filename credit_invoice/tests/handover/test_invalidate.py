from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import Form, new_test_user, tagged

from ...models.handover.account_move_handover import RECORDED_SINCE
from ..common import CreditCommon

REASON = 'Wrong customer'


class InvalidateCommon(CreditCommon):
    """Invoices that are younger than the record, of a customer who gets them by mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['ir.config_parameter'].sudo().set_param(RECORDED_SINCE, '2026-01-01 00:00:00')
        (cls.partner_a | cls.partner_b).sudo().write({
            'email': 'customer@example.com',
            'invoice_sending_method': 'email',
        })

    def assertRefused(self, invoice, text, **values):
        """Refused by the method and the wizard, and nothing is left behind."""
        before = self.get_state(invoice)
        self.assertRaisesUserError(text, lambda: invoice.invalidate_invoice(REASON, **values))
        self.assertEqual(self.get_state(invoice), before)

    def assertRaisesUserError(self, text, function):
        with self.assertRaisesRegex(UserError, text), self.cr.savepoint():
            function()

    def get_state(self, invoice):
        return (
            invoice.state,
            invoice.name,
            invoice.invalidation_reason,
            invoice.line_ids.mapped(lambda line: (line.balance, line.parent_state)),
            invoice.sudo().message_ids.ids,
        )

    def get_wizard(self, invoice):
        form = self.get_form(invoice)
        if not form.refusal_html:
            form.reason = REASON
        return form.save()

    def get_form(self, invoice):
        action = invoice.action_invalidate()
        return Form(self.env[action['res_model']].with_context(**action['context']))

    def get_ledger(self):
        """The balance of each account, as the reports count it."""
        groups = self.env['account.move.line']._read_group(
            [('parent_state', '=', 'posted')], ['account_id'], ['balance:sum']
        )
        return {account: total for account, total in groups if total}


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestInvalidate(InvalidateCommon):
    """Invoices that never left the house are invalidated; the others are not (pc01, pc02)."""

    # === IT NEVER LEFT THE HOUSE === #

    def test_pc01_its_entries_go_and_its_number_papers_and_reason_stay(self):
        before = self.get_ledger()
        invoice = self.make_invoice()
        name = invoice.name
        paper = self.env['ir.attachment'].create({
            'name': 'order.txt',
            'raw': b'order',
            'res_model': 'account.move',
            'res_id': invoice.id,
        })
        self.assertNotEqual(self.get_ledger(), before)
        self.assertTrue(invoice.invalidate_invoice(f'  {REASON} '))
        self.assertEqual(self.get_ledger(), before)
        self.assertEqual((invoice.state, invoice.name), ('cancel', name))
        self.assertEqual(invoice.invalidation_reason, REASON)
        self.assertEqual(paper.res_id, invoice.id)
        message = invoice.message_ids[0]
        self.assertIn(f'Invalidated: {REASON}. Its entries are out of the ledger', message.body)
        self.assertIn('Reset to Draft brings it back with the same number', message.body)
        self.assertNotIn('confirmed', message.body)
        self.assertEqual(message.author_id, self.clerk.partner_id)

    def test_pc01_a_receipt(self):
        receipt = self.make_invoice(move_type='out_receipt')
        self.assertRefused(receipt, 'Receipts are not sent from here. Confirm that the')
        receipt.invalidate_invoice(REASON, not_handed_over=True)
        self.assertEqual(receipt.state, 'cancel')

    def test_pc01_through_the_dialog(self):
        kind = self.env['credit.reason'].sudo().create({'name': 'Entered twice'})
        invoice = self.make_invoice()
        self.assertEqual(invoice.action_invalidate()['target'], 'new')
        form = self.get_form(invoice)
        self.assertFalse(form.refusal_html)
        self.assertFalse(form.handover_doubt)
        form.credit_reason_id = kind
        self.assertEqual(form.reason, 'Entered twice')
        form.reason = 'Entered by two people'
        wizard = form.save()
        self.assertEqual(wizard.action_invalidate()['type'], 'ir.actions.act_window_close')
        self.assertEqual(invoice.state, 'cancel')
        self.assertEqual(invoice.invalidation_reason, 'Entered by two people')
        self.assertEqual(invoice.credit_reason_id, kind)

    def test_pc01_the_second_click_changes_nothing(self):
        invoice = self.make_invoice()
        wizards = [self.get_wizard(invoice) for _tab in range(2)]
        for wizard in wizards:
            wizard.reason = REASON
            wizard.action_invalidate()
        invoice.invalidate_invoice('Another reason')
        self.assertEqual(invoice.invalidation_reason, REASON)
        self.assertEqual(str(invoice.message_ids.mapped('body')).count('Invalidated:'), 1)

    def test_pc01_several_or_none(self):
        invoices = self.make_invoice() | self.make_invoice()
        invoices[1].is_move_sent = True
        self.assertRefused(invoices[1], f'{invoices[1].name} cannot be invalidated')
        self.assertRaisesUserError('was sent', lambda: invoices.invalidate_invoice(REASON))
        self.assertEqual(invoices.mapped('state'), ['posted', 'posted'])
        invoices[1].is_move_sent = False
        invoices.invalidate_invoice(REASON)
        self.assertEqual(invoices.mapped('state'), ['cancel', 'cancel'])

    def test_pc01_reset_to_draft_brings_it_back(self):
        invoice = self.make_invoice()
        ledger, name = self.get_ledger(), invoice.name
        invoice.invalidate_invoice(REASON)
        invoice.button_draft()
        self.assertFalse(invoice.invalidation_reason)
        self.assertIn(REASON, str(invoice.message_ids.mapped('body')))
        invoice.action_post()
        self.assertEqual((invoice.name, self.get_ledger()), (name, ledger))

    def test_pc01_the_next_invoice_takes_the_next_number(self):
        invoice = self.make_invoice()
        invoice.invalidate_invoice(REASON)
        other = self.make_invoice()
        self.assertEqual(other.sequence_number, invoice.sequence_number + 1)

    def test_pc01_the_invoice_is_locked_before_it_is_looked_at(self):
        invoice, calls = self.make_invoice(), []
        Move = self.env.registry['account.move']
        lock, look = Move._lock_for_credit, Move._get_invalidation_refusals

        def note(name, function):
            def noted(moves):
                calls.append((name, moves))
                return function(moves)

            return noted

        self.patch(Move, '_lock_for_credit', note('lock', lock))
        self.patch(Move, '_get_invalidation_refusals', note('look', look))
        invoice.invalidate_invoice(REASON)
        self.assertEqual(calls[:2], [('lock', invoice), ('look', invoice)])

    # === ONLY A PERSON KNOWS === #

    def test_pc01_a_customer_who_gets_nothing_from_here(self):
        for values, text in (
            ({'email': False}, 'partner_b has no e-mail address'),
            ({'invoice_sending_method': 'manual'}, 'Invoices to partner_b are not sent from here'),
        ):
            with self.subTest(text):
                self.partner_b.sudo().write(values)
                invoice = self.make_invoice(partner_id=self.partner_b.id)
                refusal = f'{text}.* Confirm that the customer did not get it in any other way'
                self.assertRefused(invoice, refusal)
                wizard = self.get_wizard(invoice)
                self.assertTrue(wizard.handover_doubt)
                self.assertRaisesUserError(refusal, wizard.action_invalidate)
                wizard.is_not_handed_over = True
                wizard.action_invalidate()
                self.assertEqual(invoice.state, 'cancel')
                self.assertIn('confirmed that the customer did not', invoice.message_ids[0].body)

    def test_pc01_an_invoice_that_is_older_than_the_record(self):
        for value in ('2027-01-01 00:00:00', 'nonsense', False):
            with self.subTest(value):
                invoice = self.make_invoice()
                self.env['ir.config_parameter'].sudo().set_param(RECORDED_SINCE, value)
                self.assertRefused(invoice, 'older than the record of prints')
                invoice.invalidate_invoice(REASON, not_handed_over=True)
                self.assertEqual(invoice.state, 'cancel')

    def test_pc02_an_older_one_with_a_pdf_is_not_even_asked_about(self):
        invoice = self.make_invoice()
        self.env['ir.config_parameter'].sudo().set_param(RECORDED_SINCE, '2027-01-01 00:00:00')
        pdf = self.env['ir.attachment'].create({'name': 'i.pdf', 'raw': b'%PDF-1.4'})
        invoice.message_main_attachment_id = pdf
        self.assertEqual(pdf.mimetype, 'application/pdf')
        self.assertRefused(invoice, 'Its PDF was made before', not_handed_over=True)
        self.env['ir.config_parameter'].sudo().set_param(RECORDED_SINCE, '2026-01-01 00:00:00')
        invoice.invalidate_invoice(REASON)

    # === WHAT SPEAKS AGAINST IT === #

    def test_pc02_a_sent_one(self):
        invoice = self.make_invoice()
        invoice.is_move_sent = True
        self.assertRefused(invoice, f'{invoice.name} cannot be invalidated: It was sent to the')
        wizard = self.get_wizard(invoice)
        self.assertIn('<li>It was sent to the customer.</li>', wizard.refusal_html)
        self.assertFalse(wizard.handover_doubt)
        self.assertTrue(wizard.can_be_credited)
        action = wizard.action_credit_invoice()
        self.assertEqual(action['res_model'], 'account.move.reversal')
        self.assertEqual(action['context']['active_ids'], invoice.ids)

    def test_pc02_confirming_does_not_help_a_sent_one(self):
        invoice = self.make_invoice()
        invoice.is_move_sent = True
        self.assertRefused(invoice, 'It was sent', not_handed_over=True)

    def test_pc02_one_that_waits_to_be_sent(self):
        invoice = self.make_invoice()
        invoice.sending_data = {'sending_methods': ['email']}
        self.assertRefused(invoice, 'waiting to be sent')

    def test_pc02_one_with_a_generated_pdf(self):
        invoice = self.make_invoice()
        self.env['ir.attachment'].sudo().create({
            'name': 'i.pdf',
            'raw': b'%PDF-1.4',
            'res_model': 'account.move',
            'res_id': invoice.id,
            'res_field': 'invoice_pdf_report_file',
        })
        invoice.invalidate_recordset()
        self.assertRefused(invoice, 'Its PDF was made before')

    def test_pc02_one_that_the_customer_was_written_about(self):
        invoice = self.make_invoice()
        to_us, to_them = 'Between us', 'Your invoice'
        invoice.message_post(body=to_us, partner_ids=self.env.user.partner_id.ids)
        self.assertFalse(invoice._get_invalidation_refusals())
        invoice.message_post(body=to_them, message_type='comment', partner_ids=self.partner_a.ids)
        self.assertRefused(invoice, 'A message about it was sent to partner_a')

    def test_pc02_drafts_cancelled_and_other_documents(self):
        draft = self.make_invoice(post=False)
        self.assertRefused(draft, 'still a draft')
        cancelled = self.make_invoice()
        cancelled.button_cancel()
        self.assertRefused(cancelled, 'cancelled already')
        credit = self.make_credit(self.make_invoice(), post=True)
        self.assertRefused(credit, 'not a customer invoice')
        bill = self.make_invoice(move_type='in_invoice', lines=[(1, 10, self.env['account.tax'])])
        self.assertRefused(bill, 'not a customer invoice')

    def test_pc02_a_paid_one(self):
        for amount in (230.05, 10):
            with self.subTest(amount):
                invoice = self.make_invoice()
                self.pay(invoice, amount=amount)
                names = invoice.matched_payment_ids.mapped('name')
                self.assertRefused(invoice, names[0])

    def test_pc02_one_with_a_payment_on_its_way(self):
        invoice = self.make_invoice()
        payment = self.env['account.payment'].create({
            'payment_type': 'inbound',
            'partner_type': 'customer',
            'partner_id': invoice.partner_id.id,
            'amount': 10,
            'invoice_ids': [Command.set(invoice.ids)],
        })
        self.assertRefused(invoice, 'is to pay it')
        payment.action_cancel()
        invoice.invalidate_invoice(REASON)

    def test_pc02_a_credited_one(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        self.assertRefused(invoice, 'waits to be approved: discard it first')
        credit.action_post()
        self.assertRefused(invoice, f'{credit.name} .*credits it')
        self.assertFalse(self.get_wizard(invoice).can_be_credited)
        credit.button_cancel()
        invoice.invalidate_invoice(REASON)

    def test_pc02_a_hashed_one(self):
        invoice = self.make_invoice()
        invoice.journal_id.sudo().restrict_mode_hash_table = True
        invoice.sudo()._hash_moves(force_hash=True)
        self.assertTrue(invoice.inalterable_hash)
        self.assertRefused(invoice, 'secured by a hash')

    def test_pc02_one_that_an_authority_has(self):
        invoice = self.make_invoice()
        self.patch(self.env.registry['account.move'], '_need_cancel_request', lambda self: True)
        invoice.invalidate_recordset(['need_cancel_request'])
        self.assertRefused(invoice, 'use Request Cancel')

    def test_pc02_one_in_a_closed_period(self):
        company = self.env.company.sudo()
        for name in (
            'fiscalyear_lock_date',
            'sale_lock_date',
            'tax_lock_date',
        ):
            with self.subTest(name):
                invoice = self.make_invoice()
                company[name] = '2026-01-31'
                self.assertRefused(invoice, r'01/15/2026, is in a closed period \(.*01/31/2026')
                company[name] = False
                invoice.invalidate_invoice(REASON)

    def test_pc02_who_has_an_exception_from_the_lock_may(self):
        invoice = self.make_invoice()
        company = self.env.company.sudo()
        company.sale_lock_date = '2026-01-31'
        self.env['account.lock_exception'].sudo().create({
            'company_id': company.id,
            'user_id': self.clerk.id,
            'sale_lock_date': False,
            'end_datetime': False,
        })
        invoice.invalidate_invoice(REASON)
        self.assertEqual(invoice.state, 'cancel')

    def test_pc02_one_that_is_spread_over_periods(self):
        invoice = self.make_invoice()
        entry = self.make_invoice()
        invoice.sudo().adjusting_entries_move_ids = entry
        self.assertRefused(invoice, f'{entry.name}.* adjusts it')

    def test_pc02_all_that_speaks_against_is_said_at_once(self):
        invoice = self.make_invoice()
        invoice.is_move_sent = True
        self.env.company.sudo().sale_lock_date = '2026-01-31'
        self.make_credit(invoice)
        self.assertEqual(self.get_wizard(invoice).refusal_html.count('<li>'), 3)
        self.assertRefused(invoice, 'was sent.*discard it first.*closed period')

    # === RIGHTS === #

    def test_ts28_only_who_may_approve(self):
        # The link is taken off, as a company may that separates the two.
        invoice = self.make_invoice()
        wizard = self.get_wizard(invoice)
        approve = self.env.ref('credit_invoice.group_credit_approve').sudo()
        self.env.ref('account.group_account_invoice').sudo().implied_ids -= approve
        approve.user_ids -= self.clerk
        self.assertFalse(self.clerk.has_group('credit_invoice.group_credit_approve'))
        for call in (
            invoice.action_invalidate,
            lambda: invoice.invalidate_invoice(REASON),
            lambda: call_kw(invoice, 'invalidate_invoice', [invoice.ids, REASON], {}),
            wizard.action_invalidate,
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                call()
        self.assertEqual(invoice.state, 'posted')

    def test_ts28_who_may_not_change_invoices_may_not_either(self):
        invoice = self.make_invoice()
        reader = new_test_user(
            self.env(user=1),
            login='reader',
            groups='account.group_account_readonly,credit_invoice.group_credit_approve',
            company_id=self.env.company.id,
            company_ids=[Command.set(self.env.company.ids)],
        )
        with self.assertRaises(AccessError), self.cr.savepoint():
            invoice.with_user(reader).invalidate_invoice(REASON)
        self.assertEqual(invoice.state, 'posted')

    def test_ts28_another_company_is_out_of_reach(self):
        other = self.env['res.company'].sudo().create({'name': 'Other'})
        stranger = new_test_user(
            self.env(user=1),
            login='stranger',
            groups='account.group_account_invoice',
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        invoice = self.make_invoice()
        with self.assertRaises(AccessError), self.cr.savepoint():
            invoice.with_user(stranger).invalidate_invoice(REASON)

    def test_ts28_the_record_is_not_made_up(self):
        invoice = self.make_invoice()
        invoice._record_handover('printed')
        for name in ('handed_over_at', 'handed_over_how', 'invalidation_reason'):
            with self.assertRaisesRegex(AccessError, 'recorded by itself'), self.cr.savepoint():
                call_kw(invoice, 'write', [invoice.ids, {name: False}], {})

    # === BAD INPUT === #

    def test_pc01_bad_input(self):
        invoice = self.make_invoice()
        archived = self.env['credit.reason'].sudo().create({'name': 'Old', 'active': False})
        for args, text in (
            ([''], 'Type the reason'),
            (['   '], 'Type the reason'),
            ([False], 'Type the reason'),
            ([None], 'Type the reason'),
            ([5], 'Type the reason'),
            ([['a']], 'Type the reason'),
            ([REASON, False, 'x'], 'Choose one of the reasons'),
            ([REASON, False, True], 'Choose one of the reasons'),
            ([REASON, False, [1]], 'Choose one of the reasons'),
            ([REASON, False, 987654321], 'Choose one of the reasons'),
            ([REASON, False, archived.id], 'Choose one of the reasons'),
        ):
            with self.subTest(args):
                self.assertRaisesUserError(
                    text,
                    lambda args=args: call_kw(
                        invoice, 'invalidate_invoice', [invoice.ids, *args], {}
                    ),
                )
        self.assertEqual(invoice.state, 'posted')

    def test_pc01_a_confirmation_is_true_and_nothing_else(self):
        receipt = self.make_invoice(move_type='out_receipt')
        for value in ('false', 'no', 1, [0], None):
            with self.subTest(value):
                self.assertRefused(receipt, 'Confirm that', not_handed_over=value)
