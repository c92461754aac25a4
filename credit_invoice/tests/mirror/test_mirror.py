from odoo import Command
from odoo.tests import tagged

from ..common import CreditCommon


@tagged('post_install', '-at_install')
class TestMirror(CreditCommon):
    """Every line is carried over and reversed, to the cent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Tax = cls.env['account.tax'].sudo()
        cls.tax_included = Tax.create({
            'name': '21 % included',
            'amount': 21,
            'price_include_override': 'tax_included',
        })
        cls.tax_fixed = Tax.create({
            'name': 'Levy',
            'amount': 0.35,
            'amount_type': 'fixed',
            'include_base_amount': True,
            'sequence': 0,
        })
        cls.tax_group = Tax.create({
            'name': 'Group',
            'amount_type': 'group',
            'amount': 0,
            'children_tax_ids': [
                Command.set(
                    (
                        cls.tax_fixed.copy({'name': 'Levy in group'})
                        | cls.tax_a.sudo().copy({'name': '15 % in group'})
                    ).ids
                )
            ],
        })

    def assertMirrored(self, invoice, **values):
        """Drafted, edited without a change of amounts, and posted, the credit is the reverse."""
        credit = self.make_credit(invoice, **values)
        self.assertReverses(credit, invoice)
        self.assertFalse(credit.credit_difference_html)
        product_lines = credit.invoice_line_ids.filtered(
            lambda line: line.display_type == 'product'
        )
        product_lines[0].name = 'Renamed'
        credit.write({'narration': 'Edited', 'invoice_date': '2026-02-02'})
        product_lines[0].name = product_lines[0].credited_line_id.name
        self.assertReverses(credit, invoice)
        credit.action_post()
        self.assertReverses(credit, invoice)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(credit.amount_residual, 0)
        return credit

    def test_mp05_every_line_is_reversed(self):
        self.assertMirrored(
            self.make_invoice(
                lines=[
                    {'display_type': 'line_section', 'name': 'Section'},
                    {**self._get_line_vals((3, 33.35)), 'discount': 7.5},
                    {'display_type': 'line_note', 'name': 'Note'},
                    (0.125, 99.99, self.tax_included),
                    (7, 12.12, self.tax_a | self.tax_fixed),
                    (2, 8.88, self.tax_group),
                    (1, -4.44),
                    (1, 3.33, self.env['account.tax']),
                ]
            )
        )

    def test_mp05_rounded_per_line_and_per_document(self):
        for method in ('round_per_line', 'round_globally'):
            self.env.company.sudo().tax_calculation_rounding_method = method
            with self.subTest(method=method):
                self.assertMirrored(self.make_invoice(lines=[(1, 1.03)] * 3 + [(3, 12.12)] * 4))

    def test_mp05_a_hand_corrected_tax_is_mirrored(self):
        invoice = self.make_invoice(post=False)
        tax_line = invoice.line_ids.filtered('tax_line_id')
        term_line = invoice.line_ids.filtered(lambda line: line.display_type == 'payment_term')
        invoice.write({
            'line_ids': [
                Command.update(tax_line.id, {'amount_currency': tax_line.amount_currency - 0.03}),
                Command.update(term_line.id, {'amount_currency': term_line.amount_currency + 0.03}),
            ]
        })
        invoice.action_post()
        self.assertMirrored(invoice)

    def test_mp05_a_tax_changed_since_does_not_change_the_credit(self):
        tax = self.tax_a.sudo().copy({'name': '24 %', 'amount': 24})
        included = self.tax_included.copy({'name': '24 % included', 'amount': 24})
        for other in (25.5, 0):
            (tax | included).amount = 24
            invoice = self.make_invoice(lines=[(1, 100, tax), (3, 9.99, included)])
            (tax | included).amount = other
            with self.subTest(rate=other):
                self.assertMirrored(invoice)

    def test_mp05_an_archived_tax_does_not_stop_the_credit(self):
        tax = self.tax_a.sudo().copy({'name': 'Old'})
        invoice = self.make_invoice(lines=[(1, 100, tax)])
        tax.active = False
        self.assertMirrored(invoice)

    def test_mp05_a_changed_quantity_scales_the_origins_amounts(self):
        tax = self.tax_a.sudo().copy({'name': '24 %', 'amount': 24})
        invoice = self.make_invoice(lines=[(3, 100, tax)])
        tax.amount = 25.5
        credit = self.make_credit(invoice)
        credit.invoice_line_ids.quantity = 1
        self.assertEqual((credit.amount_untaxed, credit.amount_tax), (100, 24))
        credit.write({
            'invoice_line_ids': [
                Command.update(credit.invoice_line_ids.id, {'quantity': 2}),
            ]
        })
        self.assertEqual((credit.amount_untaxed, credit.amount_tax), (200, 48))
        credit.invoice_line_ids.quantity = 3
        self.assertReverses(credit, invoice)

    def test_mp05_the_refund_side_of_the_tax_is_used(self):
        tags = (
            self
            .env['account.account.tag']
            .sudo()
            .create([
                {'name': name, 'applicability': 'taxes', 'country_id': self.tax_a.country_id.id}
                for name in ('inv base', 'inv tax', 'ref base', 'ref tax')
            ])
        )
        account = self.company_data['default_account_tax_sale'].sudo().copy({'code': '251999'})
        tax = self.tax_a.sudo().copy({'name': 'Two sides'})
        for side, base_tag, tax_tag in (('invoice', 0, 1), ('refund', 2, 3)):
            lines = tax[f'{side}_repartition_line_ids']
            lines.filtered(lambda line: line.repartition_type == 'base').tag_ids = tags[base_tag]
            lines.filtered(lambda line: line.repartition_type == 'tax').tag_ids = tags[tax_tag]
        tax.refund_repartition_line_ids[1].account_id = account
        invoice = self.make_invoice(lines=[(1, 100, tax)])
        credit = self.make_credit(invoice, post=True)
        tax_line = credit.line_ids.filtered('tax_line_id')
        self.assertEqual(tax_line.account_id, account)
        self.assertEqual(tax_line.tax_tag_ids, tags[3])
        self.assertEqual(tax_line.tax_repartition_line_id.document_type, 'refund')
        self.assertEqual(credit.invoice_line_ids.tax_tag_ids, tags[2])

    def test_mp05_in_a_foreign_currency_at_the_origins_rate(self):
        currency = self.get_currency(**{'2026-01-01': 2, '2026-02-01': 3.7})
        invoice = self.make_invoice(currency_id=currency.id, lines=[(3, 33.33), (1, 0.07)])
        credit = self.assertMirrored(invoice)
        self.assertEqual(credit.invoice_currency_rate, 2)
        exchange = (invoice | credit).line_ids.matched_debit_ids.exchange_move_id
        self.assertFalse(exchange)

    def test_mp05_at_the_dates_rate_where_the_company_wants_it(self):
        currency = self.get_currency(**{'2026-01-01': 2, '2026-02-01': 4})
        self.env.company.sudo().credit_rate = 'date'
        invoice = self.make_invoice(currency_id=currency.id, lines=[(1, 100)])
        credit = self.make_credit(invoice)
        self.assertEqual(credit.invoice_currency_rate, 4)
        self.assertEqual(credit.amount_total, invoice.amount_total)
        self.assertEqual(credit.amount_total_signed, -invoice.amount_total_signed / 2)

    def test_mp05_cash_rounding_both_ways(self):
        for rounding in (self.cash_rounding_a, self.cash_rounding_b):
            with self.subTest(strategy=rounding.strategy):
                self.assertMirrored(
                    self.make_invoice(
                        lines=[(1, 33.33), (2, 0.77)], invoice_cash_rounding_id=rounding.id
                    )
                )

    def test_mp05_instalments_become_one_due_amount(self):
        invoice = self.make_invoice(invoice_payment_term_id=self.pay_terms_b.id)
        credit = self.assertMirrored(invoice)
        self.assertEqual(
            len(credit.line_ids.filtered(lambda line: line.display_type == 'payment_term')), 1
        )

    def test_mp05_an_early_payment_discount_in_its_three_kinds(self):
        for kind in ('included', 'excluded', 'mixed'):
            term = (
                self
                .env['account.payment.term']
                .sudo()
                .create({
                    'name': kind,
                    'early_discount': True,
                    'discount_percentage': 2,
                    'discount_days': 10,
                    'early_pay_discount_computation': kind,
                    'line_ids': [Command.create({'value_amount': 100, 'nb_days': 30})],
                })
            )
            with self.subTest(kind=kind):
                self.assertMirrored(self.make_invoice(invoice_payment_term_id=term.id))

    def test_mp05_everything_else_is_carried_over(self):
        plan = self.env['account.analytic.plan'].sudo().create({'name': 'Plan'})
        analytic = (
            self
            .env['account.analytic.account']
            .sudo()
            .create({
                'name': 'Project',
                'plan_id': plan.id,
            })
        )
        position = self.env['account.fiscal.position'].sudo().create({'name': 'Abroad'})
        invoice = self.make_invoice(
            lines=[
                {
                    **self._get_line_vals((1, 10)),
                    'analytic_distribution': {str(analytic.id): 100},
                }
            ],
            fiscal_position_id=position.id,
            invoice_user_id=self.clerk.id,
            invoice_cash_rounding_id=self.cash_rounding_a.id,
            payment_reference='INV-REF',
            delivery_date='2026-01-10',
        )
        credit = self.make_credit(invoice)
        for name in (
            'partner_id',
            'fiscal_position_id',
            'invoice_user_id',
            'invoice_cash_rounding_id',
            'delivery_date',
            'currency_id',
            'journal_id',
            'company_id',
        ):
            self.assertEqual(credit[name], invoice[name], name)
        self.assertFalse(credit.payment_reference)
        self.assertEqual(credit.invoice_line_ids.analytic_distribution, {str(analytic.id): 100})

    def test_if12_analytic_accounts_get_back_what_the_invoice_gave_them(self):
        plan = self.env['account.analytic.plan'].sudo().create({'name': 'Projects'})
        one, other = (
            self
            .env['account.analytic.account']
            .sudo()
            .create([{'name': name, 'plan_id': plan.id} for name in ('Bridge', 'Tunnel')])
        )
        invoice = self.make_invoice(
            lines=[
                {
                    **self._get_line_vals(line),
                    'analytic_distribution': {str(one.id): 70, str(other.id): 30},
                }
                for line in ((3, 30.00), (1, 99.99))
            ]
        )
        self.assertTrue(invoice.invoice_line_ids.sudo().analytic_line_ids)
        part = self.make_credit(
            invoice,
            credit_scope='part',
            credit_line_ids=[
                Command.create({'move_line_id': invoice.invoice_line_ids[0].id, 'quantity': 1})
            ],
            post=True,
        )
        part.line_ids.flush_recordset()
        self.assertEqual(
            part.invoice_line_ids.analytic_distribution, {str(one.id): 70, str(other.id): 30}
        )
        rest = self.make_credit(invoice, post=True)
        items = (invoice | part | rest).invoice_line_ids.sudo().analytic_line_ids
        column = plan._column_name()
        for account, share in ((one, 0.7), (other, 0.3)):
            mine = items.filtered(lambda item, account=account: item[column] == account)
            self.assertEqual(len(mine), 5)
            self.assertZero(sum(mine.mapped('amount')))
            of_part = mine.filtered(lambda item: item.move_line_id.move_id == part)
            self.assertZero(of_part.amount + 30.00 * share)

    def test_mp05_differences_to_the_invoice_are_listed(self):
        invoice = self.make_invoice(lines=[(3, 33.35), (1, 99.99)])
        credit = self.make_credit(invoice)
        self.assertFalse(credit.credit_difference_html)
        credit.invoice_line_ids[0].quantity = 2
        credit.invoice_line_ids[1].unlink()
        credit.write({'invoice_line_ids': [Command.create({'name': 'Extra', 'price_unit': 5})]})
        text = credit.credit_difference_html
        self.assertIn('2.00 × 33.35', text)
        self.assertIn('not credited', text)
        self.assertIn('Extra', text)

    def test_mp05_on_cash_basis_the_waiting_tax_is_not_matched_again(self):
        self.env.company.sudo().tax_exigibility = True
        waiting = self.company_data['default_account_tax_sale'].sudo().copy({'code': '251998'})
        waiting.reconcile = True
        tax = self.tax_a.sudo().copy({
            'name': 'Cash basis',
            'tax_exigibility': 'on_payment',
            'cash_basis_transition_account_id': waiting.id,
        })
        (
            tax.invoice_repartition_line_ids | tax.refund_repartition_line_ids
        ).account_id.sudo().write({'reconcile': True})
        invoices = self.make_invoice(lines=[(1, 1000, tax)]) | self.make_invoice(
            lines=[(1, 1000, tax)]
        )
        self.make_credit(invoices, post=True)
        for invoice in invoices:
            lines = (invoice | invoice.reversal_move_ids).line_ids
            receivable = lines.filtered(lambda line: line.account_type == 'asset_receivable')
            self.assertEqual(len(set(receivable.mapped('matching_number'))), 1)
            tax_lines = lines.filtered(lambda line: line.account_id == waiting)
            self.assertEqual(len(set(tax_lines.mapped('matching_number'))), 2)

    def test_mp05_storno_accounting(self):
        self.env.company.sudo().account_storno = True
        invoice = self.make_invoice()
        credit = self.assertMirrored(invoice)
        self.assertTrue(all(line.debit <= 0 and line.credit <= 0 for line in credit.line_ids))

    def test_pc03_the_credits_rows_equal_the_origins(self):
        invoice = self.make_invoice(lines=[(3, 33.35), (1, 99.99), (7, 0.07)])
        credit = self.make_credit(invoice)
        rows = [
            (line.name, line.quantity, line.price_unit, line.price_subtotal)
            for line in invoice.invoice_line_ids
        ]
        self.assertEqual(
            [
                (line.name, line.quantity, line.price_unit, line.price_subtotal)
                for line in credit.invoice_line_ids
            ],
            rows,
        )
        self.assertEqual(credit.amount_total_signed, -invoice.amount_total_signed)

    def test_mp05_a_credit_equals_what_the_host_alone_makes(self):
        invoice = self.make_invoice(lines=[(3, 33.35), (7, 12.12, self.tax_a | self.tax_fixed)])
        credit = self.make_credit(invoice)
        by_hand = self.make_invoice(
            lines=[
                (line.quantity, line.price_unit, line.tax_ids) for line in invoice.invoice_line_ids
            ],
            move_type='out_refund',
            post=False,
        )

        def get_items(move):
            return sorted(
                (
                    line.account_id.code,
                    line.display_type,
                    line.balance,
                    line.tax_repartition_line_id.id,
                    line.tax_tag_ids.ids,
                    line.tax_base_amount,
                )
                for line in move.line_ids
            )

        self.assertEqual(get_items(credit), get_items(by_hand))
