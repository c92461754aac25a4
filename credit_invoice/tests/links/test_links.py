from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..common import CreditCommon


@tagged('post_install', '-at_install')
class TestLinks(CreditCommon):
    """Origin and credit know each other, and stay so."""

    def test_mp07_view_related_invoice(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        self.assertEqual(credit.credit_origin_count, 1)
        self.assertEqual(credit.action_view_related_invoice()['res_id'], invoice.id)
        self.assertEqual(invoice.credit_origin_count, 0)

    def test_mp08_view_related_credit_for_one_and_for_many(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        self.assertEqual(invoice.credit_count, 1)
        self.assertEqual(invoice.action_view_related_credits()['res_id'], credit.id)
        other = self.make_credit(invoice)
        self.assertEqual(invoice.credit_count, 2)
        self.assertEqual(
            self.Move.search(invoice.action_view_related_credits()['domain']), credit | other
        )
        self.assertEqual(credit.credit_count, 0)

    def test_mp05_every_line_is_linked_on_every_route(self):
        invoices = [self.make_invoice() for _route in range(4)]
        self.make_credit(invoices[0])
        self.open_dialog(invoices[1]).refund_moves()
        invoices[2]._reverse_moves([{'invoice_date': '2026-02-01'}])
        self.make_credit(invoices[3] | self.make_invoice())
        for invoice in invoices:
            credit = invoice.reversal_move_ids
            self.assertEqual(credit.invoice_line_ids.credited_line_id, invoice.invoice_line_ids)
            self.assertFalse((credit.line_ids - credit.invoice_line_ids).credited_line_id)

    def test_mp05_copies_of_a_credit_or_invoice_are_not_linked(self):
        credit = self.make_credit(self.make_invoice())
        self.assertFalse(credit.copy().line_ids.credited_line_id)
        invoice = self.make_invoice()
        copied = invoice.with_context(include_business_fields=True).copy()
        self.assertFalse(copied.line_ids.credited_line_id)

    def test_mp08_the_origin_cannot_be_deleted_from_under_its_credit(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        invoice.button_draft()
        with self.assertRaisesRegex(UserError, 'cannot be deleted'):
            invoice.unlink()
        credit.unlink()
        invoice.unlink()
        self.assertFalse(invoice.exists())

    def test_mp07_the_link_cannot_be_rewritten_on_a_posted_credit(self):
        invoice, other = self.make_invoice(), self.make_invoice()
        credit = self.make_credit(invoice)
        credit.reversed_entry_id = other
        credit.reversed_entry_id = invoice
        credit.action_post()
        for value in (other.id, False):
            with self.assertRaisesRegex(UserError, 'link cannot be changed'):
                credit.write({'reversed_entry_id': value})
        line = credit.invoice_line_ids[0]
        with self.assertRaisesRegex(UserError, 'cannot be changed'):
            line.credited_line_id = other.invoice_line_ids[0]
        with self.assertRaisesRegex(UserError, 'cannot be changed'):
            line.write({'credited_line_id': False})

    def test_mp07_only_lines_of_invoices_are_credited(self):
        invoice = self.make_invoice()
        draft = self.make_invoice(post=False)
        with self.assertRaisesRegex(ValidationError, 'Only a line of a credit note'):
            draft.invoice_line_ids[0].credited_line_id = invoice.invoice_line_ids[0]

    def test_mp08_drafts_announce_themselves_on_the_invoice(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        draft = invoice.draft_credit_ids
        self.assertEqual(draft, credit)
        self.assertEqual(draft.create_uid, self.clerk)
        self.assertEqual(draft.amount_total, invoice.amount_total)
        self.assertEqual(draft.action_open_credit()['res_id'], credit.id)
        credit.action_post()
        self.assertFalse(invoice.draft_credit_ids)

    def test_mp08_a_draft_can_be_discarded_from_the_invoice(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        credit.action_discard_credit()
        self.assertFalse(credit.exists())
        self.assertIn('discarded', invoice.message_ids[0].body)
        posted = self.make_credit(invoice, post=True)
        with self.assertRaisesRegex(UserError, 'Only draft credit notes'):
            posted.action_discard_credit()
        posted.button_draft()
        with self.assertRaisesRegex(UserError, 'posted before'):
            posted.action_discard_credit()
        with self.assertRaisesRegex(UserError, 'Only draft credit notes'):
            self.make_invoice(post=False).action_discard_credit()

    def test_pc04_the_credit_names_number_and_date_of_its_invoice(self):
        invoice = self.make_invoice(ref='PO 4711')
        credit = self.make_credit(invoice, reason='Wrong price')
        self.assertIn(invoice.name, credit.ref)
        self.assertIn('Wrong price', credit.ref)
        self.assertEqual(credit.credit_origin_date, invoice.invoice_date)
        self.assertEqual(credit.credit_customer_ref, 'PO 4711')
        self.assertEqual(invoice.ref, 'PO 4711')
        self.assertFalse(credit.payment_reference)

    def test_mp07_several_credits_are_each_matched_with_their_own_invoice(self):
        first, second = self.make_invoice(lines=[(2, 100)]), self.make_invoice(lines=[(2, 70)])
        credits = self.Move
        for invoice in (first, first, second):
            credit = self.make_credit(invoice)
            credit.invoice_line_ids.quantity = 1
            credits |= credit
        credits.action_post()
        self.assertEqual(first.amount_residual, 0)
        self.assertEqual(second.amount_residual, second.amount_total / 2)
        for credit in credits:
            matched = credit.line_ids.matched_debit_ids.debit_move_id.move_id
            self.assertEqual(matched, credit.reversed_entry_id)

    def test_mp07_credits_of_several_invoices_in_one_document(self):
        first, second = self.make_invoice(), self.make_invoice()
        credit = self.Move.create({
            'move_type': 'out_refund',
            'partner_id': self.partner_a.id,
            'invoice_date': '2026-02-01',
            'invoice_line_ids': [
                Command.create({
                    'name': line.name,
                    'price_unit': line.price_unit,
                    'tax_ids': [Command.set(line.tax_ids.ids)],
                    'credited_line_id': line.id,
                })
                for line in (first.invoice_line_ids[0], second.invoice_line_ids[0])
            ],
        })
        self.assertEqual(credit.credit_origin_count, 2)
        self.assertEqual(first.credit_count, 1)
        self.assertEqual(second.action_view_related_credits()['res_id'], credit.id)
