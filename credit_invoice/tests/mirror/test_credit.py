from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..common import CreditCommon


@tagged('post_install', '-at_install')
class TestCredit(CreditCommon):
    """From the button to the credit."""

    def test_mp01_button_opens_the_dialog_on_a_posted_invoice(self):
        invoice = self.make_invoice()
        action = invoice.action_credit_invoice()
        self.assertEqual(action['res_model'], 'account.move.reversal')
        self.assertEqual(action['target'], 'new')
        self.assertEqual(action['context']['active_ids'], invoice.ids)

    def test_mp01_button_is_in_the_header_for_invoices_and_receipts(self):
        arch = self.Move.get_view(view_type='form')['arch']
        self.assertIn('name="action_credit_invoice"', arch)
        self.assertIn('data-hotkey="shift+n"', arch)
        receipt = self.make_invoice(move_type='out_receipt')
        self.assertEqual(self.make_credit(receipt).move_type, 'out_refund')

    def test_mp01_without_rights_there_is_no_button_and_no_method(self):
        invoice = self.make_invoice()
        reader = new_test_user(
            self.env(user=self.env.ref('base.user_admin'), su=True),
            login='credit_reader',
            groups='base.group_user,account.group_account_readonly',
            company_id=self.env.company.id,
        )
        with self.assertRaisesRegex(AccessError, 'Only people in billing'):
            invoice.with_user(reader).action_credit_invoice()
        with self.assertRaises(AccessError):
            invoice.with_user(reader).action_credit_invoices()
        self.assertNotIn(
            'name="action_credit_invoice"',
            self.Move.with_user(reader).get_view(view_type='form')['arch'],
        )

    def test_mp02_a_credit_is_never_credited(self):
        credit = self.make_credit(self.make_invoice(), post=True)
        with self.assertRaisesRegex(UserError, 'a credit note is never credited'):
            credit.action_credit_invoice()
        Dialog = self.env['account.move.reversal']
        with self.assertRaisesRegex(UserError, 'a credit note is never credited'):
            Dialog.with_context(active_model='account.move', active_ids=credit.ids).create({})
        for method in ('refund_moves', 'modify_moves', 'action_create_credit'):
            dialog = Dialog.create({
                'move_ids': credit.ids,
                'journal_id': credit.journal_id.id,
                'company_id': credit.company_id.id,
            })
            with self.assertRaisesRegex(UserError, 'a credit note is never credited'):
                getattr(dialog, method)()
        self.assertFalse(credit.reversal_move_ids)

    def test_mp02_everything_else_is_refused_with_its_reason(self):
        draft = self.make_invoice(post=False)
        cancelled = self.make_invoice(post=False)
        cancelled.button_cancel()
        bill = self.init_invoice('in_invoice', amounts=[100], post=True)
        entry = self.Move.create({'move_type': 'entry'})
        for move, message in (
            (draft, 'still a draft'),
            (cancelled, 'is cancelled'),
            (bill.with_env(self.env), 'not a customer invoice'),
            (entry, 'not a customer invoice'),
        ):
            with self.assertRaisesRegex(UserError, message):
                move.action_credit_invoice()

    def test_mp02_vendor_bills_and_entries_keep_the_hosts_way(self):
        bill = self.init_invoice('in_invoice', amounts=[100], post=True)
        dialog = (
            self
            .env['account.move.reversal']
            .with_context(active_model='account.move', active_ids=bill.ids)
            .create({'date': '2026-02-01'})
        )
        self.assertFalse(dialog.is_customer_credit)
        dialog.refund_moves()
        self.assertEqual(dialog.new_move_ids.move_type, 'in_refund')
        self.assertFalse(dialog.new_move_ids.line_ids.credited_line_id)

    def test_mp04_opening_and_leaving_the_dialog_leaves_nothing(self):
        invoice = self.make_invoice()
        before = self._get_traces(invoice)
        self.open_dialog(invoice)
        self.assertEqual(self._get_traces(invoice), before)

    def test_mp04_a_refused_credit_leaves_nothing(self):
        invoice = self.make_invoice()
        before = self._get_traces(invoice)
        dialog = self.open_dialog(invoice, date='2026-01-01')
        with self.assertRaises(UserError), self.env.cr.savepoint():
            dialog.action_create_credit()
        self.assertEqual(self._get_traces(invoice), before)

    def _get_traces(self, invoice):
        return (
            self.Move.search_count([]),
            invoice.message_ids.ids,
            invoice.write_date,
            invoice.state,
        )

    def test_mp06_the_credit_opens_by_itself_with_the_notice(self):
        invoice = self.make_invoice()
        action = self.open_dialog(invoice).action_create_credit()
        self.assertEqual(action['tag'], 'display_notification')
        self.assertEqual(action['params']['message'], 'Credit Created, opening credit invoice...')
        self.assertEqual(action['params']['next']['res_id'], invoice.reversal_move_ids.id)

    def test_pc06_the_credit_is_an_editable_draft(self):
        credit = self.make_credit(self.make_invoice())
        self.assertEqual(credit.state, 'draft')
        credit.invoice_line_ids[0].unlink()
        credit.invoice_line_ids[0].quantity = 0.5
        credit.action_post()
        self.assertEqual(credit.state, 'posted')

    def test_mp09_the_origin_is_neither_changed_nor_deleted(self):
        invoice = self.make_invoice(ref='PO 77')
        stored = [
            name
            for name, field in invoice._fields.items()
            if field.store and field.type not in ('one2many', 'many2many')
        ]
        before = invoice.read(stored), invoice.line_ids.read(['balance', 'quantity', 'write_date'])
        self.make_credit(invoice)
        invoice.invalidate_recordset()
        after = invoice.read(stored), invoice.line_ids.read(['balance', 'quantity', 'write_date'])
        self.assertEqual(after, before)

    def test_mp10_the_whole_invoice_by_default(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        self.assertEqual(credit.amount_total, invoice.amount_total)
        credit.action_post()
        self.assertEqual(invoice.payment_state, 'reversed')
        self.assertEqual(invoice.amount_residual, 0)

    def test_mp10_what_remains_once_partly_credited(self):
        invoice = self.make_invoice(lines=[(3, 33.35), (1, 99.99), (7, 0.07)])
        first = self.make_credit(invoice)
        first.invoice_line_ids[1].unlink()
        first.invoice_line_ids[0].quantity = 1
        first.action_post()
        second = self.make_credit(invoice)
        self.assertEqual(second.invoice_line_ids.mapped('quantity'), [2, 1])
        self.assertZero(first.amount_untaxed + second.amount_untaxed - invoice.amount_untaxed)
        self.assertZero(first.amount_tax + second.amount_tax - invoice.amount_tax)
        second.action_post()
        self.assertEqual(invoice.amount_residual, 0)

    def test_mp10_a_lowered_price_leaves_the_rest(self):
        invoice = self.make_invoice(lines=[(5, 10), (2, 30)])
        first = self.make_credit(invoice)
        first.invoice_line_ids[1].unlink()
        first.invoice_line_ids[0].price_unit = 1
        first.action_post()
        second = self.make_credit(invoice)
        self.assertEqual(second.invoice_line_ids.mapped('quantity'), [5, 2])
        self.assertEqual(second.invoice_line_ids.mapped('price_unit'), [9, 30])
        second.action_post()
        self.assertEqual(invoice.amount_residual, 0)

    def test_mp10_nothing_remains_of_a_fully_credited_invoice(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice, post=True)
        with self.assertRaisesRegex(UserError, f'credited in full by {credit.name}'):
            invoice.action_credit_invoice()

    def test_mp17_nothing_connected_no_check_and_no_extra_click(self):
        invoice = self.make_invoice()
        action = invoice.action_credit_invoice()
        self.assertEqual(action['res_model'], 'account.move.reversal')

    def test_mp20_credit_and_reinvoice_links_three_ways(self):
        invoice = self.make_invoice()
        dialog = self.open_dialog(invoice)
        dialog.action_credit_and_reinvoice()
        replacement, credit = dialog.new_move_ids, invoice.reversal_move_ids
        self.assertEqual(replacement.state, 'draft')
        self.assertEqual(replacement.move_type, 'out_invoice')
        self.assertEqual(replacement.replaced_move_id, invoice)
        self.assertEqual(invoice.replacement_move_ids, replacement)
        self.assertEqual(credit.reversed_entry_id, invoice)
        self.assertEqual(credit.action_view_replacement()['res_id'], replacement.id)
        self.assertEqual(credit.state, 'posted')
        self.assertEqual(invoice.amount_residual, 0)
        self.assertFalse(replacement.line_ids.credited_line_id)
        self.assertReverses(credit, invoice)

    def test_mp20_for_another_customer(self):
        invoice = self.make_invoice()
        dialog = self.open_dialog(invoice, replacement_partner_id=self.partner_b.id)
        dialog.action_credit_and_reinvoice()
        self.assertEqual(dialog.new_move_ids.partner_id, self.partner_b)
        self.assertEqual(invoice.reversal_move_ids.partner_id, self.partner_a)
        self.assertEqual(dialog.new_move_ids.amount_total, invoice.amount_total)

    def test_mp20_a_payment_is_offered_to_the_replacement(self):
        invoice = self.make_invoice()
        self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoice.ids
        ).create({'payment_date': '2026-01-20'})._create_payments()
        dialog = self.open_dialog(invoice)
        dialog.action_credit_and_reinvoice()
        replacement = dialog.new_move_ids
        replacement.action_post()
        self.assertTrue(replacement.invoice_has_outstanding)

    def test_ag01_credit_and_reverse_are_different_things(self):
        invoice, bill = self.make_invoice(), self.init_invoice('in_invoice', amounts=[9], post=True)
        Dialog = self.env['account.move.reversal']
        credit_dialog = Dialog.with_context(active_model='account.move', active_ids=invoice.ids)
        reverse_dialog = Dialog.with_context(active_model='account.move', active_ids=bill.ids)
        self.assertTrue(credit_dialog.create({}).is_customer_credit)
        self.assertFalse(reverse_dialog.create({}).is_customer_credit)

    def test_ag03_quantities_are_typed_positive_and_shown_reversed(self):
        credit = self.make_credit(self.make_invoice())
        self.assertTrue(
            all(quantity > 0 for quantity in credit.invoice_line_ids.mapped('quantity'))
        )
        self.assertEqual(credit.credit_amount_reversed, -credit.amount_total)

    def test_if07_only_posted_invoices_can_be_credited(self):
        draft = self.make_invoice(post=False)
        with self.assertRaisesRegex(UserError, 'still a draft'):
            draft.action_credit_invoice()
        with self.assertRaises(UserError):
            self.env['account.move.reversal'].with_context(
                active_model='account.move', active_ids=draft.ids
            ).create({})

    def test_if08_after_other_credits_too(self):
        invoice = self.make_invoice(lines=[(4, 25)])
        for remaining in (4, 3):
            credit = self.make_credit(invoice)
            self.assertEqual(credit.invoice_line_ids.quantity, remaining)
            credit.invoice_line_ids.quantity = 1
            credit.action_post()
        self.assertEqual(len(invoice.reversal_move_ids), 2)

    def test_if10_exactly_the_invoices_amount_as_a_draft(self):
        invoice = self.make_invoice(lines=[(3, 0.333333), (0.125, 17.77), (1, -1)])
        credit = self.make_credit(invoice)
        self.assertEqual(credit.state, 'draft')
        self.assertReverses(credit, invoice)
