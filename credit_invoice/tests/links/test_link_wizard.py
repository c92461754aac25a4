from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import CreditCommon


@tagged('post_install', '-at_install')
class TestLinkWizard(CreditCommon):
    """Credits from before the add-on are linked by a proposal that a person confirms."""

    def make_old_credit(self, invoice, post=True, **values):
        """A credit without any link, as the host or a user made it."""
        credit = self.Move.create({
            'move_type': 'out_refund',
            'partner_id': invoice.partner_id.id,
            'invoice_date': '2026-02-01',
            'invoice_line_ids': [
                Command.create({
                    'name': line.name,
                    'quantity': line.quantity,
                    'price_unit': line.price_unit,
                    'tax_ids': [Command.set(line.tax_ids.ids)],
                })
                for line in invoice.invoice_line_ids
            ],
            **values,
        })
        if post:
            credit.action_post()
        return credit

    def propose(self, *credits):
        wizard = self.env['credit.link.wizard'].create({})
        return wizard, wizard.line_ids.filtered(lambda line: line.credit_id in credits)

    def test_mp07_a_credit_that_names_its_invoice_is_proposed(self):
        invoice = self.make_invoice()
        credit = self.make_old_credit(invoice, ref=f'Reversal of: {invoice.name}, wrong')
        wizard, proposal = self.propose(credit)
        self.assertEqual(proposal.origin_id, invoice)
        self.assertFalse(credit.reversed_entry_id)
        (wizard.line_ids - proposal).is_chosen = False
        wizard.action_confirm()
        self.assertEqual(credit.reversed_entry_id, invoice)
        self.assertEqual(credit.invoice_line_ids.credited_line_id, invoice.invoice_line_ids)
        self.assertIn(invoice.name, credit.message_ids[0].body)
        self.assertFalse(self.propose(credit)[1])

    def test_mp07_a_linked_document_gets_links_of_its_lines(self):
        invoice = self.make_invoice()
        credit = self.make_old_credit(invoice, reversed_entry_id=invoice.id)
        wizard, proposal = self.propose(credit)
        self.assertEqual(proposal.origin_id, invoice)
        wizard.action_confirm()
        self.assertEqual(credit.invoice_line_ids.credited_line_id, invoice.invoice_line_ids)

    def test_mp07_the_only_invoice_with_this_total_is_proposed(self):
        invoice = self.make_invoice(lines=[(1, 4711.12)])
        _wizard, proposal = self.propose(self.make_old_credit(invoice))
        self.assertEqual(proposal.origin_id, invoice)

    def test_mp07_what_is_not_clear_is_not_proposed(self):
        first = self.make_invoice(lines=[(1, 4711.12)])
        self.make_invoice(lines=[(1, 4711.12)])
        wizard, proposal = self.propose(self.make_old_credit(first))
        self.assertFalse(proposal)
        self.assertGreaterEqual(wizard.unknown_count, 1)

    def test_mp07_what_is_unticked_stays_unlinked(self):
        invoice = self.make_invoice()
        credit = self.make_old_credit(invoice, ref=invoice.name)
        wizard, _proposal = self.propose(credit)
        wizard.line_ids.is_chosen = False
        with self.assertRaisesRegex(UserError, 'at least one'):
            wizard.action_confirm()
        self.assertFalse(credit.reversed_entry_id)
