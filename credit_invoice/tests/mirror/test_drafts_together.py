from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ...models.mirror.mirror_batch import Parts
from ..common import CreditCommon

ORDERS = ((3, 1, 4, 2), (1, 2, 3, 4), (4, 3, 2, 1))


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestDraftsTogether(CreditCommon):
    """Drafts made from the same invoice post in any order, and the cents find their line."""

    LINES = ((1, 80.00), (1, 0.03), (1, 0.03), (1, 0.03))

    def draft(self, invoice, parts):
        """A draft of parts of an invoice, as the table of the dialog hands them down."""
        return invoice.with_context(credit_parts=Parts(parts))._reverse_moves([
            {'invoice_date': '2026-02-01', 'date': '2026-02-01'}
        ])

    def get_parts(self, invoice, **part):
        return {line.id: dict(part) for line in invoice.invoice_line_ids}

    def draft_percentage(self, invoice, percentage):
        return self.draft(
            invoice,
            {
                line.id: {
                    'kind': 'price',
                    'amount': invoice.currency_id.round(line.price_unit * percentage / 100),
                    'percentage': percentage,
                }
                for line in invoice.invoice_line_ids
            },
        )

    def assertQuarters(self, invoice, drafts, order, totals=None):
        """All drafts post, add up to the invoice, and each is within a cent of its share."""
        for number in order:
            drafts[number - 1].action_post()
        credits = self.Move.union(*drafts)
        currency = invoice.currency_id
        for name in ('amount_untaxed', 'amount_tax', 'amount_total'):
            self.assertZero(sum(credits.mapped(name)) - invoice[name], name)
            for credit in credits:
                share = invoice[name] / len(drafts)
                self.assertLess(abs(credit[name] - share), 0.01 + 1e-9, (name, credit[name]))
        for line in invoice.invoice_line_ids:
            taken = line.credit_line_ids
            self.assertZero(sum(taken.mapped('balance')) + line.balance, line.name)
            self.assertTrue(all(amount >= 0 for amount in taken.mapped('price_subtotal')))
            self.assertTrue(all(amount >= 0 for amount in taken.mapped('price_total')))
        for key, amounts in self._get_tax_totals(invoice | credits).items():
            self.assertZero(amounts[0], key)
        self.assertTrue(currency.is_zero(invoice.amount_residual))
        self.assertEqual((invoice.credit_status, invoice.credited_percentage), ('full', 100.0))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.taxes = {
            amount: cls.tax_a.sudo().copy({'name': f'Quarter {amount}', 'amount': amount})
            for amount in (20, 7.7, 3.3)
        }

    def get_taxes(self, *amounts):
        return self.env['account.tax'].union(*(self.taxes[amount] for amount in amounts))

    def test_ts04_four_drafts_of_a_quarter_by_percentage_post_in_any_order(self):
        variants = zip(
            (self.env['account.tax'], self.get_taxes(20), self.get_taxes(7.7, 3.3)),
            ORDERS,
            strict=True,
        )
        for taxes, order in variants:
            with self.subTest(taxes=taxes.mapped('name'), order=order), self.cr.savepoint():
                invoice = self.make_invoice([(*line, taxes) for line in self.LINES])
                drafts = [self.draft_percentage(invoice, 25.0) for _i in range(4)]
                self.assertEqual(
                    invoice.credit_reserved_amount, sum(d.amount_total for d in drafts)
                )
                self.assertQuarters(invoice, drafts, order)

    def test_ts04_four_drafts_of_a_quarter_of_each_quantity_post_in_any_order(self):
        variants = zip((self.env['account.tax'], self.get_taxes(7.7, 3.3)), ORDERS[:2], strict=True)
        for taxes, order in variants:
            with self.subTest(taxes=taxes.mapped('name'), order=order):
                invoice = self.make_invoice([(*line, taxes) for line in self.LINES])
                parts = self.get_parts(invoice, kind='return', quantity=0.25)
                self.assertQuarters(invoice, [self.draft(invoice, parts) for _i in range(4)], order)

    def test_ts04_a_share_of_a_draft_that_somebody_changes_is_what_was_typed(self):
        invoice = self.make_invoice([(1, 80.00, self.env['account.tax'])])
        draft = self.draft_percentage(invoice, 25.0)
        self.assertEqual(draft.invoice_line_ids.credit_share, 25.0)
        draft.invoice_line_ids.price_unit = 19.99
        self.assertFalse(draft.invoice_line_ids.credit_share)
        self.draft_percentage(invoice, 50.0).action_post()
        draft.action_post()
        self.assertEqual(draft.amount_total, 19.99)

    def test_ts04_a_share_that_is_no_more_left_is_refused_by_its_line(self):
        invoice = self.make_invoice([(1, 80.00, self.env['account.tax']), (1, 20.00)])
        drafts = [self.draft_percentage(invoice, 60.0) for _i in range(2)]
        drafts[1].action_post()
        with self.assertRaisesRegex(Exception, 'Of "1 at 80.0", .*32.00.* not .*48.00'):
            drafts[0].action_post()

    # === WHAT A CLIENT SENDS === #

    def test_ts04_no_client_writes_the_share_of_a_line(self):
        """A draft that shows 20.00 posts 20.00, whatever was sent."""
        invoice = self.make_invoice([(1, 80.00, self.env['account.tax']), (1, 20.00)])
        for forged in (
            {'credit_share': 100.0},
            {'credit_share': float('nan')},
            {'is_credit_price_typed': False},
            {'is_credit_price_typed': True, 'extra_tax_data': {'manual_total_excluded': 1.0}},
        ):
            with self.subTest(forged):
                draft = self.draft_percentage(invoice, 10.0)
                lines = draft.invoice_line_ids.with_context(credit_figures=True)
                before = lines.mapped('extra_tax_data')
                lines.write(dict(forged))
                draft.write({'invoice_line_ids': [Command.update(lines[0].id, dict(forged))]})
                self.assertEqual(lines.mapped('credit_share'), [10.0, 10.0])
                self.assertEqual(lines.mapped('is_credit_price_typed'), [False, False])
                self.assertEqual(lines.mapped('extra_tax_data'), before)
                total = draft.amount_total
                draft.action_post()
                self.assertEqual(draft.amount_total, total)
                draft.invoice_line_ids.write({'credit_share': 100.0})
                self.assertEqual(draft.invoice_line_ids.mapped('credit_share'), [10.0, 10.0])

    def test_ts04_no_client_has_a_line_made_with_a_share(self):
        invoice = self.make_invoice([(1, 80.00, self.env['account.tax'])])
        forged = {'credit_share': 100.0, 'is_credit_price_typed': True}
        defaults = {f'default_{name}': value for name, value in forged.items()}
        for context, values in ((defaults, {}), ({}, forged)):
            with self.subTest(context):
                credit = self.Move.with_context(**context).create({
                    'move_type': 'out_refund',
                    'partner_id': invoice.partner_id.id,
                    'invoice_date': '2026-02-01',
                    'invoice_line_ids': [
                        Command.create({
                            'name': 'A tenth',
                            'price_unit': 8.00,
                            'tax_ids': [Command.clear()],
                            'credited_line_id': invoice.invoice_line_ids.id,
                            **values,
                        })
                    ],
                })
                line = credit.invoice_line_ids
                self.assertEqual((line.credit_share, line.is_credit_price_typed), (0.0, False))
                credit.unlink()

    def test_ts03_exact_amounts_of_what_is_posted_stay(self):
        invoice = self.make_invoice([(1, 80.00, self.env['account.tax'])])
        draft = self.draft_percentage(invoice, 10.0)
        draft.action_post()
        data = {**draft.invoice_line_ids.extra_tax_data, 'manual_total_excluded': 80.0}
        with self.assertRaisesRegex(UserError, 'is posted'):
            draft.invoice_line_ids.write({'extra_tax_data': data})

    # === BY THE BUTTON === #

    def draft_by_form(self, invoice, number, name='credit_percentage'):
        """A draft of a percentage of all lines, as a clerk types it in the dialog."""
        action = invoice.action_credit_invoice()
        with Form(
            self.env[action['res_model']].with_context(
                **action['context'], default_date='2026-02-01'
            )
        ) as form:
            form.credit_scope = 'part'
            form[name] = number
        dialog = form.save()
        dialog.action_create_credit()
        return self.Move.browse(dialog.new_move_ids.ids)

    def draft_by_rows(self, invoice, percentage):
        """The same, with the percentage typed line by line."""
        action = invoice.action_credit_invoice()
        with Form(
            self.env[action['res_model']].with_context(
                **action['context'], default_date='2026-02-01'
            )
        ) as form:
            form.credit_scope = 'part'
            for place in range(len(invoice.invoice_line_ids)):
                with form.credit_line_ids.edit(place) as row:
                    row.percentage = percentage
        dialog = form.save()
        dialog.action_create_credit()
        return self.Move.browse(dialog.new_move_ids.ids)

    def draft_by_call(self, invoice, number, name='credit_percentage'):
        """The same, as a program asks for it."""
        return self.make_credit(invoice, credit_scope='part', **{name: number})

    def test_ts04_four_drafts_of_a_quarter_by_the_button_post_in_any_order(self):
        taxes = self.get_taxes(7.7, 3.3)
        for way in (self.draft_by_form, self.draft_by_rows, self.draft_by_call):
            with self.subTest(way=way.__name__):
                invoice = self.make_invoice([(*line, taxes) for line in self.LINES])
                drafts = [way(invoice, 25.0) for _i in range(4)]
                for draft in drafts:
                    self.assertEqual(len(draft.invoice_line_ids), 4)
                    self.assertEqual(set(draft.invoice_line_ids.mapped('credit_share')), {25.0})
                self.assertQuarters(invoice, drafts, ORDERS[0])

    def test_ts04_a_percentage_that_comes_to_nothing_is_refused(self):
        invoice = self.make_invoice([(1, 0.01, self.env['account.tax'])])
        for way in (self.draft_by_form, self.draft_by_rows, self.draft_by_call):
            with self.subTest(way=way.__name__), self.assertRaisesRegex(UserError, 'Choose what'):
                way(invoice, 25.0)

    def test_ts04_a_percentage_takes_nothing_of_what_was_free(self):
        invoice = self.make_invoice([(1, 80.00), (1, 0.00)])
        draft = self.draft_by_form(invoice, 25.0)
        self.assertEqual(draft.invoice_line_ids.mapped('price_unit'), [20.00])

    def assertAmounts(self, invoice, drafts, order, amounts):
        """All drafts post, each for what was typed, and no line goes to its other side."""
        for number in order:
            drafts[number - 1].action_post()
        self.assertEqual([draft.amount_total for draft in drafts], amounts)
        self.assertZero(invoice.amount_residual - (invoice.amount_total - sum(amounts)))
        for line in invoice.invoice_line_ids:
            taken = line.credit_line_ids
            self.assertTrue(all(amount >= 0 for amount in taken.mapped('price_subtotal')))
            self.assertTrue(all(amount >= 0 for amount in taken.mapped('price_total')))
            balance = sum(taken.mapped('balance'))
            self.assertLessEqual(
                line.company_currency_id.compare_amounts(balance, -line.balance), 0, line.name
            )
        for left in invoice._get_remaining_lines().values():
            self.assertTrue(all(amount >= 0 for amount in left.figures.values()))

    def test_ts04_four_drafts_of_one_amount_for_all_lines_keep_it_in_any_order(self):
        for way, taxes in (
            (self.draft_by_form, self.env['account.tax']),
            (self.draft_by_call, self.get_taxes(7.7, 3.3)),
        ):
            with self.subTest(way=way.__name__, taxes=taxes.mapped('name')):
                invoice = self.make_invoice([(*line, taxes) for line in self.LINES])
                amount = int(25 * invoice.amount_total) / 100
                drafts = [way(invoice, amount, 'credit_amount') for _i in range(4)]
                self.assertEqual([draft.amount_total for draft in drafts], [amount] * 4)
                self.assertAmounts(invoice, drafts, ORDERS[0], [amount] * 4)
                self.make_credit(invoice, post=True)
                self.assertEqual(invoice.credit_status, 'full')

    def test_ts04_amounts_for_all_lines_that_are_the_invoice_use_it_up(self):
        invoice = self.make_invoice([(*line, self.get_taxes(20)) for line in self.LINES])
        amounts = [
            30.00,
            50.00,
            0.05,
            self.env.company.currency_id.round(invoice.amount_total - 80.05),
        ]
        drafts = [self.draft_by_call(invoice, amount, 'credit_amount') for amount in amounts]
        self.assertAmounts(invoice, drafts, ORDERS[0], amounts)
        self.assertEqual(invoice.credit_status, 'full')

    def test_ts04_an_amount_for_all_lines_beyond_what_is_left_is_refused_by_a_cent(self):
        invoice = self.make_invoice([(1, 20.00, self.env['account.tax'])] * 4)
        drafts = [self.draft_by_call(invoice, amount, 'credit_amount') for amount in (40.00, 40.01)]
        drafts[0].action_post()
        with self.assertRaisesRegex(UserError, 'can still be credited'):
            drafts[1].action_post()
        self.assertEqual(drafts[1].amount_total, 40.01)

    def test_ts04_a_row_that_is_typed_anew_leaves_the_amount_for_all(self):
        invoice = self.make_invoice([(1, 60.00, self.env['account.tax']), (1, 20.00)])
        action = invoice.action_credit_invoice()
        with Form(
            self.env[action['res_model']].with_context(
                **action['context'], default_date='2026-02-01'
            )
        ) as form:
            form.credit_scope = 'part'
            form.credit_amount = 20.00
            with form.credit_line_ids.edit(0) as row:
                row.amount = 7.00
        dialog = form.save()
        shares = dialog.credit_line_ids.mapped('split_share')
        self.assertEqual([bool(share) for share in shares], [False, True])
        dialog.action_create_credit()
        line = dialog.new_move_ids.invoice_line_ids[0]
        self.assertEqual((line.price_total, line.credit_share), (7.00, 0.0))
