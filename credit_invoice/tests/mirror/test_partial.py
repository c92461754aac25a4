from odoo import Command
from odoo.tests import tagged

from ...models.mirror.mirror_batch import Parts
from ..common import CreditCommon


@tagged('post_install', '-at_install')
class TestPartial(CreditCommon):
    """Parts of an invoice add up to it, journal item by journal item (decision 5)."""

    @classmethod
    def make_tax(cls, amount, factors=(100,), **values):
        """A sale tax of which each part goes to an account of its own."""
        accounts = (
            cls
            .env['account.account']
            .sudo()
            .create([
                {
                    'name': f'Tax {place}',
                    'code': f'TX{amount}{place}',
                    'account_type': 'liability_current',
                }
                for place in range(len(factors))
            ])
        )
        repartition = [Command.create({'repartition_type': 'base'})] + [
            Command.create({'factor_percent': factor, 'account_id': account.id})
            for factor, account in zip(factors, accounts, strict=True)
        ]
        return (
            cls
            .env['account.tax']
            .sudo()
            .create({
                'name': f'{amount} on {len(factors)}',
                'amount': amount,
                'type_tax_use': 'sale',
                'price_include_override': 'tax_excluded',
                'invoice_repartition_line_ids': repartition,
                'refund_repartition_line_ids': repartition,
                **values,
            })
        )

    def credit(self, invoice, **parts):
        """Credit a part of each line, or all that is left, and post it.

        :param parts: as of the context key `credit_parts`, the same for all lines
        """
        parts = {line.id: parts for line in invoice.invoice_line_ids} if parts else None
        credit = invoice.with_context(credit_parts=parts and Parts(parts))._reverse_moves([
            {'invoice_date': '2026-02-01', 'date': '2026-02-01'}
        ])
        credit.action_post()
        return credit

    def assertAddUp(self, moves):
        totals = {}
        for line in moves.line_ids:
            amounts = totals.setdefault((line.account_id.code, line.tax_line_id.name), [0.0] * 3)
            amounts[0] += line.balance
            amounts[1] += line.amount_currency
            amounts[2] += line.tax_base_amount if line.tax_line_id else 0.0
        for key, amounts in totals.items():
            for amount in amounts:
                self.assertZero(amount, key)
        self.assertEqual(set(moves.mapped('payment_state')), {'reversed', 'paid'})
        self.assertEqual(set(moves.mapped('amount_residual')), {0.0})

    def test_thirds_of_a_quantity_leave_nothing(self):
        invoice = self.make_invoice([(1, 10.0)])
        credits = self.credit(invoice, kind='return', quantity=0.33)
        credits |= self.credit(invoice, kind='return', quantity=0.67)
        self.assertEqual(invoice._get_remaining_lines().popitem()[1].quantity, 0.0)
        self.assertAddUp(invoice | credits)

    def test_a_tax_on_two_accounts_adds_up_on_each(self):
        tax = self.make_tax(19, factors=(60, 40))
        invoice = self.make_invoice([(3, 0.29, tax)])
        credits = self.Move
        for _third in range(3):
            credits |= self.credit(invoice, kind='return', quantity=1)
        self.assertAddUp(invoice | credits)

    def test_the_base_of_a_tax_without_amount_is_credited(self):
        tax = self.make_tax(7)
        invoice = self.make_invoice([(3, 0.06, tax)])
        credits = self.Move
        for _third in range(3):
            credits |= self.credit(invoice, kind='return', quantity=1)
        self.assertAddUp(invoice | credits)

    def test_the_base_adds_up_after_a_credit_of_tax_alone(self):
        invoice = self.make_invoice([(1, 100.0)])
        credits = self.credit(invoice, kind='tax', amount=15.0)
        credits |= self.credit(invoice)
        self.assertAddUp(invoice | credits)

    def test_cash_is_rounded_in_the_tax_of_the_invoice(self):
        rounding = (
            self
            .env['account.cash.rounding']
            .sudo()
            .create({
                'name': 'Coins',
                'rounding': 0.05,
                'strategy': 'biggest_tax',
                'rounding_method': 'HALF-UP',
            })
        )
        small, big = self.make_tax(5), self.make_tax(20)
        invoice = self.make_invoice(
            [(1, 80.03, small), (1, 33.33, big)], invoice_cash_rounding_id=rounding.id
        )
        line = invoice.invoice_line_ids[1]
        credit = invoice._reverse_moves([{'invoice_date': '2026-02-01', 'date': '2026-02-01'}])
        credit.write({
            'invoice_line_ids': [
                Command.update(credit.invoice_line_ids[1].id, {'price_unit': 0.11})
            ]
        })
        credit.action_post()
        self.assertEqual(line.tax_ids, big)
        rest = self.credit(invoice)
        self.assertAddUp(invoice | credit | rest)
        self.assertEqual(
            (invoice | credit | rest)
            .line_ids.filtered(lambda line: line.display_type == 'rounding')
            .tax_line_id,
            big,
        )
