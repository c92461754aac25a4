from datetime import timedelta

from odoo import SUPERUSER_ID, fields
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .test_approve import ApproveCommon


class OverpaymentCommon(ApproveCommon):
    """Invoices that were paid twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.company_data['default_journal_bank']
        cls.receivable = cls.company_data['default_account_receivable']

    @classmethod
    def receive(cls, amount, memo='Thank you', **values):
        """Money of the customer that nobody matched."""
        payment = (
            cls
            .env['account.payment']
            .with_context(force_payment_move=True)
            .create({
                'payment_type': 'inbound',
                'partner_type': 'customer',
                'partner_id': cls.partner_a.id,
                'amount': amount,
                'date': '2026-01-25',
                'journal_id': cls.bank.id,
                'memo': memo,
                **values,
            })
        )
        payment.action_post()
        return payment

    def make_bank_line(self, amount, account, **values):
        """A line of a bank statement, against an account."""
        return (
            self
            .env['account.bank.statement.line']
            .sudo()
            .create({
                'journal_id': self.bank.id,
                'date': '2026-01-26',
                'payment_ref': 'Transfer',
                'amount': amount,
                'counterpart_account_id': account.id,
                **values,
            })
        )

    def make_paid_twice(self, lines=((1, 100.0),), **values):
        """An invoice that was paid, and the payment that paid it again."""
        invoice = self.make_invoice(lines, **values)
        self.pay(invoice)
        currency = {'currency_id': invoice.currency_id.id}
        return invoice, self.receive(invoice.amount_total, invoice.name, **currency)

    @classmethod
    def _create_other_company(cls, root):
        env, cls.env = cls.env, root
        try:
            return cls._create_company(name='Other')
        finally:
            cls.env = env

    def get_item(self, payment):
        return payment.move_id.line_ids.filtered(
            lambda line: line.account_type == 'asset_receivable'
        )

    def open_window(self, invoice):
        action = invoice.action_refund_overpayment()
        return Form(self.env[action['res_model']].with_context(**action['context']))

    def get_balances(self, *accounts):
        """What stands on accounts, of everything posted."""
        lines = self.env['account.move.line'].sudo()
        return [
            sum(
                lines.search([
                    ('account_id', '=', account.id),
                    ('parent_state', '=', 'posted'),
                ]).mapped('balance')
            )
            for account in accounts
        ]


@tagged('post_install', '-at_install')
class TestOverpayment(OverpaymentCommon):
    def test_pc22_button_shows_where_money_is_open(self):
        invoice = self.make_invoice()
        self.assertFalse(invoice.has_open_money)
        self.pay(invoice)
        self.assertFalse(invoice.has_open_money)
        self.receive(10.0)
        invoice.invalidate_recordset(['has_open_money'])
        self.assertTrue(invoice.has_open_money)
        other = self.make_invoice(partner_id=self.partner_b.id)
        self.pay(other)
        self.assertFalse(other.has_open_money)

    def test_pc22_button_takes_one_query_for_many(self):
        invoices = self.make_invoice() | self.make_invoice(partner_id=self.partner_b.id)
        for invoice in invoices:
            self.pay(invoice)
        # The record rules of the user are known by then.
        invoices.mapped('has_open_money')
        invoices.invalidate_recordset(['has_open_money'])
        invoices.mapped('commercial_partner_id.name')
        invoices.mapped('amount_residual')
        self.env.flush_all()
        with self.assertQueryCount(1):
            invoices.mapped('has_open_money')

    def test_pc22_window_suggests_the_overpayment_and_refunds_it(self):
        invoice, payment = self.make_paid_twice()
        other = self.receive(30.0)
        window = self.open_window(invoice)
        self.assertEqual(window.amount, invoice.amount_total)
        rows = window.save().line_ids
        self.assertEqual(rows.mapped('payment_move_id'), (payment | other).move_id)
        self.assertEqual(rows.mapped('amount'), [invoice.amount_total, 0.0])
        self.assertIn(payment.move_id.name, window.preview_html)
        wizard = window.save()
        wizard.action_refund()
        line = invoice.credit_settlement_ids.line_ids
        self.assertEqual(line.kind, 'refund')
        self.assertEqual(line.source_line_id, self.get_item(payment))
        self.assertEqual(line.payment_id.amount, invoice.amount_total)
        self.assertEqual(line.payment_id.payment_type, 'outbound')
        self.assertEqual(line.payment_id.memo, invoice.name)
        self.assertTrue(self.get_item(payment).reconciled)
        self.assertTrue(self.get_item(line.payment_id).reconciled)
        self.assertFalse(self.get_item(other).reconciled)
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertFalse(invoice.reversal_move_ids)

    def test_pc22_refund_is_listed_until_the_bank_confirms_it(self):
        invoice, _payment = self.make_paid_twice()
        invoice.refund_overpayment()
        line = invoice.credit_settlement_ids.line_ids
        action = self.env['ir.actions.act_window']._for_xml_id(
            'credit_invoice_settle.credit_settlement_line_action_refund'
        )
        self.assertEqual(action['res_model'], line._name)
        self.assertEqual(line.refund_state, 'in_process')
        self.assertIn(line, line.search([('refund_state', 'in', ('open', 'in_process'))]))
        liquidity = line.payment_id._seek_for_lines()[0]
        bank_line = self.make_bank_line(-invoice.amount_total, liquidity.account_id)
        counterpart = bank_line.line_ids.filtered(
            lambda item: item.account_id == liquidity.account_id
        )
        (liquidity.sudo() | counterpart).reconcile()
        line.invalidate_recordset()
        self.assertEqual(line.refund_state, 'paid')

    def test_pc22_chatter_names_amount_and_refund(self):
        invoice, _payment = self.make_paid_twice()
        invoice.refund_overpayment(description='Paid twice')
        payment = invoice.credit_settlement_ids.line_ids.payment_id
        self.assertIn(payment.name, invoice.message_ids[0].body)
        self.assertEqual(payment.memo, 'Paid twice')

    def test_pc22_money_is_attributed_by_registration_match_or_name(self):
        invoice = self.make_invoice([(1, 100.0)])
        self.pay(invoice, amount=invoice.amount_total + 20.0)
        registered = invoice.matched_payment_ids
        number = self.receive(1.0, f'Invoice {invoice.name.lower()}, thanks')
        reference = self.receive(2.0, invoice.payment_reference)
        self.receive(3.0, invoice.name + '1')
        bank_line = self.make_bank_line(
            4.0, self.receivable, partner_id=self.partner_a.id, payment_ref=invoice.name
        )
        surplus = invoice._get_surplus_lines()
        self.assertEqual(
            surplus.move_id, (registered | number | reference).move_id | bank_line.move_id
        )
        self.assertEqual(sum(surplus.mapped('amount_residual')), -27.0)

    def test_pc22_partial_match_of_bank_money_is_attributed(self):
        invoice = self.make_invoice([(1, 100.0)])
        bank_line = self.make_bank_line(
            invoice.amount_total + 15.0, self.receivable, partner_id=self.partner_a.id
        )
        item = bank_line.line_ids.filtered(lambda line: line.account_id == self.receivable)
        (
            item | invoice.line_ids.filtered(lambda line: line.account_id == item.account_id)
        ).sudo().reconcile()
        self.assertEqual(invoice._get_surplus_lines(), item)
        invoice.refund_overpayment()
        self.assertTrue(item.reconciled)
        self.assertEqual(invoice.credit_settlement_ids.line_ids.amount, 15.0)

    def test_pc22_payment_of_another_address_of_the_customer_counts(self):
        invoice = self.make_invoice()
        self.pay(invoice)
        child = (
            self
            .env['res.partner']
            .sudo()
            .create({
                'name': 'Cashier',
                'parent_id': self.partner_a.id,
            })
        )
        payment = self.receive(invoice.amount_total, invoice.name, partner_id=child.id)
        self.assertEqual(invoice._get_surplus_lines(), self.get_item(payment))
        invoice.refund_overpayment()
        self.assertTrue(self.get_item(payment).reconciled)

    def test_pc22_part_and_rest_are_refunded(self):
        invoice, payment = self.make_paid_twice()
        invoice.refund_overpayment(40.0)
        self.assertEqual(self.get_item(payment).amount_residual, 40.0 - invoice.amount_total)
        invoice.refund_overpayment(items=[(self.get_item(payment).id, 10.0)])
        invoice.refund_overpayment()
        self.assertTrue(self.get_item(payment).reconciled)
        amounts = invoice.credit_settlement_ids.sorted('id').line_ids.mapped('amount')
        self.assertEqual(amounts, [40.0, 10.0, invoice.amount_total - 50.0])

    def test_pc22_paid_three_times_each_payment_gets_its_refund(self):
        invoice, payment = self.make_paid_twice()
        third = self.receive(invoice.amount_total, invoice.name)
        invoice.refund_overpayment()
        lines = invoice.credit_settlement_ids.line_ids
        self.assertEqual(lines.source_line_id, self.get_item(payment) | self.get_item(third))
        self.assertEqual(len(lines.payment_id), 2)

    def test_pc22_refund_is_undone_in_one_click(self):
        invoice, payment = self.make_paid_twice()
        for way in ('payment', 'entry', 'bill'):
            with self.subTest(way=way):
                self.set_refund_rule(way)
                invoice.refund_overpayment()
                settlement = invoice.credit_settlement_ids[:1]
                settlement.action_undo()
                self.assertEqual(settlement.state, 'undone')
                self.assertEqual(self.get_item(payment).amount_residual, -invoice.amount_total)
                line = settlement.line_ids
                self.assertIn('cancel', (line.payment_id.state or line.refund_move_id.state))
                self.assertEqual(invoice.amount_residual, 0.0)
                with self.assertRefused('was undone already'):
                    settlement.action_undo()

    def set_refund_rule(self, way):
        rule = self.env['credit.posting.rule'].sudo()._get_default_rule(self.env.company)
        values = {'refund_way': way}
        if way != 'payment':
            values['refund_journal_id'] = rule._get_refund_journal(
                self.env.company, 'purchase' if way == 'bill' else 'general'
            ).id
        rule.write(values)
        return rule

    def test_pc22_refunded_payment_is_not_reset_under_its_refund(self):
        invoice, payment = self.make_paid_twice()
        invoice.refund_overpayment()
        with self.assertRefused('use Undo Settlement on'):
            payment.action_draft()
        invoice.credit_settlement_ids.action_undo()
        payment.action_draft()
        self.assertEqual(payment.state, 'draft')

    def test_pc22_second_submit_of_the_window_refunds_once(self):
        invoice, _payment = self.make_paid_twice()
        wizard = self.open_window(invoice).save()
        wizard.action_refund()
        wizard.action_refund()
        self.assertEqual(len(invoice.credit_settlement_ids.line_ids.payment_id), 1)
        with self.assertRefused('No money of'):
            invoice.refund_overpayment()

    def test_pc22_bank_account_of_the_money_is_proposed(self):
        accounts = (
            self
            .env['res.partner.bank']
            .sudo()
            .create([
                {'acc_number': number, 'partner_id': self.partner_a.id}
                for number in ('NEW-1', 'FROM-2')
            ])
        )
        invoice = self.make_invoice()
        self.pay(invoice)
        self.make_bank_line(
            50.0,
            self.receivable,
            partner_id=self.partner_a.id,
            payment_ref=invoice.name,
            account_number='from 2',
        )
        window = self.open_window(invoice)
        self.assertEqual(window.partner_bank_id, accounts[1])
        window.partner_bank_id = accounts[0]
        self.assertIn('The money came from from 2', window.bank_warning)

    def test_pc22_recently_changed_account_is_pointed_out(self):
        invoice, _payment = self.make_paid_twice()
        account = (
            self
            .env['res.partner.bank']
            .sudo()
            .create({
                'acc_number': 'NEW-1',
                'partner_id': self.partner_a.id,
            })
        )
        window = self.open_window(invoice)
        self.assertEqual(window.partner_bank_id, account)
        self.assertIn('entered or changed', window.bank_warning)
        self.env.cr.execute(
            'UPDATE res_partner_bank SET write_date = %s WHERE id = %s',
            (fields.Datetime.now() - timedelta(days=60), account.id),
        )
        account.invalidate_recordset()
        self.assertFalse(invoice._get_bank_account_warning(account))

    def test_pc22_so_much_money_goes_to_no_account_that_who_pays_it_back_has_entered(self):
        self.env.company.sudo().credit_four_eyes_amount = 1000.0
        invoice = self.make_invoice([(1, 50.0, self.tax_a.browse())])
        self.pay(invoice)
        self.receive(5000.0, invoice.name)
        values = {'acc_number': 'MINE-1', 'partner_id': self.partner_a.id}
        account = self.env['res.partner.bank'].sudo().create(values).sudo(False)
        with self.assertRefused('by you'):
            invoice.refund_overpayment(refund={'partner_bank_id': account.id})
        self.assertFalse(invoice.credit_settlement_ids)
        other = self.make_person(
            'other_approver', 'account.group_account_invoice', self.env.company
        )
        invoice.with_user(other).refund_overpayment(refund={'partner_bank_id': account.id})
        self.assertEqual(invoice.sudo().credit_settlement_ids.line_ids.amount, 5000.0)

    def test_pc22_accounts_of_the_company_and_of_others_are_refused(self):
        invoice, _payment = self.make_paid_twice()
        account = (
            self
            .env['res.partner.bank']
            .sudo()
            .create({
                'acc_number': 'OURS',
                'partner_id': self.env.company.partner_id.id,
            })
        )
        invoice.sudo().partner_bank_id = account
        self.assertFalse(self.open_window(invoice).partner_bank_id)
        with self.assertRefused('choose an account of the customer'):
            invoice.refund_overpayment(refund={'partner_bank_id': account.id})

    def test_pc22_foreign_currency_leaves_the_exchange_difference(self):
        pound = self.get_currency(**{'2026-01-01': 2.0, '2026-02-01': 4.0})
        invoice, payment = self.make_paid_twice(
            [(1, 100.0, self.env['account.tax'])], currency_id=pound.id
        )
        before = self.get_balances(self.receivable)
        invoice.refund_overpayment(date='2026-02-05')
        refund = invoice.credit_settlement_ids.line_ids.payment_id
        self.assertEqual(refund.currency_id, pound)
        self.assertTrue(self.get_item(payment).reconciled)
        self.assertTrue(self.get_item(refund).reconciled)
        self.assertEqual(self.get_item(refund).balance, 25.0)
        self.assertEqual(self.get_balances(self.receivable), [before[0] + 50.0])
        invoice.credit_settlement_ids.action_undo()
        self.assertEqual(self.get_balances(self.receivable), before)

    def test_ts01_who_may_not_approve_is_refused(self):
        invoice, _payment = self.make_paid_twice()
        reader = new_test_user(
            self.env(su=True), 'reader', 'base.group_user,account.group_account_readonly'
        )
        for name in ('action_refund_overpayment', 'refund_overpayment'):
            with self.assertRaises(AccessError):
                getattr(invoice.with_user(reader), name)()
        with self.assertRaises(AccessError):
            self.env['credit.overpayment.wizard'].with_user(reader).create({'move_id': invoice.id})

    def test_pc22_open_invoice_draft_and_credit_are_refused(self):
        invoice = self.make_invoice()
        self.receive(10.0, invoice.name)
        with self.assertRefused('is still open'):
            invoice.refund_overpayment()
        with self.assertRefused('no posted customer invoice'):
            self.make_invoice(post=False).refund_overpayment()
        with self.assertRefused('no posted customer invoice'):
            self.make_credit(invoice).refund_overpayment()

    def test_pc22_matched_money_goes_back_and_the_invoice_is_open_by_it(self):
        """R26: 40,000 came in by mistake, 10,000 was meant; the sale stays."""
        invoice = self.make_invoice([(1, 40000.0, self.env['account.tax'])])
        self.pay(invoice)
        before = self.get_ledger_of(invoice)
        window = self.open_window(invoice)
        with window.line_ids.edit(0) as row:
            self.assertEqual((row.amount, row.amount_matched), (0.0, 40000.0))
            row.amount = 30000.0
        self.assertEqual(window.amount_released, 30000.0)
        self.assertIn('Open again', window.preview_html)
        window.save().action_refund()
        settlement = invoice.credit_settlement_ids
        refund = settlement.line_ids.payment_id
        self.assertEqual((refund.amount, refund.payment_type), (30000.0, 'outbound'))
        self.assertTrue(self.get_item(refund).reconciled)
        self.assertEqual(invoice.amount_residual, 30000.0)
        self.assertEqual(invoice._get_money_received(), 10000.0)
        self.assertFalse(invoice.reversal_move_ids)
        credit = self.make_credit(invoice)
        self.assertEqual(credit._get_refundable_amount(), 10000.0)
        credit.unlink()
        settlement.action_undo()
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual(self.get_ledger_of(invoice), before)

    def get_ledger_of(self, invoice):
        """What is open, and how much of which money is matched."""
        partials = invoice.line_ids.matched_credit_ids
        return (
            invoice.amount_residual,
            invoice.payment_state,
            {
                money.id: sum(matches.mapped('amount'))
                for money, matches in partials.grouped('credit_move_id').items()
            },
        )

    def test_pc22_matched_money_of_two_payments_goes_back_the_last_first(self):
        invoice = self.make_invoice([(1, 100.0, self.env['account.tax'])])
        self.pay(invoice, amount=60.0, payment_difference_handling='open')
        self.pay(invoice)
        first, last = invoice.line_ids.matched_credit_ids.sorted('id').credit_move_id
        invoice.refund_overpayment(50.0)
        parts = invoice.credit_settlement_ids.line_ids
        self.assertEqual(
            {part.source_line_id: part.amount for part in parts}, {last: 40.0, first: 10.0}
        )
        self.assertEqual(invoice.amount_residual, 50.0)
        # And more, while it is open.
        invoice.refund_overpayment(10.0)
        self.assertEqual(invoice.amount_residual, 60.0)
        with self.assertRefused('can be refunded of'):
            invoice.refund_overpayment(41.0)
        with self.assertRefused('No money of .* is open'):
            invoice.refund_overpayment()

    def test_pc22_matched_money_that_a_credit_returned_goes_back_once(self):
        invoice = self.make_invoice([(1, 100.0, self.env['account.tax'])])
        self.pay(invoice)
        part = self.make_credit(invoice, credit_scope='part', credit_amount=40.0)
        part.approve_credits(settlement='refund')
        window = self.open_window(invoice)
        with window.line_ids.edit(0) as row:
            self.assertEqual(row.amount_matched, 60.0)
            row.amount = 60.01
        self.assertIn('up to', window.refusal)
        with self.assertRefused('can be refunded of'):
            invoice.refund_overpayment(60.01)
        rest = self.make_credit(invoice)
        rest.approve_credits(settlement='refund')
        self.assertFalse(invoice._get_matched_money_lines())
        with self.assertRefused('paid nothing for'):
            invoice.action_refund_overpayment()
        with self.assertRefused('paid nothing for'):
            invoice.refund_overpayment(100.0)
        # What was not returned by then, is.
        rest.credit_settlement_ids.action_undo()
        invoice.refund_overpayment(60.0)
        self.assertEqual(invoice._get_money_kept(), 0.0)

    def test_pc22_matched_money_is_matched_again_wholly_however_often(self):
        invoice = self.make_invoice([(1, 100.0, self.env['account.tax'])])
        self.pay(invoice)
        for amount in (30.0, 50.0, 100.0):
            before = invoice.credit_settlement_ids
            invoice.refund_overpayment(amount)
            self.assertEqual(invoice.amount_residual, amount)
            (invoice.credit_settlement_ids - before).action_undo()
            self.assertEqual(invoice.amount_residual, 0.0)
            self.assertTrue(
                all(invoice.line_ids.matched_credit_ids.credit_move_id.mapped('reconciled'))
            )

    def test_pc22_matched_money_in_a_foreign_currency(self):
        pound = self.get_currency(**{'2026-01-01': 2.0, '2026-02-01': 4.0})
        invoice = self.make_invoice([(1, 100.0, self.env['account.tax'])], currency_id=pound.id)
        self.pay(invoice)
        invoice.refund_overpayment(30.0, date='2026-02-05')
        self.assertEqual(invoice.amount_residual, 30.0)
        self.assertEqual(abs(invoice.amount_residual_signed), 15.0)
        invoice.credit_settlement_ids.action_undo()
        self.assertEqual(invoice.amount_residual, 0.0)

    def test_bad_input_gets_one_sentence_and_leaves_nothing(self):
        invoice, payment = self.make_paid_twice()
        item = self.get_item(payment)
        stranger = self.get_item(self.receive(10.0, partner_id=self.partner_b.id))
        foreign = self.make_foreign_item()
        nan = float('nan')
        for values, text in (
            ({'amount': nan}, 'must be numbers'),
            ({'amount': -1.0}, 'must be numbers'),
            ({'amount': 'x'}, 'must be numbers'),
            ({'amount': 0}, 'above zero'),
            ({'amount': 0.004}, 'above zero'),
            ({'items': [(item.id, 0.004)]}, 'above zero'),
            ({'amount': 1e6}, 'can be refunded of'),
            ({'items': []}, 'Enter an amount'),
            ({'items': 5}, 'list of'),
            ({'items': [(item.id, nan)]}, 'must be numbers'),
            ({'items': [(item.id, 1e6)]}, 'enter an amount up to'),
            ({'items': [(stranger.id, 1.0)]}, 'choose payments of this'),
            ({'items': [(foreign.id, 1.0)]}, 'choose payments of this'),
            ({'items': [(invoice.line_ids[0].id, 1.0)]}, 'choose payments of this'),
            ({'items': [(0, 1.0)]}, 'choose payments of this'),
            ({'date': '2026-01-01'}, 'before it came in'),
            ({'refund': {'way': 'cash'}}, 'is no value of way'),
        ):
            with self.subTest(values=values), self.assertRefused(text):
                invoice.refund_overpayment(**values)
            self.assertFalse(invoice.credit_settlement_ids)
            self.assertEqual(item.amount_residual, -invoice.amount_total)

    def make_foreign_item(self):
        """Money of the customer with another company."""
        env = self.env
        root = self.env(user=SUPERUSER_ID, context={})
        company = self._create_other_company(root)
        journal = root['account.journal'].search([
            ('company_id', '=', company.id),
            ('type', '=', 'bank'),
        ])
        payment = (
            root['account.payment']
            .with_company(company)
            .with_context(force_payment_move=True)
            .create({
                'payment_type': 'inbound',
                'partner_type': 'customer',
                'partner_id': self.partner_a.id,
                'amount': 10.0,
                'date': '2026-01-25',
                'journal_id': journal.id,
            })
        )
        payment.action_post()
        return self.get_item(payment).with_env(env)

    def test_pc22_table_d_paid_twice_and_returned(self):
        """Posting table (d), with tax: through an account in transit, refunded in two ways."""
        for way in ('entry', 'payment'):
            with self.subTest(way=way):
                self.play_table_d(way)

    def play_table_d(self, way):
        rule = self.set_refund_rule(way)
        bank = self.bank.default_account_id
        transit = self.inbound_payment_method_line.payment_account_id
        transit_out = self.outbound_payment_method_line.payment_account_id
        sales = self.company_data['default_account_revenue']
        tax = self.company_data['default_account_tax_sale']
        accounts = [self.receivable, bank, transit, transit_out, rule.refund_account_id, sales, tax]
        before = self.get_balances(*accounts)

        def get_changes():
            now = self.get_balances(*accounts)
            return [
                self.env.company.currency_id.round(one - other) + 0.0
                for one, other in zip(now, before, strict=True)
            ]

        invoice = self.make_invoice([(1, 100.0)])
        total, untaxed = invoice.amount_total, invoice.amount_untaxed
        income = [-untaxed, untaxed - total]
        self.assertEqual(get_changes(), [total, 0, 0, 0, 0, *income])
        self.pay(invoice)
        second = self.receive(total, invoice.name)
        for payment in invoice.matched_payment_ids | second:
            self.confirm_by_bank(payment)
        self.assertEqual(get_changes(), [-total, 2 * total, 0, 0, 0, *income])
        self.open_window(invoice).save().action_refund()
        line = invoice.credit_settlement_ids.line_ids
        if way == 'entry':
            self.assertEqual(get_changes(), [0, 2 * total, 0, 0, -total, *income])
            self.assertEqual(line.refund_state, 'open')
            action = line.action_pay_refund()
            payment = (
                self
                .env['account.payment.register']
                .with_context(**action['context'])
                .create({'journal_id': self.bank.id, 'payment_date': '2026-02-06'})
                ._create_payments()
            )
        else:
            payment = line.payment_id
        self.assertEqual(get_changes(), [0, 2 * total, 0, -total, 0, *income])
        self.confirm_by_bank(payment)
        self.assertEqual(get_changes(), [0, total, 0, 0, 0, *income])
        line.invalidate_recordset()
        self.assertEqual(line.refund_state, 'paid')
        self.assertEqual(invoice.payment_state, 'paid')
        self.assertFalse(invoice.is_settled_without_money)

    def confirm_by_bank(self, payment):
        liquidity = payment.sudo()._seek_for_lines()[0]
        line = self.make_bank_line(liquidity.balance, liquidity.account_id)
        counterpart = line.line_ids.filtered(lambda item: item.account_id == liquidity.account_id)
        (liquidity | counterpart).reconcile()
