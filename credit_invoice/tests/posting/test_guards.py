from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from ..common import CreditCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestGuards(CreditCommon):
    """What credits keep from being undone under them, and what undoing a credit undoes."""

    def make_pair(self, quantity=4, **values):
        """An invoice of 4 at 25, and its posted credit."""
        invoice = self.make_invoice(lines=[(4, 25)], **values)
        credit = self.make_credit(invoice)
        credit.invoice_line_ids.quantity = quantity
        credit.action_post()
        return invoice, credit

    def assertRefused(self, text, function, *args):
        with self.assertRaisesRegex(UserError, text), self.cr.savepoint():
            function(*args)

    # === THE INVOICE === #

    def test_ts15_a_credited_invoice_stays_posted(self):
        invoice, credit = self.make_pair(quantity=1)
        name = credit.name
        self.assertRefused(
            f'cannot be cancelled: {name}.* credits it. Credit the rest of it, or cancel',
            invoice.button_cancel,
        )
        self.assertRefused(
            f'cannot be reset to draft: {name}.* credits it. Credit what is wrong, or reset',
            invoice.button_draft,
        )
        self.assertRefused(
            f'cannot be deleted: {name}.* credits it. Cancel the credit note first, or keep both',
            invoice.with_context(force_delete=True).unlink,
        )
        self.assertEqual((invoice.state, credit.state), ('posted', 'posted'))
        self.assertEqual(invoice.amount_residual, 86.25)

    def test_ts15_an_invoice_credited_by_lines_only_is_guarded_too(self):
        invoice, other = self.make_invoice(lines=[(4, 25)]), self.make_invoice()
        credit = self.make_credit(other)
        credit.invoice_line_ids[0].unlink()
        credit.invoice_line_ids = [
            Command.create({
                **self._get_line_vals((1, 25)),
                'credited_line_id': invoice.invoice_line_ids.id,
            })
        ]
        credit.action_post()
        self.assertRefused('cannot be reset to draft: .* credits it', invoice.button_draft)
        self.assertRefused('cannot be cancelled: .* credits it', invoice.button_cancel)

    def test_ts15_drafts_and_cancelled_credits_guard_nothing(self):
        invoice = self.make_invoice()
        self.make_credit(invoice)
        self.make_credit(invoice).button_cancel()
        invoice.button_draft()
        invoice.button_cancel()
        self.assertEqual(invoice.state, 'cancel')

    def test_ts15_a_draft_keeps_its_invoice_from_being_deleted(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        invoice.button_draft()
        invoice = invoice.with_context(force_delete=True)
        self.assertRefused('cannot be deleted', invoice.unlink)
        credit.unlink()
        invoice.unlink()
        self.assertFalse(invoice.exists())

    def test_ts15_credits_undone_together_with_their_invoice_guard_nothing(self):
        for method in ('button_draft', 'button_cancel'):
            with self.subTest(method):
                invoice, credit = self.make_pair()
                getattr(invoice | credit, method)()
                self.assertNotIn('posted', (invoice | credit).mapped('state'))

    def test_mp09_lines_of_a_credited_invoice_stay_as_they_are(self):
        invoice, credit = self.make_pair(quantity=1)
        line = invoice.invoice_line_ids
        other = self.tax_a.sudo().copy({'name': 'Other', 'amount': 5})
        for values in (
            {'price_unit': 20},
            {'quantity': 3},
            {'discount': 10},
            {'tax_ids': [Command.set(other.ids)]},
            {'tax_ids': [Command.clear()]},
            {'balance': -90},
            {'amount_currency': -90},
        ):
            with self.subTest(values):
                text = f'lines of {invoice.name} cannot be changed: {credit.name}'
                self.assertRefused(text, call_kw, line, 'write', [line.ids, values], {})
                commands = {'invoice_line_ids': [Command.update(line.id, values)]}
                text = f'{text}|readonly fields on a posted move'
                self.assertRefused(text, call_kw, invoice, 'write', [invoice.ids, commands], {})
        self.assertEqual(invoice.amount_total, 115)

    def test_mp09_what_is_no_amount_can_be_changed(self):
        invoice, _credit = self.make_pair(quantity=1)
        invoice.invoice_line_ids.write({'name': 'Goods', 'quantity': 4, 'price_unit': 25})
        self.assertEqual(invoice.invoice_line_ids.name, 'Goods')

    # === THE CREDIT === #

    def test_ts15_a_credit_reset_to_draft_reopens_its_invoice(self):
        for method in ('button_draft', 'button_cancel'):
            for quantity, state in ((4, 'reversed'), (1, 'partial')):
                with self.subTest(f'{method} {quantity}'):
                    invoice, credit = self.make_pair(quantity)
                    self.assertEqual(invoice.payment_state, state)
                    getattr(credit, method)()
                    self.assertEqual(invoice.payment_state, 'not_paid')
                    self.assertEqual(invoice.amount_residual, 115)
                    self.assertFalse(credit.line_ids.matched_debit_ids)
                    self.assertEqual(invoice.credited_amount, 0)
                    self.assertReverses(self.make_credit(invoice, post=True), invoice)

    def test_ts15_payments_stay_matched(self):
        for method in ('button_draft', 'button_cancel'):
            with self.subTest(method):
                invoice = self.make_invoice(lines=[(4, 25)])
                self.pay(invoice, amount=80)
                credit = self.make_credit(invoice, post=True)
                refund = self.env['account.payment'].create({
                    'payment_type': 'outbound',
                    'partner_type': 'customer',
                    'partner_id': invoice.partner_id.id,
                    'amount': 80,
                    'date': '2026-03-01',
                })
                refund.action_post()
                lines = (refund.move_id | credit).line_ids.filtered(
                    lambda line: line.account_type == 'asset_receivable'
                )
                lines.reconcile()
                self.assertEqual((invoice.amount_residual, credit.amount_residual), (0, 0))
                getattr(credit, method)()
                partials = credit.line_ids.matched_debit_ids
                # Of a cancelled document, the host loosens all.
                refunds = refund.move_id if method == 'button_draft' else self.Move
                self.assertEqual(partials.debit_move_id.move_id, refunds)
                self.assertEqual(invoice.amount_residual, 35)
                payments = invoice.line_ids.matched_credit_ids.credit_move_id.move_id
                self.assertEqual(payments.mapped('move_type'), ['entry'])

    def test_ts15_a_credit_posted_again_settles_again(self):
        invoice, credit = self.make_pair()
        credit.button_draft()
        credit.action_post()
        self.assertEqual((invoice.payment_state, invoice.amount_residual), ('reversed', 0))

    def test_ts15_a_credit_of_several_invoices_reopens_all(self):
        invoices = self.make_invoice() | self.make_invoice()
        dialog = self.open_dialog(invoices, credit_scope='part', credit_amount=300)
        dialog.action_create_credit()
        credit = dialog.new_move_ids.with_env(self.env)
        credit.action_post()
        self.assertZero(sum(invoices.mapped('amount_residual')) - 160.1)
        credit.button_draft()
        self.assertEqual(invoices.mapped('amount_residual'), [230.05, 230.05])

    def test_mp20_the_customer_of_a_credit_is_kept(self):
        invoice, credit = self.make_pair()
        text = 'its customer cannot be changed. To invoice someone else, use Credit and Re-invoice'
        for move in (credit, self.make_credit(self.make_invoice())):
            values = {'partner_id': self.partner_b.id}
            self.assertRefused(text, call_kw, move, 'write', [move.ids, values], {})
        child = self.partner_a.sudo().copy({'parent_id': self.partner_a.id, 'type': 'invoice'})
        draft = self.make_credit(self.make_invoice())
        draft.partner_id = child
        draft.action_post()
        self.assertEqual(draft.partner_id, child)
        self.assertEqual(invoice.amount_residual, 0)

    def test_mp07_the_invoice_of_a_posted_credit_is_kept(self):
        _invoice, credit = self.make_pair()
        other = self.make_invoice()
        for value in (other.id, False):
            values = {'reversed_entry_id': value}
            self.assertRefused('Reset the credit note to draft first', credit.write, values)
        line = credit.invoice_line_ids
        values = {'credited_line_id': other.invoice_line_ids[0].id}
        self.assertRefused('Reset it to draft first', line.write, values)

    # === DATES === #

    def test_ts17_a_date_before_the_invoice(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        credit.invoice_date = '2026-01-14'
        self.assertRefused('it is dated before INV/.*01/15/2026.* or a later', credit.action_post)
        credit.invoice_date = '2026-01-15'
        credit.action_post()

    def test_ts17_a_closed_period(self):
        for name in ('fiscalyear_lock_date', 'sale_lock_date', 'tax_lock_date'):
            with self.subTest(name):
                credit = self.make_credit(self.make_invoice())
                self.env.company.sudo()[name] = '2026-02-28'
                text = '02/01/2026 is in a closed period .*Choose 03/01/2026, the first open day'
                self.assertRefused(text, credit.action_post)
                credit.invoice_date = '2026-03-01'
                credit.action_post()
                self.assertEqual(str(credit.date), '2026-03-01')
                self.env.company.sudo()[name] = False
