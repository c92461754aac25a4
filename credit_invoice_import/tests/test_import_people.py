from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

# The modules: the tests of a class that is imported by its name would run here, too.
from odoo.addons.credit_invoice.tests.posting import test_rights
from odoo.addons.credit_invoice.tests.test_branch import BranchCommon

from .test_import import COLUMNS, ImportCommon

SHAPES = (True, 1, 0.5, 'x', [], [1], {}, {'x': 1})


@tagged('post_install', '-at_install')
class TestImportPeople(ImportCommon):
    """Who imports credits, what they see, and what they send along."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls.make_invoice()

    def make_users(self, company):
        return {
            name: new_test_user(
                self.env(su=True),
                login=f'import_{name}_{company.id}',
                groups=groups,
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
            for name, groups in test_rights.USERS.items()
        }

    def attempt(self, user):
        """Import a row as a client does, and undo it.

        :return: the error that refused it, or None
        """
        error, values = None, [[{'number': self.invoice.name}]]
        savepoint = self.cr.savepoint()
        try:
            call_kw(
                self.Row.with_env(self.env(user=user, su=False, context={})), 'create', values, {}
            )
        except UserError as refusal:
            error = refusal
        savepoint.rollback()
        savepoint.close(rollback=False)
        return error

    def is_shown(self, user):
        try:
            view = self.Row.with_user(user).get_view(view_type='list')
        except AccessError:
            return False
        return bool(etree.fromstring(view['arch']).xpath("//button[@name='action_import']"))

    def test_ts01_whoever_may_draft_credits_imports_them_and_sees_the_button(self):
        for name, user in self.make_users(self.env.company).items():
            with self.subTest(name):
                is_allowed = name in test_rights.DRAFTERS
                self.assertEqual(self.is_shown(user), is_allowed)
                error = self.attempt(user)
                if is_allowed:
                    self.assertIsNone(error)
                else:
                    self.assertIsInstance(error, AccessError)

    def test_ts01_nobody_imports_for_another_company(self):
        company = self.env['res.company'].sudo().create({'name': 'Another company'})
        for name, user in self.make_users(company).items():
            with self.subTest(name):
                self.assertIsInstance(self.attempt(user), UserError)

    def test_mp25_no_client_says_where_a_file_begins(self):
        rows = [self.row('INV/1/2/3'), self.row(self.invoice, line_number=9, quantity=1)]
        wanted = self.Row.load(COLUMNS, rows)
        self.assertEqual(len(wanted['messages']), 2)
        for shape in SHAPES:
            keys = dict.fromkeys(('credit_import_first_line', 'credit_import_report'), shape)
            with self.subTest(shape):
                self.assertEqual(self.Row.with_context(**keys).load(COLUMNS, rows), wanted)

    def test_ts20_a_file_chooses_the_reason_by_its_name(self):
        rows = self.Row.create([
            {'number': self.invoice.name, 'reason': 'Wrong price', 'line_number': 1, 'amount': 1},
            {'number': self.invoice.name, 'reason': 'Too dear', 'line_number': 2, 'amount': 1},
        ])
        self.assertEqual(
            rows[0].credit_id.credit_reason_id,
            self.env.ref('credit_invoice.credit_reason_wrong_price'),
        )
        self.assertFalse(rows[1].credit_id.credit_reason_id)

    def test_uninstalling_tells_of_the_rows_that_go(self):
        module = (
            self.env['ir.module.module'].sudo().search([('name', '=', 'credit_invoice_import')])
        )
        wizard = self.env['base.module.uninstall'].sudo().create({'module_ids': module.ids})
        self.assertEqual(wizard.model_ids.mapped('model'), ['credit.import.line'])


@tagged('post_install', '-at_install')
class TestImportOfABranch(BranchCommon):
    """Somebody who works in a branch alone."""

    def test_mp25_rows_of_a_file_are_credited(self):
        row = self.env['credit.import.line'].create([
            {'number': self.invoice.name, 'percentage': 10, 'date': '2026-02-01'}
        ])
        self.assertEqual(row.credit_id.reversed_entry_id, self.invoice)
