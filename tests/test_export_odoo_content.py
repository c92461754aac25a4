"""Customers, amounts, taxes, currencies and accounts in another Odoo."""

import unittest
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

from other_odoo import CLERK, OtherOdooCase, other  # noqa: F401  # a fixture

from odoo.addons.credit_invoice.tests.export.connector_case import ConnectorCase
from odoo.addons.credit_invoice.tools.export_contract import (
    INVOICE,
    ExportRefused,
    Party,
    Query,
    Tax,
)

slow_because = 'another Odoo is served'


class TestCustomers(OtherOdooCase, ConnectorCase, unittest.TestCase):
    """Whom a document is booked on."""

    def test_mp11_a_customer_is_found_by_reference_then_vat(self):
        with self.other.transaction() as env:
            partners = env['res.partner'].create([
                {'name': 'By reference', 'ref': 'C-REF'},
                {'name': 'By VAT', 'vat': 'BE0477472701'},
                {'name': 'Twin', 'ref': 'C-TWIN'},
                {'name': 'Twin', 'ref': 'C-TWIN'},
            ])
            ids = partners.ids
            env.cr.commit()
        for code, vat, expected in (
            ('C-REF', 'BE0477472701', ids[0]),
            ('C-VAT', 'BE 0477.472.701', ids[1]),
        ):
            customer = Party(code=code, name='Other name', vat=vat)
            made = self.create(self.make_document(customer=customer))
            self.assertEqual(self.read_move(made, 'partner_id').id, expected)
        twin = self.make_document(customer=Party(code='C-TWIN', name='Twin'))
        error = self.fail_at(partial(self.connector.create, twin), ExportRefused)
        self.assertIn('C-TWIN', str(error))

    def test_mp11_a_new_customer_is_made_once_for_all_documents(self):
        customer = Party('C-NEW', 'New', city='Ghent', country_code='BE', email='n@example.com')
        made = [self.create(self.make_document(customer=customer)) for _document in range(3)]
        partners = {self.read_move(one, 'partner_id') for one in made}
        self.assertEqual(len(partners), 1)
        self.assertEqual(made[0].customer, 'C-NEW')
        with self.other.transaction() as env:
            partner = env['res.partner'].browse(partners.pop().id)
            self.assertEqual(
                (partner.ref, partner.city, partner.country_code), ('C-NEW', 'Ghent', 'BE')
            )

    def test_mp11_what_is_no_vat_number_finds_nobody(self):
        """The host writes a slash where there is none."""
        texts = ('/', 'NA', 'n/a', '000')
        strangers = self.make_partners(*({'name': 'Stranger', 'vat': text} for text in texts))
        for index, text in enumerate(texts):
            customer = Party(code=f'C-NO-VAT-{index}', name='Ours', vat=text)
            made = self.create(self.make_document(customer=customer))
            self.assertNotIn(self.read_move(made, 'partner_id').id, strangers)
            self.assertEqual(made.customer, customer.code)

    def test_mp11_a_vat_number_overrides_no_reference(self):
        self.make_partners({'name': 'North', 'ref': 'NORTH', 'vat': 'BE0403170701'})
        customer = Party(code='SOUTH', name='South', vat='BE0403170701')
        for _document in range(2):
            made = self.create(self.make_document(customer=customer))
            self.assertEqual(made.customer, 'SOUTH')

    def test_mp11_a_vat_number_of_several_is_refused(self):
        values = {'name': 'Twin', 'vat': 'BE0428759497'}
        self.make_partners(values, values)
        document = self.make_document(customer=Party('C-TWINS', 'Twins', vat='BE0428759497'))
        error = self.fail_at(partial(self.connector.create, document), ExportRefused)
        self.assertIn('C-TWINS', str(error))

    def test_mp11_an_archived_customer_is_neither_doubled_nor_used(self):
        ours = Party(code='C-ARCHIVED', name='Ours')
        made = self.create(self.make_document(customer=ours))
        with self.other.transaction() as env:
            partner = env['account.move'].browse(int(made.external_id)).partner_id
            partner.write({'ref': 'RENAMED', 'active': False})
            env.cr.commit()
        self.make_partners(
            {'name': 'By reference', 'ref': 'C-ARCHIVED-2', 'active': False},
            {'name': 'By VAT', 'vat': 'BE0411905847', 'active': False},
        )
        for customer in (
            ours,
            Party(code='C-ARCHIVED-2', name='Second'),
            Party(code='C-ARCHIVED-3', name='Third', vat='BE0411905847'),
        ):
            with self.subTest(customer=customer.code):
                document = self.make_document(customer=customer)
                error = self.fail_at(partial(self.connector.create, document), ExportRefused)
                self.assertIn('unarchive', str(error))
                self.find_none(document.key)
        with self.other.transaction() as env:
            partner.with_env(env).active = True
            env.cr.commit()
        self.create(self.make_document(customer=ours))

    def make_partners(self, *values):
        with self.other.transaction() as env:
            ids = env['res.partner'].create(list(values)).ids
            env.cr.commit()
            return ids


