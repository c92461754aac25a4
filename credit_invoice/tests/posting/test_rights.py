import re
from typing import NamedTuple

from freezegun import freeze_time
from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from ..common import CreditCommon

# The link from billing to approving is taken off in this test, so that both are told apart.
APPROVE = 'credit_invoice.group_credit_approve'
USERS = {
    'employee': 'base.group_user',
    'reader': 'base.group_user,account.group_account_readonly',
    'drafter': 'base.group_user,credit_invoice.group_credit_draft_only',
    'biller': 'account.group_account_invoice',
    'approver': f'account.group_account_invoice,{APPROVE}',
    'exceeder': f'credit_invoice.group_credit_exceed,{APPROVE}',
    'manager': f'account.group_account_manager,{APPROVE}',
}
EVERYBODY = set(USERS)
READERS = EVERYBODY - {'employee'}
DRAFTERS = READERS - {'reader'}
BILLERS = DRAFTERS - {'drafter'}
APPROVERS = BILLERS - {'biller'}


class Row(NamedTuple):
    """An action: who may do it, and where it is offered.

    The name is that of a method `do_…` of the test, which gets the user's environment.
    """

    name: str
    users: set
    # (record of the test, button, and the kind of view if it is no form), or the id of a menu
    shown: tuple | str | None = None
    # What those get who may not do it.
    refusal: type = AccessError


MATRIX = [
    Row('see_invoice', READERS),
    Row('open_dialog', DRAFTERS, ('invoice', 'action_credit_invoice')),
    Row('open_dialog_of_selection', DRAFTERS),
    Row('create_credit', DRAFTERS, ('dialog', 'action_create_credit')),
    Row('create_credit_the_hosts_way', DRAFTERS),
    Row('create_credit_of_a_part', DRAFTERS),
    Row('credit_and_reinvoice', APPROVERS, ('dialog', 'action_credit_and_reinvoice')),
    Row('edit_draft', DRAFTERS),
    Row('edit_line', DRAFTERS),
    Row('delete_line', DRAFTERS),
    Row('attach', DRAFTERS),
    Row('discard', DRAFTERS, ('invoice', 'action_discard_credit')),
    Row('request_approval', {'drafter', 'biller'}, ('draft', 'action_request_approval'), UserError),
    Row('post', APPROVERS),
    Row('invalidate', APPROVERS, ('unsent', 'action_invalidate')),
    Row('post_softly', APPROVERS),
    Row('write_the_state', APPROVERS),
    Row('schedule', APPROVERS),
    Row('exceed', {'exceeder'}, ('excessive', 'credit_exceed_reason'), UserError),
    Row('link_earlier', APPROVERS),
    Row('link_over_rpc', APPROVERS),
    Row('reset', APPROVERS, ('posted', 'button_draft')),
    Row('cancel_posted', APPROVERS),
    Row('cancel_draft', BILLERS),
    Row('create_invoice', BILLERS),
    Row('edit_invoice', BILLERS),
    Row('pay', BILLERS, ('invoice', 'action_register_payment')),
    Row('see_reason', EVERYBODY),
    Row('edit_reason', {'manager'}, 'credit_invoice.credit_reason_menu'),
    Row('create_reason', {'manager'}),
    Row('edit_rule', {'manager'}, 'credit_invoice.credit_posting_rule_menu'),
]


