from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import Form, tagged

from .common import CreditCommon

NUMBERS = (float('nan'), float('inf'), float('-inf'), 'ten', [1])


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestBadInput(CreditCommon):
    """What nobody can mean is refused in one sentence, and leaves nothing behind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls.make_invoice(lines=[(4, 25), (1, 60)])
        cls.line = cls.invoice.invoice_line_ids[0]

    def count_all(self):
        models = ('account.move', 'account.move.line', 'mail.message', 'account.partial.reconcile')
        self.env.flush_all()
        return [self.env[model].sudo().search_count([]) for model in models]

    def assertRefused(self, text, function, *args, error=UserError):
        before = self.count_all()
        with self.assertRaisesRegex(error, text):
            function(*args)
        self.assertEqual(self.count_all(), before)
        self.assertFalse(self.invoice.reversal_move_ids)

    def send(self, invoices=None, **values):
        """What a program sends: a dialog with its values, and *Create Credit*."""
        Wizard = self.env['account.move.reversal']
        moves = self.invoice if invoices is None else invoices
        values = {'move_ids': [Command.set(moves.ids)], 'date': '2026-02-01', **values}
        wizard_id = call_kw(Wizard, 'create', [values], {})
        return call_kw(Wizard, 'action_create_credit', [[wizard_id]], {})

    def send_row(self, **values):
        values = {'move_line_id': self.line.id, **values}
        return self.send(credit_scope='part', credit_line_ids=[Command.create(values)])

    def send_all(self, **values):
        return self.send(credit_scope='part', **values)

    # === THE TABLE === #

    def test_ts03_rows_over_rpc(self):
        huge = 1e300
        for values, text in (
            ({'quantity': 0}, '^Choose what to credit: type a quantity'),
            ({'amount': 0}, '^Choose what to credit'),
            ({'quantity': -1}, '^The quantity of "4 at 25" cannot be negative'),
            ({'amount': -1}, '^The amount of "4 at 25" cannot be negative'),
            ({'quantity': 4.01}, '^Of "4 at 25", 4.00 can still be credited, not 4.01'),
            ({'amount': 100.01}, '^Of "4 at 25", .*100.00 can still be credited, not .*100.01'),
            ({'kind': 'tax', 'amount': 15.01}, '15.00 can still be credited, not .*15.01'),
            ({'kind': 'commercial', 'amount': 100.01}, '100.00 can still be .*100.01'),
            ({'quantity': huge}, '^Of "4 at 25", 4.00 can still be credited, not'),
            ({'amount': huge}, '^Of "4 at 25", .*100.00 can still be credited, not'),
            ({'percentage': 100.01}, '^A percentage lies between 0 and 100, not at 100.01'),
            ({'percentage': -1}, '^A percentage lies between 0 and 100, not at -1'),
        ):
            with self.subTest(values):
                self.assertRefused(text, lambda values=values: self.send_row(**values))

    def test_ts03_what_is_no_number_in_a_row(self):
        for name, label in (('quantity', 'Quantity'), ('amount', 'Amount'), ('percentage', '%')):
            for value in NUMBERS:
                with self.subTest(f'{name} {value}'):
                    text = f'^{label} must be a number, not '
                    self.assertRefused(text, lambda n=name, v=value: self.send_row(**{n: v}))

    def test_ts03_an_amount_of_all_over_rpc(self):
        for values, text in (
            ({}, '^Choose what to credit'),
            ({'credit_amount': -1}, '^The amount must be a positive number, not -1'),
            ({'credit_amount': 184.01}, '^Of "4 at 25", .* can still be credited, not'),
            ({'credit_amount': 1e300}, '^Of "4 at 25", .* can still be credited, not'),
            ({'credit_percentage': 101}, '^A percentage lies between 0 and 100, not at 101'),
            ({'credit_percentage': -1}, '^A percentage lies between 0 and 100, not at -1'),
        ):
            with self.subTest(values):
                self.assertRefused(text, lambda values=values: self.send_all(**values))
        for value in NUMBERS:
            with self.subTest(value):
                text = 'must be a positive number, not '
                self.assertRefused(text, lambda v=value: self.send_all(credit_amount=v))
                text = 'percentage lies between 0 and 100'
                self.assertRefused(text, lambda v=value: self.send_all(credit_percentage=v))

    def test_ts03_lines_that_are_not_of_the_invoice(self):
        other = self.make_invoice()
        tax_line = self.invoice.line_ids.filtered('tax_line_id')
        for line, text in (
            (other.invoice_line_ids[0], 'is not one of INV/.*: choose lines of what is credited'),
            (tax_line, 'cannot be credited: it is not a line with an amount'),
        ):
            with self.subTest(line.name):
                values = {'move_line_id': line.id, 'amount': 1}
                self.assertRefused(text, lambda values=values: self.send_row(**values))
        rows = [Command.create({'move_line_id': self.line.id, 'quantity': 1}) for _row in range(2)]
        self.assertRefused('listed twice', lambda: self.send_all(credit_line_ids=rows))

    def test_ts03_in_the_form(self):
        action = self.invoice.action_credit_invoice()
        Wizard = self.env['account.move.reversal'].with_context(**action['context'])
        for name, value, text in (
            ('quantity', 5, '4.00 can still be credited, not 5.00'),
            ('quantity', -1, 'cannot be negative'),
            ('amount', 200, '100.00 can still be credited, not .*200.00'),
            ('amount', -5, 'cannot be negative'),
            ('percentage', 101, '100.00 can still be credited, not .*101.00'),
        ):
            with self.subTest(f'{name} {value}'):

                def submit(name=name, value=value):
                    form = Form(Wizard)
                    form.credit_scope = 'part'
                    with form.credit_line_ids.edit(0) as row:
                        setattr(row, name, value)
                    form.save().action_create_credit()

                self.assertRefused(text, submit)

    # === DATES === #

    def test_ts03_dates(self):
        for date, text in (
            (False, '^Enter the date of the credit note'),
            (
                '2026-01-14',
                '^The credit note cannot be dated before its invoice: choose 01/15/2026',
            ),
            ('2026-03-11', '^The credit note cannot be dated in the future: choose today'),
            ('9999-12-31', '^The credit note cannot be dated in the future: choose today'),
        ):
            for values in ({}, {'credit_scope': 'part', 'credit_amount': 10}):
                with self.subTest(f'{date} {values}'):
                    self.assertRefused(
                        text, lambda date=date, values=values: self.send(date=date, **values)
                    )

    # === DOCUMENTS === #

    def test_mp02_another_companys_invoice(self):
        company = self.env['res.company'].sudo().create({'name': 'Other'})
        journal = (
            self
            .env['account.journal']
            .sudo()
            .create({'name': 'S', 'code': 'S', 'type': 'sale', 'company_id': company.id})
        )
        foreign = (
            self.Move
            .sudo()
            .with_context(allowed_company_ids=company.ids)
            .create({
                'move_type': 'out_invoice',
                'journal_id': journal.id,
                'partner_id': self.partner_a.id,
            })
        )
        self.assertEqual(foreign.company_id, company)
        # Who makes a company is given it.
        self.clerk.sudo().company_ids = self.env.company
        self.env.invalidate_all()
        values = {'journal_id': self.invoice.journal_id.id}
        self.assertRefused('', lambda: self.send(foreign, **values), error=AccessError)

    def test_mp02_what_is_archived_since(self):
        journal = self.invoice.journal_id.sudo()
        own = journal.copy({
            'code': 'INV8',
            'default_account_id': journal.default_account_id.id,
        })
        invoice = self.make_invoice(journal_id=own.id)
        own.active = False
        self.assertRefused('is archived: unarchive it first', lambda: self.send(invoice))

    def test_mp05_an_archived_tax_is_credited(self):
        tax = self.tax_a.sudo().copy({'name': 'Old', 'amount': 5})
        invoice = self.make_invoice(lines=[(1, 100, tax)])
        tax.active = False
        self.assertReverses(self.make_credit(invoice, post=True), invoice)

    def test_ts03_an_archived_tax_is_credited_in_parts(self):
        tax = self.tax_a.sudo().copy({'name': 'Old', 'amount': 5})
        invoice = self.make_invoice(lines=[(4, 25, tax)])
        tax.active = False
        dialog = self.open_dialog(invoice, credit_scope='part', credit_amount=10.5)
        dialog.action_create_credit()
        credit = dialog.new_move_ids
        credit.action_post()
        self.assertEqual((credit.amount_untaxed, credit.amount_tax), (10, 0.5))
        self.assertEqual(self.make_credit(invoice, post=True).amount_total, 94.5)

    # === THE DRAFT === #

    def test_pc06_what_is_no_number_on_the_draft(self):
        credit = self.make_credit(self.make_invoice())
        line = credit.invoice_line_ids[0]
        for name in ('quantity', 'price_unit', 'discount'):
            for value in NUMBERS[:4]:
                with self.subTest(f'{name} {value}'):
                    values = {name: value}
                    self.assertRefused(
                        'must be a number, not ', call_kw, line, 'write', [line.ids, values], {}
                    )

    def test_pc06_a_negative_row_on_the_draft(self):
        credit = self.make_credit(self.make_invoice(lines=[(4, 25), (1, 60)]))
        credit.invoice_line_ids[1].quantity = -1
        self.assertRefused('Of "1 at 60", .* can still be credited, not', credit.action_post)
        self.assertEqual((credit.state, credit.name), ('draft', False))

    def test_pc06_a_huge_row_on_the_draft(self):
        credit = self.make_credit(self.make_invoice(lines=[(4, 25), (1, 60)]))
        credit.invoice_line_ids[0].quantity = 1e9
        text = 'Of "4 at 25", 4.00 can still be credited, not 1,000,000,000.00'
        self.assertRefused(text, credit.action_post)

    # === TEXTS === #

    def test_l8_texts_that_the_database_cannot_keep(self):
        unusual = ''.join(chr(0x4E00 + 7 * number % 20000) for number in range(9000))
        for text, why in (
            ('Dam\x00aged', '^Note to the Customer holds a character that cannot be kept'),
            ('\ud800', '^Note to the Customer holds a character that cannot be kept'),
            (unusual, '^Note to the Customer is too long: shorten it to '),
        ):
            with self.subTest(text[:8]):
                self.assertRefused(text=why, function=lambda text=text: self.send(reason=text))
        # On the draft, and where an invoice is invalidated.
        invoice = self.make_invoice()
        for text in ('Dam\x00aged', '\ud800', unusual):
            for name in ('credit_exceed_reason', 'credit_reason', 'credit_number'):
                with self.subTest(name), self.assertRaises(UserError), self.cr.savepoint():
                    credit = self.make_credit(invoice)
                    call_kw(credit, 'write', [credit.ids, {name: text}], {})
            with self.subTest('invalidate'), self.assertRaises(UserError), self.cr.savepoint():
                call_kw(invoice, 'invalidate_invoice', [invoice.ids, text], {})

    def test_l8_a_long_note_to_the_customer_is_kept(self):
        note = ('Ein schöner Satz. ' * 40).strip()
        credit = self.make_credit(self.make_invoice(), reason=note, post=True)
        self.assertEqual(credit.credit_reason, note)

    def test_l8_windows_of_nobody(self):
        for name, method in (
            ('account.move.reversal', 'action_create_credit'),
            ('account.move.reversal', 'action_credit_and_reinvoice'),
            ('credit.invalidate.wizard', 'action_invalidate'),
            ('credit.link.wizard', 'action_confirm'),
            ('credit.reject.wizard', 'action_reject'),
            ('credit.export.check.wizard', 'check_progress'),
        ):
            for ids in ([], [0], [2**31 - 1], [2**40], [1, 2]):
                with (
                    self.subTest(f'{method} {ids}'),
                    self.assertRaises(UserError),
                    self.cr.savepoint(),
                ):
                    call_kw(self.env[name], method, [ids], {})
