from odoo import Command
from odoo.tests import Form, freeze_time, tagged

from ..common import CreditCommon

KINDS = ('included', 'excluded', 'mixed')


class DiscountCommon(CreditCommon):
    """Invoices of 15 January with 2 % within ten days, taxed with 21 %."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax = cls.tax_a.sudo().copy({'name': 'Twenty-one', 'amount': 21})
        terms = cls.env['account.payment.term'].sudo()
        cls.terms = {kind: terms.create(cls._get_term_vals(kind)) for kind in KINDS}
        cls.discount_account = (
            cls.env.company.sudo().account_journal_early_pay_discount_loss_account_id
        )

    @classmethod
    def _get_term_vals(cls, kind):
        return {
            'name': kind,
            'early_discount': True,
            'discount_percentage': 2,
            'discount_days': 10,
            'early_pay_discount_computation': kind,
            'line_ids': [Command.create({'value_amount': 100, 'nb_days': 30})],
        }

    @classmethod
    def make_discounted(cls, kind, lines=None, **values):
        return cls.make_invoice(
            lines=lines or [(4, 250, cls.tax)],
            invoice_payment_term_id=cls.terms[kind].id,
            **values,
        )

    def credit_part(self, invoice, quantity=1):
        """Post a credit of so much of each line, and match it with its invoice."""
        credit = self.make_credit(invoice, date='2026-01-18')
        for line in credit.invoice_line_ids:
            line.quantity = quantity
        credit.action_post()
        return credit

    def register(self, invoices, day='2026-01-20', **values):
        """The dialog of a payment, with what it proposes."""
        return (
            self
            .env['account.payment.register']
            .with_context(active_model='account.move', active_ids=invoices.ids)
            .create({'payment_date': day, **values})
        )

    def pay_as_proposed(self, invoices, day='2026-01-20', **values):
        """:return: the payments' journal entries"""
        return self.register(invoices, day, **values)._create_payments().move_id

    def get_items(self, move):
        """The journal items of a discount: (untaxed amount, tax), in the document's currency."""
        base = move.line_ids.filtered(
            lambda line: (
                line.account_id == self.discount_account and not line.tax_repartition_line_id
            )
        )
        taxes = move.line_ids.filtered('tax_repartition_line_id')
        rounded = self.env.company.currency_id.round
        return tuple(rounded(sum(items.mapped('amount_currency'))) for items in (base, taxes))

    def assertPaid(self, invoice):
        self.assertEqual(invoice.amount_residual, 0)
        self.assertIn(invoice.payment_state, ('paid', 'in_payment'))
        terms = invoice.line_ids.filtered(lambda line: line.display_type == 'payment_term')
        self.assertTrue(all(terms.mapped('reconciled')))
        self.assertEqual(terms.mapped('amount_residual'), [0])


