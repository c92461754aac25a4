from odoo import Command
from odoo.tests import Form, new_test_user, tagged

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
        cls.person = new_test_user(
            cls.env(su=True),
            login='credit_branch',
            groups='account.group_account_invoice,credit_invoice.group_credit_approve',
            company_id=cls.branch.id,
            company_ids=[Command.set(cls.branch.ids)],
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
