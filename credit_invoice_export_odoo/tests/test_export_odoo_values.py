import json
from datetime import date
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from odoo.addons.credit_invoice.tools.export_contract import (
    INVOICE,
    PAYMENT,
    Document,
    ExportRefused,
    Line,
    Party,
    Tax,
)

from .. import directory, matching, values


def get_line(amount, quantity='1', price='0', taxes=('S21',)):
    return Line('Work', '4000', Decimal(quantity), Decimal(price), Decimal(amount), taxes)


def get_document(*lines, taxes=()):
    return Document(
        kind=INVOICE,
        key='key',
        number='I-1',
        date=date(2026, 6, 15),
        currency='EUR',
        customer=Party(code='C', name='Customer'),
        total=Decimal(0),
        lines=lines,
        taxes=taxes,
    )


@tagged('post_install', '-at_install')
class TestExportOdooValues(BaseCase):
    """What documents look like in another Odoo, without one."""

    def test_mp19_a_key_is_read_back_from_its_external_id(self):
        for key in ('suite-I-1', 'a.b_c', 'INV/2026/00001', 'Zürich %', '_5f', 'é' * 3):
            xmlid = values.to_xmlid('document', key)
            self.assertRegex(xmlid, r'\A[A-Za-z0-9_]+\.[A-Za-z0-9_-]+\Z')
            self.assertEqual(values.to_key(xmlid), key)

    def test_mp19_different_keys_are_different_external_ids(self):
        keys = ('a/b', 'a_2fb', 'a b', 'A/B', 'a//b')
        self.assertEqual(len({values.to_xmlid('document', key) for key in keys}), len(keys))
        self.assertNotEqual(values.to_xmlid('document', 'a'), values.to_xmlid('customer', 'a'))

    def test_mp18_external_ids_of_others_hold_no_key(self):
        for xmlid in ('', 'base.main_company', values.to_xmlid('customer', 'a')):
            self.assertEqual(values.to_key(xmlid), '')

    def test_mp13_what_is_no_id_is_looked_for_as_none(self):
        for text in ('', 'payment-', 'payment-x', '-1', '1.5', '٣', str(2**31), '1 or 1'):
            self.assertEqual(values.split_external_id(text)[1], 0, text)
        for kind, number in ((INVOICE, 12), (PAYMENT, 12)):
            external_id = values.to_external_id(kind, number)
            self.assertEqual(values.split_external_id(external_id), (kind == PAYMENT, 12))

    def test_mp13_amounts_lose_their_binary_rest(self):
        self.assertEqual(values.to_decimal(0.1 + 0.2), Decimal('0.3'))
        self.assertEqual(values.to_decimal(1e-9), 0)
        self.assertEqual(values.to_number(Decimal('1E+3')), '1000')

    def test_ts17_no_lock_date_is_the_first_of_all_days(self):
        self.assertEqual(values.to_date('1-01-01'), date.min)
        self.assertEqual(values.to_date('2026-02-28'), date(2026, 2, 28))
        self.assertIsNone(values.to_date(False))

    def test_mp11_quantity_and_price_give_the_amount(self):
        for line, expected in (
            (get_line('99.99', '3', '33.33'), ('3', '33.33', 'Work')),
            (get_line('20.00', '0.5', '40'), ('0.5', '40', 'Work')),
            (get_line('1.00', '0.125', '8'), ('1', '1.00', 'Work (0.125 × 8)')),
            (get_line('5.00', '0', '0'), ('1', '5.00', 'Work')),
        ):
            quantity, price, name = values.get_quantity_and_price(line, 2)
            self.assertEqual((quantity, price, name), (*map(Decimal, expected[:2]), expected[2]))
        quantity, price, _name = values.get_quantity_and_price(get_line('100.00', '3', '33.33'), 2)
        self.assertEqual(quantity, 3)
        self.assertEqual(round(float(quantity) * float(price), 2), 100.0)

    def test_mp11_taxes_of_lines_come_to_the_taxes_of_the_document(self):
        lines = (
            get_line('0.07'),
            get_line('33.35', taxes=('S21', 'S6')),
            get_line('-3.00'),
            get_line('8.00', taxes=()),
        )
        taxes = (
            Tax('S21', '21', Decimal(21), Decimal('30.42'), Decimal('6.39')),
            Tax('S6', '6', Decimal(6), Decimal('33.35'), Decimal('1.00')),
            Tax('S6', '6b', Decimal(6), Decimal('33.35'), Decimal('1.01')),
        )
        parts = values.split_taxes(get_document(*lines, taxes=taxes), 2)
        for code, total in (('S21', '6.39'), ('S6', '2.01')):
            self.assertEqual(sum(part.get(code, 0) for part in parts), Decimal(total))
        self.assertEqual(parts[3], {})

    def test_pc31_tax_alone_stands_on_its_first_line(self):
        tax = Tax('S21', '21', Decimal(21), Decimal(0), Decimal('5.00'))
        parts = values.split_taxes(get_document(get_line('0'), get_line('0'), taxes=(tax,)), 2)
        self.assertEqual([part['S21'] for part in parts], [Decimal('5.00'), 0])

    def test_mp11_a_tax_that_stands_on_no_line_is_refused(self):
        tax = Tax('S21', '21', Decimal(21), Decimal(0), Decimal('2.10'))
        document = get_document(get_line('5.00', taxes=('S6',)), taxes=(tax,))
        # A group of taxes stands on the line, by its own name.
        self.assertEqual(values.split_taxes(document, 2), [{}])
        other = Tax('S6', '6', Decimal(6), Decimal(5), Decimal('0.30'))
        document = get_document(*document.lines, taxes=(tax, other))
        with self.assertRaisesRegex(ExportRefused, 'S21 of 2.10'):
            values.split_taxes(document, 2)

    def test_mp11_what_is_owed_and_taken_back_is_calculated_over_there(self):
        tax = Tax('RC', 'RC', Decimal(21), Decimal(100), Decimal(0))
        document = get_document(get_line('100', taxes=('RC',)), taxes=(tax,))
        ids = {'accounts': {'4000': 7}, 'taxes': {'RC': 9}, 'same_taxes': True}
        ids['both_ways'] = {'RC'}
        (row,) = values.get_line_rows(document, ids, {'id': 1, 'decimal_places': 2})
        amounts = json.loads(row[-1])['manual_tax_amounts']
        self.assertEqual(amounts, {'9': {'base_amount_currency': 100.0}})

    def test_mp11_what_has_no_digit_is_no_vat_number(self):
        for vat in ('', '/', 'NA', 'n/a', 'none', '-', '0', '000'):
            self.assertEqual(directory.get_vats(Party(code='C', name='C', vat=vat)), [], vat)
        vats = directory.get_vats(Party(code='C', name='C', vat='be 0477.472.701'))
        self.assertEqual(vats, ['BE0477472701', 'be 0477.472.701'])

    def test_ts18_a_part_is_rounded_as_the_currency_of_the_company(self):
        line = {'amount_residual': 10.0, 'amount_residual_currency': 3.0}
        for unit, expected in (('0.001', '3.333'), ('0.01', '3.33'), ('1', '3'), ('0.05', '3.35')):
            balance = matching.get_balance(line, Decimal(1), Decimal(unit))
            self.assertEqual(balance, Decimal(expected))

    def test_mp11_amounts_are_ours_only_where_the_rates_are(self):
        tax = Tax('S21', '21', Decimal(21), Decimal(100), Decimal(21))
        document = get_document(get_line('100'), taxes=(tax,))
        currency = {'id': 1, 'decimal_places': 2}
        for is_same in (True, False):
            ids = {'accounts': {'4000': 7}, 'taxes': {'S21': 9}, 'same_taxes': is_same}
            ids['both_ways'] = set()
            (row,) = values.get_line_rows(document, ids, currency)
            self.assertEqual(bool(row[-1]), is_same)
            self.assertEqual((row[1], row[4]), ('7', '9'))
            if is_same:
                amounts = json.loads(row[-1])['manual_tax_amounts']['9']
                self.assertEqual(amounts['tax_amount_currency'], 21.0)

    def test_mp11_notes_are_text(self):
        self.assertEqual(values.to_html('a <b>\nc'), 'a &lt;b&gt;<br/>c')

    def test_ts18_the_first_lines_are_matched_first(self):
        lines = [
            {'id': number, 'amount_residual': amount, 'amount_residual_currency': amount}
            for number, amount in enumerate((-30.0, -70.0, 60.0, 60.0))
        ]
        pairs = matching.pair(lines[:2], lines[2:], Decimal(80))
        found = [(credit['id'], invoice['id'], amount) for credit, invoice, amount in pairs]
        self.assertEqual(found, [(0, 2, 30), (1, 2, 30), (1, 3, 20)])