class RightsCommon(CreditCommon):
    """Every action by everybody, in the view and over RPC (ts01, ts28)."""

    matrix = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        billing = cls.env.ref('account.group_account_invoice').sudo()
        billing.implied_ids = [Command.unlink(cls.env.ref(APPROVE).id)]
        cls.clerk.sudo().group_ids = [Command.link(cls.env.ref(APPROVE).id)]
        cls.users = {name: cls.make_user(name, groups) for name, groups in USERS.items()}
        cls.make_documents()

    @classmethod
    def make_user(cls, name, groups, company=None):
        company = company or cls.company_data['company']
        return new_test_user(
            cls.env(su=True),
            login=f'rights_{name}_{company.id}',
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def make_documents(cls):
        cls.invoice = cls.make_invoice(lines=[(4, 25)])
        cls.draft = cls.make_credit(cls.invoice)
        cls.posted = cls.make_credit(cls.make_invoice(), post=True)
        cls.excessive = cls.make_credit(cls.make_invoice(lines=[(4, 25)]))
        cls.excessive.invoice_line_ids.price_unit = 30
        cls.free = cls.make_invoice(lines=[(1, 25)], move_type='out_refund')
        cls.dialog = cls.open_dialog(cls.invoice)
        cls.unsent = cls.make_invoice(lines=[(1, 70)])
        company = cls.company_data['company']
        cls.reason = (
            cls
            .env['credit.reason']
            .sudo()
            .create({
                'name': 'Spilt milk',
                'company_id': company.id,
            })
        )
        cls.rule = (
            cls
            .env['credit.posting.rule']
            .sudo()
            .create({
                'name': 'All',
                'company_id': company.id,
            })
        )

    # === THE ACTIONS === #

    def rpc(self, env, records, method, *args):
        """Call a method as a client does."""
        return call_kw(records.with_env(env), method, [records.ids, *args], {})

    def rpc_create(self, env, model, vals, **context):
        """Create a record as a client does.

        :return: the record
        """
        ids = call_kw(env[model], 'create', [[vals]], {'context': context})
        return env[model].browse(ids)

    def open_dialog_over_rpc(self, env, **values):
        context = {'active_model': 'account.move', 'active_ids': self.invoice.ids}
        return self.rpc_create(
            env, 'account.move.reversal', {'date': '2026-02-01', **values}, **context
        )

    def do_see_invoice(self, env):
        self.rpc(env, self.invoice, 'read', ['name', 'amount_total', 'invoice_line_ids'])

    def do_open_dialog(self, env):
        self.rpc(env, self.invoice, 'action_credit_invoice')

    def do_open_dialog_of_selection(self, env):
        self.rpc(env, self.invoice, 'action_credit_invoices')

    def do_create_credit(self, env):
        dialog = self.open_dialog_over_rpc(env, reason='Broken')
        self.rpc(env, dialog, 'action_create_credit')
        self.assertEqual(dialog.new_move_ids.create_uid, env.user)
        self.assertReverses(dialog.sudo().new_move_ids, self.invoice)

    def do_create_credit_the_hosts_way(self, env):
        self.rpc(env, self.open_dialog_over_rpc(env), 'refund_moves')

    def do_create_credit_of_a_part(self, env):
        row = {'move_line_id': self.invoice.invoice_line_ids.id, 'quantity': 1}
        dialog = self.open_dialog_over_rpc(
            env, credit_scope='part', credit_line_ids=[Command.create(row)]
        )
        self.rpc(env, dialog, 'action_create_credit')

    def do_credit_and_reinvoice(self, env):
        self.rpc(env, self.open_dialog_over_rpc(env), 'action_credit_and_reinvoice')

    def do_edit_draft(self, env):
        line = self.draft.invoice_line_ids
        commands = [Command.update(line.id, {'quantity': 2}), Command.create({'name': 'More'})]
        self.rpc(env, self.draft, 'write', {'invoice_line_ids': commands, 'narration': 'Sorry'})

    def do_edit_line(self, env):
        self.rpc(env, self.draft.invoice_line_ids, 'write', {'quantity': 2})

    def do_delete_line(self, env):
        self.rpc(env, self.draft.invoice_line_ids, 'unlink')

    def do_attach(self, env):
        vals = {'name': 'mail.txt', 'raw': b'', 'res_model': 'account.move'}
        self.rpc_create(env, 'ir.attachment', {**vals, 'res_id': self.draft.id})

    def do_discard(self, env):
        self.rpc(env, self.draft, 'action_discard_credit')
        self.assertFalse(self.draft.exists())

    def do_request_approval(self, env):
        self.rpc(env, self.draft, 'action_request_approval')

    def do_post(self, env):
        self.rpc(env, self.draft, 'action_post')
        self.assertEqual(self.draft.state, 'posted')

    def do_invalidate(self, env):
        self.rpc(env, self.unsent, 'invalidate_invoice', 'Never sent', True)

    def do_post_softly(self, env):
        wizard = self.rpc_create(
            env,
            'validate.account.move',
            {'move_ids': [Command.set(self.draft.ids)]},
        )
        self.rpc(env, wizard, 'validate_move')

    def do_write_the_state(self, env):
        self.rpc(env, self.draft, 'write', {'state': 'posted'})

    def do_schedule(self, env):
        self.rpc(env, self.draft, 'write', {'auto_post': 'at_date'})

    def do_exceed(self, env):
        self.rpc(env, self.excessive, 'write', {'credit_exceed_reason': 'Agreed'})
        self.rpc(env, self.excessive, 'action_post')

    def do_link_earlier(self, env):
        row = {'credit_id': self.free.id, 'origin_id': self.invoice.id}
        wizard = self.rpc_create(env, 'credit.link.wizard', {'line_ids': [Command.create(row)]})
        self.rpc(env, wizard, 'action_confirm')

    def do_link_over_rpc(self, env):
        self.rpc(env, self.free, 'write', {'reversed_entry_id': self.invoice.id})

    def do_reset(self, env):
        self.rpc(env, self.posted, 'button_draft')

    def do_cancel_posted(self, env):
        self.rpc(env, self.posted, 'button_cancel')

    def do_cancel_draft(self, env):
        self.rpc(env, self.draft, 'button_cancel')

    def do_create_invoice(self, env):
        vals = {'move_type': 'out_invoice', 'partner_id': self.partner_a.id}
        self.rpc_create(env, 'account.move', vals)

    def do_edit_invoice(self, env):
        self.rpc(env, self.invoice, 'write', {'ref': 'PO 9'})

    def do_pay(self, env):
        context = {'active_model': 'account.move', 'active_ids': self.invoice.ids}
        wizard = self.rpc_create(env, 'account.payment.register', {}, **context)
        self.rpc(env, wizard, 'action_create_payments')

    def do_see_reason(self, env):
        self.rpc(env, self.reason, 'read', ['name'])

    def do_edit_reason(self, env):
        self.rpc(env, self.reason, 'write', {'name': 'Spoilt milk'})

    def do_create_reason(self, env):
        vals = {'name': 'Sour milk', 'company_id': self.reason.company_id.id}
        self.rpc_create(env, 'credit.reason', vals)

    def do_edit_rule(self, env):
        self.rpc(env, self.rule, 'write', {'name': 'Some'})

    # === WHO MAY, WHO SEES === #

    def attempt(self, row, user):
        """Do it, and undo it.

        :return: the error that refused it, or None
        """
        error = None
        self.env.invalidate_all()
        savepoint = self.cr.savepoint()
        try:
            getattr(self, f'do_{row.name}')(self.env(user=user, su=False, context={}))
        except UserError as refusal:
            error = refusal
        savepoint.rollback()
        savepoint.close(rollback=False)
        return error

    def is_shown(self, shown, user):
        env = self.env(user=user, su=False, context={})
        if isinstance(shown, str):
            return self.env.ref(shown).id in env['ir.ui.menu']._visible_menu_ids()
        record, name, view_type = (getattr(self, shown[0]), *shown[1:], 'form')[:3]
        if not record.is_transient():  # The dialog is its own user's
            record = record.with_env(env)
        try:
            arch = env[record._name].get_view(view_type=view_type)['arch']
            nodes = etree.fromstring(arch).xpath(f'//*[@name="{name}"][not(self::div)]')
            return any(self.is_node_shown(record, node) for node in nodes)
        except AccessError:
            return False

    def is_node_shown(self, record, node):
        """Whether neither the button nor what it stands in is hidden for the record."""
        nodes = [node, *node.iterancestors()]
        if any(each.tag in ('list', 'kanban') for each in nodes):
            return True  # A button of a row, or of many
        return not any(self.is_hidden(record, each.get('invisible', 'False')) for each in nodes)

    def is_hidden(self, record, expression):
        names = set(re.findall(r'\b[a-z_]+\b', expression)) & set(record._fields)
        return safe_eval(expression, {name: record[name] for name in names} | {'context': {}})

    def check_who_may(self):
        for row in self.matrix:
            for name, user in self.users.items():
                with self.subTest(row.name, user=name):
                    error = self.attempt(row, user)
                    if name in row.users:
                        self.assertIsNone(error)
                    else:
                        self.assertIsInstance(error, row.refusal)

    def check_who_sees(self):
        for row in self.matrix:
            for name, user in self.users.items():
                if row.shown:
                    with self.subTest(row.name, user=name):
                        self.assertEqual(self.is_shown(row.shown, user), name in row.users)

    def check_another_company(self, without):
        """Nobody touches another company.

        :param without: actions that touch none
        """
        company = self.env['res.company'].sudo().create({'name': 'Another company'})
        rows = [row for row in self.matrix if row.name not in without]
        for name, groups in USERS.items():
            user = self.make_user(name, groups, company)
            for row in rows:
                with self.subTest(row.name, user=name):
                    self.assertIsInstance(self.attempt(row, user), UserError)


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestRights(RightsCommon):
    matrix = MATRIX

    def test_ts01_everybody_may_do_what_they_may_and_nothing_else(self):
        self.check_who_may()

    def test_ts01_everybody_sees_what_they_may_do_and_nothing_else(self):
        self.check_who_sees()

    def test_ts01_nobody_touches_another_company(self):
        self.check_another_company(without=['create_invoice'])

    # === WHAT DRAFTING ALONE DOES NOT GIVE === #

    def test_ts28_drafts_stay_drafts_of_credits(self):
        line, invoice = self.draft.invoice_line_ids, self.invoice
        tries = [
            (self.draft, 'write', {'state': 'posted'}),
            (self.draft, 'write', {'state': 'cancel'}),
            (self.draft, 'write', {'move_type': 'out_invoice'}),
            (self.draft, 'write', {'move_type': 'entry'}),
            (self.draft, 'write', {'auto_post': 'at_date'}),
            (self.draft, 'action_switch_move_type'),
            (self.draft, 'action_register_payment'),
            (line, 'write', {'move_id': invoice.id}),
            (line, 'write', {'move_id': self.make_invoice(post=False).id}),
            (invoice.invoice_line_ids, 'write', {'name': 'Nothing'}),
            (invoice, 'write', {'line_ids': [Command.delete(invoice.line_ids[0].id)]}),
            (invoice, 'unlink'),
            (self.posted, 'unlink'),
            (self.posted, 'write', {'narration': 'Sorry'}),
            (self.posted, 'button_draft'),
            (self.posted.line_ids, 'remove_move_reconcile'),
        ]
        drafter = self.env(user=self.users['drafter'], su=False, context={})
        for records, method, *args in tries:
            refused = self.assertRaises(UserError)
            with self.subTest(method, args=args), refused, self.cr.savepoint():
                self.rpc(drafter, records, method, *args)
                records.env.flush_all()
        self.assertEqual((self.draft.state, self.draft.move_type), ('draft', 'out_refund'))
        self.assertEqual(line.move_id, self.draft)
        self.assertEqual(invoice.amount_residual, 115)

    def test_ts28_only_drafts_of_credits_are_created(self):
        env = self.env(user=self.users['drafter'], su=False, context={})
        vals = {'move_type': 'out_refund', 'partner_id': self.partner_a.id}
        self.rpc_create(env, 'account.move', vals)
        for values in (
            {'state': 'posted'},
            {'auto_post': 'at_date'},
            {'move_type': 'out_invoice'},
            {'move_type': 'entry'},
        ):
            with self.subTest(values), self.assertRaises(UserError), self.cr.savepoint():
                self.rpc_create(env, 'account.move', {**vals, **values})

    def test_ts28_a_credit_of_the_first_open_day_is_not_scheduled(self):
        env = self.env(user=self.users['drafter'], su=False, context={})
        other = self.make_invoice()
        self.env.company.sudo().sale_lock_date = '2026-03-15'
        dialog = self.open_dialog_over_rpc(env, date='2026-03-16')
        self.rpc(env, dialog, 'action_create_credit')
        self.assertEqual(dialog.new_move_ids.auto_post, 'no')
        dialog = self.open_dialog(other, date='2026-03-16')
        dialog.action_create_credit()
        self.assertEqual(dialog.new_move_ids.auto_post, 'at_date')

    def test_ts28_a_change_takes_a_scheduled_credit_off_the_schedule(self):
        self.draft.auto_post = 'at_date'
        for name, value in (('approver', 'at_date'), ('drafter', 'no')):
            self.draft.with_user(self.users[name]).narration = name
            self.assertEqual(self.draft.auto_post, value)

    def test_ts28_the_form_of_a_drafter_opens_and_saves(self):
        draft = self.draft.with_user(self.users['drafter'])
        with Form(draft) as form, form.invoice_line_ids.edit(0) as line:
            line.quantity = 2
        self.assertEqual(draft.amount_total, 57.5)
        with Form(self.invoice.with_user(self.users['drafter'])) as form:
            self.assertEqual(form.state, 'posted')

    # === WHAT COMES BY ITSELF === #

    def test_ts01_the_scheduler_posts_what_was_scheduled(self):
        self.draft.auto_post = 'at_date'
        self.draft.with_user(self.env.ref('base.user_root')).sudo()._post()
        self.assertEqual(self.draft.state, 'posted')

    def test_ts01_drafting_does_not_bring_accounting_features_to_billing(self):
        self.assertFalse(self.clerk.has_group('account.group_account_readonly'))
        self.assertTrue(self.users['drafter'].has_group('account.group_account_readonly'))
        self.assertFalse(self.users['manager'].has_group('account.group_account_readonly'))

    def test_ts01_a_member_of_staff_who_configures_need_not_bill(self):
        user = self.make_user('configurer', 'credit_invoice.group_credit_configure')
        for row in MATRIX:
            if row.name in ('edit_reason', 'create_reason', 'edit_rule', 'post', 'edit_draft'):
                is_allowed = row.name not in ('post', 'edit_draft')
                self.assertEqual(not self.attempt(row, user), is_allowed, row.name)


@tagged('post_install', '-at_install')
class TestDefaultRights(CreditCommon):
    """What an installation brings, before an administrator changes it."""

    def test_ts01_whoever_posts_invoices_may_approve(self):
        self.assertTrue(self.clerk.has_group(APPROVE))
        for right in ('exceed', 'write_off', 'restore', 'configure', 'draft_only'):
            self.assertFalse(self.clerk.has_group(f'credit_invoice.group_credit_{right}'))
        manager = new_test_user(
            self.env(su=True), login='rights', groups='account.group_account_manager'
        )
        self.assertTrue(manager.has_group('credit_invoice.group_credit_configure'))
        self.assertFalse(manager.has_group('credit_invoice.group_credit_exceed'))
