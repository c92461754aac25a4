from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from ..common import CreditCommon


@tagged('post_install', '-at_install')
class TestGate(CreditCommon):
    """What is a posted credit afterwards has passed every check, whatever a client sends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        approve = cls.env.ref('credit_invoice.group_credit_approve').sudo()
        cls.env.ref('account.group_account_invoice').sudo().implied_ids -= approve
        company = cls.company_data['company']
        company.sudo().credit_limit_policy = 'block'
        cls.approver = cls.make_person(
            'approver', 'account.group_account_invoice,credit_invoice.group_credit_approve', company
        )
        cls.free = cls.tax_a.browse()
        cls.invoice = cls.make_invoice(lines=[(1, 100, cls.free)])

    def call(self, records, method, *args, user=None, **context):
        """Call a method as a client does: by default as a biller who may not approve."""
        model = self.env[records._name].with_user(user or self.clerk)
        ids = [records.ids] if records else []
        return call_kw(model, method, [*ids, *args], {'context': context})

    def draft(self, price=900, move_type='out_refund', **values):
        """A draft of a biller that credits nothing yet."""
        return self.make_invoice(
            lines=[(1, price, self.free)], post=False, move_type=move_type, **values
        )

    def assertStays(self, records, error, regex, method, *args, **options):
        """A call is refused with a sentence, and leaves nothing behind."""
        moves = records.move_id if records._name == 'account.move.line' else records
        before = moves.read(['state', 'move_type', 'amount_total'])
        with self.assertRaisesRegex(error, regex), self.cr.savepoint():
            self.call(records, method, *args, **options)
        self.env.invalidate_all()
        self.assertEqual(moves.read(['state', 'move_type', 'amount_total']), before)

    # === THE STATE TOGETHER WITH OTHER VALUES === #

    def test_ts03_the_link_written_with_the_state_counts(self):
        values = {'state': 'posted', 'reversed_entry_id': self.invoice.id}
        options = {'user': self.approver}
        self.assertStays(self.draft(), UserError, 'more than', 'write', values, **options)

    def test_ts03_a_line_added_with_the_state_counts(self):
        credit = self.make_credit(self.invoice)
        line = Command.create({'name': 'More', 'price_unit': 800, 'tax_ids': []})
        values = {'state': 'posted', 'invoice_line_ids': [line]}
        self.assertStays(credit, UserError, 'more', 'write', values, user=self.approver)

    def test_ts01_a_type_written_with_the_state_needs_the_right(self):
        values = {'move_type': 'out_refund', 'state': 'posted'}
        draft = self.draft(move_type='out_invoice')
        self.assertStays(draft, AccessError, 'Approve credits', 'write', values)

    def test_ts01_an_entry_that_becomes_a_credit_with_the_state_needs_the_right(self):
        receivable = self.company_data['default_account_receivable']
        income = self.company_data['default_account_revenue']
        entry = self.Move.create({
            'move_type': 'entry',
            'partner_id': self.partner_a.id,
            'line_ids': [
                Command.create({'account_id': income.id, 'display_type': 'product', 'debit': 500}),
                Command.create({
                    'account_id': receivable.id,
                    'display_type': 'payment_term',
                    'credit': 500,
                }),
            ],
        })
        journal = self.company_data['default_journal_sale']
        values = {'move_type': 'out_refund', 'journal_id': journal.id, 'state': 'posted'}
        refusal = 'Approve credits|not balanced'
        self.assertStays(entry, UserError, refusal, 'write', values)

    # === WHAT IS POSTED STAYS WHAT IT IS === #

    def test_ts01_no_posted_document_becomes_a_credit(self):
        invoice = self.make_invoice(lines=[(1, 900, self.free)])
        values = {'move_type': 'out_refund', 'reversed_entry_id': self.invoice.id}
        self.assertStays(invoice, UserError, 'stays the kind of document', 'write', values)

    def test_ts01_no_posted_credit_becomes_something_else(self):
        credit = self.make_credit(self.invoice)
        credit.with_user(self.approver).action_post()
        for move_type in ('out_invoice', 'in_refund', 'entry'):
            with self.subTest(move_type):
                values = {'move_type': move_type}
                self.assertStays(credit, UserError, 'stays the kind', 'write', values)

    def test_pc07_no_key_of_the_context_deletes_a_posted_credit(self):
        credit = self.make_credit(self.invoice)
        credit.with_user(self.approver).action_post()
        for user in (self.clerk, self.approver):
            options = {'user': user, 'force_delete': True}
            self.assertStays(credit, UserError, 'cannot be deleted', 'unlink', **options)
        credit.with_user(self.approver).button_draft()
        options = {'force_delete': True}
        self.assertStays(credit, AccessError, 'Approve credits', 'unlink', **options)

    def test_ts03_items_of_a_posted_credit_are_kept(self):
        credit = self.draft(price=10)
        credit.with_user(self.approver).action_post()
        item = credit.invoice_line_ids
        for values in ({'balance': 900}, {'debit': 900}, {'quantity': 2}):
            keys = {'skip_readonly_check': True, 'check_move_validity': False}
            with self.subTest(values):
                self.assertStays(item, UserError, 'is posted', 'write', values, **keys)
                self.call(item, 'write', {'parent_state': 'draft'})
                self.assertStays(item, UserError, 'is posted', 'write', values, **keys)

    def test_ts03_no_line_is_added_to_a_posted_credit(self):
        credit = self.draft(price=10)
        credit.with_user(self.approver).action_post()
        values = {'move_id': credit.id, 'name': 'More', 'price_unit': 0, 'tax_ids': []}
        with self.assertRaisesRegex(UserError, 'is posted'), self.cr.savepoint():
            self.call(self.env['account.move.line'], 'create', [values])
        self.assertEqual(len(credit.invoice_line_ids), 1)

    # === WHAT ONLY THE SERVER SAYS === #

    def test_ts03_totals_follow_from_the_items(self):
        self.env.company.sudo().credit_four_eyes_amount = 500
        draft = self.draft(price=900)
        for name in ('amount_total', 'amount_total_signed', 'amount_residual'):
            self.call(draft, 'write', {name: 1})
        self.env.invalidate_all()
        self.assertEqual((draft.amount_total, draft.amount_total_signed), (900, -900))

    def test_ts03_who_gave_a_reason_is_nobody_s_word(self):
        draft = self.draft()
        user_id = self.env.ref('base.user_admin').id
        self.call(draft, 'write', {'credit_exceed_user_id': user_id})
        self.assertFalse(draft.credit_exceed_user_id)
        values = {'move_type': 'out_refund', 'credit_exceed_user_id': user_id}
        other_id = self.call(self.env['account.move'], 'create', [values])[0]
        third_id = self.call(
            self.env['account.move'],
            'create',
            [{'move_type': 'out_refund'}],
            default_credit_exceed_user_id=user_id,
        )[0]
        for move in self.Move.browse([other_id, third_id]):
            self.assertFalse(move.credit_exceed_user_id)

    def test_ts03_a_reason_to_credit_more_is_void_once_somebody_else_changed_the_draft(self):
        draft = self.draft()
        draft.with_user(self.approver).credit_exceed_reason = 'Agreed'
        self.assertEqual(draft.credit_exceed_user_id, self.approver)
        draft.invoice_line_ids.price_unit = 901
        self.assertFalse(draft.credit_exceed_user_id)

    def test_mp22_defaults_in_the_context_decide_nothing(self):
        defaults = {
            'default_state': 'posted',
            'default_name': 'EVIL-1',
            'default_credit_number': 'EVIL-1',
            'default_credit_numbering': 'typed',
            'default_credit_request_user_id': self.approver.id,
        }
        values = {'move_type': 'out_refund', 'partner_id': self.partner_a.id}
        credit = self.Move.browse(
            self.call(self.env['account.move'], 'create', [values], **defaults)
        )
        self.assertEqual(credit.state, 'draft')
        self.assertNotIn('EVIL', f'{credit.name} {credit.credit_number}')
        self.assertFalse(credit.credit_numbering or credit.credit_request_user_id)

    # === HIDDEN ITEMS === #

    def test_ts03_items_that_no_line_accounts_for_are_not_posted(self):
        for display_type in ('cogs', 'epd', 'discount'):
            credit = self.make_credit(self.invoice)
            account = credit.invoice_line_ids.account_id
            receivable = credit.line_ids.filtered(lambda line: line.display_type == 'payment_term')
            hidden = [
                {'display_type': display_type, 'account_id': account.id, 'balance': 9000},
                {
                    'display_type': 'payment_term',
                    'account_id': receivable.account_id.id,
                    'balance': -9000,
                    'date_maturity': '2026-02-01',
                },
            ]
            with self.subTest(display_type), self.cr.savepoint() as savepoint:
                self.call(
                    self.env['account.move.line'],
                    'create',
                    [{'move_id': credit.id, 'name': 'Hidden', **values} for values in hidden],
                    skip_invoice_sync=True,
                    check_move_validity=False,
                )
                with self.assertRaisesRegex(UserError, 'journal items'):
                    credit.with_user(self.approver).action_post()
                savepoint.rollback()

    def test_ts03_discounts_without_a_line_that_has_one_are_not_posted(self):
        for display_type in ('epd', 'discount'):
            credit = self.make_credit(self.invoice)
            accounts = (
                credit.invoice_line_ids.account_id,
                self.company_data['default_account_assets'],
            )
            with self.subTest(display_type), self.cr.savepoint() as savepoint:
                self.call(
                    self.env['account.move.line'],
                    'create',
                    [
                        {
                            'move_id': credit.id,
                            'name': 'Hidden',
                            'display_type': display_type,
                            'account_id': account.id,
                            'balance': balance,
                        }
                        for account, balance in zip(accounts, (9000, -9000), strict=True)
                    ],
                    skip_invoice_sync=True,
                    check_move_validity=False,
                )
                with self.assertRaisesRegex(UserError, 'journal items'):
                    credit.with_user(self.approver).action_post()
                savepoint.rollback()

    def test_ts03_discounts_that_lines_have_are_posted(self):
        self.env.company.sudo().account_discount_expense_allocation_id = self.company_data[
            'default_account_expense'
        ]
        term = (
            self
            .env['account.payment.term']
            .sudo()
            .create({
                'name': 'Early',
                'early_discount': True,
                'early_pay_discount_computation': 'mixed',
                'line_ids': [Command.create({'value': 'percent', 'value_amount': 100})],
            })
        )
        line = {'name': 'Pen', 'quantity': 3, 'price_unit': 33.33, 'discount': 10}
        line['tax_ids'] = [Command.set(self.tax_a.ids)]
        invoice = self.make_invoice(lines=[line], invoice_payment_term_id=term.id)
        kinds = set(invoice.line_ids.mapped('display_type'))
        self.assertLessEqual({'epd', 'discount'}, kinds)
        credit = self.make_credit(invoice)
        self.assertEqual(set(credit.line_ids.mapped('display_type')), kinds)
        credit.with_user(self.approver).action_post()
        free = self.make_invoice(
            lines=[line], invoice_payment_term_id=term.id, move_type='out_refund', post=False
        )
        free.with_user(self.approver).action_post()
        self.assertEqual((credit.state, free.state), ('posted', 'posted'))

    # === RATES, TAXES, ORIGINS === #

    def test_ts03_no_rate_makes_a_credit_small(self):
        currency = self.get_currency(**{'2026-01-01': 2.0})
        company = self.env.company.sudo()
        company.credit_four_eyes_amount = 1000
        draft = self.draft(price=5000, currency_id=currency.id)
        self.call(draft, 'write', {'invoice_currency_rate': 1e6})
        self.call(draft, 'message_post', body='Rate', user=self.approver)
        draft.with_user(self.approver).invoice_line_ids.name = 'Mine'
        self.assertStays(
            draft, UserError, 'second|another person', 'action_post', user=self.approver
        )
        company.credit_four_eyes_amount = 0
        company.credit_rate = 'origin'
        invoice = self.make_invoice(lines=[(1, 100, self.free)], currency_id=currency.id)
        credit = self.make_credit(invoice)
        self.call(credit, 'write', {'invoice_currency_rate': 3})
        self.assertStays(credit, UserError, 'rate', 'action_post', user=self.approver)

    def test_ts03_in_the_company_s_currency_there_is_one_rate(self):
        draft = self.draft(price=10)
        self.call(draft, 'write', {'invoice_currency_rate': 1e6})
        self.assertStays(draft, UserError, 'its rate is 1', 'action_post', user=self.approver)
        self.call(draft, 'write', {'invoice_currency_rate': 1})
        self.call(draft, 'action_post', user=self.approver)
        self.assertEqual(draft.state, 'posted')

    def test_ts03_no_kind_of_line_credits_more_tax_than_there_is(self):
        for kind in ('discount', 'deduction'):
            invoice = self.make_invoice(lines=[(1, 100)])
            credit = self.make_credit(invoice)
            line = {
                'name': 'Tax',
                'price_unit': 0,
                'credit_kind': kind,
                'tax_ids': [Command.set(self.tax_a.ids)],
                'extra_tax_data': {
                    'manual_tax_amounts': {
                        str(self.tax_a.id): {
                            'tax_amount': 100,
                            'tax_amount_currency': 100,
                            'base_amount': 0,
                            'base_amount_currency': 0,
                        }
                    },
                    'currency_id': credit.currency_id.id,
                    'price_unit': 0,
                    'quantity': 1,
                    'discount': 0,
                },
            }
            with self.subTest(kind), self.cr.savepoint() as savepoint:
                # In all it is less than the invoice: the tax alone is too much.
                own = [Command.delete(line_id) for line_id in credit.invoice_line_ids.ids]
                self.call(credit, 'write', {'invoice_line_ids': [*own, Command.create(line)]})
                self.env.flush_all()
                self.assertGreater(credit.amount_tax, invoice.amount_tax)
                self.assertLess(credit.amount_total, invoice.amount_total)
                with self.assertRaisesRegex(UserError, 'more'):
                    credit.with_user(self.approver).action_post()
                savepoint.rollback()

    def test_mp22_no_credit_is_credited(self):
        credit = self.make_credit(self.invoice)
        credit.with_user(self.approver).action_post()
        other = self.draft(price=10)
        values = {'reversed_entry_id': credit.id}
        self.assertStays(other, UserError, 'no customer invoice', 'write', {
            **values, 'state': 'posted',
        }, user=self.approver)  # fmt: skip

    def test_mp22_the_dialog_of_the_host_called_by_itself_refuses_as_ours_does(self):
        self.make_credit(self.invoice).with_user(self.approver).action_post()
        journal = self.company_data['default_journal_sale']
        for method in ('reverse_moves', 'refund_moves', 'modify_moves', 'action_create_credit'):
            dialog = (
                self
                .env['account.move.reversal']
                .with_user(self.approver)
                .create({
                    'move_ids': [Command.set(self.invoice.ids)],
                    'journal_id': journal.id,
                    'date': '2026-02-01',
                })
            )
            with self.subTest(method), self.assertRaises(UserError), self.cr.savepoint():
                self.call(dialog, method, user=self.approver)
        self.assertEqual(len(self.invoice._get_credits()), 1)

    def test_l2_a_dialog_whose_invoice_is_gone_says_what_to_do(self):
        invoice = self.make_invoice(lines=[(1, 100, self.free)])
        dialog = self.open_dialog(invoice)
        invoice.button_draft()
        with self.assertRaises(UserError), self.cr.savepoint():
            dialog.action_create_credit()
        dialog = self.open_dialog(self.invoice)
        self.env.cr.execute(
            'DELETE FROM account_move_reversal_move WHERE reversal_id = %s', [dialog.id]
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, 'Choose the'), self.cr.savepoint():
            dialog.action_create_credit()
