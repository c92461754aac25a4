from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import CreditCommon


@tagged('post_install', '-at_install')
class TestHardCases(CreditCommon):
    """What goes wrong where the mirror meets the rest of the ledger."""

    def make_tax(self, factors, **values):
        """A tax with one repartition line for each factor in percent, on both sides."""
        parts = [Command.create({'repartition_type': 'base'})] + [
            Command.create({
                'repartition_type': 'tax',
                'factor_percent': factor,
                'account_id': self.company_data['default_account_tax_sale'].id,
            })
            for factor in factors
        ]
        return (
            self
            .env['account.tax']
            .sudo()
            .create({
                'name': f'Parts {factors}',
                'amount': 21,
                'invoice_repartition_line_ids': parts,
                'refund_repartition_line_ids': parts,
                **values,
            })
        )

    def test_mp20_a_paid_invoice_in_a_foreign_currency_is_reinvoiced(self):
        currency = self.get_currency(**{'2026-01-01': 2, '2026-01-18': 3})
        invoice = self.make_invoice(currency_id=currency.id)
        self.pay(invoice)
        self.assertTrue(invoice.line_ids.matched_credit_ids.exchange_move_id)
        self.open_dialog(invoice).action_credit_and_reinvoice()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertReverses(invoice.reversal_move_ids, invoice)

    def test_mp20_a_paid_invoice_on_cash_basis_is_reinvoiced(self):
        self.env.company.sudo().tax_exigibility = True
        waiting = self.company_data['default_account_tax_sale'].sudo().copy({'code': '251997'})
        waiting.reconcile = True
        tax = self.tax_a.sudo().copy({
            'name': 'Cash basis',
            'tax_exigibility': 'on_payment',
            'cash_basis_transition_account_id': waiting.id,
        })
        invoice = self.make_invoice(lines=[(1, 100, tax)])
        self.pay(invoice)
        self.open_dialog(invoice).action_credit_and_reinvoice()
        self.assertEqual(invoice.amount_residual, 0)

    def test_mp20_an_earlier_credit_stays_matched(self):
        invoice = self.make_invoice(lines=[(4, 25)])
        first = self.make_credit(invoice)
        first.invoice_line_ids.quantity = 1
        first.action_post()
        self.open_dialog(invoice).action_credit_and_reinvoice()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(first.amount_residual, 0)

    def test_mp20_another_customers_address_and_fiscal_position(self):
        position = self.env['account.fiscal.position'].sudo().create({'name': 'Export'})
        self.partner_b.sudo().property_account_position_id = position
        invoice = self.make_invoice()
        dialog = self.open_dialog(invoice, replacement_partner_id=self.partner_b.id)
        dialog.action_credit_and_reinvoice()
        replacement = dialog.new_move_ids
        self.assertEqual(replacement.partner_shipping_id, self.partner_b)
        self.assertEqual(replacement.fiscal_position_id, position)
        self.assertIn('check the taxes', replacement.message_ids[0].body)

    def test_mp05_cash_rounding_abroad_keeps_the_rate(self):
        currency = self.get_currency(**{'2026-01-01': 2, '2026-02-01': 0.5})
        invoice = self.make_invoice(
            lines=[(1, 33.33)],
            currency_id=currency.id,
            invoice_cash_rounding_id=self.cash_rounding_a.id,
        )
        credit = self.make_credit(invoice)
        credit.invoice_date = '2026-02-02'
        self.assertReverses(credit, invoice)
        credit.action_post()
        self.assertFalse(credit.line_ids.matched_debit_ids.exchange_move_id)

    def test_mp10_a_credit_of_nothing_abroad_leaves_no_cent_open(self):
        currency = self.get_currency(**{'2026-01-01': 0.3071})
        no_tax = self.env['account.tax']
        rounding = self.cash_rounding_a.sudo().copy({
            'rounding_method': 'HALF-UP',
            'loss_account_id': self.company_data['default_account_expense'].id,
            'profit_account_id': self.company_data['default_account_revenue'].id,
        })
        invoice = self.make_invoice(
            lines=[(2, 0.01, no_tax), (1, 1000, no_tax)],
            currency_id=currency.id,
            invoice_cash_rounding_id=rounding.id,
        )
        first = self.make_credit(invoice)
        # 0.01 is rounded to nothing; at the rate, it is one cent more than its rounding.
        first.write({
            'invoice_line_ids': [
                Command.unlink(first.invoice_line_ids[1].id),
                Command.update(first.invoice_line_ids[0].id, {'quantity': 1}),
            ]
        })
        first.action_post()
        rest = self.make_credit(invoice, post=True)
        self.assertEqual((first.amount_total, rest.amount_total), (0, 1000))
        for move in invoice | first | rest:
            items = move.line_ids.filtered(lambda item: item.account_type == 'asset_receivable')
            self.assertEqual(items.mapped('amount_residual'), [0], move.name)
        self.assertFalse(rest.line_ids.matched_debit_ids.exchange_move_id)

    def test_mp05_reverse_charge_whose_rate_changed(self):
        tax = self.make_tax([100, -100])
        invoice = self.make_invoice(lines=[(1, 100, tax)])
        tax.amount = 24
        self.assertReverses(self.make_credit(invoice, post=True), invoice)

    def test_mp05_a_tax_that_got_another_part_since_can_be_credited(self):
        tax = self.make_tax([100])
        invoice = self.make_invoice(lines=[(1, 100, tax)])
        part = {
            'repartition_type': 'tax',
            'factor_percent': -100,
            'account_id': self.company_data['default_account_tax_sale'].id,
        }
        tax.write({
            f'{side}_repartition_line_ids': [Command.create({**part, 'document_type': side})]
            for side in ('invoice', 'refund')
        })
        credit = self.make_credit(invoice)
        self.assertEqual(credit.amount_untaxed, invoice.amount_untaxed)

    def test_mp05_the_base_of_an_included_tax_whose_rate_changed(self):
        tax = self.make_tax([100], price_include_override='tax_included')
        invoice = self.make_invoice(lines=[(1, 121, tax)])
        tax.amount = 24
        credit = self.make_credit(invoice)
        bases = [
            abs(move.line_ids.filtered('tax_line_id').tax_base_amount) for move in (invoice, credit)
        ]
        self.assertEqual(bases, [100, 100])

    def test_mp05_each_item_of_a_tax_is_mirrored_whatever_its_rate_is_by_now(self):
        inner = self.make_tax([100], name='Inner', include_base_amount=True, sequence=1)
        outer = self.make_tax([100], name='Outer', sequence=2)
        other = self.make_tax(
            [100], name='Other', sequence=2, amount=5.5, price_include_override='tax_included'
        )
        invoice = self.make_invoice(
            lines=[(3, 145.67, inner | outer), (1, 35106.26, inner | other), (1, 10.01, inner)]
        )
        (inner | outer | other).amount = 3
        credit = self.make_credit(invoice, post=True)
        amounts = {}
        for line in (invoice | credit).line_ids.filtered('tax_line_id'):
            key = line.tax_line_id, line.tax_ids
            amounts.setdefault(key, []).append(line.balance)
        self.assertEqual(len(amounts), 5)
        for pair in amounts.values():
            self.assertEqual(pair[0], -pair[1])

    def test_mp10_the_last_part_survives_a_change_of_quantity_and_back(self):
        tax = self.make_tax([100])
        invoice = self.make_invoice(lines=[(3, 33.37, tax)])
        for _part in range(2):
            credit = self.make_credit(invoice)
            credit.invoice_line_ids.quantity = 1
            credit.action_post()
        last = self.make_credit(invoice)
        total = last.amount_total
        last.invoice_line_ids.quantity = 2
        last.invoice_line_ids.quantity = 1
        self.assertEqual(last.amount_total, total)
        last.action_post()
        self.assertEqual(invoice.amount_residual, 0)

    def test_mp10_a_line_credited_beyond_its_quantity_is_left_out(self):
        invoice = self.make_invoice(lines=[(2, 10), (1, 500)])
        self.env.company.sudo().credit_limit_policy = 'allow'
        first = self.make_credit(invoice)
        first.invoice_line_ids[1].unlink()
        first.invoice_line_ids.quantity = 3
        first.action_post()
        second = self.make_credit(invoice)
        self.assertEqual(second.invoice_line_ids.mapped('price_unit'), [500])

    def test_mp02_an_archived_journal_is_said(self):
        journal = self.company_data['default_journal_sale']
        journal = journal.sudo().copy({
            'code': 'INV8',
            'default_account_id': journal.default_account_id.id,
        })
        first, second = self.make_invoice(journal_id=journal.id), self.make_invoice()
        journal.active = False
        with self.assertRaisesRegex(UserError, 'is archived'):
            first.action_credit_invoice()
        dialog = self.open_dialog(first | second)
        self.assertEqual(dialog.move_ids, second)

    def test_mp02_a_dialog_without_documents_is_refused(self):
        with self.assertRaisesRegex(UserError, 'Choose the documents'):
            self.env['account.move.reversal'].create({})

    @freeze_time('2026-03-10')
    def test_mp03_the_first_open_day_can_be_taken(self):
        invoice = self.make_invoice()
        self.env.company.sudo().sale_lock_date = '2026-03-15'
        action = invoice.action_credit_invoice()
        dialog = self.env['account.move.reversal'].with_context(**action['context']).create({})
        dialog.action_create_credit()
        self.assertEqual(str(invoice.reversal_move_ids.invoice_date), '2026-03-16')

    @freeze_time('2026-03-10')
    def test_mp03_another_day_ahead_cannot(self):
        invoice = self.make_invoice()
        self.env.company.sudo().sale_lock_date = '2026-03-15'
        with self.assertRaisesRegex(UserError, 'Today is closed'):
            self.open_dialog(invoice, date='2026-03-20').action_create_credit()
        with self.assertRaisesRegex(UserError, 'Today is closed'):
            self.open_dialog(invoice, date='2026-03-16').action_credit_and_reinvoice()

    @freeze_time('2026-03-10')
    def test_mp03_an_invoice_of_the_future_says_what_to_do(self):
        invoice = self.make_invoice(invoice_date='2026-05-01')
        with self.assertRaisesRegex(UserError, 'reset it to draft'):
            self.open_dialog(invoice, date='2026-05-01').action_create_credit()

    @freeze_time('2026-03-10')
    def test_mp03_with_every_day_closed_nothing_is_proposed(self):
        invoice = self.make_invoice()
        self.env.company.sudo().sale_lock_date = '9999-12-31'
        with self.assertRaisesRegex(UserError, 'Every day is closed'):
            self.env['account.move.reversal'].with_context(
                **invoice.action_credit_invoice()['context']
            ).create({})

    def test_mp07_a_credited_line_cannot_be_deleted(self):
        invoice = self.make_invoice()
        self.make_credit(invoice, post=True)
        with self.assertRaisesRegex(UserError, 'cannot be deleted'):
            invoice.with_context(force_delete=True).invoice_line_ids[0].unlink()

    def test_mp07_who_may_not_read_the_invoice_can_work_on_its_credit(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        other = new_test_user(
            self.env(user=self.env.ref('base.user_admin'), su=True),
            login='credit_other',
            groups='base.group_user,account.group_account_invoice',
            company_id=self.env.company.id,
        )
        credit.sudo().invoice_user_id = other
        self.env['ir.rule'].sudo().create({
            'name': 'Own documents',
            'model_id': self.env.ref('account.model_account_move').id,
            'domain_force': "[('invoice_user_id', '=', user.id)]",
            'groups': [Command.set(self.env.ref('base.group_user').ids)],
        })
        self.env['ir.rule'].sudo().create({
            'name': 'Own lines',
            'model_id': self.env.ref('account.model_account_move_line').id,
            'domain_force': "[('move_id.invoice_user_id', '=', user.id)]",
            'groups': [Command.set(self.env.ref('base.group_user').ids)],
        })
        self.env.invalidate_all()
        theirs = credit.with_user(other)
        self.assertFalse(theirs.credit_difference_html)
        theirs.invoice_line_ids[0].quantity = 2
        self.assertIn('33.35', theirs.credit_difference_html)

    def test_mp07_a_forged_proposal_is_refused(self):
        invoice, foreign = self.make_invoice(), self.make_invoice(partner_id=self.partner_b.id)
        credit = self.make_credit(invoice)
        wizard = self.env['credit.link.wizard'].create({})
        wizard.line_ids = [Command.create({'credit_id': credit.id, 'origin_id': foreign.id})]
        with self.assertRaisesRegex(UserError, 'cannot be the credit note of'):
            wizard.action_confirm()
