from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import CreditCommon


class BranchCommon(CreditCommon):
    """Somebody who works in a branch alone, and may not read its root company, which decides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = cls.env.company
        root_sudo = cls.root.sudo()
        cls.branch = root_sudo.create({
            'name': 'Branch',
            'parent_id': cls.root.id,
            'country_id': root_sudo.account_fiscal_country_id.id,
        }).sudo(False)
        cls.env.cr.precommit.run()  # The host loads the accounts of a branch then.
        cls.reason = (
            cls
            .env['credit.reason']
            .sudo()
            .create({'name': 'Ours alone', 'company_id': cls.root.id})
            .sudo(False)
        )
        cls.rule = (
            cls
            .env['credit.posting.rule']
            .sudo()
            .create({'name': 'Of the root', 'sequence': 1, 'company_id': cls.root.id})
            .sudo(False)
        )
        cls.person = cls.make_person(
            'credit_branch',
            'account.group_account_invoice,credit_invoice.group_credit_approve',
            cls.branch,
        )
        cls.env = cls.env(
            user=cls.person, context={**cls.env.context, 'allowed_company_ids': cls.branch.ids}
        )
        cls.Move = cls.env['account.move']
        cls.branch = cls.branch.with_env(cls.env)
        cls.reason, cls.rule = cls.reason.with_env(cls.env), cls.rule.with_env(cls.env)

    def setUp(self):
        super().setUp()
        self.invoice = self.make_invoice(company_id=self.branch.id)
        # What somebody else has read is no right of this person.
        self.env.flush_all()
        self.env.invalidate_all()


@tagged('post_install', '-at_install')
class TestBranch(BranchCommon):
    """What is done with an invoice of the branch."""

    def test_mp05_the_dialog_opens_and_credits(self):
        action = self.invoice.action_credit_invoice()
        with Form(
            self.env[action['res_model']].with_context(
                **action['context'], default_date='2026-02-01'
            )
        ) as form:
            self.assertTrue(form.credit_summary_html)
        self.env.invalidate_all()
        credit = self.make_credit(self.invoice, post=True)
        self.assertEqual((credit.state, credit.company_id), ('posted', self.branch))
        self.assertEqual(credit.credit_posting_rule_id, self.rule)

    def test_ts17_posting_rules_and_reasons_of_the_root_are_read(self):
        self.assertIn(self.rule, self.rule.search([]))
        self.assertEqual(Form(self.rule).name, 'Of the root')
        form = Form(self.make_credit(self.invoice))
        self.assertEqual(form.credit_posting_rule_id, self.rule)
        found = self.reason.name_search(
            'Ours alone', [('company_id', 'parent_of', self.branch.ids)]
        )
        self.assertEqual([id_ for id_, _name in found], self.reason.ids)

    def test_mp05_parts_and_reasons_of_the_root(self):
        credit = self.make_credit(
            self.invoice,
            credit_scope='part',
            credit_reason_id=self.reason.id,
            credit_line_ids=[
                Command.create({
                    'move_line_id': self.invoice.invoice_line_ids[0].id,
                    'kind': 'return',
                    'quantity': 1,
                })
            ],
        )
        self.env.invalidate_all()
        self.assertEqual(credit.credit_reason_id, self.reason)
        credit.action_post()
        self.assertEqual(credit.state, 'posted')

    def test_ts20_a_required_reason_is_asked_for(self):
        self.root.sudo().credit_reason_required = True
        self.env.flush_all()
        self.env.invalidate_all()
        dialog = self.open_dialog(self.invoice)
        self.assertTrue(dialog.is_credit_reason_required)
        dialog.credit_reason_id = self.reason
        dialog.action_create_credit()
        dialog.new_move_ids.action_post()
        self.assertEqual(dialog.new_move_ids.state, 'posted')

    def test_if05_limits_and_free_credits_follow_the_root(self):
        credit = self.Move.create({
            'move_type': 'out_refund',
            'company_id': self.branch.id,
            'partner_id': self.partner_a.id,
            'invoice_date': '2026-02-01',
            'invoice_line_ids': [Command.create({'name': 'Goodwill', 'price_unit': 10})],
        })
        self.env.flush_all()
        self.env.invalidate_all()
        credit.action_post()
        self.assertEqual(credit.state, 'posted')

    def test_pc01_an_invoice_is_invalidated(self):
        self.invoice.invalidate_invoice('Typed twice', not_handed_over=True)
        self.assertEqual(self.invoice.state, 'cancel')

    def test_mp20_credit_and_reinvoice(self):
        dialog = self.open_dialog(self.invoice)
        dialog.action_credit_and_reinvoice()
        self.assertEqual(dialog.new_move_ids.replaced_move_id, self.invoice)


@tagged('post_install', '-at_install')
class TestBranchConfigurer(BranchCommon):
    """Who configures credits in a branch changes nothing of what others decide by."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.configurer = cls.make_person(
            'credit_branch_configurer',
            'account.group_account_invoice,credit_invoice.group_credit_configure',
            cls.branch,
        )
        cls.env = cls.env(user=cls.configurer)
        cls.reason, cls.rule = cls.reason.with_env(cls.env), cls.rule.with_env(cls.env)
        cls.account = cls.company_data['default_account_revenue']
        cls.shared = cls.env.ref('credit_invoice.credit_reason_wrong_price')

    def assertMayNot(self, function, *args):
        with self.assertRaises(AccessError), self.cr.savepoint():
            function(*args)
            self.env.flush_all()

    def assertChangesNothing(self, record):
        self.assertEqual(record.search([('id', '=', record.id)]), record)
        self.assertTrue(record.name)
        self.assertMayNot(record.write, {'name': 'Mine'})
        self.assertMayNot(record.action_archive)
        self.assertMayNot(record.unlink)
        self.assertMayNot(record.copy)
        self.assertMayNot(record.update_field_translations, 'name', {'en_US': 'Mine'})

    def test_m8_a_branch_changes_only_its_own_rules(self):
        self.assertChangesNothing(self.rule)
        self.assertMayNot(self.rule.create, {'name': 'Mine', 'company_id': self.root.id})
        self.assertMayNot(self.rule.create, {'name': 'By default'})

    def test_m8_a_branch_changes_only_its_own_reasons(self):
        self.assertChangesNothing(self.reason)
        self.assertMayNot(self.reason.create, {'name': 'Mine', 'company_id': self.root.id})
        own = self.reason.create({'name': 'Ours', 'company_id': self.branch.id})
        own.write({'name': 'Still ours', 'is_attachment_required': True})
        for company_id in (self.root.id, False):
            self.assertMayNot(own.write, {'company_id': company_id})
        self.assertEqual(own.company_id, self.branch)
        own.unlink()

    def test_m8_reasons_of_all_companies_are_changed_by_who_works_in_all(self):
        self.assertChangesNothing(self.shared)
        self.assertMayNot(self.shared.create, {'name': 'For all', 'company_id': False})
        # What is made without a word about companies is of one's own.
        with Form(self.reason.browse()) as form:
            form.name = 'Ours'
        self.assertEqual(form.record.company_id, self.branch)
        companies = self.root.sudo().search([])
        self.configurer.sudo().company_ids = companies
        self.shared.name = 'For all of us'
        with Form(self.reason.browse()) as form:
            form.name = 'Another'
        self.assertFalse(form.record.company_id)
        companies[:1].sudo().create({'name': 'A new one'})
        self.assertMayNot(self.shared.write, {'name': 'Mine'})

    def test_m8_an_administrator_of_a_branch_changes_only_its_own_systems(self):
        self.configurer.sudo().group_ids += self.env.ref('base.group_system').sudo()
        System = self.env['credit.export.system']
        system = System.sudo().create({
            'name': 'Books',
            'active': False,
            'company_id': self.root.id,
            'mapping_ids': [Command.create({'account_id': self.account.id, 'code': '1'})],
        })
        system = system.sudo(False)
        self.assertEqual(system.mapping_ids.code, '1')
        self.assertMayNot(system.write, {'name': 'Mine'})
        self.assertMayNot(system.unlink)
        self.assertMayNot(
            System.create, {'name': 'Mine', 'active': False, 'company_id': self.root.id}
        )
        self.assertMayNot(system.mapping_ids.write, {'code': '2'})
        self.assertMayNot(system.mapping_ids.unlink)
        own = System.create({'name': 'Ours', 'active': False, 'company_id': self.branch.id})
        self.assertMayNot(own.write, {'company_id': self.root.id})
        self.assertMayNot(own.mapping_ids.create, {'system_id': system.id, 'code': '2'})
