from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .discount.test_discount import DiscountCommon


@tagged('post_install', '-at_install')
class TestRoutes(DiscountCommon):
    """Ways around the dialog that a person, a program or an extension may take."""

    def get_rows(self, *invoices, **values):
        return [
            Command.create({'move_line_id': line.id, **values})
            for invoice in invoices
            for line in invoice.invoice_line_ids
        ]

    # === THE STATE === #

    def test_ts03_the_state_is_not_written_past_the_limits(self):
        invoice = self.make_invoice()
        drafts = self.make_credit(invoice) | self.make_credit(invoice, known_credit_ids=False)
        drafts |= invoice._reverse_moves([{'invoice_date': '2026-02-01'}])
        drafts[0].write({'state': 'posted'})
        with self.assertRaisesRegex(UserError, 'can still be credited'):
            drafts[-1].write({'state': 'posted', 'posted_before': True})

    def test_ts03_the_state_of_a_credited_invoice_is_not_written(self):
        invoice = self.make_invoice()
        self.make_credit(invoice, post=True)
        for state in ('draft', 'cancel'):
            with self.subTest(state), self.assertRaisesRegex(UserError, 'cannot be undone'):
                invoice.write({'state': state})

    def test_ts03_what_is_no_credit_any_more_credits_nothing(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        credit.action_switch_move_type()
        self.assertEqual(credit.move_type, 'out_invoice')
        self.assertFalse(credit.invoice_line_ids.credited_line_id)
        credit.action_post()
        self.assertFalse(invoice.invoice_line_ids[0].credited_quantity)

    # === LINES === #

    def test_ts03_lines_of_a_posted_credit_are_kept(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice, post=True)
        for values in ({'quantity': 1}, {'credit_kind': 'price'}, {'balance': 7}):
            with self.subTest(values), self.assertRaisesRegex(UserError, 'Reset it to draft'):
                credit.invoice_line_ids[0].write(values)
        credit.invoice_line_ids[0].name = 'Another text'

    def test_ts03_a_dozen_is_no_unit(self):
        unit, dozen = self.env.ref('uom.product_uom_unit'), self.env.ref('uom.product_uom_dozen')
        line = {'name': 'Eggs', 'quantity': 2, 'price_unit': 10, 'product_uom_id': unit.id}
        invoice = self.make_invoice(lines=[line])
        credit = self.make_credit(invoice)
        credit.invoice_line_ids.product_uom_id = dozen
        with self.assertRaisesRegex(UserError, r'2\.00 can still be credited, not 24\.00'):
            credit.action_post()

    def test_ts03_units_of_a_dozen_add_up(self):
        unit, dozen = self.env.ref('uom.product_uom_unit'), self.env.ref('uom.product_uom_dozen')
        line = {'name': 'Eggs', 'quantity': 1, 'price_unit': 10, 'product_uom_id': dozen.id}
        invoice = self.make_invoice(lines=[line])
        for _unit in range(12):
            credit = self.make_credit(invoice)
            credit.invoice_line_ids.write({
                'quantity': 1,
                'product_uom_id': unit.id,
                'credit_kind': 'return',
                'is_credit_price_typed': False,
            })
            credit.action_post()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(invoice.credit_status, 'full')

    def test_ts03_nothing_comes_back_with_the_wrong_sign(self):
        invoice = self.make_invoice(lines=[(5, 0), (1, 100)])
        credit = self.make_credit(invoice)
        credit.invoice_line_ids[0].quantity = -5
        with self.assertRaisesRegex(UserError, r'not -5\.00'):
            credit.action_post()

    def test_ts03_tax_items_that_were_written_are_checked(self):
        other = self.tax.sudo().copy({'name': 'Ten', 'amount': 10})
        invoice = self.make_invoice(lines=[(1, 100, self.tax), (1, 100, other)])
        credit = self.make_credit(invoice)
        items = credit.line_ids.filtered('tax_line_id')
        credit.write({
            'line_ids': [
                Command.update(item.id, {'amount_currency': amount, 'balance': amount})
                for item, amount in zip(items.sorted('balance'), (1, 30), strict=True)
            ]
        })
        self.assertEqual(credit.amount_total, invoice.amount_total)
        with self.assertRaisesRegex(UserError, 'tax. can still be credited'):
            credit.action_post()

    def test_ts03_exact_amounts_of_a_caller_do_not_count(self):
        invoice = self.make_invoice(lines=[(1, 100, self.tax)])
        line = invoice.invoice_line_ids
        data = invoice._get_credit_tax_data()[line.id]
        data['manual_tax_amounts'][str(self.tax.id)]['tax_amount_currency'] = 1
        credit = self.Move.create({
            'move_type': 'out_refund',
            'partner_id': invoice.partner_id.id,
            'reversed_entry_id': invoice.id,
            'invoice_line_ids': [
                Command.create({
                    'name': 'Work',
                    'price_unit': 100,
                    'tax_ids': [Command.set(self.tax.ids)],
                    'credited_line_id': line.id,
                    'extra_tax_data': data,
                })
            ],
        })
        self.assertEqual(credit.amount_tax, 21)

    def test_ts03_a_credit_of_single_lines_is_matched_with_their_invoice(self):
        invoice = self.make_invoice(lines=[(2, 100, self.tax)])
        credit = self.Move.create({
            'move_type': 'out_refund',
            'partner_id': invoice.partner_id.id,
            'invoice_date': '2026-02-01',
            'invoice_line_ids': [
                Command.create({
                    'name': 'Work',
                    'price_unit': 100,
                    'tax_ids': [Command.set(self.tax.ids)],
                    'credited_line_id': invoice.invoice_line_ids.id,
                })
            ],
        })
        credit.action_post()
        self.assertEqual(credit.reversed_entry_id, invoice)
        self.assertEqual(invoice.amount_residual, 121)

    # === THE CONTEXT === #

    def test_ts03_a_client_cannot_forge_what_is_kept_in_the_context(self):
        invoice = self.make_invoice()
        forged = {
            'credit_mirror': 1,
            'credit_parts': {'x': 1},
            'credit_remaining': {},
            'credit_checked': 1,
        }
        credit = invoice.with_context(**forged)._reverse_moves([{'invoice_date': '2026-02-01'}])
        credit.with_context(**forged).invoice_line_ids[0].quantity = 1
        self.assertLess(credit.amount_total, invoice.amount_total)

    # === EXTENSIONS, THE SCHEDULER === #

    def test_ts03_an_extension_that_lowers_what_is_left_counts_for_the_first_credit(self):
        invoice = self.make_invoice(lines=[(1, 100, self.tax)])
        model = self.registry['account.move']
        get_amount = model._get_creditable_amount
        self.patch(
            model,
            '_get_creditable_amount',
            lambda move, credits=None: get_amount(move, credits) - 21,
        )
        with self.assertRaisesRegex(UserError, r'100\.00 can still be credited'):
            self.make_credit(invoice, post=True)

    @freeze_time('2026-03-10')
    def test_ts03_a_credit_of_the_future_takes_nothing_yet(self):
        invoice = self.make_invoice()
        later = self.make_credit(invoice)
        later.write({'date': '2026-03-20', 'invoice_date': '2026-03-20'})
        now = invoice._reverse_moves([{'invoice_date': '2026-03-10', 'date': '2026-03-10'}])
        (later | now)._post(soft=True)
        self.assertEqual((later | now).mapped('state'), ['draft', 'posted'])

    @freeze_time('2026-03-10')
    def test_if05_the_scheduler_posts_what_was_granted(self):
        invoice = self.make_invoice(lines=[(4, 25)])
        manager = new_test_user(
            self.env(su=True),
            login='credit_manager',
            groups='credit_invoice.group_credit_exceed',
            company_id=self.env.company.id,
        )
        credit = self.make_credit(invoice, date='2026-03-10')
        credit.invoice_line_ids.price_unit = 30
        root = self.env.ref('base.user_root')
        credit.credit_exceed_reason = 'A clerk wants it'
        with self.assertRaises(UserError):
            credit.with_user(root)._post()
        credit.with_user(manager).credit_exceed_reason = 'Agreed'
        credit.with_user(root)._post()
        self.assertEqual(credit.state, 'posted')

    # === SEVERAL INVOICES, DISCOUNTS === #

    def test_mp24_invoices_of_different_rates_are_credited_one_by_one(self):
        currency = self.get_currency(**{'2026-01-01': 2, '2026-01-18': 3})
        first = self.make_invoice(currency_id=currency.id)
        second = self.make_invoice(currency_id=currency.id, invoice_date='2026-01-20')
        dialog = self.open_dialog(first | second)
        self.assertFalse(dialog.can_choose_part)
        with self.assertRaisesRegex(UserError, 'at one rate'):
            self.make_credit(
                first | second,
                credit_scope='part',
                credit_line_ids=self.get_rows(first, second, quantity=1),
            )

    def test_mp24_a_discount_taken_is_credited_by_itself(self):
        first, second = self.make_invoice(), self.make_discounted('included')
        self.pay_as_proposed(second)
        self.assertFalse(self.open_dialog(first | second).can_choose_part)

    def test_if05_a_first_draft_that_is_cut_down_unwinds_its_share_of_a_discount(self):
        invoice = self.make_discounted('included')
        self.pay_as_proposed(invoice)
        credit = self.make_credit(invoice)
        with Form(credit) as form, form.invoice_line_ids.edit(0) as line:
            line.quantity = 2
        self.assertEqual(credit.amount_total, 592.9)
        credit.action_post()
        self.assertEqual(credit.amount_total, 592.9)

    def test_if05_a_discount_is_known_whatever_its_line_says(self):
        invoice = self.make_discounted('excluded')
        self.pay_as_proposed(invoice)
        for text in (False, 'Skonto'):
            credit = self.make_credit(
                invoice,
                credit_scope='part',
                credit_line_ids=self.get_rows(invoice, quantity=1),
            )
            credit.invoice_line_ids[-1].name = text
            credit.action_post()
        rest = self.make_credit(invoice, post=True)
        self.assertEqual(rest.amount_total, 595)
        self.assertEqual(invoice.creditable_amount, 0)

    def test_ag02_all_that_is_left_can_be_filled_in_after_a_free_credit(self):
        invoice = self.make_invoice([(4, 250, self.tax)])
        first = self.make_credit(invoice)
        first.invoice_line_ids = [
            Command.clear(),
            Command.create({
                'name': 'Goodwill',
                'price_unit': 100,
                'tax_ids': [Command.set(self.tax.ids)],
            }),
        ]
        first.action_post()
        rest = self.make_credit(
            invoice, credit_scope='part', credit_line_ids=self.get_rows(invoice, quantity=4)
        )
        self.assertEqual(rest.amount_total, 1089)
        rest.action_post()
        self.assertEqual(invoice.amount_residual, 0)
