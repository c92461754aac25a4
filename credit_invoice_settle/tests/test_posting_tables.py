from odoo import Command
from odoo.tests import Form, tagged

from .ledger import EUROS, LedgerCommon

INVOICED, PAID, CREDITED = '2026-01-15', '2026-02-10', '2026-03-05'
INVOICED_AGAIN, SETTLED, PAID_AGAIN, AT_BANK = (
    '2026-04-10',
    '2026-04-20',
    '2026-05-10',
    '2026-06-10',
)


class Amounts:
    """A total with its parts."""

    def __init__(self, base):
        self.base, self.tax = base, base / 5
        self.total = self.base + self.tax


@tagged('post_install', '-at_install')
class TestPostingTables(LedgerCommon):
    """The posting tables of the design, each as a story through the screens' own methods.

    A story is told with `whole` and `part` of amounts in each of the variants of the classes below.
    """

    allow_inherited_tests_method = True
    is_part = is_foreign = is_on_payment = False

    def setUp(self):
        super().setUp()
        self.currency = self.make_pounds() if self.is_foreign else self.company.currency_id
        self.used_tax = self.cash_basis_tax if self.is_on_payment else self.tax
        self.start_table()

    # === WHAT IS DONE, AND WHAT IS EXPECTED OF IT === #

    def rate(self, day):
        return EUROS[f'{day[:8]}01'] if self.is_foreign else 1.0

    def invoice(self, day, lines):
        """Post an invoice: receivable against sales and tax."""
        amounts = Amounts(sum(quantity * price for quantity, price in lines))
        invoice = self.make_invoice(
            [
                {
                    'name': f'{quantity} at {price}',
                    'quantity': quantity,
                    'price_unit': price,
                    'account_id': self.accounts['sales'].id,
                    'tax_ids': [Command.set(self.used_tax.ids)],
                }
                for quantity, price in lines
            ],
            invoice_date=day,
            currency_id=self.currency.id,
        )
        self.assertEqual(invoice.amount_total, amounts.total)
        self.expect_document('sales', amounts, self.rate(day))
        return invoice, amounts

    def expect_document(self, document, amounts, rate):
        sign = 1 if document == 'sales' else -1
        tax = 'tax_to_come' if self.is_on_payment else 'tax'
        self.book(
            rate,
            receivable=sign * amounts.total,
            sales=-sign * amounts.base,
            **{tax: -sign * amounts.tax},
        )
        if not self.is_on_payment:
            self.expect_tax(document, amounts.total, rate)

    def expect_tax(self, document, total, rate):
        """Expect a tax in the boxes: when documents are posted, or as far as they are settled."""
        sign = 1 if document == 'sales' else -1
        base = total / 1.2
        self.book_boxes(document, -sign * base * rate, -sign * (total - base) * rate)

    def expect_settled(self, document, total):
        """Expect that a tax on payments becomes due as far as its document is settled."""
        if self.is_on_payment:
            sign = 1 if document == 'sales' else -1
            tax = total - total / 1.2
            self.book(1.0, tax_to_come=sign * tax, tax=-sign * tax)
            self.expect_tax(document, total, 1.0)

    def pay(self, invoice, total, day, rate_of_items, through='bank'):
        """Receive money for an invoice."""
        payment = self.register_payment(invoice, day, through)
        rate = self.rate(day)
        self.book(rate, **{through.replace(' ', '_'): total, 'receivable': -total})
        self.book_exchange('receivable', total * (rate_of_items - rate))
        self.expect_settled('sales', total)
        return payment

    def reach_bank(self, payments, day, paid_day):
        """See payments on the bank statement, in which they are at another rate by then."""
        self.confirm_by_bank(payments, day)
        for payment in payments:
            total = payment.amount * (1 if payment.payment_type == 'inbound' else -1)
            self.book(self.rate(day), in_transit=-total, bank=total)
            self.book_exchange('in transit', total * (self.rate(paid_day) - self.rate(day)))

    def draft_credit(self, invoice, amounts):
        """Draft a credit, and cut it down for a part."""
        credit = self.make_credit(invoice, date=CREDITED)
        if self.is_part:
            credit.invoice_line_ids[1:].unlink()
            credit.invoice_line_ids.quantity = 1
            amounts = Amounts(credit.invoice_line_ids.price_unit)
        self.assertEqual(credit.amount_total, amounts.total)
        return credit, amounts

    def expect_credit(self, amounts):
        """A credit has the rate of its invoice."""
        self.expect_document('credits', amounts, self.rate(INVOICED))

    def assertCleared(self, *roles):
        balances = self.get_balances()
        self.assertFalse([role for role in roles if role in balances])

    # === STORIES === #

    def test_pc08_table_a_unpaid(self):
        invoice, whole = self.invoice(INVOICED, [(2, 40.0), (1, 60.0)])
        self.assertTable('invoiced', {invoice: ('not_paid', whole.total)})
        credit, part = self.draft_credit(invoice, whole)
        self.assertTable('drafted', {invoice: ('not_paid', whole.total)})
        self.approve_in_window(credit, SETTLED)
        rest = whole.total - part.total
        self.expect_credit(part)
        self.expect_settled('sales', part.total)
        self.expect_settled('credits', part.total)
        self.assertTable(
            'approved',
            {invoice: ('partial' if rest else 'reversed', rest), credit: ('paid', 0.0)},
        )
        if rest:
            self.pay(invoice, rest, PAID_AGAIN, self.rate(INVOICED))
            self.assertTable('paid', {invoice: ('paid', 0.0), credit: ('paid', 0.0)})
        self.assertCleared('receivable')
        self.assertEqual(credit.is_settled_without_money, True)
        self.assertEqual(invoice.is_settled_without_money, not rest)

    def test_pc20_table_b_kept_and_deducted_from_the_next(self):
        invoice, whole = self.invoice(INVOICED, [(2, 40.0), (1, 60.0)])
        self.pay(invoice, whole.total, PAID, self.rate(INVOICED))
        self.assertTable('paid', {invoice: ('paid', 0.0)})
        credit, part = self.draft_credit(invoice, whole)
        self.approve_in_window(credit, CREDITED, settlement='keep')
        self.expect_credit(part)
        states = {invoice: ('paid', 0.0), credit: ('not_paid', part.total)}
        self.assertTable('kept', states)

        later, new = self.invoice(INVOICED_AGAIN, [(1, 200.0)])
        self.assertTable('invoiced again', {**states, later: ('not_paid', new.total)})
        self.approve_in_window(credit, SETTLED, settlement='chosen', uses={later: part.total})
        later_rate = self.rate(INVOICED_AGAIN)
        self.book_exchange('receivable', part.total * (later_rate - self.rate(INVOICED)))
        self.expect_settled('credits', part.total)
        self.expect_settled('sales', part.total)
        rest = new.total - part.total
        # Tax that is due on payment is due on the day of the settlement, by an entry of that day:
        # the host's word for what was matched with an entry is another.
        states[credit] = ('reversed' if self.is_on_payment else 'paid', 0.0)
        self.assertTable('deducted', {**states, later: ('partial', rest)})
        self.assertEqual(credit.status_in_payment, 'settled')

        payment = self.pay(later, rest, PAID_AGAIN, later_rate, through='in transit')
        states[later] = ('paid', 0.0)
        self.assertTable('rest paid', states)
        self.reach_bank(payment, AT_BANK, PAID_AGAIN)
        self.assertTable('at the bank', states)
        self.assertCleared('receivable', 'in transit')

    def pay_refund(self, line, total, rate_of_items):
        """Pay what a refund document owes, as the button of the refund does.

        :return: (the payment, its day)
        """
        action = line.action_pay_refund()
        register = self.env[action['res_model']].with_context(**action['context'])
        payment = register.create({
            'payment_date': PAID_AGAIN,
            'journal_id': self.bank.id,
            'payment_method_line_id': self.methods['in transit', 'outbound'].id,
        })._create_payments()
        rate = self.rate(PAID_AGAIN)
        self.book(rate, refunds_payable=total, in_transit=-total)
        self.book_exchange('refunds payable', total * (rate - rate_of_items))
        return payment, PAID_AGAIN

    def _test_table_c(self, way):
        invoice, whole = self.invoice(INVOICED, [(2, 40.0), (1, 60.0)])
        self.pay(invoice, whole.total, PAID, self.rate(INVOICED))
        if way != 'payment':
            self.make_refund_rule(way)
        credit, part = self.draft_credit(invoice, whole)
        settlement = self.approve_in_window(credit, SETTLED, settlement='refund')
        self.expect_credit(part)
        self.expect_settled('credits', part.total)
        line = settlement.line_ids
        self.assertEqual((line.kind, line.refund_way, line.amount), ('refund', way, part.total))
        states = {invoice: ('paid', 0.0)}
        if way == 'payment':
            payment, paid_day = line.payment_id, SETTLED
            states[credit] = ('paid', 0.0)
            self.book(self.rate(SETTLED), receivable=part.total, in_transit=-part.total)
            lost = self.rate(SETTLED) - self.rate(INVOICED)
            self.book_exchange('receivable', part.total * lost)
        else:
            # The host calls a credit *reversed* that was matched with an entry.
            states[credit] = ('reversed', 0.0)
            self.book(self.rate(INVOICED), receivable=part.total, refunds_payable=-part.total)
            self.assertEqual(line.refund_state, 'open')
            self.assertTable('owed', states)
            payment, paid_day = self.pay_refund(line, part.total, self.rate(INVOICED))
        self.assertTable('refunded', states)
        self.reach_bank(payment, AT_BANK, paid_day)
        self.assertTable('at the bank', states)
        self.assertEqual(line.refund_state, 'paid')
        self.assertEqual(credit.is_settled_without_money, False)
        self.assertCleared('receivable', 'refunds payable', 'in transit', 'refunds clearing')

    def _test_table_d(self, way):
        if way != 'payment':
            self.make_refund_rule(way)
        invoice, whole = self.invoice(INVOICED, [(2, 40.0), (1, 60.0)])
        first = self.pay(invoice, whole.total, PAID, self.rate(INVOICED), through='in transit')
        states = {invoice: ('paid', 0.0)}
        self.assertTable('paid', states)
        second = self.receive_again(invoice, CREDITED)
        self.book(self.rate(CREDITED), in_transit=whole.total, receivable=-whole.total)
        self.assertTable('paid twice', states)
        self.reach_bank(first, AT_BANK, PAID)
        self.reach_bank(second, AT_BANK, CREDITED)
        self.assertTable('at the bank', states)

        back = Amounts(40.0 if self.is_part else whole.base)
        action = invoice.action_refund_overpayment()
        window = Form(self.env[action['res_model']].with_context(**action['context']))
        window.date = SETTLED
        with window.line_ids.edit(0) as row:
            self.assertEqual(row.amount, whole.total)
            row.amount = back.total
        self.assertFalse(window.refusal)
        window.save().action_refund()
        line = invoice.credit_settlement_ids.line_ids
        item = second.move_id.line_ids.filtered(lambda item: item == line.source_line_id)
        self.assertEqual(sum(line.partial_ids.mapped('debit_amount_currency')), back.total)
        self.assertEqual(-item.amount_residual_currency, whole.total - back.total)
        if way == 'payment':
            payment, paid_day = line.payment_id, SETTLED
            self.book(self.rate(SETTLED), receivable=back.total, in_transit=-back.total)
            lost = self.rate(SETTLED) - self.rate(CREDITED)
            self.book_exchange('receivable', back.total * lost)
        else:
            rate = self.rate(CREDITED)
            self.book(rate, receivable=back.total, refunds_payable=-back.total)
            self.assertTable('owed', states)
            payment, paid_day = self.pay_refund(line, back.total, rate)
        self.assertTable('refunded', states)
        self.reach_bank(payment, AT_BANK, paid_day)
        self.assertTable('back at the bank', states)
        self.assertCleared('refunds payable', 'in transit', 'refunds clearing')
        if not self.is_part:
            self.assertCleared('receivable')

    def receive_again(self, invoice, day):
        """The customer pays an invoice again, and nobody can match it."""
        payment = self.env['account.payment'].create({
            'payment_type': 'inbound',
            'partner_type': 'customer',
            'partner_id': self.partner_a.id,
            'amount': invoice.amount_total,
            'currency_id': self.currency.id,
            'date': day,
            'journal_id': self.bank.id,
            'payment_method_line_id': self.methods['in transit', 'inbound'].id,
            'memo': invoice.name,
        })
        payment.action_post()
        return payment

    def test_pc22_table_d_paid_twice_returned_by_payment(self):
        self._test_table_d('payment')

    def test_pc22_table_d_paid_twice_returned_by_entry(self):
        self._test_table_d('entry')

    def test_pc22_table_d_paid_twice_returned_by_bill(self):
        self._test_table_d('bill')

    def test_pc10_table_c_returned_by_payment(self):
        self._test_table_c('payment')

    def test_pc13_table_c_returned_by_entry(self):
        self._test_table_c('entry')

    def test_pc13_table_c_returned_by_bill(self):
        self._test_table_c('bill')


@tagged('post_install', '-at_install')
class TestPostingTablesOfParts(TestPostingTables):
    is_part = True


@tagged('post_install', '-at_install')
class TestPostingTablesInForeignCurrency(TestPostingTables):
    is_foreign = True


@tagged('post_install', '-at_install')
class TestPostingTablesOfPartsInForeignCurrency(TestPostingTables):
    is_part = is_foreign = True


@tagged('post_install', '-at_install')
class TestPostingTablesOnPayment(TestPostingTables):
    is_on_payment = True


@tagged('post_install', '-at_install')
class TestPostingTablesOfPartsOnPayment(TestPostingTables):
    is_part = is_on_payment = True
