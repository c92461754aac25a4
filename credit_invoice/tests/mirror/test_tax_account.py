from odoo.tests import tagged

from ..common import CreditCommon


@tagged('post_install', '-at_install')
class TestTaxAccount(CreditCommon):
    """What is said where the tax of a credit note goes to another account than the invoice's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax = cls.tax_a.sudo().copy({'name': 'One-sided', 'amount': 20})
        cls.account = cls.get_parts('invoice').account_id
        cls.get_parts('refund').account_id = False
        cls.invoice = cls.make_invoice([(1, 80.00, cls.tax)])

    @classmethod
    def get_parts(cls, side):
        parts = cls.tax[f'{side}_repartition_line_ids']
        return parts.filtered(lambda part: part.repartition_type == 'tax')

    def get_sentence(self, credit):
        credit.invalidate_recordset(['alerts'])
        return (credit.alerts or {}).get('credit_tax_account', {}).get('message')

    def test_pc18_a_tax_without_an_account_for_refunds_is_named_with_where_it_goes(self):
        """R12: whole and in parts; the sentence goes once the credit note is posted."""
        income = self.invoice.invoice_line_ids.account_id
        half = {'credit_scope': 'part', 'credit_percentage': 50}
        for values in (half, {}):
            credit = self.make_credit(self.invoice, **values)
            items = credit.line_ids.filtered('tax_line_id')
            self.assertEqual(items.account_id, income)
            sentence = self.get_sentence(credit)
            self.assertIn('No account for refunds is set on One-sided', sentence)
            self.assertIn(f'booked on {income.display_name}:', sentence)
            credit.action_post()
            self.assertFalse(self.get_sentence(credit))

    def test_pc18_nothing_is_said_where_both_sides_are_alike(self):
        self.get_parts('refund').account_id = self.account
        self.assertFalse(self.get_sentence(self.make_credit(self.invoice)))
        (self.get_parts('refund') | self.get_parts('invoice')).account_id = False
        invoice = self.make_invoice([(1, 80.00, self.tax)])
        self.assertFalse(self.get_sentence(self.make_credit(invoice)))

    def test_pc18_a_draft_made_again_has_the_account_that_was_set(self):
        credit = self.make_credit(self.invoice)
        self.get_parts('refund').account_id = self.account
        credit.action_discard_credit()
        credit = self.make_credit(self.invoice, post=True)
        self.assertEqual(credit.line_ids.filtered('tax_line_id').account_id, self.account)
