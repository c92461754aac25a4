from freezegun import freeze_time

from odoo.tests import Form, tagged

from ..common import CreditCommon

APPROVE = 'credit_invoice.group_credit_approve'


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestDialogButtons(CreditCommon):
    """Which button of the dialog stands first, and which ones can be used."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company.sudo()
        cls.invoice = cls.make_invoice(lines=[(2, 500)])

    def open_form(self, invoices=None):
        invoices = invoices or self.invoice
        if len(invoices) == 1:
            action = invoices.action_credit_invoice()
        else:
            action = invoices.action_credit_invoices()
        return Form(self.env['account.move.reversal'].with_context(**action['context']))

    def make_approver(self):
        return self.make_person(
            'credit_approver',
            f'base.group_user,account.group_account_invoice,{APPROVE}',
            self.company,
        )

    def make_drafter(self):
        return self.make_person(
            'credit_drafter', 'base.group_user,credit_invoice.group_credit_draft_only', self.company
        )

    def test_mp03_create_credit_stands_first(self):
        form = self.open_form()
        self.assertEqual(form.primary_button, 'create')
        self.assertTrue(form.can_create_and_approve)

    def test_ts28_a_drafter_asks_for_approval(self):
        drafter = self.make_drafter()
        self.env = self.env(user=drafter)
        wizard = self.open_form(self.invoice.with_user(drafter)).save()
        wizard.action_create_and_request()
        self.assertEqual(wizard.new_move_ids.sudo().credit_request_user_id, drafter)

    def test_mp06_a_full_draft_that_waits_is_opened(self):
        draft = self.make_credit(self.invoice)
        form = self.open_form()
        self.assertEqual(form.primary_button, 'draft')
        self.assertIn(f'/odoo/account.move/{draft.id}', form.credit_summary_html)
        action = form.save().action_open_drafts()
        self.assertEqual(action['res_id'], draft.id)

    def test_mp06_beside_a_full_draft_another_one_stays_possible(self):
        self.make_credit(self.invoice)
        self.open_form().save().action_create_credit()
        self.assertEqual(len(self.invoice.reversal_move_ids), 2)

    def test_mp06_several_drafts_of_all_that_is_left_are_opened_in_a_list(self):
        for _i in range(2):
            self.make_credit(self.invoice, credit_scope='part', credit_percentage=50)
        form = self.open_form()
        self.assertEqual(form.primary_button, 'draft')
        drafts = self.invoice.reversal_move_ids
        self.assertIn('2 draft credit notes are waiting already', form.credit_summary_html)
        self.assertEqual(form.save().action_open_drafts()['domain'], [('id', 'in', drafts.ids)])

    def test_ts03_beside_a_draft_of_a_part_the_rest_is_credited(self):
        self.make_credit(self.invoice, credit_scope='part', credit_percentage=50)
        form = self.open_form()
        self.assertEqual(form.primary_button, 'create')
        self.assertIn('A draft credit note is waiting already', form.credit_summary_html)

    def test_mp06_in_a_selection_what_waits_in_full_is_left_out(self):
        self.make_credit(self.invoice)
        other = self.make_invoice()
        dialog = self.open_dialog(self.invoice | other)
        self.assertEqual(dialog.move_ids, other)
        self.assertIn('draft credit note of all that is left', dialog.refused_html)

    def test_mp06_a_selection_that_waits_in_full_is_opened(self):
        invoices = self.invoice | self.make_invoice()
        drafts = self.make_credit(invoices)
        form = self.open_form(invoices)
        self.assertEqual(form.primary_button, 'draft')
        self.assertEqual(set(form.save().action_open_drafts()['domain'][0][2]), set(drafts.ids))

    def test_ts01_where_a_second_person_is_needed_approval_is_asked(self):
        self.make_approver()
        self.company.credit_four_eyes_amount = 1150
        form = self.open_form()
        self.assertFalse(form.can_create_and_approve)
        self.assertIn('Someone else', form.second_person_notice)
        wizard = form.save()
        notice = wizard.action_create_and_request()
        credit = wizard.new_move_ids
        self.assertEqual(credit.state, 'draft')
        self.assertEqual(credit.credit_request_user_id, self.clerk)
        self.assertIn('approval asked of', notice['params']['message'])
        self.assertEqual(notice['params']['next']['res_id'], credit.id)

    def test_ts01_below_the_amount_one_person_is_enough(self):
        self.company.credit_four_eyes_amount = 1150.01
        form = self.open_form()
        self.assertTrue(form.can_create_and_approve)
        self.assertFalse(form.second_person_notice)

    def test_ts01_what_was_credited_before_counts(self):
        self.make_credit(self.invoice, post=True, credit_scope='part', credit_percentage=50)
        self.company.credit_four_eyes_amount = 1000
        self.assertFalse(self.open_form().can_create_and_approve)

    def test_ts01_a_small_part_needs_nobody_else(self):
        self.company.credit_four_eyes_amount = 1000
        form = self.open_form()
        form.credit_scope = 'part'
        form.credit_percentage = 10
        self.assertTrue(form.can_create_and_approve)
        form.credit_percentage = 90
        self.assertFalse(form.can_create_and_approve)

    def test_ts01_of_several_one_is_enough_to_ask(self):
        self.make_approver()
        self.company.credit_four_eyes_amount = 1000
        invoices = self.invoice | self.make_invoice(lines=[(1, 10)])
        form = self.open_form(invoices)
        self.assertFalse(form.can_create_and_approve)
        wizard = form.save()
        wizard.action_create_and_request()
        asked = wizard.new_move_ids.filtered('credit_request_user_id')
        self.assertEqual(asked.reversed_entry_id, self.invoice)

    def test_ts20_a_missing_attachment_keeps_the_credit_a_draft(self):
        reason = self.env.ref('credit_invoice.credit_reason_double_invoice')
        reason.sudo().is_attachment_required = True
        form = self.open_form()
        form.credit_reason_id = reason
        self.assertFalse(form.can_create_and_approve)
        self.assertEqual(form.primary_button, 'create')

    def test_mp20_a_reason_to_reinvoice_puts_that_first(self):
        reason = self.env.ref('credit_invoice.credit_reason_wrong_customer')
        self.assertEqual(reason.treatment, 'reinvoice')
        form = self.open_form()
        form.credit_reason_id = reason
        self.assertEqual(form.primary_button, 'reinvoice')
        form.credit_scope = 'part'
        self.assertEqual(form.primary_button, 'create')

    def test_mp20_the_new_invoices_of_several_open_in_a_list(self):
        invoices = self.invoice | self.make_invoice()
        dialog = self.open_dialog(invoices)
        action = dialog.action_credit_and_reinvoice()
        self.assertEqual(
            action['params']['next']['domain'], [('id', 'in', invoices.replacement_move_ids.ids)]
        )
        self.assertIn('opening the new invoices (2)', action['params']['message'])
