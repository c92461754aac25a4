from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from odoo.addons.credit_invoice.tests.rules.test_posting_rules import RuleCommon


@tagged('post_install', '-at_install')
class TestRefundSetup(RuleCommon):
    """What a company needs to settle and refund credits, and the rule that says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.default_rule = cls.Rule._get_default_rule(cls.company)

    def test_pc05_a_rule_that_cannot_refund_says_so_when_it_is_saved(self):
        for values, message in (
            ({'refund_way': 'bill'}, 'choose a purchase journal'),
            ({'refund_account_id': self.revenue.id}, 'choose a payable account'),
            ({'settlement_journal_id': self.journal.id}, 'choose a miscellaneous journal'),
        ):
            with self.subTest(values):
                with self.assertRaises(ValidationError) as raised:
                    self.make_rule(**values)
                self.assertIn(message, str(raised.exception))
                self.assertNotIn('\n', str(raised.exception))
                rule = self.make_rule(name='Good')
                with self.assertRaises(ValidationError) as raised:
                    rule.write(values)
                self.assertIn(message, str(raised.exception))

    def test_pc05_nonsense_over_rpc_is_refused(self):
        with self.assertRaisesRegex(ValidationError, 'cash is no choice of Way to Refund'):
            self.make_rule(refund_way='cash')

    def test_pc05_the_example_says_what_happens_to_the_money(self):
        with Form(self.make_rule(name='Tried')) as form:
            form.example_move_id = self.make_invoice()
            self.assertIn('By the invoice and the customer', form.example_html)
            self.assertIn('Outgoing payment', form.example_html)
            form.settlement = 'keep'
            self.assertIn('the rule says so', form.example_html)

    def test_pc27_the_default_rule_has_all_that_refunds_need(self):
        rule = self.default_rule
        account = rule.refund_account_id
        self.assertEqual(account.account_type, 'liability_payable')
        self.assertTrue(account.reconcile and account.non_trade)
        self.assertEqual(
            (rule.settlement_journal_id | rule.refund_journal_id).mapped('type'), ['general'] * 2
        )
        self.assertEqual(rule.refund_product_id.type, 'service')
        self.assertFalse(rule.refund_product_id.supplier_taxes_id)
        payable = self.company_data['default_account_payable']
        self.assertEqual(len(account.code), len(payable.code))
        self.assertGreater(account.code, payable.code)

    def test_pc27_a_second_time_makes_nothing(self):
        models = ('credit.posting.rule', 'account.account', 'account.journal', 'product.product')

        def count():
            return [
                self.env[model].sudo().with_context(active_test=False).search_count([])
                for model in models
            ]

        before = count()
        self.Rule._ensure_refund_setup(self.company)
        self.default_rule.name = 'Renamed'
        self.default_rule.active = False
        self.Rule._ensure_refund_setup(self.company)
        self.assertEqual(count(), before)

    def test_pc27_a_new_rule_takes_over_what_the_default_one_has(self):
        rule = self.make_rule()
        for name in ('settlement_journal_id', 'refund_journal_id', 'refund_account_id'):
            self.assertEqual(rule[name], self.default_rule[name])
        rule.refund_account_id = False
        self.Rule._ensure_refund_setup(self.company)
        self.assertEqual(rule.refund_account_id, self.default_rule.refund_account_id)

    def test_pc27_a_purchase_journal_only_for_vendor_bills(self):
        with Form(self.make_rule()) as form:
            form.refund_way = 'bill'
            self.assertEqual(form.refund_journal_id.type, 'purchase')
            form.refund_way = 'entry'
            self.assertEqual(form.refund_journal_id, self.default_rule.refund_journal_id)

    def test_pc27_journals_become_no_default_of_the_host(self):
        entry = self.Move.with_user(self.manager).create({'move_type': 'entry'})
        made = self.default_rule.refund_journal_id
        self.assertNotEqual(entry.journal_id, made)
        self.assertFalse(made.show_on_dashboard)
        general = self.env['account.journal'].search([('type', '=', 'general')])
        self.assertEqual(general.filtered(lambda j: j.company_id == self.company)[-1], made)
        self.assertEqual(self.partner_a.property_account_payable_id.non_trade, False)

    def test_pc27_each_company_has_its_own(self):
        others = [
            self.make_company(name='Second')['company'],
            self.make_company(name='Third', country_id=self.env.ref('base.be').id)['company'],
        ]
        rules = self.default_rule.sudo()
        for company in others:
            rule = self.Rule._get_default_rule(company)
            self.assertEqual(rule.company_id, company)
            self.assertEqual(rule.refund_account_id.company_ids, company)
            self.assertEqual(rule.refund_journal_id.company_id, company)
            rules |= rule
        self.assertEqual(len(rules.refund_account_id), 3)
        self.assertEqual(len(rules.refund_product_id), 1)

    def test_pc27_branches_follow_their_root(self):
        branch = self.make_branch()
        self.assertFalse(self.Rule._get_default_rule(branch) - self.default_rule)
        self.credit_in_branch(branch)

    def test_pc27_a_chart_that_replaces_another_leaves_a_working_rule(self):
        company = self.make_company(name='Changing')['company']
        rule = self.Rule._get_default_rule(company)
        limited = self.replace_chart(company)
        self.assertTrue(rule.exists().refund_account_id.active)
        self.assertTrue(rule.refund_journal_id)
        self.assertTrue(limited.active)
