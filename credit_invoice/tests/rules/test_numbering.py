import random
from contextlib import contextmanager

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .test_posting_rules import RuleCommon


@tagged('post_install', '-at_install')
class TestNumbering(RuleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.numberer = new_test_user(
            cls.env(su=True),
            login='numberer',
            groups='credit_invoice.group_credit_number',
            company_id=cls.company.id,
        )

    def credit_part(self, invoice, date='2026-02-01', post=True):
        """Credit one unit of the first line."""
        credit = invoice._reverse_moves([{'invoice_date': date, 'date': date}])
        lines = credit.invoice_line_ids
        credit.write({
            'invoice_line_ids': [
                *(Command.unlink(line.id) for line in lines[1:]),
                Command.update(lines[0].id, {'quantity': 1}),
            ]
        })
        if post:
            credit.action_post()
        return credit

    # === THE THREE WAYS === #

    def test_ts05_own_sequence(self):
        invoice = self.make_invoice()
        names = [self.credit_part(invoice).name for _number in range(2)]
        self.assertEqual(names, ['RINV/2026/00001', 'RINV/2026/00002'])

    def test_ts05_next_number_of_the_invoices(self):
        self.make_rule(numbering='next')
        first = self.make_invoice()
        number = first.sequence_number
        credits = [self.credit_part(first) for _number in range(2)]
        second = self.make_invoice()
        third = self.credit_part(first)
        names = [move.name for move in (first, *credits, second, third)]
        self.assertEqual(names, [f'INV/2026/{number + step:05d}' for step in range(5)])
        self.assertFalse(any(move.made_sequence_gap for move in credits))

    def test_ts05_next_numbers_leave_the_own_sequence_alone(self):
        invoice = self.make_invoice()
        self.credit_part(invoice)
        rule = self.make_rule(numbering='next')
        self.credit_part(invoice)
        rule.active = False
        self.assertEqual(self.credit_part(invoice).name, 'RINV/2026/00002')

    def test_ts05_next_number_where_the_journal_shares_one_sequence(self):
        self.journal.sudo().refund_sequence = False
        self.make_rule(numbering='next')
        invoice = self.make_invoice()
        self.assertEqual(
            self.credit_part(invoice).name, f'INV/2026/{invoice.sequence_number + 1:05d}'
        )

    def test_ts05_a_next_number_starts_the_year(self):
        self.make_rule(numbering='next')
        invoice = self.make_invoice(invoice_date='2025-12-30')
        credit = self.credit_part(invoice, date='2026-01-02')
        self.assertEqual(credit.name, 'INV/2026/00001')
        self.assertEqual(self.make_invoice().name, 'INV/2026/00002')

    def test_ts05_the_invoices_number_with_a_prefix(self):
        self.make_rule(numbering='prefix', number_prefix='C-')
        invoice = self.make_invoice(invoice_date='2025-12-30')
        drafts = [self.credit_part(invoice, post=False) for _number in range(3)]
        self.assertEqual(drafts[0].name_placeholder, f'C-{invoice.name}')
        drafts[0].action_post()
        # Two that are posted together get numbers of their own.
        (drafts[1] | drafts[2]).action_post()
        names = [credit.name for credit in drafts]
        self.assertEqual(names, [f'C-{invoice.name}', f'C-{invoice.name}-2', f'C-{invoice.name}-3'])
        for number, credit in enumerate(drafts, 1):
            self.assertEqual(credit.sequence_prefix, f'C-{invoice.name}')
            self.assertEqual(credit.sequence_number, number)
            self.assertFalse(credit.made_sequence_gap)

    def test_ts05_a_number_that_is_taken_is_left_out(self):
        invoice = self.make_invoice(ref='Wild_card%')
        free = self.Move.create({
            'move_type': 'out_refund',
            'partner_id': self.partner_a.id,
            'invoice_date': '2026-02-01',
            'name': f'C-{invoice.name}',
            'invoice_line_ids': [Command.create({'name': 'Free', 'price_unit': 1})],
        })
        free.action_post()
        self.make_rule(numbering='prefix')
        self.assertEqual(self.credit_part(invoice).name, f'C-{invoice.name}-2')

    def test_ts05_a_credit_that_was_posted_keeps_its_number(self):
        rule = self.make_rule(numbering='prefix')
        invoice = self.make_invoice()
        credit = self.credit_part(invoice)
        credit.button_draft()
        rule.active = False
        credit.action_post()
        self.assertEqual(credit.name, f'C-{invoice.name}')
        self.assertEqual(credit.credit_posting_rule_id, self.default_rule)
        self.assertEqual(self.credit_part(invoice).name, 'RINV/2026/00001')

    def test_ts05_hashed_journals_take_all_three(self):
        self.journal.sudo().restrict_mode_hash_table = True
        invoices = [self.make_invoice() for _number in range(3)]
        for numbering in ('own', 'next', 'prefix'):
            rule = self.make_rule(name=numbering, numbering=numbering)
            for invoice in reversed(invoices):
                credit = self.credit_part(invoice)
                if not credit.inalterable_hash:
                    credit.button_hash()
                self.assertTrue(credit.inalterable_hash, credit.name)
            rule.active = False

    def test_ts05_prefixed_numbers_never_change_the_next_ordinary_one(self):
        chance = random.Random(5)
        prefix = self.make_rule(numbering='prefix', number_prefix='2026/07/')
        dates = ('2026-02-01', '2026-03-01', '2027-01-05')
        invoices = [self.make_invoice(lines=[(50, 1)]) for _number in range(3)]
        counts = {}
        for _step in range(24):
            prefix.active = bool(chance.getrandbits(1))
            prefix.number_prefix = chance.choice(('C-', '2026/07/', '7', '2026-'))
            date = chance.choice(dates)
            credit = self.credit_part(chance.choice(invoices), date=date)
            if prefix.active:
                self.assertTrue(credit.name.startswith(prefix.number_prefix + 'INV/'))
            else:
                year = date[:4]
                counts[year] = counts.get(year, 0) + 1
                self.assertEqual(credit.name, f'RINV/{year}/{counts[year]:05d}')
        self.assertEqual(self.make_invoice().sequence_number, invoices[-1].sequence_number + 1)

    # === COUNTRIES === #

    @contextmanager
    def assertRefusedForCountry(self):
        """Refused, and rolled back as a request would be."""
        with self.assertRaisesRegex(ValidationError, 'numbered apart'), self.cr.savepoint():
            yield

    def test_ts05_where_a_country_wants_a_separate_series_the_shared_one_is_refused(self):
        country = self.company.account_fiscal_country_id
        self.company.sudo().account_fiscal_country_id = self.env.ref('base.fr')
        with self.assertRaises(ValidationError) as raised:
            self.make_rule(numbering='next')
        self.assertIn('In France, credits are numbered apart', str(raised.exception))
        for code in ('es', 'pt', 'be', 'lu', 'uy'):
            self.company.sudo().account_fiscal_country_id = self.env.ref(f'base.{code}')
            with self.assertRefusedForCountry():
                self.make_rule(numbering='next')
            # Nor by a later change, and nor by unarchiving what was made elsewhere.
            rule = self.make_rule(numbering='own')
            with self.assertRefusedForCountry():
                rule.numbering = 'next'
            rule.active = False
            rule.numbering = 'next'
            with self.assertRefusedForCountry():
                rule.active = True
            rule.invalidate_recordset()
            self.assertFalse(rule.active)
        self.company.sudo().account_fiscal_country_id = self.env.ref('base.fr')
        rule = self.make_rule(numbering='prefix')
        self.company.sudo().account_fiscal_country_id = country
        self.patch(
            self.registry['res.company'], '_is_credit_number_prescribed', lambda _company: True
        )
        credit = self.credit_part(self.make_invoice())
        self.assertEqual(credit.credit_posting_rule_id, rule)
        self.assertEqual(credit.name, 'RINV/2026/00001')
        self.assertIn('the pattern of numbers is prescribed', credit.credit_posting_rule_why)

    # === NUMBERS BY HAND === #

    def test_ts06_a_number_is_entered_on_a_draft_and_teaches_the_journal_nothing(self):
        invoice = self.make_invoice()
        self.credit_part(invoice)
        credit = self.credit_part(invoice, post=False).with_user(self.numberer)
        with Form(credit) as form:
            form.credit_number = 'Z-2026/11/077'
        self.assertIn('entered by hand', credit.credit_posting_rule_why)
        credit.action_post()
        self.assertEqual(credit.name, 'Z-2026/11/077')
        self.assertEqual(self.credit_part(invoice).name, 'RINV/2026/00002')

    def test_ts06_the_number_in_the_title_counts_as_well(self):
        invoice = self.make_invoice()
        self.credit_part(invoice)
        credit = self.credit_part(invoice, post=False).with_user(self.numberer)
        credit.name = 'ZZ/2026/00500'
        credit.action_post()
        self.assertEqual(credit.name, 'ZZ/2026/00500')
        self.assertEqual(self.credit_part(invoice).name, 'RINV/2026/00002')

    def test_ts06_a_number_that_is_taken_back_follows_the_rule(self):
        self.make_rule(numbering='prefix')
        invoice = self.make_invoice()
        credit = self.credit_part(invoice, post=False).with_user(self.numberer)
        credit.credit_number = 'X1'
        credit.credit_number = False
        credit.action_post()
        self.assertEqual(credit.name, f'C-{invoice.name}')

    def test_ts06_not_without_the_right(self):
        credit = self.credit_part(self.make_invoice(), post=False)
        for values in ({'credit_number': 'X1'}, {'name': 'X1'}):
            with self.subTest(values), self.assertRaisesRegex(AccessError, 'Change credit numbers'):
                credit.write(values)
            with self.subTest(values), self.assertRaisesRegex(AccessError, 'Change credit numbers'):
                self.Move.create({
                    'move_type': 'out_refund',
                    'partner_id': credit.partner_id.id,
                    'reversed_entry_id': credit.reversed_entry_id.id,
                    **values,
                })
        self.assertTrue(credit.is_credit_number_readonly)

    def test_ts06_not_once_it_was_posted(self):
        credit = self.credit_part(self.make_invoice()).with_user(self.numberer)
        for state in ('posted', 'draft'):
            for values in ({'credit_number': 'X1'}, {'name': 'X1'}, {'name': False}):
                with (
                    self.subTest(state=state, values=values),
                    self.assertRaisesRegex(UserError, 'keeps its number'),
                ):
                    credit.write(values)
            if state == 'posted':
                credit.button_draft()

    def test_ts06_never_the_number_of_the_invoice(self):
        invoice = self.make_invoice()
        credit = self.credit_part(invoice)
        with self.assertRaisesRegex(UserError, f'keeps its number: {credit.name}'):
            invoice.with_user(self.numberer).name = 'INV/2026/00999'
        with self.assertRaisesRegex(UserError, 'keeps its number'):
            invoice.with_user(self.manager).name = False

    def test_ts06_not_one_that_is_taken(self):
        invoice = self.make_invoice()
        taken = self.credit_part(invoice).name
        credits = [
            self.credit_part(invoice, post=False).with_user(self.numberer) for _number in range(2)
        ]
        with self.assertRaisesRegex(UserError, f'{taken} is taken'):
            credits[0].credit_number = taken
        for bad in ('/', ' X1'):
            with self.subTest(bad), self.assertRaisesRegex(UserError, 'Enter a number'):
                credits[0].credit_number = bad
        for credit in credits:
            credit.credit_number = 'X1'
        with self.assertRaisesRegex(UserError, 'X1 is taken'):
            (credits[0] | credits[1]).action_post()
