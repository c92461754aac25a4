from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import Form, tagged

from ..common import CreditCommon

ACTIVITY = 'credit_invoice.mail_activity_type_credit_approval'


class FourEyesCommon(CreditCommon):
    """From 1,000 on, a second person posts; the clerk makes the drafts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company.sudo()
        cls.company.credit_four_eyes_amount = 1000
        # Whoever else the database has is not asked.
        approvers = cls.env.ref('credit_invoice.group_credit_approve').sudo().all_user_ids
        members = approvers.filtered(lambda user: cls.company in user.company_ids)
        (members - cls.clerk).active = False
        cls.second, cls.third = cls.make_user('second'), cls.make_user('third')
        cls.drafter = cls.make_user('drafter', 'credit_invoice.group_credit_draft_only')

    @classmethod
    def make_user(cls, login, groups='account.group_account_invoice', company=None):
        company = company or cls.company
        return cls.make_person(login, f'base.group_user,{groups}', company)

    @classmethod
    def make_draft(cls, amount=1000, user=None, invoice=None, **values):
        """A draft of a credit of so much, with tax."""
        invoice = invoice or cls.make_invoice(lines=[(1, amount, cls.tax_a.browse())], **values)
        cls.env.flush_all()
        dialog = (
            cls
            .env['account.move.reversal']
            .with_user(user or cls.clerk)
            .with_context(active_model='account.move', active_ids=invoice.ids)
            .create({'date': '2026-02-01', 'credit_scope': 'part', 'credit_amount': amount})
        )
        dialog.action_create_credit()
        return cls.Move.browse(dialog.new_move_ids.ids)

    def assertNeedsSecond(self, function, *args):
        with self.assertRaisesRegex(UserError, 'needs a second person'), self.cr.savepoint():
            function(*args)

    def assertPosts(self, credit, user):
        credit.with_user(user).action_post()
        self.assertEqual(credit.state, 'posted')


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestFourEyes(FourEyesCommon):
    """Who cannot be the second person, and from when on one is needed."""

    def test_ts01_linking_free_credits_afterwards_needs_a_second_person(self):
        invoice = self.make_invoice(lines=[(1, 2000, self.tax_a.browse())])
        free = [
            self.make_invoice(lines=[(1, 600, self.tax_a.browse())], move_type='out_refund')
            for _each in range(2)
        ]
        free[0].reversed_entry_id = invoice
        with self.assertRaisesRegex(UserError, 'second person'), self.cr.savepoint():
            free[1].reversed_entry_id = invoice
        free[1].with_user(self.second).reversed_entry_id = invoice

    # === FROM WHEN ON === #

    def test_ts01_nobody_posts_their_own_draft_whatever_the_route(self):
        credit = self.make_draft()
        wizard = self.env['validate.account.move'].create({'move_ids': credit.ids})
        for post in (
            credit.action_post,
            credit._post,
            credit.sudo()._post,
            wizard.validate_move,
            credit.action_validate_moves_with_confirmation,
            lambda: credit.write({'state': 'posted'}),
            lambda: call_kw(credit, 'write', [credit.ids, {'state': 'posted'}], {}),
        ):
            self.assertNeedsSecond(post)
        self.assertPosts(credit, self.second)

    def test_ts01_credit_and_reinvoice_makes_and_posts_at_once(self):
        invoice = self.make_invoice(lines=[(1, 1000)])
        self.assertNeedsSecond(self.open_dialog(invoice).action_credit_and_reinvoice)

    def test_ts01_below_the_amount_one_person_is_enough(self):
        self.assertPosts(self.make_draft(999.99), self.clerk)

    def test_ts01_without_an_amount_one_person_is_enough(self):
        self.company.credit_four_eyes_amount = 0
        self.assertPosts(self.make_draft(5000), self.clerk)

    def test_ts01_it_counts_what_was_credited_of_the_invoice_before(self):
        invoice = self.make_invoice(lines=[(1, 2000, self.tax_a.browse())])
        self.assertPosts(self.make_draft(600, invoice=invoice), self.clerk)
        self.assertNeedsSecond(self.make_draft(400, invoice=invoice).action_post)
        self.assertPosts(self.make_draft(399, invoice=invoice), self.clerk)

    def test_ts01_it_counts_what_is_posted_together(self):
        invoice = self.make_invoice(lines=[(1, 2000, self.tax_a.browse())])
        credits = self.make_draft(600, invoice=invoice) | self.make_draft(600, invoice=invoice)
        self.assertNeedsSecond(credits.action_post)
        self.assertNeedsSecond(credits.write, {'state': 'posted'})
        self.assertEqual(credits.mapped('state'), ['draft', 'draft'])

    def test_ts01_it_counts_in_the_companys_currency(self):
        currency = self.get_currency(**{'2026-01-01': 2})
        for amount, is_needed in ((1900, False), (2000, True)):
            credit = self.make_draft(amount, currency_id=currency.id)
            self.assertEqual(bool(credit._get_four_eyes_refusal(credit.browse())), is_needed)

    def test_ts01_of_several_invoices_the_largest_share_counts(self):
        for amounts, is_needed in (((900, 900), False), ((1000, 10), True)):
            first, second = (
                self.make_invoice(lines=[(1, amount, self.tax_a.browse())]) for amount in amounts
            )
            dialog = self.open_dialog(
                first | second, credit_scope='part', credit_amount=sum(amounts)
            )
            dialog.action_create_credit()
            credit = self.Move.browse(dialog.new_move_ids.ids)
            self.assertEqual(len(credit), 1)
            self.assertEqual(bool(credit._get_four_eyes_refusal(credit.browse())), is_needed)

    def test_ts01_a_credit_without_invoice_counts_by_itself(self):
        credit = self.make_invoice(lines=[(1, 1000)], move_type='out_refund', post=False)
        self.assertNeedsSecond(credit.action_post)
        self.assertPosts(credit, self.second)

    def test_ts01_a_branch_follows_its_root(self):
        branch = self.company.create({'name': 'Branch', 'parent_id': self.company.id})
        self.assertEqual(branch._get_credit_policy_company().credit_four_eyes_amount, 1000)

    # === WHO IS ONE OF THE FIRST === #

    def test_ts01_whoever_edits_is_one_of_the_first(self):
        for edit in (
            lambda credit: credit.write({'narration': 'Sorry'}),
            lambda credit: credit.invoice_line_ids.write({'name': 'Less'}),
            lambda credit: credit.write({
                'invoice_line_ids': [Command.update(credit.invoice_line_ids.id, {'quantity': 1})]
            }),
            lambda credit: credit.invoice_line_ids.copy({'move_id': credit.id}).unlink(),
            lambda credit: credit.write({'invoice_date': '2026-02-02'}),
        ):
            credit = self.make_draft(1100)
            edit(credit.with_user(self.second))
            self.assertNeedsSecond(credit.with_user(self.second).action_post)
            self.assertPosts(credit, self.third)

    def test_ts01_an_edit_in_the_form_counts(self):
        credit = self.make_draft(1100).with_user(self.second)
        with Form(credit) as form, form.invoice_line_ids.edit(0) as line:
            line.price_unit = 1050
        self.assertEqual(credit.credit_editor_ids, self.second)
        self.assertNeedsSecond(credit.action_post)

    def test_ts01_a_drafter_makes_and_billing_posts(self):
        credit = self.make_draft(user=self.drafter)
        self.assertEqual(credit.create_uid, self.drafter)
        self.assertPosts(credit, self.clerk)

    def test_ts01_posting_sending_and_discussing_are_no_edits(self):
        credit = self.make_draft().with_user(self.second)
        Form(credit).record.read()
        question = 'Really?'
        credit.message_post(body=question)
        credit.message_subscribe(partner_ids=self.third.partner_id.ids)
        credit.action_post()
        credit.button_draft()
        self.assertFalse(credit.credit_editor_ids)
        self.assertPosts(credit, self.second)

    def test_ts01_nobody_forges_who_edited(self):
        credit = self.make_draft()
        values = {
            'credit_editor_ids': [Command.clear()],
            'credit_granted_user_id': self.second.id,
            'credit_request_user_id': self.second.id,
        }
        credit.with_user(self.third).narration = 'Sorry'
        credit.with_user(self.third).write(values)
        context = {'credit_no_edit': 1}
        call_kw(credit.with_user(self.third), 'write', [credit.ids, values], {'context': context})
        self.assertEqual(credit.credit_editor_ids, self.third)
        self.assertFalse(credit.credit_granted_user_id or credit.credit_request_user_id)
        self.assertFalse(self.make_draft().copy(values).credit_granted_user_id)

    # === THE BANK ACCOUNT === #

    def make_account(self, user):
        manager = self.env.ref('base.group_partner_manager').sudo()
        for each in (self.second, self.third, user):
            each.sudo().group_ids = [Command.link(manager.id)]
        return (
            self
            .env['res.partner.bank']
            .with_user(user)
            .create({
                'acc_number': 'BE68 5390 0754 7034',
                'partner_id': self.partner_a.id,
            })
        )

    def test_ts01_whoever_made_the_bank_account_cannot_post(self):
        self.make_account(self.second)
        credit = self.make_draft()
        self.assertEqual(credit.partner_bank_id.create_uid, self.second)
        self.assertNeedsSecond(credit.with_user(self.second).action_post)
        self.assertPosts(credit, self.third)

    def test_ts01_whoever_ever_changed_the_bank_account_cannot_post(self):
        account = self.make_account(self.clerk)
        credit = self.make_draft()
        fourth = self.make_user('fourth')
        account.with_user(self.second).acc_number = 'BE71 0961 2345 6769'
        account.with_user(self.third).write({
            'acc_holder_name': 'Somebody',
            'credit_editor_ids': [Command.clear()],
        })
        account.with_user(self.second).acc_holder_name = 'Somebody else'
        for user in (self.second, self.third):
            self.assertNeedsSecond(credit.with_user(user).action_post)
        self.assertPosts(credit, fourth)

    # === THE SCHEDULER === #

    def post_by_scheduler(self, credit):
        credit.with_user(self.env.ref('base.user_root')).sudo()._post()

    def test_ts01_the_scheduler_posts_what_a_second_person_granted(self):
        credit = self.make_draft(user=self.clerk)
        credit.write({'date': '2026-03-20', 'invoice_date': '2026-03-20'})
        self.assertNeedsSecond(credit._post, True)
        credit.with_user(self.second)._post(soft=True)
        self.assertEqual((credit.state, credit.auto_post), ('draft', 'at_date'))
        self.assertEqual(credit.credit_granted_user_id, self.second)
        with freeze_time('2026-03-20'):
            self.post_by_scheduler(credit)
        self.assertEqual(credit.state, 'posted')

    def test_ts01_a_second_person_grants_by_scheduling(self):
        for user, state in ((self.clerk, 'draft'), (self.second, 'posted')):
            credit = self.make_draft()
            credit.write({'date': '2026-03-20', 'invoice_date': '2026-03-20'})
            credit.with_user(user).auto_post = 'at_date'
            with freeze_time('2026-03-20'):
                try:
                    self.post_by_scheduler(credit)
                except UserError as error:
                    self.assertIn('needs a second person', str(error))
            self.assertEqual(credit.state, state)

    def test_ts01_an_edit_voids_what_was_granted(self):
        credit = self.make_draft()
        credit.write({'date': '2026-03-20', 'invoice_date': '2026-03-20'})
        credit.with_user(self.second)._post(soft=True)
        credit.invoice_line_ids.name = 'Something else'
        self.assertFalse(credit.credit_granted_user_id)
        with freeze_time('2026-03-20'):
            self.assertNeedsSecond(self.post_by_scheduler, credit)

    def test_ts01_whoever_scheduled_and_then_edits_grants_nothing(self):
        credit = self.make_draft()
        credit.write({'date': '2026-03-20', 'invoice_date': '2026-03-20'})
        credit.with_user(self.second)._post(soft=True)
        credit.with_user(self.second).narration = 'Sorry'
        with freeze_time('2026-03-20'):
            self.assertNeedsSecond(self.post_by_scheduler, credit)
        self.assertNeedsSecond(credit.with_user(self.second)._post, True)


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestApprovalRequest(FourEyesCommon):
    """Asking for approval, and what becomes of the request."""

    def get_activities(self, credit):
        return credit.sudo().activity_ids.filtered(
            lambda activity: activity.activity_type_id == self.env.ref(ACTIVITY)
        )

    def test_ts01_the_request_lands_with_those_who_may_approve(self):
        self.make_user('reader', 'account.group_account_readonly')
        other = self.env['res.company'].sudo().create({'name': 'Another company'})
        self.make_user('elsewhere', company=other)
        credit = self.make_draft()
        credit.with_user(self.third).narration = 'Sorry'
        self.assertTrue(credit.is_credit_post_hidden)
        self.assertTrue(credit.is_credit_request_offered)
        credit.action_request_approval()
        self.assertEqual(self.get_activities(credit).user_id, self.second)
        self.assertIn(f'asked by {self.clerk.name} on', credit.credit_request_notice)
        self.assertIn('2026', credit.credit_request_notice.replace('3/10/26', '2026'))
        self.assertFalse(credit.is_credit_request_offered)
        self.assertFalse(credit.with_user(self.second).is_credit_post_hidden)
        self.assertEqual(credit.credit_editor_ids, self.third)

    def test_ts01_it_is_done_when_the_credit_is_posted(self):
        for post in (
            lambda credit: credit.action_post(),
            lambda credit: credit.write({'state': 'posted'}),
        ):
            credit = self.make_draft()
            credit.action_request_approval()
            self.assertEqual(self.get_activities(credit).user_id, self.second | self.third)
            post(credit.with_user(self.second))
            self.assertFalse(self.get_activities(credit).filtered('active'))
            self.assertFalse(credit.credit_request_notice)
            done = credit.message_ids.filtered('mail_activity_type_id')
            self.assertEqual(done.author_id, self.second.partner_id)

    def test_ts01_an_edit_voids_it_and_whoever_asked_is_told(self):
        credit = self.make_draft()
        for edit in (
            lambda: credit.with_user(self.third).write({'narration': 'Sorry'}),
            lambda: credit.with_user(self.third).invoice_line_ids.write({'name': 'Less'}),
        ):
            credit.action_request_approval()
            edit()
            self.assertFalse(self.get_activities(credit))
            self.assertFalse(credit.credit_request_user_id)
            message = credit.message_ids[0]
            self.assertIn('is void: ask again for approval', message.body)
            self.assertIn(self.clerk.partner_id, message.notified_partner_ids)
        credit.action_request_approval()
        self.assertEqual(self.get_activities(credit).user_id, self.second)

    def test_ts01_cancelling_withdraws_it(self):
        credit = self.make_draft()
        credit.action_request_approval()
        credit.button_cancel()
        self.assertFalse(self.get_activities(credit))

    def test_ts01_nobody_is_left(self):
        (self.second | self.third).sudo().active = False
        credit = self.make_draft()
        with self.assertRaisesRegex(UserError, 'Nobody is left who may post .* administrator'):
            credit.action_request_approval()

    def test_ts28_a_drafter_asks_whatever_the_amount(self):
        credit = self.make_draft(10, user=self.drafter).with_user(self.drafter)
        self.assertTrue(credit.is_credit_request_offered)
        credit.action_request_approval()
        approvers = self.clerk | self.second | self.third
        self.assertEqual(self.get_activities(credit).user_id, approvers)
        credit.invoice_line_ids.name = 'Less'
        self.assertFalse(self.get_activities(credit))

    def test_ts01_whoever_may_post_need_not_ask(self):
        credit = self.make_draft(10)
        self.assertFalse(credit.is_credit_request_offered)
        with self.assertRaisesRegex(UserError, 'You can post .* yourself'):
            credit.action_request_approval()
        self.assertPosts(credit, self.clerk)
        with self.assertRaisesRegex(UserError, 'is no draft of a credit note'):
            credit.action_request_approval()

    def test_ts01_the_settings_are_the_companys(self):
        settings = self.env['res.config.settings'].sudo()
        settings.create({'credit_four_eyes_amount': 70, 'credit_reason_required': True}).execute()
        self.assertEqual(self.company.credit_four_eyes_amount, 70)
        self.assertTrue(self.company.credit_reason_required)

    # === SENDING BACK === #

    def test_ts01_an_approver_sends_a_draft_back_with_a_reason(self):
        credit = self.make_draft()
        credit.action_request_approval()
        action = credit.with_user(self.second).action_reject_approval()
        window = (
            self
            .env[action['res_model']]
            .with_user(self.second)
            .with_context(**action['context'])
            .create({'reason': 'The price was agreed'})
        )
        self.assertEqual(window.requester_id, self.clerk)
        window.action_reject()
        self.assertFalse(credit.credit_request_user_id)
        self.assertFalse(self.get_activities(credit))
        self.assertIn(f'Sent back by {self.second.name}', credit.credit_reject_notice)
        self.assertIn('The price was agreed', credit.credit_reject_notice)
        message = credit.message_ids[0]
        self.assertIn('The price was agreed', message.body)
        self.assertIn(self.clerk.partner_id, message.notified_partner_ids)
        self.assertFalse(credit.credit_editor_ids)
        self.assertTrue(credit.is_credit_request_offered)
        credit.action_request_approval()
        self.assertFalse(credit.credit_reject_notice)
        self.assertPosts(credit, self.second)

    def reject_over_rpc(self, credit, user, reason='No'):
        return call_kw(credit.with_user(user), 'reject_approval', [credit.ids, reason], {})

    def test_ts01_only_who_may_post_a_draft_sends_it_back(self):
        credit = self.make_draft()
        with self.assertRaisesRegex(UserError, 'waits for no approval'):
            self.reject_over_rpc(credit, self.second)
        credit.action_request_approval()
        with self.assertRaisesRegex(AccessError, 'Only people who may approve'):
            self.reject_over_rpc(credit, self.drafter)
        with self.assertRaisesRegex(UserError, 'needs a second person'):
            self.reject_over_rpc(credit, self.clerk)
        for reason in ('', '  ', False, ['x']):
            with self.assertRaisesRegex(UserError, 'Enter why'):
                self.reject_over_rpc(credit, self.second, reason)
        self.assertEqual(credit.credit_request_user_id, self.clerk)
        self.assertTrue(self.reject_over_rpc(credit, self.second))
        self.assertFalse(credit.credit_request_user_id)

    def test_ts01_nobody_forges_who_sent_it_back(self):
        credit = self.make_draft()
        values = {'credit_reject_user_id': self.second.id, 'credit_reject_reason': 'x'}
        call_kw(credit, 'write', [credit.ids, values], {})
        self.assertFalse(credit.credit_reject_user_id or credit.credit_reject_reason)
        self.assertFalse(credit.copy(values).credit_reject_user_id)
