import logging

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.account.tests.common import AccountTestInvoicingHttpCommon

from ...tools.export_contract import ExportNotExecuted, ExportRefused, ExportUnclear
from .export_common import SECRET, ExportCommon


@tagged('post_install', '-at_install')
class TestExportRights(ExportCommon):
    """Who may do what with exports, and who never sees a secret."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        accounts = 'base.group_user,account.group_account_invoice'
        cls.readers = {
            'drafter': 'base.group_user,credit_invoice.group_credit_draft_only',
            'reader': 'base.group_user,account.group_account_readonly',
            'manager': f'{accounts},credit_invoice.group_credit_export',
            'accepter': f'{accounts},credit_invoice.group_credit_export_difference',
            'stranger': 'base.group_user',
            'admin': 'base.group_user,base.group_system,account.group_account_readonly',
        }
        cls.users = {
            name: new_test_user(
                cls.env(su=True), login=f'x_{name}', groups=groups, company_id=cls.env.company.id
            )
            for name, groups in cls.readers.items()
        }

    def setUp(self):
        super().setUp()
        self.connect()
        self.invoice = self.make_invoice()

    def get_refused(self, function, refusals=AccessError):
        """The names of the users who may not do something."""
        refused = set()
        for name, user in self.users.items():
            with self.cr.savepoint():
                try:
                    function(user)
                except refusals:
                    refused.add(name)
            self.env.invalidate_all()
        return refused

    # === RIGHTS === #

    def test_ts26_sending_again_takes_the_right(self):
        self.get_record(self.invoice).write({'state': 'rejected'})
        refused = self.get_refused(lambda user: self.invoice.with_user(user).action_send_again())
        self.assertEqual(refused, {'drafter', 'reader', 'accepter', 'stranger', 'admin'})
        self.assertEqual(self.get_record(self.invoice).state, 'unknown')

    def test_ts26_sending_again_takes_it_on_the_export_too(self):
        record = self.get_record(self.invoice)
        record.write({'state': 'rejected'})
        refused = self.get_refused(lambda user: record.with_user(user).action_send_again())
        self.assertEqual(refused, {'drafter', 'reader', 'accepter', 'stranger', 'admin'})

    def test_mp13_whoever_drafts_credits_may_check(self):
        record = self.get_record(self.invoice)
        refused = self.get_refused(lambda user: record.with_user(user).action_check())
        self.assertEqual(refused, {'reader', 'stranger', 'admin'})

    def test_mp12_whoever_drafts_credits_opens_the_window(self):
        def check(user):
            action = self.invoice.with_user(user).action_credit_invoice()
            self.env[action['res_model']].with_user(user).browse(action['res_id']).action_check()

        self.assertEqual(self.get_refused(check), {'reader', 'stranger', 'admin'})

    def test_mp12_the_window_of_somebody_else_is_not_used(self):
        action = self.invoice.action_credit_invoice()
        wizard = self.env[action['res_model']].browse(action['res_id'])
        for name in ('action_check', 'action_export', 'check_progress', 'action_credit_anyway'):
            with self.assertRaises(AccessError):
                getattr(wizard.with_user(self.users['manager']), name)()

    def test_mp12_the_window_tells_nothing_of_invoices_of_others(self):
        wizard = self.env['credit.export.check.wizard'].with_user(self.users['stranger'])
        with self.assertRaises(AccessError):
            wizard.create({'move_id': self.invoice.id})

    def test_mp14_accepting_a_difference_takes_the_right(self):
        record = self.get_record(self.invoice)
        record.write({'state': 'differs'})
        refused = self.get_refused(lambda user: record.with_user(user)._accept_difference('Agreed'))
        self.assertEqual(refused, {'drafter', 'reader', 'manager', 'stranger', 'admin'})

    def test_mp18_closing_takes_the_right(self):
        variance = (
            self
            .env['credit.export.variance']
            .sudo()
            .create({
                'system_id': self.system.id,
                'kind': 'missing_there',
                'move_id': self.invoice.id,
            })
        )
        refused = self.get_refused(lambda user: variance.with_user(user)._close('Agreed'))
        self.assertEqual(refused, {'drafter', 'reader', 'accepter', 'stranger', 'admin'})

    def test_mp21_checking_all_takes_the_right(self):
        def check(user):
            self.system.with_user(user).action_check_all()
            self.system.active_run_ids.with_user(user).action_cancel()

        self.assertEqual(self.get_refused(check), {'drafter', 'reader', 'accepter', 'stranger'})

    def test_mp11_only_administrators_change_a_system(self):
        def change(user):
            self.system.with_user(user).write({'name': 'Other'})

        self.assertEqual(self.get_refused(change), set(self.users) - {'admin'})
        for action in ('action_test_connection', 'action_check_mapping'):
            refused = self.get_refused(
                lambda user, action=action: getattr(self.system.with_user(user), action)()
            )
            self.assertEqual(refused, set(self.users) - {'admin'}, action)

    def test_mp19_nobody_writes_records_by_hand(self):
        record = self.get_record(self.invoice)
        variance = (
            self
            .env['credit.export.variance']
            .sudo()
            .create({
                'system_id': self.system.id,
                'kind': 'missing_there',
            })
        )
        run = (
            self
            .env['credit.export.run']
            .sudo()
            .create({
                'system_id': self.system.id,
                'kind': 'check',
            })
        )
        everybody = set(self.users)
        for item in (record, variance, run, record.history_ids):
            for action in (
                lambda one: one.write({'state': 'done' if one == run else 'sent'}),
                lambda one: one.unlink(),
                lambda one: one.copy(),
            ):
                refused = self.get_refused(
                    lambda user, item=item, action=action: action(item.with_user(user)),
                    UserError,
                )
                self.assertEqual(refused, everybody, item)

    # === SECRETS === #

    def get_secret_texts(self, **values):
        """Everything that is kept of what the other side said, as text."""
        texts = []
        for model in (
            'credit.export.record',
            'credit.export.history',
            'credit.export.variance',
            'credit.export.run',
            'mail.message',
            'mail.activity',
            'mail.tracking.value',
            'bus.bus',
        ):
            Model = self.env[model].sudo()
            names = [name for name, field in Model._fields.items() if field.store]
            texts += map(str, Model.search([]).read(names))
        names = set(self.system._fields) - {'secret', 'stored_secret'}
        texts += map(str, self.system.read(list(names)))
        return texts

    def test_mp22_the_secret_is_read_by_administrators_only(self):
        self.assertEqual(self.system.with_user(self.users['admin']).secret, SECRET)
        for name in set(self.users) - {'admin', 'stranger'}:
            system = self.system.with_user(self.users[name])
            with self.assertRaises(AccessError):
                system.read(['secret'])
            with self.assertRaises(AccessError):
                system.search([('secret', '=like', 'v%')])
            for field in ('secret', 'stored_secret'):
                self.assertNotIn(field, system.fields_get())
                self.assertNotIn(field, system.read()[0])

    def test_mp22_the_secret_is_not_exported_copied_or_tracked(self):
        system = self.system.with_user(self.users['admin'])
        with self.assertRaisesRegex(AccessError, 'cannot be exported'):
            system.export_data(['name', 'secret'])
        with self.assertRaisesRegex(AccessError, 'cannot be exported'):
            system.export_data(['stored_secret'])
        self.assertFalse(system.copy().secret)
        system.secret = 'another-secret'
        self.env.flush_all()
        for text in self.get_secret_texts():
            self.assertNotIn('another-secret', text)

    @mute_logger('odoo.addons.credit_invoice.models.export.credit_export_record_work')
    def test_mp22_a_secret_that_is_echoed_is_masked_everywhere(self):
        texts = []
        handler = logging.Handler(logging.DEBUG)
        handler.emit = lambda record: texts.append(
            record.getMessage() + str(record.exc_info and record.exc_info[1])
        )
        logging.getLogger('odoo').addHandler(handler)
        self.addCleanup(logging.getLogger('odoo').removeHandler, handler)
        invoices = [self.invoice, *(self.make_invoice() for _number in range(3))]
        echo = f'HTTP 500: wrong key {SECRET}!'
        errors = (ExportUnclear, ExportRefused, ExportNotExecuted, ValueError)
        self.books.faults = [(error(echo), False) for error in errors]
        self.work()
        self.books.silent = ValueError(echo)
        self.wait(60)
        self.work()
        wizard = self.env['credit.export.check.wizard']
        for invoice in invoices:
            if not invoice._get_unknown_export_systems():
                continue
            wizard = wizard.browse(invoice.action_credit_invoice()['res_id'])
            wizard.action_check()
            texts += [wizard.support_details, str(wizard.read()[0])]
        texts += self.get_secret_texts()
        self.assertTrue(any('•••' in text for text in texts))
        for text in texts:
            self.assertNotIn(SECRET, text)

    def test_mp22_errors_shown_to_administrators_are_masked(self):
        self.books.silent = ExportNotExecuted(f'token {SECRET} is wrong')
        system = self.system.with_user(self.users['admin'])
        for action in (system.action_test_connection, system.action_check_mapping):
            with self.assertRaises(UserError) as caught:
                action()
            self.assertNotIn(SECRET, str(caught.exception))
            self.assertIn('•••', str(caught.exception))


@tagged('post_install', '-at_install')
class TestExportRightsHttp(AccountTestInvoicingHttpCommon, ExportCommon):
    """The same over RPC, as a client calls it."""

    def call(self, login, model, method, *args):
        self.authenticate(login, login)
        response = self.url_open(
            f'/web/dataset/call_kw/{model}/{method}',
            json={'params': {'model': model, 'method': method, 'args': args, 'kwargs': {}}},
        ).json()
        return response.get('error', {}).get('data', {}).get('name') or response['result']

    @mute_logger('odoo.http')
    def test_ts26_mp22_private_methods_and_secrets_are_not_reached(self):
        self.connect()
        invoice = self.make_invoice()
        record = self.get_record(invoice)
        self.clerk.sudo().password = self.clerk.login
        refused = 'odoo.exceptions.AccessError'
        for model, method, args in (
            ('account.move', 'action_send_again', [invoice.ids]),
            ('credit.export.record', 'action_send_again', [record.ids]),
            ('credit.export.record', 'action_take_back_confirmation', [record.ids]),
            ('credit.export.record', '_accept_difference', [record.ids, 'x']),
            ('credit.export.record', '_confirm_by_hand', [record.ids, 'x']),
            ('credit.export.record', 'write', [record.ids, {'state': 'sent'}]),
            ('credit.export.system', 'read', [self.system.ids, ['secret']]),
            ('credit.export.system', 'action_test_connection', [self.system.ids]),
            ('credit.export.system', 'action_check_all', [self.system.ids]),
        ):
            self.assertEqual(self.call(self.clerk.login, model, method, *args), refused, method)
