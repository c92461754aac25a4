from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..common import CreditCommon


class RuleCommon(CreditCommon):
    """Rules of the manager, for the credits of the clerk."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data['company']
        cls.manager = new_test_user(
            cls.env(su=True),
            login='rule_manager',
            groups='base.group_user,account.group_account_manager',
            company_id=cls.company.id,
        )
        cls.Rule = cls.env['credit.posting.rule'].with_user(cls.manager)
        cls.revenue = cls.company_data['default_account_revenue']
        cls.goodwill = cls.revenue.sudo().copy({'name': 'Goodwill'})
        cls.journal = cls.company_data['default_journal_sale']
        cls.other_journal = cls.make_journal(name='Other', code='OTH')
        cls.reason = cls.env['credit.reason'].sudo().create({'name': 'Goodwill', 'kind': 'price'})
        # What settles credits brings one.
        cls.default_rule = cls.Rule.search([('company_id', '=', cls.company.id)]) or cls.make_rule(
            name='Every credit', sequence=1000, company_id=cls.company.id
        )

    @classmethod
    def make_rule(cls, **values):
        return cls.Rule.create({'name': 'Special', 'sequence': 1, **values})

    @classmethod
    def make_branch(cls):
        branch = cls.company.sudo().create({'name': 'Branch', 'parent_id': cls.company.id})
        cls.env.cr.precommit.run()  # The host loads the accounts of a branch then.
        return branch

    def credit_in_branch(self, branch):
        """A credit that the clerk makes in a branch, by the rules of its root."""
        self.assertFalse(self.Rule.sudo().search([('company_id', '=', branch.id)]))
        with self.assertRaisesRegex(ValidationError, 'branches follow the rules of'):
            self.make_rule(company_id=branch.id)
        self.clerk.sudo().write({
            'company_ids': [Command.set(branch.ids)],
            'company_id': branch.id,
        })
        invoice = self.make_invoice(company_id=branch.id, journal_id=self.journal.id)
        self.assertEqual(invoice.company_id, branch)
        credit = self.make_credit(invoice, post=True)
        self.assertEqual(credit.credit_posting_rule_id, self.default_rule)
        return credit

    def replace_chart(self, company):
        """Load the chart of a company anew, which replaces its journals.

        :return: a rule of the company that names one of the journals that were
        """
        limited = self.Rule.sudo().create({
            'name': 'Limited',
            'company_id': company.id,
            'origin_journal_ids': [
                Command.set(
                    self
                    .env['account.journal']
                    .sudo()
                    .search([('company_id', '=', company.id), ('type', '=', 'sale')])
                    .ids
                )
            ],
        })
        template = self.env['account.chart.template'].with_user(self.env.ref('base.user_admin'))
        template.sudo().try_loading('generic_coa', company=company, install_demo=False)
        return limited

    @classmethod
    def make_journal(cls, **values):
        return cls.journal.sudo().copy({
            'sequence': 50,
            'default_account_id': cls.revenue.id,
            **values,
        })

    @classmethod
    def make_company(cls, **values):
        """Another company with a chart of accounts, and its accounting data."""
        env = cls.env
        cls.env = env(user=SUPERUSER_ID, context={})
        try:
            company = cls._create_company(**{'name': 'Other', **values})
            return cls.collect_company_accounting_data(company)
        finally:
            cls.env = env

    def make_part(self, invoice, kind='price', **values):
        row = {'move_line_id': invoice.invoice_line_ids[0].id, 'kind': kind, **values}
        return self.make_credit(invoice, credit_scope='part', credit_line_ids=[Command.create(row)])


@tagged('post_install', '-at_install')
class TestPostingRules(RuleCommon):
    # === WHICH RULE === #

    def test_pc05_the_default_rule_leaves_everything_as_it_was(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        self.assertEqual(credit.credit_posting_rule_id, self.default_rule)
        self.assertEqual(credit.journal_id, invoice.journal_id)
        self.assertFalse(credit.credit_numbering)
        self.assertReverses(credit, invoice)

    def test_pc05_the_first_rule_that_fits_decides(self):
        later = self.make_rule(name='Later', sequence=5)
        first = self.make_rule(name='First', sequence=4)
        invoice = self.make_invoice()
        self.assertEqual(self.make_credit(invoice).credit_posting_rule_id, first)
        first.active = False
        credit = invoice._reverse_moves([{'invoice_date': '2026-02-01'}])
        self.assertEqual(credit.credit_posting_rule_id, later)

    def test_pc05_each_condition_counts(self):
        invoice = self.make_invoice()
        cases = [
            ({'kind': 'return'}, True),
            ({'kind': 'price'}, False),
            ({'reason_ids': [Command.set(self.reason.ids)]}, False),
            ({'origin_journal_ids': [Command.set(self.journal.ids)]}, True),
            ({'origin_journal_ids': [Command.set(self.other_journal.ids)]}, False),
        ]
        for values, fits in cases:
            with self.subTest(values):
                rule = self.make_rule(**values)
                credit = invoice._reverse_moves([{'invoice_date': '2026-02-01'}])
                self.assertEqual(credit.credit_posting_rule_id == rule, fits)
                rule.active = False

    def test_pc05_the_kind_is_that_of_all_lines(self):
        rule = self.make_rule(kind='price')
        invoice = self.make_invoice()
        credit = self.make_part(invoice, amount=10)
        self.assertEqual(credit.credit_posting_rule_id, rule)
        self.assertIn('line type is "Lower price"', credit.credit_posting_rule_why)
        credit.invoice_line_ids[0].credit_kind = 'return'
        self.assertEqual(credit.credit_posting_rule_id, self.default_rule)
        self.assertIn(
            'Not "Special", which is for credit notes of the line type "Lower price"',
            credit.credit_posting_rule_why,
        )

    def test_pc05_the_reason_changes_the_rule_of_a_draft_and_not_of_a_posted_credit(self):
        rule = self.make_rule(
            reason_ids=[Command.set(self.reason.ids)],
            account_choice='own',
            account_id=self.goodwill.id,
            credit_journal_id=self.other_journal.id,
        )
        credit = self.make_credit(self.make_invoice())
        with Form(credit) as form:
            form.narration = 'Nothing changes'
        self.assertEqual(credit.credit_posting_rule_id, self.default_rule)
        credit.credit_reason_id = self.reason
        self.assertEqual(credit.credit_posting_rule_id, rule)
        self.assertEqual(credit.invoice_line_ids.account_id, self.goodwill)
        self.assertEqual(credit.journal_id, self.other_journal)
        credit.credit_reason_id = False
        self.assertEqual(credit.credit_posting_rule_id, self.default_rule)
        self.assertEqual(credit.invoice_line_ids.account_id, self.revenue)
        self.assertEqual(credit.journal_id, self.journal)
        credit.action_post()
        credit.credit_reason_id = self.reason
        self.assertEqual(credit.credit_posting_rule_id, self.default_rule)

    def test_pc05_nobody_chooses_a_rule_past_its_conditions(self):
        rule = self.make_rule(kind='tax')
        credit = self.make_credit(self.make_invoice())
        for values in ({'credit_posting_rule_id': rule.id}, {'credit_numbering': 'prefix'}):
            with self.subTest(values), self.assertRaisesRegex(UserError, 'follows from its'):
                credit.write(values)
        free = self.Move.create({
            'move_type': 'out_refund',
            'partner_id': self.partner_a.id,
            'credit_posting_rule_id': rule.id,
            'credit_numbering': 'next',
        })
        self.assertFalse(free.credit_posting_rule_id or free.credit_numbering)

    def test_pc05_a_rule_that_is_newer_than_the_draft_decides_when_it_is_posted(self):
        credit = self.make_credit(self.make_invoice())
        rule = self.make_rule(account_choice='own', account_id=self.goodwill.id)
        credit.action_post()
        self.assertEqual(credit.credit_posting_rule_id, rule)
        self.assertEqual(credit.invoice_line_ids.account_id, self.goodwill)

    def test_pc05_an_overpaid_invoice_and_an_old_credit_have_a_rule_too(self):
        invoice = self.make_invoice()
        rule = self.make_rule(origin_journal_ids=[Command.set(self.journal.ids)])
        self.assertEqual(invoice._get_credit_posting_rule(), rule)

    # === ROUTES === #

    def test_pc05_every_route_asks_the_rules(self):
        rule = self.make_rule(credit_journal_id=self.other_journal.id)
        first, second, third, fourth = [self.make_invoice() for _number in range(4)]
        credits = self.make_credit(first) | self.make_credit(second | third)
        line = fourth.invoice_line_ids[0]
        credits |= self.Move.create({
            'move_type': 'out_refund',
            'partner_id': fourth.partner_id.id,
            'reversed_entry_id': fourth.id,
            'invoice_line_ids': [
                Command.create({
                    'name': 'By RPC',
                    'price_unit': 10,
                    'tax_ids': [Command.set(self.tax_a.ids)],
                    'credited_line_id': line.id,
                })
            ],
        })
        self.assertEqual(len(credits), 4)
        self.assertEqual(credits.credit_posting_rule_id, rule)
        self.assertEqual(credits.journal_id, self.other_journal)

    def test_pc05_a_journal_that_was_chosen_in_the_dialog_stays(self):
        self.make_rule(credit_journal_id=self.other_journal.id)
        chosen = self.make_journal(name='Chosen', code='CHO')
        credit = self.make_credit(self.make_invoice(), journal_id=chosen.id)
        self.assertEqual(credit.journal_id, chosen)
        self.assertIn('chosen by hand', credit.credit_posting_rule_why)

    def test_pc05_a_journal_in_another_currency_is_left_out(self):
        self.other_journal.sudo().currency_id = self.get_currency(**{'2026-01-01': 2})
        self.make_rule(credit_journal_id=self.other_journal.id)
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        self.assertEqual(credit.journal_id, self.journal)
        self.assertIn('(GBP) is in GBP', credit.credit_posting_rule_why)
        self.assertReverses(credit, invoice)

    def test_pc05_no_query_for_each_credit(self):
        def count(number):
            invoices = self.Move.union(*(self.make_invoice() for _number in range(number)))
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            for invoice in invoices:
                self.env['credit.posting.rule']._find(invoice._get_credit_facts())
            return self.env.cr.sql_log_count - start

        self.make_rule(kind='tax')
        count(1)
        self.assertEqual(count(2), count(12))

    # === ACCOUNTS === #

    def test_ts19_the_original_accounts_stay_unless_changed(self):
        invoice = self.make_invoice()
        invoice.button_draft()
        invoice.invoice_line_ids[1].account_id = self.goodwill
        invoice.action_post()
        credit = self.make_credit(invoice)
        self.assertEqual(credit.invoice_line_ids.mapped('account_id'), self.revenue | self.goodwill)
        credit.invoice_line_ids[1].account_id = self.revenue
        self.assertIn('chosen by hand', credit.credit_posting_rule_why)
        credit.action_post()
        self.assertEqual(credit.invoice_line_ids[1].account_id, self.revenue)

    def test_ts19_the_account_of_the_rule_takes_income_and_nothing_else(self):
        deposit = (
            self
            .env['account.account']
            .sudo()
            .create({'name': 'Deposits', 'code': 'DEP1', 'account_type': 'liability_current'})
        )
        invoice = self.make_invoice(post=False)
        invoice.invoice_line_ids[1].account_id = deposit
        invoice.action_post()
        self.make_rule(account_choice='own', account_id=self.goodwill.id)
        credit = self.make_credit(invoice)
        self.assertEqual(credit.invoice_line_ids.mapped('account_id'), self.goodwill | deposit)
        self.assertEqual(credit.amount_total, invoice.amount_total)
        self.assertIn('neither income nor expense', credit.credit_posting_rule_why)
        balances = {line.account_id: line.balance for line in credit.line_ids}
        self.assertEqual(balances[self.goodwill], 100.05)
        self.assertFalse(credit.credit_difference_html, 'nobody changed it')
        self.assertIn('Goodwill', credit.credit_part_html)
        credit.action_post()
        self.assertEqual(invoice.payment_state, 'reversed')

    def test_ts19_a_tax_without_an_account_follows_its_line(self):
        tax = self.tax_a.sudo().copy({'name': 'On the line'})
        repartition = tax.invoice_repartition_line_ids | tax.refund_repartition_line_ids
        repartition.account_id = False
        invoice = self.make_invoice(lines=[(1, 100, tax)])
        self.make_rule(account_choice='own', account_id=self.goodwill.id)
        credit = self.make_credit(invoice)
        self.assertEqual(credit.line_ids.filtered('tax_line_id').account_id, self.goodwill)
        credit.action_post()
        self.assertEqual(credit.amount_total, invoice.amount_total)

    def test_ts19_an_account_that_a_person_chose_survives_another_rule(self):
        credit = self.make_credit(self.make_invoice())
        mine = self.revenue.sudo().copy({'name': 'Mine'})
        credit.invoice_line_ids[0].account_id = mine
        self.make_rule(
            reason_ids=[Command.set(self.reason.ids)],
            account_choice='own',
            account_id=self.goodwill.id,
        )
        credit.credit_reason_id = self.reason
        self.assertEqual(credit.invoice_line_ids.mapped('account_id'), mine | self.goodwill)

    # === WHAT A RULE POINTS AT === #

    def test_pc05_a_rule_that_cannot_work_says_so_when_it_is_saved(self):
        other = self.make_company()
        archived = self.goodwill.sudo().copy({'name': 'Old'})
        archived.active = False
        old_journal = self.make_journal(name='Old', code='OLD')
        old_journal.active = False
        cases = [
            ({'account_choice': 'own'}, 'Choose the account'),
            ({'account_choice': 'own', 'account_id': archived.id}, 'is archived'),
            (
                {'account_choice': 'own', 'account_id': other['default_account_revenue'].id},
                'another company',
            ),
            (
                {
                    'account_choice': 'own',
                    'account_id': self.company_data['default_account_receivable'].id,
                },
                'wrong type',
            ),
            ({'credit_journal_id': old_journal.id}, 'is archived'),
            ({'credit_journal_id': other['default_journal_sale'].id}, 'another company'),
            (
                {'credit_journal_id': self.company_data['default_journal_misc'].id},
                'choose a sales journal',
            ),
            ({'origin_journal_ids': [Command.set(old_journal.ids)]}, 'is archived'),
            ({'numbering': 'prefix', 'number_prefix': ' '}, 'Enter the prefix'),
        ]
        for values, message in cases:
            with self.subTest(values):
                with self.assertRaises(ValidationError) as raised:
                    self.make_rule(**values)
                self.assertIn(message, str(raised.exception))
                self.assertNotIn('\n', str(raised.exception))
                rule = self.make_rule(name='Good')
                with self.assertRaises(ValidationError) as raised:
                    rule.write(values)
                self.assertIn(message, str(raised.exception))

    def test_pc05_a_rule_for_archived_reasons_is_no_rule_for_all(self):
        self.make_rule(reason_ids=[Command.set(self.reason.ids)])
        self.reason.active = False
        self.env.invalidate_all()
        credit = self.make_credit(self.make_invoice())
        self.assertEqual(credit.credit_posting_rule_id, self.default_rule)

    def test_pc05_what_a_rule_uses_is_not_archived(self):
        rule = self.make_rule(
            account_choice='own',
            account_id=self.goodwill.id,
            credit_journal_id=self.other_journal.id,
        )
        for record in (self.goodwill, self.other_journal):
            for action in (record.sudo().action_archive, record.sudo().unlink):
                with self.subTest(record), self.assertRaises(UserError) as raised:
                    action()
                self.assertIn('rule "Special" uses it', str(raised.exception))
        with self.assertRaises(ValidationError) as raised:
            self.goodwill.sudo().account_type = 'asset_current'
        self.assertIn('wrong type', str(raised.exception))
        rule.active = False
        self.goodwill.sudo().active = False
        with self.assertRaisesRegex(ValidationError, 'is archived'):
            rule.active = True

    def test_pc05_a_rule_that_was_used_is_kept(self):
        rule = self.make_rule()
        self.make_credit(self.make_invoice())
        with self.assertRaisesRegex(UserError, 'Archive it instead'):
            rule.unlink()
        rule.active = False

    def test_pc05_only_managers_change_rules(self):
        rule = self.make_rule().with_user(self.clerk)
        self.assertEqual(rule.name, 'Special')
        with self.assertRaises(AccessError):
            rule.name = 'Mine'
        with self.assertRaises(AccessError):
            rule.create({'name': 'Mine'})

    def test_pc05_nonsense_over_rpc_is_refused(self):
        for values in (
            {'numbering': 'backwards'},
            {'account_choice': 'mine'},
            {'tax_handling': 'never'},
        ):
            with self.subTest(values), self.assertRaisesRegex(UserError, 'is no choice of'):
                self.make_rule(**values)

    # === AN EXAMPLE === #

    def test_pc05_a_rule_is_tried_on_an_invoice_and_nothing_is_made(self):
        invoice = self.make_invoice()
        self.make_rule(name='Before', kind='tax')
        rule = self.make_rule(
            name='Tried',
            sequence=2,
            account_choice='own',
            account_id=self.goodwill.id,
            numbering='prefix',
        )
        before = self.Move.search_count([])
        with Form(rule) as form:
            form.example_move_id = invoice
            self.assertIn('Before is for credit notes of the line type', form.example_html)
            self.assertIn('Rule: Tried', form.example_html)
            self.assertIn(f'{self.goodwill.code} Goodwill', form.example_html)
            self.assertIn(f'C-{invoice.name}', form.example_html)
            # What stands on the screen counts, saved or not.
            form.numbering = 'next'
            number = f'INV/2026/{invoice.sequence_number + 1:05d}'
            self.assertIn(number, form.example_html)
            form.kind = 'commercial'
            self.assertIn('Rule: Every credit', form.example_html)
            form.example_kind = 'commercial'
            self.assertIn('Rule: Tried', form.example_html)
        self.assertEqual(self.Move.search_count([]), before)

    def test_pc05_the_example_is_what_is_made(self):
        invoice = self.make_invoice()
        for numbering in ('own', 'next', 'prefix'):
            rule = self.make_rule(name=numbering, numbering=numbering)
            rule.example_move_id = invoice
            explained = rule._explain_example(invoice)
            credit = invoice._reverse_moves([{'invoice_date': '2026-02-01'}])
            with self.subTest(numbering):
                part = credit.invoice_line_ids[0]
                credit.invoice_line_ids = [Command.unlink(credit.invoice_line_ids[1].id)]
                part.quantity = 1
                credit.action_post()
                self.assertEqual(credit.name, explained['number'][0])
            rule.active = False


@tagged('post_install', '-at_install')
class TestRulesOfCompanies(RuleCommon):
    def test_pc05_branches_follow_their_root(self):
        credit = self.credit_in_branch(self.make_branch())
        self.assertIn('Every credit', credit.credit_posting_rule_why)

    def test_pc05_a_chart_that_replaces_another_leaves_no_rule_for_all(self):
        company = self.make_company(name='Changing')['company']
        limited = self.replace_chart(company)
        self.assertTrue(limited.active)
