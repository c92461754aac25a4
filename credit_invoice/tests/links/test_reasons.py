import base64

import polib
from freezegun import freeze_time
from lxml import etree, html

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import file_path

from ..common import CreditCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestReasons(CreditCommon):
    """Why an invoice is credited, what that proposes, and what proves it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls.make_invoice(lines=[(4, 25), (1, 100)])
        cls.price = cls.get_reason('wrong_price')

    @classmethod
    def get_reason(cls, name, **values):
        reason = cls.env.ref(f'credit_invoice.credit_reason_{name}')
        reason.sudo().write(values)
        return reason

    def open_form(self, invoices=None):
        action = (invoices or self.invoice).action_credit_invoice()
        return Form(self.env['account.move.reversal'].with_context(**action['context']))

    def upload(self, name='mail.txt', **values):
        """A file as the dialog uploads it."""
        return self.env['ir.attachment'].create({
            'name': name,
            'datas': base64.b64encode(name.encode()),
            'res_model': 'account.move.reversal',
            'res_id': 0,
            **values,
        })

    def get_files(self, credits):
        return self.env['ir.attachment'].search(
            [('res_model', '=', 'account.move'), ('res_id', 'in', credits.ids)], order='res_id'
        )

    # === THE REASONS === #

    def test_ts20_the_everyday_reasons_are_there_and_can_be_archived(self):
        reasons = self.env['credit.reason'].search([])
        self.assertGreaterEqual(len(reasons), 11)
        self.assertTrue(all(reasons.mapped('help_text')))
        manager = new_test_user(
            self.env(su=True),
            login='reasons',
            groups='account.group_account_manager',
            # What all companies share is changed by who works in all of them.
            company_ids=[Command.set(self.env.company.sudo().search([]).ids)],
        )
        self.price.with_user(manager).action_archive()
        self.assertNotIn(self.price, self.env['credit.reason'].search([]))
        with self.assertRaises(AccessError):
            self.price.name = 'Another'

    def test_ts20_the_list_of_reasons_leaves_each_column_its_room(self):
        arch = etree.fromstring(self.env['credit.reason'].get_view(view_type='list')['arch'])
        columns = arch.xpath('//field[not(@widget)]')
        self.assertEqual(columns[-1].get('name'), 'help_text')
        for column in columns[:-1]:
            self.assertTrue(column.get('width') or column.get('optional') == 'hide')

    def test_ts20_when_to_use_a_reason_is_labelled_in_its_form(self):
        arch = etree.fromstring(self.env['credit.reason'].get_view(view_type='form')['arch'])
        (field,) = arch.xpath("//field[@name='help_text']")
        # A group within a group shows labels.
        self.assertEqual(field.getparent().getparent().tag, 'group')
        self.assertFalse(field.get('nolabel'))

    def test_ts20_the_reasons_speak_german_and_french(self):
        reasons = self.env['credit.reason'].search([]).get_external_id().values()
        for code in ('de', 'fr'):
            entries = polib.pofile(file_path(f'credit_invoice/i18n/{code}.po'))
            places = {place: entry for entry in entries for place, _line in entry.occurrences}
            for reason in reasons:
                for name in ('name', 'help_text'):
                    entry = places[f'model:credit.reason,{name}:{reason}']
                    record = self.env.ref(reason)
                    self.assertEqual(entry.msgid, record[name])
                    self.assertTrue(entry.translated())

    def test_ts20_a_branch_uses_the_reasons_of_its_company(self):
        company = self.env.company.sudo()
        other = company.create({'name': 'Another company'})
        branch = company.create({'name': 'Branch', 'parent_id': company.id})
        reason = self.price.sudo().copy({'name': 'Ours', 'company_id': company.id})
        for where, is_seen in ((company, True), (branch, True), (other, False)):
            user = new_test_user(
                self.env(su=True),
                login=f'reasons {where.id}',
                groups='account.group_account_invoice',
                company_id=where.id,
                company_ids=[Command.set(where.ids)],
            )
            found = self.env['credit.reason'].with_user(user).search([('name', '=', 'Ours')])
            self.assertEqual(found, reason if is_seen else reason.browse())
        with self.assertRaises(UserError):
            credit = self.make_credit(self.invoice)
            credit.credit_reason_id = reason.copy({'company_id': other.id})

    # === THE DIALOG === #

    def test_ts20_a_reason_of_the_whole_leaves_the_whole(self):
        with self.open_form() as form:
            form.credit_scope = 'part'
            form.credit_reason_id = self.get_reason('cancelled_order')
            self.assertEqual(form.credit_scope, 'whole')
            form.reason = 'By phone'
        dialog = form.record
        dialog.action_create_credit()
        credit = dialog.new_move_ids
        self.assertReverses(credit, self.invoice)
        self.assertEqual(credit.credit_reason_id, self.get_reason('cancelled_order'))
        self.assertEqual(credit.credit_reason, 'By phone')

    def test_ts20_a_reason_of_a_lower_price_opens_the_table_for_amounts(self):
        with self.open_form() as form:
            form.credit_reason_id = self.price
            self.assertEqual(form.credit_scope, 'part')
            self.assertEqual(form.credit_reason_help, self.price.help_text)
            with form.credit_line_ids.edit(0) as row:
                self.assertEqual((row.kind, row.quantity, row.amount), ('price', 0, 0))
                row.amount = 10
        form.record.action_create_credit()
        credit = form.record.new_move_ids
        self.assertEqual(credit.invoice_line_ids.mapped('credit_kind'), ['price'])
        self.assertEqual(credit.amount_untaxed, 10)

    def test_ts20_a_return_opens_the_table_for_quantities(self):
        with self.open_form() as form:
            form.credit_reason_id = self.get_reason('goods_returned')
            with form.credit_line_ids.edit(0) as row:
                self.assertEqual((row.kind, row.quantity), ('return', 0))
        form.record.action_fill_all()
        self.assertEqual(form.record.credit_line_ids[0].quantity, 4)

    def test_ts20_a_wrong_tax_opens_the_table_for_taxes(self):
        with self.open_form() as form:
            form.credit_reason_id = self.get_reason('wrong_tax')
            with form.credit_line_ids.edit(0) as row:
                self.assertEqual((row.kind, row.amount), ('tax', 0))
        form.record.action_fill_all()
        self.assertEqual(form.record.credit_line_ids[0].amount, 15)
        form.record.action_create_credit()
        credit = form.record.new_move_ids
        self.assertEqual((credit.amount_untaxed, credit.amount_tax), (0, 30))

    def test_ts20_another_reason_of_the_kind_keeps_what_was_typed(self):
        with self.open_form() as form:
            form.credit_reason_id = self.price
            with form.credit_line_ids.edit(0) as row:
                row.amount = 10
            form.credit_reason_id = self.get_reason('late_delivery')
            with form.credit_line_ids.edit(0) as row:
                self.assertEqual(row.amount, 10)
            form.credit_reason_id = self.get_reason('goods_returned')
            with form.credit_line_ids.edit(0) as row:
                self.assertEqual((row.kind, row.quantity), ('return', 0))

    def test_ts20_several_invoices_get_the_reason(self):
        invoices = self.invoice | self.make_invoice()
        credits = self.make_credit(invoices, credit_reason_id=self.price.id, reason='Typo')
        self.assertEqual(len(credits), 2)
        self.assertEqual(credits.credit_reason_id, self.price)

    # === REQUIRED === #

    def test_ts20_a_required_reason_is_asked_for(self):
        free = self.make_invoice(move_type='out_refund', post=False)
        credit = self.make_credit(self.invoice)
        self.env.company.sudo().credit_reason_required = True
        self.assertTrue(self.open_dialog(self.invoice).is_credit_reason_required)
        for method in ('action_create_credit', 'refund_moves', 'action_credit_and_reinvoice'):
            with self.subTest(method), self.assertRaisesRegex(UserError, 'a reason is required'):
                getattr(self.open_dialog(self.make_invoice()), method)()
        for post in (credit.action_post, lambda: credit.write({'state': 'posted'})):
            with self.assertRaisesRegex(UserError, 'cannot be posted: choose a reason first'):
                post()
        credit.credit_reason_id = self.price
        credit.action_post()
        free.action_post()
        self.assertEqual((credit | free).mapped('state'), ['posted', 'posted'])

    def test_ts20_a_branch_follows_its_root(self):
        company = self.env.company.sudo()
        company.credit_reason_required = True
        branch = company.create({'name': 'Branch', 'parent_id': company.id})
        self.assertTrue(branch._get_credit_policy_company().credit_reason_required)

    # === ATTACHMENTS === #

    def test_ts20_what_is_dropped_lands_on_every_credit_once(self):
        invoices = self.invoice | self.make_invoice() | self.make_invoice()
        files = self.upload() | self.upload('slip.txt')
        credits = self.make_credit(invoices, credit_attachment_ids=[Command.set(files.ids)])
        self.assertEqual(len(credits), 3)
        for credit in credits:
            self.assertEqual(
                sorted(self.get_files(credit).mapped('name')), ['mail.txt', 'slip.txt']
            )
            for file in self.get_files(credit):
                self.assertEqual(file.raw, file.name.encode())
        self.assertFalse(files.exists())

    def test_ts20_a_second_submit_attaches_nothing(self):
        dialog = self.open_dialog(
            self.invoice, credit_attachment_ids=[Command.set(self.upload().ids)]
        )
        dialog.action_create_credit()
        dialog.action_create_credit()
        self.assertEqual(len(self.get_files(self.invoice.reversal_move_ids)), 1)

    def test_ts20_the_hosts_own_method_attaches_too(self):
        file = self.upload()
        dialog = self.open_dialog(self.invoice, credit_attachment_ids=[Command.set(file.ids)])
        dialog.refund_moves()
        self.assertEqual(len(self.get_files(dialog.new_move_ids)), 1)
        self.assertFalse(file.exists())

    def test_ts20_files_of_other_documents_are_copied_and_kept(self):
        file = self.upload(res_model='account.move', res_id=self.invoice.id)
        credit = self.make_credit(self.invoice, credit_attachment_ids=[Command.set(file.ids)])
        self.assertEqual(self.get_files(credit).mapped('name'), ['mail.txt'])
        self.assertEqual(file.res_id, self.invoice.id)

    def test_ts20_files_that_the_user_may_not_read_are_refused(self):
        file = self.upload().sudo().copy({'res_model': 'ir.cron', 'res_id': 1})
        file.create_uid = self.env.ref('base.user_admin')
        with self.assertRaises(AccessError):
            self.make_credit(self.invoice, credit_attachment_ids=[Command.set(file.ids)])

    def test_ts20_a_reason_can_ask_for_an_attachment(self):
        reason = self.get_reason('goods_returned', is_attachment_required=True)
        dialog = self.open_dialog(self.invoice, credit_reason_id=reason.id)
        self.assertIn('asks for an attachment', dialog.credit_attachment_notice)
        dialog.action_create_credit()
        credit = self.Move.browse(dialog.new_move_ids.ids)
        with self.assertRaisesRegex(UserError, 'the reason "Goods returned" asks for'):
            credit.action_post()
        self.upload(res_model='account.move', res_id=credit.id)
        credit.action_post()
        self.assertEqual(credit.state, 'posted')

    def test_ts20_credit_and_reinvoice_attaches_before_it_posts(self):
        reason = self.get_reason('wrong_customer', is_attachment_required=True)
        values = {'credit_reason_id': reason.id}
        with self.assertRaisesRegex(UserError, 'asks for an attachment'), self.cr.savepoint():
            self.open_dialog(self.invoice, **values).action_credit_and_reinvoice()
        file = self.upload()
        dialog = self.open_dialog(
            self.invoice, credit_attachment_ids=[Command.set(file.ids)], **values
        )
        self.assertFalse(dialog.credit_attachment_notice)
        dialog.action_credit_and_reinvoice()
        credit, replacement = self.invoice.reversal_move_ids, dialog.new_move_ids
        self.assertEqual(credit.state, 'posted')
        self.assertEqual(self.get_files(credit | replacement).res_id, credit.id)
        self.assertFalse(file.exists())

    def test_ts20_a_client_cannot_forge_what_is_attached(self):
        self.env['account.move'].with_context(credit_attachments=[1])
        dialog = self.open_dialog(self.invoice).with_context(credit_attachments=[1])
        dialog.action_create_credit()
        self.assertFalse(self.get_files(dialog.new_move_ids))

    # === WHERE IT IS SHOWN === #

    def get_print(self, credit):
        content = (
            self
            .env['ir.actions.report']
            .sudo()
            ._render_qweb_html('account.report_invoice', credit.ids)[0]
        )
        return ' '.join(html.fromstring(content).text_content().split())

    def test_ts20_reason_and_explanation_are_printed(self):
        credit = self.make_credit(self.invoice, credit_reason_id=self.price.id, reason='A typo')
        self.assertIn('Reason: Wrong price: A typo', self.get_print(credit))
        credit.credit_reason = 'wrong price'
        self.assertIn('Reason: Wrong price', self.get_print(credit))
        self.assertNotIn('Wrong price: wrong', self.get_print(credit))
        credit.write({'credit_reason': False, 'credit_reason_id': False})
        self.assertNotIn('Reason:', self.get_print(credit))

    def test_ts20_the_form_changes_the_reason_of_a_draft_only(self):
        credit = self.make_credit(self.invoice)
        with Form(credit) as form:
            form.credit_reason_id = self.price
        credit.action_post()
        with self.assertRaises(AssertionError), Form(credit) as form:
            form.credit_reason_id = self.get_reason('other')

    def test_ts20_credits_are_found_and_grouped_by_reason(self):
        credit = self.make_credit(self.invoice, post=True, credit_reason_id=self.price.id)
        arch = self.Move.get_view(view_type='search')['arch']
        self.assertIn('group_by_credit_reason', arch)
        self.assertEqual(self.Move.search([('credit_reason_id', '=', self.price.id)]), credit)
        groups = self.env['credit.report']._read_group(
            [('move_id', '=', credit.id)],
            ['credit_reason_id'],
            ['credited:sum', 'credit_count:sum'],
        )
        self.assertEqual(groups, [(self.price, 200.0, 1)])