@tagged('post_install', '-at_install')
class TestDiscountOffer(DiscountCommon):
    """A discount on offer outlives a credit, on what the credit left."""

    # kind: (what is open, what is to pay in time, untaxed discount, its tax)
    AFTER_A_QUARTER = {
        'included': (907.5, 889.35, 15, 3.15),
        'excluded': (907.5, 892.5, 15, 0),
        'mixed': (904.35, 889.35, 15, 0),
    }

    @freeze_time('2026-01-20')
    def test_a_partial_credit_keeps_the_offer_on_what_is_open(self):
        for kind, (open_amount, due, *_discount) in self.AFTER_A_QUARTER.items():
            with self.subTest(kind=kind):
                invoice = self.make_discounted(kind)
                self.credit_part(invoice)
                self.assertEqual(invoice.amount_residual, open_amount)
                values = invoice._get_invoice_next_payment_values()
                self.assertEqual(values['installment_state'], 'epd')
                self.assertEqual(values['amount_due'], due)
                self.assertAlmostEqual(values['epd_discount_amount_currency'], open_amount - due)
                self.assertAlmostEqual(values['epd_discount_amount'], open_amount - due)
                self.assertEqual(self.register(invoice).amount, due)

    def test_what_is_paid_in_time_pays_the_invoice(self):
        for kind, (_open, due, base, tax) in self.AFTER_A_QUARTER.items():
            with self.subTest(kind=kind):
                invoice = self.make_discounted(kind)
                self.credit_part(invoice)
                entry = self.pay_as_proposed(invoice)
                self.assertEqual(entry.origin_payment_id.amount, due)
                self.assertEqual(self.get_items(entry), (base, tax))
                self.assertPaid(invoice)

    def test_a_day_late_there_is_no_discount(self):
        for kind, (open_amount, *_due) in self.AFTER_A_QUARTER.items():
            with self.subTest(kind=kind):
                invoice = self.make_discounted(kind)
                self.credit_part(invoice)
                self.assertNotEqual(self.register(invoice, '2026-01-25').amount, open_amount)
                self.assertEqual(self.register(invoice, '2026-01-26').amount, open_amount)
                entry = self.pay_as_proposed(invoice, '2026-01-26')
                self.assertEqual(self.get_items(entry), (0, 0))
                self.assertPaid(invoice)

    def test_a_payment_still_ends_the_offer(self):
        invoice = self.make_discounted('included')
        self.credit_part(invoice)
        self.pay(invoice, amount=100, payment_difference_handling='open')
        self.assertEqual(self.register(invoice).amount, 807.5)

    def test_a_payment_before_the_credit_ends_the_offer_too(self):
        invoice = self.make_discounted('included')
        self.pay(invoice, amount=100, payment_difference_handling='open')
        self.credit_part(invoice)
        self.assertEqual(self.register(invoice).amount, 807.5)

    def test_a_credit_that_is_no_copy_keeps_the_offer(self):
        invoice = self.make_discounted('included')
        credit = self.make_invoice(
            lines=[(1, 250, self.tax)], move_type='out_refund', invoice_date='2026-01-18'
        )
        (invoice + credit).line_ids.filtered(
            lambda line: line.display_type == 'payment_term'
        ).reconcile()
        entry = self.pay_as_proposed(invoice)
        self.assertEqual(entry.origin_payment_id.amount, 889.35)
        self.assertEqual(self.get_items(entry), (15, 3.15))
        self.assertPaid(invoice)

    def test_several_credits_leave_no_cent(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                invoice = self.make_discounted(kind, [(7, 33.37, self.tax), (7, 0.99, self.tax)])
                for _part in range(3):
                    self.credit_part(invoice)
                self.assertTrue(self.register(invoice).early_payment_discount_mode)
                self.pay_as_proposed(invoice)
                self.assertPaid(invoice)

    def test_the_tax_of_a_line_that_was_credited_whole_is_not_corrected(self):
        invoice = self.make_discounted(
            'included', [(1, 1000, self.tax), (1, 1000, self.tax.browse())]
        )
        credit = self.make_credit(invoice, date='2026-01-18')
        credit.invoice_line_ids[1].unlink()
        credit.action_post()
        entry = self.pay_as_proposed(invoice)
        self.assertEqual(self.get_items(entry), (20, 0))
        self.assertPaid(invoice)

    def test_a_fixed_tax_bears_no_correction(self):
        fixed = self.tax.sudo().copy({'name': 'Fixed', 'amount_type': 'fixed', 'amount': 25})
        invoice = self.make_discounted('included', [(4, 250, self.tax + fixed)])
        self.credit_part(invoice)
        entry = self.pay_as_proposed(invoice)
        self.assertEqual(entry.origin_payment_id.amount, 962.85)
        self.assertEqual(self.get_items(entry), (16.5, 3.15))
        self.assertPaid(invoice)

    def test_two_rates_of_which_a_part_was_credited(self):
        other = self.tax.sudo().copy({'name': 'Six', 'amount': 6})
        invoice = self.make_discounted('included', [(4, 250, self.tax), (1, 100, other)])
        credit = self.make_credit(invoice, date='2026-01-18')
        credit.invoice_line_ids[0].quantity = 1
        credit.invoice_line_ids[1].unlink()
        credit.action_post()
        entry = self.pay_as_proposed(invoice)
        taxes = entry.line_ids.grouped('tax_line_id')
        self.assertEqual(taxes[self.tax].amount_currency, 3.15)
        self.assertEqual(taxes[other].amount_currency, 0.12)
        self.assertEqual(self.get_items(entry), (17, 3.27))
        self.assertPaid(invoice)

    def test_in_cash_the_rest_can_be_paid(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                invoice = self.make_discounted(
                    kind, [(4, 25.11, self.tax)], invoice_cash_rounding_id=self.cash_rounding_a.id
                )
                self.credit_part(invoice)
                entry = self.pay_as_proposed(invoice)
                amount = entry.origin_payment_id.amount
                difference = self.cash_rounding_a.compute_difference(invoice.currency_id, amount)
                self.assertEqual(difference, 0)
                self.assertPaid(invoice)

    def test_a_credit_at_another_rate_keeps_the_offer(self):
        self.env.company.sudo().credit_rate = 'date'
        currency = self.get_currency(**{'2026-01-01': 3, '2026-01-17': 4})
        for kind, (_open, due, base, tax) in self.AFTER_A_QUARTER.items():
            with self.subTest(kind=kind):
                invoice = self.make_discounted(kind, currency_id=currency.id)
                self.credit_part(invoice)
                terms = invoice.line_ids.filtered(lambda line: line.display_type == 'payment_term')
                self.assertTrue(terms.matched_credit_ids.exchange_move_id)
                entry = self.pay_as_proposed(invoice)
                self.assertEqual(entry.origin_payment_id.amount, due)
                self.assertEqual(self.get_items(entry), (base, tax))
                self.assertPaid(invoice)

    def test_in_a_foreign_currency_nothing_stays_open_on_either_side(self):
        currency = self.get_currency(**{'2026-01-01': 3})
        for kind, (_open, due, base, tax) in self.AFTER_A_QUARTER.items():
            with self.subTest(kind=kind):
                invoice = self.make_discounted(kind, currency_id=currency.id)
                self.credit_part(invoice)
                entry = self.pay_as_proposed(invoice)
                self.assertEqual(entry.origin_payment_id.amount, due)
                self.assertEqual(self.get_items(entry), (base, tax))
                self.assertPaid(invoice)
                self.assertFalse(entry.line_ids.filtered(lambda line: not line.amount_currency))

    def test_several_invoices_in_one_payment(self):
        first, second = self.make_discounted('included'), self.make_discounted('excluded')
        self.credit_part(first)
        entry = self.pay_as_proposed(first + second, group_payment=True)
        self.assertEqual(entry.origin_payment_id.amount, 889.35 + 1190)
        self.assertPaid(first)
        self.assertPaid(second)

    def test_several_invoices_each_in_a_payment_of_its_own(self):
        first, second = self.make_discounted('included'), self.make_discounted('excluded')
        self.credit_part(first)
        entries = self.pay_as_proposed(first + second, group_payment=False)
        self.assertEqual(sorted(entries.origin_payment_id.mapped('amount')), [889.35, 1190])
        self.assertPaid(first)
        self.assertPaid(second)

    def test_an_invoice_credited_in_full_offers_nothing(self):
        invoice = self.make_discounted('included')
        self.make_credit(invoice, post=True, date='2026-01-18')
        self.assertFalse(
            invoice._is_eligible_for_early_payment_discount(
                invoice.currency_id, invoice.invoice_date
            )
        )


@tagged('post_install', '-at_install')
class TestDiscountTaken(DiscountCommon):
    """What discount was given is read from the payments."""

    def get_taken(self, invoice):
        """:return: sums of (untaxed, tax) in the document's currency, and in the company's"""
        parts = invoice._get_discount_taken()
        taxes = [tax for part in parts for tax in part['taxes'].values()]
        rounded = self.env.company.currency_id.round
        return [
            rounded(sum(row[name] for row in rows))
            for rows, name in (
                (parts, 'amount_currency'),
                (taxes, 'tax_amount_currency'),
                (parts, 'balance'),
                (taxes, 'tax_amount'),
            )
        ]

    def test_the_tax_correction_of_an_included_discount(self):
        invoice = self.make_discounted('included')
        self.assertEqual(invoice._get_discount_taken(), [])
        self.pay_as_proposed(invoice)
        self.assertEqual(
            invoice._get_discount_taken(),
            [
                {
                    'account_id': self.discount_account.id,
                    'tax_ids': self.tax.ids,
                    'name': 'Early Payment Discount',
                    'amount_currency': 20,
                    'balance': 20,
                    'taxes': {
                        self.tax.id: {
                            'tax_amount_currency': 4.2,
                            'tax_amount': 4.2,
                            'base_amount_currency': 20,
                            'base_amount': 20,
                        }
                    },
                }
            ],
        )
        self.assertEqual(invoice._get_discount_taken_amount(), 24.2)

    def test_excluded_and_mixed_discounts_have_no_tax(self):
        for kind in ('excluded', 'mixed'):
            with self.subTest(kind=kind):
                invoice = self.make_discounted(kind)
                self.pay_as_proposed(invoice)
                (part,) = invoice._get_discount_taken()
                self.assertEqual(
                    (part['amount_currency'], part['tax_ids'], part['taxes']), (20, [], {})
                )
                self.assertEqual(invoice._get_discount_taken_amount(), 20)

    def test_after_a_credit_it_is_the_discount_on_the_rest(self):
        for kind, amount in (('included', 18.15), ('excluded', 15), ('mixed', 15)):
            with self.subTest(kind=kind):
                invoice = self.make_discounted(kind)
                credit = self.credit_part(invoice)
                self.pay_as_proposed(invoice)
                self.assertEqual(invoice._get_discount_taken_amount(), amount)
                self.assertEqual(credit._get_discount_taken(), [])

    def test_without_the_discount_nothing_was_taken(self):
        invoice = self.make_discounted('included')
        self.pay_as_proposed(invoice, '2026-01-26')
        self.assertEqual(invoice._get_discount_taken(), [])
        self.assertEqual(invoice._get_discount_taken_amount(), 0)

    def test_an_invoice_without_such_a_term_costs_no_query(self):
        invoice = self.make_invoice()
        self.pay(invoice)
        self.env.flush_all()
        with self.assertQueryCount(0):
            self.assertEqual(invoice._get_discount_taken_amount(), 0.0)

    def test_both_currencies(self):
        currency = self.get_currency(**{'2026-01-01': 3})
        for kind, figures in (
            ('included', [20, 4.2, 6.67, 1.4]),
            ('excluded', [20, 0, 6.67, 0]),
            ('mixed', [20, 0, 6.67, 0]),
        ):
            with self.subTest(kind=kind):
                invoice = self.make_discounted(kind, currency_id=currency.id)
                self.pay_as_proposed(invoice)
                self.assertEqual(self.get_taken(invoice), figures)

    def test_a_rate_that_moved_leaves_the_discount_of_the_day_of_payment(self):
        currency = self.get_currency(**{'2026-01-01': 2, '2026-01-19': 4})
        invoice = self.make_discounted('excluded', currency_id=currency.id)
        entry = self.pay_as_proposed(invoice)
        items = entry.line_ids.filtered(lambda line: line.account_id == self.discount_account)
        self.assertEqual(self.get_taken(invoice), [20, 0, sum(items.mapped('balance')), 0])
        self.assertPaid(invoice)

    def test_one_payment_of_two_invoices_is_shared_to_the_cent(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                invoices = self.make_discounted(kind, [(1, 333.33, self.tax)])
                invoices += self.make_discounted(kind, [(1, 777.77, self.tax)])
                entry = self.pay_as_proposed(invoices, group_payment=True)
                shares = [self.get_taken(invoice) for invoice in invoices]
                total = [sum(column) for column in zip(*shares, strict=True)]
                self.assertEqual(tuple(round(x, 2) for x in total[:2]), self.get_items(entry))
                self.assertAlmostEqual(shares[0][0], 6.67)
                self.assertAlmostEqual(shares[1][0], 15.56, delta=0.011)

    def test_each_invoice_bears_the_discount_of_its_own_kind(self):
        untaxed = self.tax.browse()
        invoices = self.make_discounted('included', [(1, 1000, self.tax)])
        invoices += self.make_discounted('included', [(1, 500, untaxed), (1, 100, self.tax)])
        invoices += self.make_invoice([(1, 1000, self.tax)])
        invoices += self.make_discounted('included', invoice_date='2026-01-02')
        invoices += self.make_discounted('excluded', [(1, 700, self.tax)])
        self.pay_as_proposed(invoices, group_payment=True)
        self.assertEqual(
            [self.get_taken(invoice)[:2] for invoice in invoices],
            [[20, 4.2], [12, 0.42], [0, 0], [0, 0], [14, 0]],
        )

    def test_a_payment_that_came_loose_counts_no_more(self):
        invoice = self.make_discounted('included')
        self.pay_as_proposed(invoice)
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(invoice._get_discount_taken(), [])

    def test_a_payment_that_was_reset_counts_no_more(self):
        invoice = self.make_discounted('included')
        entry = self.pay_as_proposed(invoice)
        entry.origin_payment_id.action_draft()
        self.assertEqual(invoice._get_discount_taken(), [])

    def test_who_is_left_in_a_payment_has_no_more_than_before(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                first, second = self.make_discounted(kind), self.make_discounted(kind)
                self.pay_as_proposed(first + second, group_payment=True)
                before = self.get_taken(first)
                second.line_ids.remove_move_reconcile()
                self.assertEqual(self.get_taken(first), before)

    def test_a_bank_statement_gives_it_too(self):
        invoice = self.make_discounted('included')
        line = (
            self
            .env['account.bank.statement.line']
            .sudo()
            .create({
                'journal_id': self.company_data['default_journal_bank'].id,
                'date': '2026-01-20',
                'amount': 1185.8,
                'partner_id': self.partner_a.id,
            })
        )
        receivable = invoice.line_ids.filtered(lambda line: line.display_type == 'payment_term')
        items = self.Move._get_invoice_counterpart_amls_for_early_payment_discount(
            [{'aml': receivable, 'amount_currency': -1210, 'balance': -1210}], 24.2
        )
        suspense = line._seek_for_lines()[1]
        line.move_id.with_context(force_delete=True, skip_readonly_check=True).write({
            'line_ids': [
                Command.update(
                    suspense.id,
                    {
                        'account_id': receivable.account_id.id,
                        'balance': -1210,
                        'amount_currency': -1210,
                    },
                ),
                *(Command.create(vals) for kind in items.values() for vals in kind),
            ]
        })
        (receivable + suspense).reconcile()
        self.assertEqual(self.get_taken(invoice), [20, 4.2, 20, 4.2])
        self.assertEqual(invoice._get_discount_taken_amount(), 24.2)

    def test_mp03_the_dialog_says_the_tax_that_is_left(self):
        for kind in KINDS:
            with self.subTest(kind):
                invoice = self.make_discounted(kind)
                self.pay_as_proposed(invoice)
                text = self.open_dialog(invoice).credit_summary_html.replace('&nbsp;', ' ')
                credit = self.make_credit(invoice)
                self.assertEqual(invoice._get_tax_left(), credit.amount_tax)
                self.assertIn(f'including tax $ {credit.amount_tax:,.2f}', text)

    def test_a_clerk_who_may_not_read_payments_is_told_too(self):
        invoice = self.make_discounted('included')
        self.pay_as_proposed(invoice)
        self.env['ir.rule'].sudo().create({
            'name': 'Own lines',
            'model_id': self.env.ref('account.model_account_move_line').id,
            'domain_force': "[('move_id.move_type', '!=', 'entry')]",
            'groups': [Command.set(self.env.ref('base.group_user').ids)],
        })
        self.env.invalidate_all()
        self.assertEqual(invoice._get_discount_taken_amount(), 24.2)


@tagged('post_install', '-at_install')
class TestMixedDiscount(DiscountCommon):
    """With a mixed discount the invoice is taxed as if the discount were taken."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Tag = cls.env['account.account.tag'].sudo()
        cls.base_tag, cls.tax_tag = Tag.create([
            {'name': name, 'applicability': 'taxes', 'country_id': cls.tax.country_id.id}
            for name in ('Box of bases', 'Box of taxes')
        ])
        for line in cls.tax.repartition_line_ids:
            is_base = line.repartition_type == 'base'
            line.tag_ids = cls.base_tag if is_base else cls.tax_tag

    def get_box(self, moves, tag):
        lines = moves.line_ids.filtered(lambda line: tag in line.tax_tag_ids)
        return self.env.company.currency_id.round(sum(lines.mapped('balance'))) + 0.0

    def assertUndone(self, invoice, credits):
        for account, lines in (invoice + credits).line_ids.grouped('account_id').items():
            self.assertZero(sum(lines.mapped('balance')), account.code)
            self.assertZero(sum(lines.mapped('amount_currency')), account.code)
        self.assertEqual(self.get_box(invoice + credits, self.tax_tag), 0)
        self.assertEqual(self.get_box(invoice + credits, self.base_tag), 0)
        self.assertEqual(invoice.amount_residual, 0)

    def test_a_full_credit_takes_the_lowered_tax_back(self):
        invoice = self.make_discounted('mixed')
        self.assertEqual(invoice.amount_tax, 205.8)
        credit = self.make_credit(invoice, post=True)
        self.assertEqual(credit.amount_tax, 205.8)
        self.assertUndone(invoice, credit)

    def test_the_figures_of_its_lines_are_those_of_the_ledger(self):
        invoice = self.make_discounted('mixed')
        (figures,) = [
            data['manual_tax_amounts'][str(self.tax.id)]
            for line_id, data in invoice._get_credit_tax_data().items()
            if line_id in invoice.invoice_line_ids.ids
        ]
        self.assertEqual(
            figures,
            {
                'tax_amount': 205.8,
                'tax_amount_currency': 205.8,
                'base_amount': 980,
                'base_amount_currency': 980,
            },
        )

    def test_a_full_credit_after_the_tax_was_changed(self):
        invoice = self.make_discounted('mixed')
        self.tax.amount = 24
        self.assertUndone(invoice, self.make_credit(invoice, post=True))

    def test_a_full_credit_without_the_dialog(self):
        invoice = self.make_discounted('mixed')
        credit = invoice._reverse_moves([{'invoice_date': '2026-02-01'}])
        self.assertEqual(credit.amount_tax, 205.8)
        credit.action_post()
        credit._reconcile_reversed_moves(credit, False)
        self.assertUndone(invoice, credit)

    def test_parts_add_up_to_the_whole(self):
        invoice = self.make_discounted('mixed', [(3, 33.37, self.tax), (3, 0.99, self.tax)])
        credits = self.credit_part(invoice)
        self.assertEqual(
            credits.amount_tax, self.env.company.currency_id.round(invoice.amount_tax / 3)
        )
        credits += self.credit_part(invoice)
        credits += self.make_credit(invoice, post=True)
        self.assertUndone(invoice, credits)

    def test_parts_add_up_in_a_foreign_currency(self):
        currency = self.get_currency(**{'2026-01-01': 3, '2026-01-18': 4})
        invoice = self.make_discounted(
            'mixed', [(3, 33.37, self.tax), (3, 0.99, self.tax)], currency_id=currency.id
        )
        credits = self.credit_part(invoice)
        credits += self.make_credit(invoice, post=True)
        self.assertUndone(invoice, credits)

    def test_a_lower_price_is_taxed_as_the_invoice_is(self):
        invoice = self.make_discounted('mixed', [(1, 1000, self.tax), (1, 500, self.tax)])
        credit = self.make_credit(invoice)
        credit.invoice_line_ids[0].price_unit = 100
        self.assertEqual(credit.amount_tax, 123.48)
        credit.action_post()
        self.assertEqual(self.get_box(credit, self.base_tag), 588)

    def test_a_draft_form_shows_the_lowered_tax(self):
        invoice = self.make_discounted('mixed', [(4, 250, self.tax), (1, 100, self.tax)])
        form = Form(self.make_credit(invoice))
        with form.invoice_line_ids.edit(0) as line:
            line.quantity = 2
        self.assertEqual(form.tax_totals['tax_amount_currency'], 123.48)
        credit = form.save()
        self.assertEqual(credit.amount_tax, 123.48)
        self.assertEqual(credit.tax_totals['tax_amount_currency'], 123.48)

    def test_parts_add_up_whatever_the_tax(self):
        company = self.env.company.sudo()
        refund_side = self.tax.refund_repartition_line_ids
        included = self.tax.sudo().copy({
            'name': 'Included',
            'price_include_override': 'tax_included',
        })
        reverse = self.tax.sudo().copy({'name': 'Reverse charge'})
        reverse.write({
            f'{side}_repartition_line_ids': [
                Command.create({
                    'repartition_type': 'tax',
                    'document_type': side,
                    'factor_percent': -100,
                    'account_id': refund_side.account_id.id,
                })
            ]
            for side in ('invoice', 'refund')
        })
        second = self.tax.sudo().copy({'name': 'On top', 'amount': 5, 'sequence': 99})
        first = self.tax.sudo().copy({'name': 'Below', 'include_base_amount': True, 'sequence': 1})
        for method in ('round_per_line', 'round_globally'):
            company.tax_calculation_rounding_method = method
            for taxes in (self.tax, included, reverse, first + second, self.tax.browse()):
                with self.subTest(method=method, taxes=taxes.mapped('name')):
                    invoice = self.make_discounted(
                        'mixed', [(3, 33.37, taxes), (3, 0.99, taxes), (3, 7.77, self.tax)]
                    )
                    credits = self.credit_part(invoice)
                    credits += self.credit_part(invoice)
                    credits += self.make_credit(invoice, post=True)
                    self.assertUndone(invoice, credits)