class TestContent(OtherOdooCase, ConnectorCase, unittest.TestCase):
    """Amounts, taxes, currencies, accounts, journals."""

    def test_mp11_several_taxes_and_discounts_to_the_cent(self):
        lines = (
            self.make_line('89.99', 3, '29.9967', taxes=('S21', 'S6')),
            self.make_line('0.05', 7, '0.0071', taxes=('S6',)),
            self.make_line('-12.34', taxes=('S21',)),
            self.make_line('33.33', '0.333', '100.09', taxes=('S10', 'S21')),
            self.make_line('1.11', taxes=()),
        )
        taxes = (
            Tax('S21', 'S21', Decimal(21), Decimal('110.98'), Decimal('23.33')),
            Tax('S6', 'S6', Decimal(6), Decimal('90.04'), Decimal('5.38')),
            Tax('S10', 'S10', Decimal(10), Decimal('33.33'), Decimal('3.34')),
        )
        document = self.make_document(INVOICE, *lines)
        tax = sum(one.amount for one in taxes)
        document = replace(document, taxes=taxes, tax=tax, total=document.untaxed + tax)
        invoice = self.create(document)
        credit = self.make_credit(invoice, *lines)
        credit = replace(credit, taxes=taxes, tax=tax, total=document.total)
        for made in (invoice, self.create(credit)):
            with self.other.transaction() as env:
                move = env['account.move'].browse(int(made.external_id))
                subtotals = [Decimal(str(line.price_subtotal)) for line in move.invoice_line_ids]
                self.assertEqual(subtotals, [line.amount for line in lines])
                found = {
                    line.tax_line_id.name: Decimal(str(round(abs(line.balance), 2)))
                    for line in move.line_ids.filtered('tax_line_id')
                }
            self.assertEqual(found, {one.code: one.amount for one in taxes})

    def test_mp11_a_tax_of_another_rate_is_refused(self):
        """Nothing is posted with another total."""
        document = self.make_document(INVOICE, self.make_line('100.00', taxes=('S10',)))
        tax = Tax('S10', 'S10', Decimal(12), Decimal(100), Decimal(12))
        document = replace(document, taxes=(tax,), tax=Decimal(12), total=Decimal(112))
        error = self.fail_at(partial(self.connector.create, document), ExportRefused)
        for text in ('110.00', '112.00', 'mapping'):
            self.assertIn(text, str(error))
        self.find_none(document.key)

    def test_mp11_a_tax_that_stands_on_no_line_is_refused(self):
        tax = Tax('S21', 'S21', Decimal(21), Decimal(0), Decimal('2.10'))
        amounts = {'untaxed': Decimal(5), 'tax': tax.amount, 'total': Decimal('7.10')}
        document = self.make_document(
            INVOICE, self.make_line('5.00', taxes=()), taxes=(tax,), **amounts
        )
        error = self.fail_at(partial(self.connector.create, document), ExportRefused)
        self.assertIn('S21', str(error))
        self.find_none(document.key)

    def test_mp11_a_reverse_charge_has_the_tax_lines_that_it_has_by_hand(self):
        self.other.add_reverse_charge('RC21')
        lines = (self.make_line('100.00', taxes=('RC21',)), self.make_line('10.00'))
        taxes = (
            Tax('RC21', 'RC21', Decimal(21), Decimal(100), Decimal(0)),
            Tax('S21', 'S21', Decimal(21), Decimal(10), Decimal('2.11')),
        )
        amounts = {'tax': Decimal('2.11'), 'untaxed': Decimal(110), 'total': Decimal('112.11')}
        invoice = self.create(self.make_document(INVOICE, *lines, taxes=taxes, **amounts))
        credit = self.create(self.make_credit(invoice, *lines, taxes=taxes, **amounts))
        for made in (invoice, credit):
            with self.other.transaction() as env:
                move = env['account.move'].browse(int(made.external_id))
                balances = move.line_ids.filtered('tax_line_id').mapped('balance')
            self.assertEqual(sorted(map(abs, balances)), [2.11, 21, 21])
            self.assertEqual(round(abs(sum(balances)), 2), 2.11)

    def test_mp11_accounts_and_taxes_are_found_by_their_names_in_any_language(self):
        self.other.translate('fr_FR', {'4010': 'Ventes', 'S6': 'TVA 6'})
        for account, tax_name in (('Ventes', 'TVA 6'), ('Account 4010', 'S6')):
            line = self.make_line('100.00', account=account, taxes=(tax_name,))
            tax = Tax(tax_name, tax_name, Decimal(6), Decimal(100), Decimal(6))
            made = self.create(self.make_document(INVOICE, line, taxes=(tax,), tax_amount=6))
            with self.other.transaction() as env:
                line = env['account.move'].browse(int(made.external_id)).invoice_line_ids
                self.assertEqual((line.account_id.code, line.tax_ids.name), ('4010', 'S6'))
        result = self.connector.test(('Ventes', 'Achats'), ('TVA 6', 'TVA 7'))
        unknown = (result.unknown_accounts, result.unknown_taxes)
        self.assertEqual(unknown, (('Achats',), ('TVA 7',)))

    def test_ts18_parts_in_a_company_whose_currency_has_three_decimals(self):
        connector = self.other.connect(secret=self.other.add_company('Kuwait', 'KWD'))
        line = self.make_line('10.005', taxes=(), account='K4000')
        values = {'currency': 'KWD', 'account': 'K1100', 'customer': Party('KWD', 'Kuwait')}
        invoice = connector.create(self.make_document(INVOICE, line, **values))
        credit = connector.create(self.make_credit(invoice, line, **values))
        for amount in ('3.335', '6.664', '10.005'):
            ids = (credit.external_id, invoice.external_id)
            answer = connector.apply(*ids, Decimal(amount))
            self.assertEqual(answer.get_applied(ids[1]), Decimal(amount))
            with self.other.transaction() as env:
                move = env['account.move'].browse(int(invoice.external_id))
                line = move.line_ids.filtered(lambda one: one.account_type == 'asset_receivable')
                left = {round(line.amount_residual, 3), round(line.amount_residual_currency, 3)}
            self.assertEqual(left, {float(invoice.total - Decimal(amount))})

    def test_ts18_a_foreign_currency_ends_at_zero_in_both(self):
        """A part at 1.25, the rest at 1.6: the exchange difference is booked at the end."""
        invoice = self.create(self.make_document(currency='USD'))
        credit = self.create(self.make_credit(invoice, currency='USD', date=self.other_day))
        for amount in ('40.01', '121.00'):
            answer = self.connector.apply(credit.external_id, invoice.external_id, Decimal(amount))
            self.assertEqual(answer.applied, ((invoice.external_id, Decimal(amount)),))
        for made in (invoice, credit):
            self.assertEqual(self.connector.read(made.external_id).open_amount, 0)
            with self.other.transaction() as env:
                move = env['account.move'].browse(int(made.external_id))
                line = move.line_ids.filtered(lambda one: one.account_type == 'asset_receivable')
                self.assertEqual((line.amount_residual, line.reconciled), (0, True))

    def test_ts18_a_part_is_refused_where_taxes_are_due_on_payment(self):
        self.other.add_tax_on_payment('P21')
        lines = [self.make_line(amount, taxes=('P21',)) for amount in ('100.00', '40.00')]
        taxes = [
            Tax('P21', 'P21', Decimal(21), line.amount, line.amount * 21 / 100) for line in lines
        ]
        invoice = self.create(self.make_document(INVOICE, lines[0], taxes=taxes[:1]))
        credit = self.create(self.make_credit(invoice, lines[1], taxes=taxes[1:]))
        apply = partial(self.connector.apply, credit.external_id, invoice.external_id)
        error = self.fail_at(partial(apply, Decimal('20.00')), ExportRefused)
        self.assertIn('by hand', str(error))
        self.assertEqual(self.connector.read(credit.external_id).applied, ())
        self.assertEqual(apply(credit.total).open_amount, 0)

    def test_mp11_an_inactive_currency_is_refused(self):
        document = self.make_document(currency='JPY')
        error = self.fail_at(partial(self.connector.create, document), ExportRefused)
        self.assertIn('JPY', str(error))
        self.find_none(document.key)

    def test_ts19_dates_due_date_and_receivable_account_are_ours(self):
        document = self.make_document(
            account='1101', due_date=date(2026, 6, 20), accounting_date=date(2026, 6, 16)
        )
        made = self.create(document)
        with self.other.transaction() as env:
            move = env['account.move'].browse(int(made.external_id))
            line = move.line_ids.filtered(lambda one: one.display_type == 'payment_term')
            self.assertEqual(line.account_id.code, '1101')
            self.assertEqual(
                (move.invoice_date, move.date, move.invoice_date_due, line.date_maturity),
                (document.date, date(2026, 6, 16), date(2026, 6, 20), date(2026, 6, 20)),
            )
        credit = self.create(self.make_credit(made))
        apply = partial(self.connector.apply, credit.external_id, made.external_id, credit.total)
        error = self.fail_at(apply, ExportRefused)
        self.assertIn('different receivable accounts', str(error))

    def test_mp11_the_journal_is_the_one_entered_or_called_as_here_or_the_first(self):
        with self.other.transaction() as env:
            first = env['account.journal'].search([('type', '=', 'sale')], limit=1).code
            env['account.journal'].create([
                {'name': 'Exported', 'code': 'XINV', 'type': 'sale', 'sequence': 90},
                {'name': 'Other', 'code': 'XOTH', 'type': 'sale', 'sequence': 91},
            ])
            env.cr.commit()
        for entered, here, expected in (
            ('Exported', 'XOTH', 'XINV'),
            ('', 'XOTH', 'XOTH'),
            ('', 'UNKNOWN', first),
        ):
            connector = self.make_connector(options={'journal': entered})
            made = connector.create(self.make_document(journal=here))
            with self.other.transaction() as env:
                move = env['account.move'].browse(int(made.external_id))
                self.assertEqual(move.journal_id.code, expected)
        connector = self.make_connector(options={'journal': 'UNKNOWN'})
        document = self.make_document()
        error = self.fail_at(partial(connector.create, document), ExportRefused)
        self.assertIn('UNKNOWN', str(error))

    def test_mp12_the_invoice_of_a_credit_must_stand_there(self):
        invoice = self.create(self.make_document())
        gone = replace(invoice, external_id=self.unknown_id)
        credit = self.make_credit(gone)
        self.fail_at(partial(self.connector.create, credit), ExportRefused)
        self.find_none(credit.key)

    def test_mp18_what_was_made_by_hand_is_listed_without_a_key(self):
        number = self.make_number(INVOICE)
        move_id = self.other.post_by_hand(number)
        period = Query(date_from=self.open_day, date_to=self.open_day)
        (found,) = [one for one in self.connector.find(period) if one.number == number]
        self.assertEqual((found.external_id, found.key, found.total), (str(move_id), '', 50))
