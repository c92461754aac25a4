from contextlib import suppress

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from .test_approve import ApproveCommon

NO_NUMBERS = (float('nan'), float('inf'), float('-inf'), 'ten', [1])
WINDOWS = {
    'credit.approve.wizard': ('action_approve', 'action_approve_and_next', 'action_skip'),
    'credit.overpayment.wizard': ('action_refund',),
    'credit.use.wizard': ('action_use', 'action_leave'),
}


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestWindowValues(ApproveCommon):
    """What a program sends into the windows of money is done, or refused in a sentence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls.make_invoice([(1, 100.0)])
        cls.draft = cls.make_draft(cls.invoice)
        cls.kept = cls.make_credit(cls.make_invoice([(1, 50.0)]))
        cls.kept.approve_credits(settlement='keep')
        cls.paid = cls.make_invoice([(1, 10.0)])
        cls.pay(cls, cls.paid, amount=50.0)

    def call(self, model, method, *args, **context):
        return call_kw(self.env[model], method, args, {'context': context})

    def open_window(self, name):
        """The id of a window with its rows, as a program opens it."""
        defaults = {
            'credit.approve.wizard': {'default_move_ids': [Command.set(self.draft.ids)]},
            'credit.overpayment.wizard': {'default_move_id': self.paid.id},
            'credit.use.wizard': {'default_move_id': self.invoice.id},
        }
        return self.call(name, 'create', {}, **defaults[name])

    def assertSentence(self, text, function, *args):
        with self.assertRaisesRegex(UserError, text), self.cr.savepoint():
            function(*args)
            self.env.flush_all()
        self.env.invalidate_all()

    def test_l8_what_is_no_number_in_a_window(self):
        for name, field in (
            ('credit.approve.wizard', 'refund_amount'),
            ('credit.approve.wizard', 'amount_shown'),
            ('credit.approve.wizard', 'count'),
        ):
            window_id = self.open_window(name)
            for value in NO_NUMBERS:
                with self.subTest(f'{name} {field} {value}'):
                    self.assertSentence(
                        'must be a number, not ',
                        self.call,
                        name,
                        'write',
                        [window_id],
                        {field: value},
                    )
                    self.assertSentence(
                        'must be a number, not ',
                        self.call,
                        name,
                        'create',
                        {
                            'move_ids': [Command.set(self.draft.ids)],
                            'settlement': 'keep',
                            field: value,
                        },
                    )

    def test_l8_what_is_no_number_in_a_row(self):
        for name in WINDOWS:
            window_id = self.open_window(name)
            row = self.env[name].browse(window_id).line_ids[0]
            for value in NO_NUMBERS:
                with self.subTest(f'{name} {value}'):
                    command = [[Command.UPDATE, row.id, {'amount': value}]]
                    for args in (
                        (name, 'write', [window_id], {'line_ids': command}),
                        (row._name, 'write', [row.id], {'amount': value}),
                        (
                            name,
                            'onchange',
                            [window_id],
                            {'line_ids': command},
                            ['line_ids'],
                            {'line_ids': {'fields': {'amount': {}}}, 'preview_html': {}},
                        ),
                    ):
                        self.assertSentence('must be a number, not ', self.call, *args)

    def test_l8_other_values_in_a_window(self):
        window_id = self.open_window('credit.approve.wizard')
        for values in (
            {'settlement': 'gift'},
            {'rest': ['keep']},
            {'date': 'yesterday'},
            {'description': 'a\x00b'},
            {'description': '\ud800'},
            {'description': ''.join(chr(0x4E00 + 7 * n % 20000) for n in range(9000))},
            {'reference': 'a\x00b'},
            {'journal_id': 'x'},
            {'journal_id': 2**40},
            {'move_ids': 'x'},
        ):
            with self.subTest(values):
                self.assertSentence(
                    '', self.call, 'credit.approve.wizard', 'write', [window_id], values
                )
        for values in (
            {'description': 'a\x00b'},
            {'description': '\ud800'},
            {'description': ''.join(chr(0x4E00 + 7 * n % 20000) for n in range(9000))},
            {'reference': 'a\x00b'},
        ):
            with self.subTest(values):
                self.assertSentence('', lambda values=values: self.draft.approve_credits(**values))

    def test_l8_windows_of_nobody(self):
        for name, methods in WINDOWS.items():
            for method in methods:
                for ids in ([], [0], [2**31 - 1], [2**40], [1, 2]):
                    with self.subTest(f'{name} {method} {ids}'):
                        self.try_attack(name, method, [ids], ())

    def test_l8_windows_on_documents_of_another_company(self):
        company = self.env['res.company'].sudo().create({'name': 'Elsewhere'})
        stranger = new_test_user(
            self.env(su=True),
            login='credit_stranger',
            groups='account.group_account_invoice,credit_invoice.group_credit_approve',
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        row_models = {
            'credit.approve.wizard': 'move_id',
            'credit.overpayment.wizard': 'line_id',
            'credit.use.wizard': 'credit_id',
        }
        windows = {name: self.open_window(name) for name in WINDOWS}
        rows = {name: self.env[name].browse(windows[name]).line_ids.ids for name in WINDOWS}
        self.env.flush_all()
        self.env = self.env(user=stranger, context={})
        self.env.invalidate_all()
        for name, methods in WINDOWS.items():
            fields = {name: {} for name in self.env[name]._fields}
            move = {'move_id': self.invoice.id}
            if name == 'credit.approve.wizard':
                move = {'move_ids': [Command.set(self.draft.ids)], 'settlement': 'own'}
            target = self.invoice.line_ids[0] if 'overpayment' in name else self.invoice | self.kept
            line = [Command.create({row_models[name]: target.ids[-1], 'amount': 1})]
            attacks = [
                ('read', [windows[name]], list(fields)),
                ('create', {**move, 'line_ids': line}),
                ('onchange', [], {**move, 'line_ids': line}, [], fields),
                ('onchange', [], move, list(move), fields),
                *((method, [windows[name]]) for method in methods),
            ]
            for method, *args in attacks:
                with self.subTest(f'{name} {method}'):
                    self.try_attack(name, method, args, methods)
            self.try_attack(f'{name}.line', 'read', [rows[name], ['amount']], ())
            self.try_attack(f'{name}.line', 'write', [rows[name], {'amount': 1}], ())

    def try_attack(self, name, method, args, methods):
        """Whatever comes of it, it is refused in a sentence, or says nothing."""
        with suppress(UserError), self.cr.savepoint():
            made = self.call(name, method, *args)
            if method == 'create':
                for further in methods:
                    self.call(name, further, [made])
        self.env.invalidate_all()
