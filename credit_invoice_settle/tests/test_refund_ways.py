from odoo.tests import tagged

from .ledger import LedgerCommon

INVOICED, PAID, CREDITED, SETTLED = '2026-01-15', '2026-02-10', '2026-03-05', '2026-04-20'
JOURNAL_TYPES = {'entry': 'general', 'bill': 'purchase'}


@tagged('post_install', '-at_install')
class TestRefundWays(LedgerCommon):
    """Each way to refund works, whatever way the posting rule names."""

    def make_paid(self):
        invoice = self.make_invoice(
            [{'name': 'Work', 'price_unit': 100.0, 'account_id': self.accounts['sales'].id}],
            invoice_date=INVOICED,
        )
        self.register_payment(invoice, PAID)
        return invoice

    def assertRefunded(self, line, way, document):
        """The journal is one for the way that was chosen."""
        self.assertEqual(line.refund_way, way)
        refund = line.refund_move_id
        if way == 'payment':
            self.assertTrue(line.payment_id)
            return
        self.assertEqual(refund.sudo().journal_id.type, JOURNAL_TYPES[way])
        self.assertEqual(refund.move_type, 'in_invoice' if way == 'bill' else 'entry')
        # It names what is refunded, has its total, and owes it on the account of refunds.
        self.assertIn(document.name, refund.ref)
        owed = line.sudo()._get_refund_items()
        self.assertEqual(owed.account_id, self.accounts['refunds payable'])
        self.assertEqual(-sum(owed.mapped('balance')), document.amount_total)
        self.assertFalse(refund.line_ids.tax_ids | refund.line_ids.tax_line_id)

    def test_pc10_every_way_refunds_a_credit_under_every_rule(self):
        for rule in ('payment', 'entry', 'bill'):
            self.make_refund_rule(rule)
            for way in ('payment', 'entry', 'bill'):
                with self.subTest(rule=rule, way=way):
                    credit = self.make_credit(self.make_paid(), date=CREDITED)
                    settlement = self.approve_in_window(
                        credit, SETTLED, settlement='refund', refund_way=way
                    )
                    self.assertEqual(credit.amount_residual, 0.0)
                    self.assertRefunded(settlement.line_ids, way, credit)

    def test_pc22_every_way_refunds_an_overpayment_under_every_rule(self):
        for rule in ('payment', 'entry', 'bill'):
            self.make_refund_rule(rule)
            for way in ('payment', 'entry', 'bill'):
                with self.subTest(rule=rule, way=way):
                    invoice = self.make_paid()
                    payment = (
                        self
                        .env['account.payment']
                        .with_context(force_payment_move=True)
                        .create({
                            'payment_type': 'inbound',
                            'partner_id': self.partner_a.id,
                            'amount': invoice.amount_total,
                            'memo': invoice.name,
                            'date': PAID,
                        })
                    )
                    payment.action_post()
                    invoice.refund_overpayment(date=SETTLED, refund={'way': way})
                    line = invoice.credit_settlement_ids.line_ids
                    self.assertRefunded(line, way, invoice)

    def test_pc11_pc12_refund_document_has_the_rows_of_the_credit_and_names_it(
        self,
    ):
        for way in ('entry', 'bill'):
            with self.subTest(way=way):
                self.make_refund_rule(way)
                invoice = self.make_invoice([(3, 33.35), (1, 99.99)], invoice_date=INVOICED)
                self.register_payment(invoice, PAID)
                credit = self.make_credit(invoice, date=CREDITED)
                settlement = self.approve_in_window(credit, SETTLED, settlement='refund')
                refund = settlement.line_ids.refund_move_id
                self.assertIn(invoice.name, refund.ref)
                self.assertIn(credit.name, refund.ref)
                rows = refund.sudo().line_ids.filtered(
                    lambda row: row.display_type == 'product' and row.partner_id
                )
                if way == 'entry':
                    rows = rows.filtered(lambda row: row.account_type == 'liability_payable')
                amounts = [abs(row.balance) for row in rows.sorted('id')]
                self.assertEqual(amounts, credit.invoice_line_ids.mapped('price_total'))
                self.assertFalse(refund.sudo().line_ids.tax_ids)

    def test_pc18_refunded_credit_corrects_the_tax(self):
        invoice = self.make_invoice([(1, 100.0, self.tax)], invoice_date=INVOICED)
        self.register_payment(invoice, PAID)
        credit = self.make_credit(invoice, date=CREDITED)
        self.approve_in_window(credit, SETTLED, settlement='refund')
        self.assertEqual(
            self.get_boxes(),
            {
                'base of sales': -100.0,
                'tax of sales': -20.0,
                'base of credits': 100.0,
                'tax of credits': 20.0,
            },
        )
        self.assertEqual(self.get_balances().get('tax', 0.0), 0.0)

    def test_pc23_refund_lines_are_separate_from_purchases(self):
        self.make_refund_rule('bill')
        credit = self.make_credit(self.make_paid(), date=CREDITED)
        settlement = self.approve_in_window(credit, SETTLED, settlement='refund')
        bill = settlement.line_ids.refund_move_id.sudo()
        self.assertEqual(bill.invoice_line_ids.account_id, self.accounts['refunds clearing'])
        self.assertEqual(bill.invoice_line_ids.product_id.name, 'Refund')
        self.assertFalse(
            bill.line_ids.filtered(
                lambda line: line.account_id.account_type in ('expense', 'expense_direct_cost')
            )
        )
