"""The connector of batch files: the contract in each format, what formats refuse, answers read."""

import re
import unicodedata
from dataclasses import replace
from datetime import date
from decimal import Decimal

from lxml import etree

from odoo.tests import BaseCase, tagged

from odoo.addons.credit_invoice.tests.export.connector_contract import ConnectorContract
from odoo.addons.credit_invoice.tools.export_contract import (
    BATCHES,
    CREDIT,
    PAYMENT,
    PAYMENTS,
    Connection,
    ExportRefused,
    Party,
    Reference,
    Tax,
)
from odoo.addons.credit_invoice_export_files.tools.files_connector import (
    FilesConnector,
    read_acknowledgement,
)
from odoo.addons.credit_invoice_export_files.tools.formats import beancount, iif, myob, ubl

SELLER = Party(
    'OWN', 'Our "Company" & <Sons>', 'BE0477472701', 'Street 1', 'Brussels', '1000', 'BE'
)
NASTY = 'Ζωή\t"Quoted"\r\n\\ & <Søn> |;,\u2028\x00=1+1'


class FilesContract(ConnectorContract):
    """The contract suite, as far as files can tell."""

    # Else the host runs only what is written in the class itself.
    allow_inherited_tests_method = True
    is_remote = False
    file_format = ''

    def make_connector(self, **changes):
        options = {'file_format': self.file_format, 'currency': self.currency}
        return FilesConnector(Connection(**{'options': options, **changes}))

    def make_number(self, kind):
        # The shortest numbers of these programs have eleven characters.
        return super().make_number(kind).replace('-', '')[-11:]

    def make_document(self, *arguments, **changes):
        return super().make_document(*arguments, **{'seller': SELLER, **changes})

    def write_all(self, *documents):
        for document in documents:
            self.connector.create(document)
        return self.connector.render()

    def refuse(self, document):
        """The sentence with which a document is refused; nothing of it is left."""
        with self.assertRaises(ExportRefused) as caught:
            self.connector.create(document)
        text = str(caught.exception)
        self.assertTrue(text.endswith('.'))
        self.assertNotIn('\n', text)
        with self.assertRaises(ExportRefused):
            self.connector.render()
        return text

    def test_ts18_the_same_batch_is_the_same_bytes_and_says_what_is_in_it(self):
        invoice = self.make_document()
        origin = Reference(invoice.number, invoice.number, invoice.date)
        credit = self.make_document(CREDIT, self.make_line('40.00'), origin=origin)
        first = self.write_all(invoice, credit, invoice)
        again = self.make_connector()
        for document in (replace(invoice), credit):
            again.create(document)
        self.assertEqual(again.render(), first)
        self.assertEqual((first.count, len(first.digest)), (2, 64))
        self.assertEqual(first.totals, (('EUR', Decimal('72.60')),))

    def test_ts18_what_was_collected_under_a_key_is_not_replaced(self):
        document = self.make_document()
        self.connector.create(document)
        with self.assertRaises(ExportRefused):
            self.connector.create(replace(document, total=document.total + 1))

    def test_ts18_names_cannot_break_out_of_their_field(self):
        nasty, plain = (
            self.make_document(
                'invoice',
                self.make_line('10.00', name=text),
                customer=replace(self.customer, name=text, street=text, city=text),
                reason=text,
            )
            for text in (NASTY, 'x')
        )
        records = self.count_records(self.render(nasty))
        self.assertEqual(records, self.count_records(self.render(plain)))

    def test_ts18_a_code_that_would_have_to_be_changed_is_refused(self):
        for number in ('A\tB', 'A\nB', ' A', ''):
            text = self.refuse(self.make_document(number=number))
            self.assertIn('number', text)

    def test_ts18_lines_that_are_not_the_total_are_refused(self):
        document = self.make_document()
        self.assertIn('total', self.refuse(replace(document, total=document.total + 5)))

    def test_ts18_a_document_without_lines_is_refused(self):
        self.assertIn('lines', self.refuse(replace(self.make_document(), lines=(), taxes=())))

    def render(self, document):
        connector = self.make_connector()
        connector.create(document)
        return connector.render().content

    def count_records(self, content):
        """The lines of the file, each with its number of fields."""
        return [line.count(b'\t') for line in content.split(b'\n')]


class NoFormulas:
    """Programs of tables open such files, too: what people typed is no formula there (L7)."""

    def test_l7_no_text_is_a_formula(self):
        for sign in ('=', '+', '-', '@', '\t=', '\r@', ' =', '\uff1d', '\uff0b', '\uff20'):
            text = f'{sign}1+1'
            document = self.make_document(
                CREDIT,
                self.make_line('40.00', name=text),
                self.make_line('-20.00', name=text),
                customer=replace(self.customer, name=text, street=text, city=text, zip=''),
                reason=text,
            )
            content = self.render(document).decode(self.encoding)
            for row in content.split('\r\n'):
                for cell in row.split('\t'):
                    with self.subTest(f'{sign!r} {cell}'):
                        self.assertTrue(is_harmless(cell))
            self.assertIn("'", content)

    def test_l7_a_text_is_not_longer_than_its_field(self):
        document = self.make_document(customer=replace(self.customer, name='=' + 'x' * 300))
        content = self.render(document).decode(self.encoding)
        self.assertIn("'=" + 'x' * (self.name_length - 2) + '\t', content)


def is_harmless(cell):
    """Whether a program of tables takes a cell for a text or a number."""
    if unicodedata.normalize('NFKC', cell[:1]) not in ('=', '+', '-', '@'):
        return True
    return bool(re.fullmatch(r'-\d+(\.\d+)?', cell))


@tagged('post_install', '-at_install')
class TestExportFilesUbl(FilesContract, BaseCase):
    file_format = 'ubl'

    def count_records(self, content):
        return [node.tag for node in etree.fromstring(content).iter()]

    def test_ts18_it_takes_documents_and_no_payments(self):
        self.assertEqual(self.connector.capabilities(), {BATCHES})
        self.assertIn('payments', self.refuse(self.make_document(PAYMENT, total=Decimal(5))))

    def test_mp16_a_credit_names_number_and_date_of_each_invoice(self):
        origins = tuple(
            Reference('', f'INV/{position}', date(2026, 1, position)) for position in (1, 2)
        )
        credit = self.make_document(CREDIT, origin=origins[0], origins=origins)
        root = etree.fromstring(self.write_all(credit).content)
        references = [
            tuple(node.text for node in reference)
            for reference in root.iterfind('.//{*}InvoiceDocumentReference')
        ]
        self.assertEqual(references, [('INV/1', '2026-01-01'), ('INV/2', '2026-01-02')])

    def test_ts18_what_is_written_is_what_is_read(self):
        invoice = self.make_document()
        credit = self.make_document(CREDIT, origin=Reference('X', 'INV/1', date(2026, 1, 1)))
        batch = self.write_all(invoice, credit)
        self.assertEqual(batch.extension, 'zip')
        found = ubl.read(batch.content)
        for one, document in zip(found, (invoice, credit), strict=True):
            self.assertEqual(
                (one.kind, one.key, one.number, one.date, one.currency, one.total, one.customer),
                (
                    *(document.kind, document.key, document.number, document.date),
                    *(document.currency, document.total, document.customer.code),
                ),
            )
        self.assertEqual(found[1].origin_id, 'INV/1')

    def test_ts18_what_en_16931_cannot_say_is_refused(self):
        document = self.make_document()
        (tax,) = document.taxes
        for changes, word in (
            ({'seller': None}, 'company'),
            ({'seller': replace(SELLER, country_code='')}, 'country'),
            ({'seller': replace(SELLER, vat='')}, 'tax number'),
            ({'customer': replace(self.customer, country_code='')}, 'country'),
            ({'taxes': (replace(tax, rate=None),)}, 'fixed amount'),
            ({'taxes': (replace(tax, amount=Decimal(29)),), 'total': Decimal(129)}, '21'),
            ({'taxes': (replace(tax, code='AE', rate=Decimal(0)),)}, 'S21'),
            ({'lines': (replace(document.lines[0], taxes=('S21', 'S6')),)}, 'one tax'),
            ({'lines': (replace(document.lines[0], taxes=()),)}, 'no line'),
            (
                {'taxes': (*document.taxes, Tax('Z0', 'Zero', Decimal(0), Decimal(1), Decimal(0)))},
                'category',
            ),
            ({'total': Decimal('121.005')}, 'decimals'),
            ({'total': Decimal(-1)}, 'negative'),
            ({'currency': 'BTC'}, 'no currency'),
            ({'seller': replace(SELLER, country_code='XY')}, 'country'),
            ({'taxes': (replace(tax, code='E VATEX-EU-NOSUCH', rate=Decimal(0)),)}, 'no reason'),
            ({'customer': replace(self.customer, code='C\t1  2')}, 'holds a tab'),
            ({'lines': (replace(document.lines[0], account='40\n00'),)}, 'holds a tab'),
            ({'lines': (replace(document.lines[0], product_code='P  1'),)}, 'holds a tab'),
        ):
            with self.subTest(word=word):
                self.assertIn(word, self.refuse(replace(document, **changes)))

    def test_ts18_a_customer_of_reverse_charge_needs_a_vat_number(self):
        line = self.make_line('100.00', taxes=('AE',))
        taxes = (Tax('AE', 'Reverse', Decimal(0), Decimal(100), Decimal(0)),)
        document = self.make_document('invoice', line, taxes=taxes, total=Decimal(100))
        self.assertIn('VAT number', self.refuse(document))

    def test_ts18_reading_loads_nothing_and_refuses_what_is_no_document(self):
        bomb = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
        for content in (b'', b'no XML', b'<x/>', bomb, b'PK broken'):
            with self.subTest(content=content), self.assertRaises(ExportRefused) as caught:
                ubl.read(content)
            self.assertNotIn('root:', str(caught.exception))


@tagged('post_install', '-at_install')
class TestExportFilesBeancount(FilesContract, BaseCase):
    file_format = 'beancount'

    def test_ts18_it_takes_payments(self):
        self.assertEqual(self.connector.capabilities(), {BATCHES, PAYMENTS})
        payment = self.make_document(PAYMENT, total=Decimal(5), journal='Assets:Bank')
        text = self.write_all(payment).content.decode()
        self.assertIn('  Assets:Bank  5.00 EUR\n  Assets:1100  -5.00 EUR\n', text)

    def test_ts18_accounts_are_full_names_or_plain_codes(self):
        line = self.make_line('1.00')
        for code, expected in (
            ('Income:Sales:EU', 'Income:Sales:EU'),
            ('4000', 'Income:4000'),
            ('Sales', 'Income:Sales'),
        ):
            document = self.make_document('invoice', replace(line, account=code))
            self.assertIn(f'  {expected}  -1.00', self.render(document).decode())
        for code in ('sales', '4000 Sales', 'Income:', 'Other:Sales', 'A\nB', '4"0', ''):
            with self.subTest(code=code):
                document = self.make_document('invoice', replace(line, account=code))
                self.assertIn('account', self.refuse(document))

    def test_ts18_links_of_different_numbers_are_different(self):
        numbers = ('A/1', 'A 1', 'A_1', 'A#1', 'A_20_1', 'A-1', 'Ä1')
        links = {beancount.get_link(number) for number in numbers}
        self.assertEqual(len(links), len(numbers))


@tagged('post_install', '-at_install')
class TestExportFilesIif(NoFormulas, FilesContract, BaseCase):
    file_format = 'iif'
    encoding, name_length = 'cp1252', 41

    def test_ts18_it_takes_payments(self):
        self.assertEqual(self.connector.capabilities(), {BATCHES, PAYMENTS})

    def test_ts18_codes_that_do_not_fit_are_refused(self):
        document = self.make_document()
        for changes, word in (
            ({'number': 'INV/2026/00001'}, '11 characters'),
            ({'currency': 'USD'}, 'EUR'),
            ({'customer': replace(self.customer, code='Ζωή')}, 'Latin'),
            ({'customer': replace(self.customer, code='x' * 42)}, '41 characters'),
            ({'customer': replace(self.customer, code='The "Best"')}, 'quotation'),
            ({'account': ''}, 'account'),
        ):
            with self.subTest(word=word):
                self.assertIn(word, self.refuse(replace(document, **changes)))

    def test_ts18_letters_that_the_encoding_lacks_lose_their_marks(self):
        customer = replace(self.customer, name='Ő Łódź \uff02 Ζ €')
        text = self.write_all(self.make_document(customer=customer)).content.decode('cp1252')
        self.assertIn("\tO ?ódz ' ? €\t", text)

    def test_ts18_dates_begin_as_chosen(self):
        document = self.make_document(date=date(2026, 6, 15), due_date=None)
        for day_first, expected in ((False, b'06/15/2026'), (True, b'15/06/2026')):
            options = {'currency': 'EUR', 'day_first': day_first}
            self.assertEqual(iif.write([document], options).count(expected), 4)


@tagged('post_install', '-at_install')
class TestExportFilesMyob(NoFormulas, FilesContract, BaseCase):
    file_format = 'myob'
    encoding, name_length = 'utf-8', 50
    account, other_account, receivable, tax = '4-1000', '41010', '1-1200', 'GST'

    def test_ts18_codes_that_do_not_fit_are_refused(self):
        document = self.make_document()
        (line,) = document.lines
        for changes, word in (
            ({'kind': PAYMENT}, 'payments'),
            ({'number': 'INV/2026/00001'}, '13 characters'),
            ({'customer': replace(self.customer, code='x' * 16)}, '15 characters'),
            ({'lines': (replace(line, account='Sales'),)}, '4-1000'),
            ({'lines': (replace(line, taxes=('GST10',)),), 'taxes': ()}, 'total'),
            ({'lines': (replace(line, taxes=('GST', 'LCT')),)}, 'one tax code'),
            ({'lines': (replace(line, taxes=()),)}, 'stands on no line'),
        ):
            with self.subTest(word=word):
                self.assertIn(word, self.refuse(replace(document, **changes)))

    def test_ts18_another_currency_is_named(self):
        document = self.make_document(currency='NZD')
        rows = myob.write([document], {'currency': 'AUD'}).decode().split('\r\n')
        values = dict(zip(rows[0].split('\t'), rows[1].split('\t'), strict=True))
        self.assertEqual(values['Currency Code'], 'NZD')


@tagged('post_install', '-at_install')
class TestAcknowledgement(BaseCase):
    def read_text(self, text):
        return [
            (answer.number, answer.is_accepted, answer.external_id, answer.message)
            for answer in read_acknowledgement(text.encode())
        ]

    def test_ts18_lines_with_and_without_heading_id_and_message(self):
        self.assertEqual(
            self.read_text(
                '\ufeffNumber;Status;Id;Message\r\n'
                'INV/1;accepted;4711\r\n\r\n'
                'INV/2; Rejected ;;"Closed; period"\r\n'
                'INV/3;rejected;Unknown customer\r\n'
            ),
            [
                ('INV/1', True, '4711', ''),
                ('INV/2', False, '', 'Closed; period'),
                ('INV/3', False, '', 'Unknown customer'),
            ],
        )
        self.assertEqual(self.read_text('INV/1,OK'), [('INV/1', True, '', '')])
        self.assertEqual(self.read_text('INV/1\terror\t\tNo'), [('INV/1', False, '', 'No')])

    def test_ts18_each_line_is_read_by_itself(self):
        for end in ('\n', '\r\n', '\r'):
            lines = ('INV/1;rejected;;"No such customer', 'INV/2;ok;2', 'INV/3;ok;3;"quoted"')
            self.assertEqual(
                [answer[:3] for answer in self.read_text(end.join(lines))],
                [('INV/1', False, ''), ('INV/2', True, '2'), ('INV/3', True, '3')],
            )

    def test_ts18_a_misspelt_first_line_is_no_heading(self):
        text = b'INV/1;acepted\nINV/2;accepted'
        self.assertEqual(len(read_acknowledgement(text)), 1)
        with self.assertRaisesRegex(ExportRefused, 'Line 1'):
            read_acknowledgement(text, {'INV/1', 'INV/2'})

    def test_ts18_whatever_encoding_it_is_in(self):
        for encoding in ('utf-8', 'utf-8-sig', 'utf-16', 'cp1252'):
            (answer,) = read_acknowledgement('INV/1;no;;Später'.encode(encoding))
            self.assertEqual(answer.message, 'Später', encoding)

    def test_ts18_what_is_neither_accepted_nor_rejected_is_named(self):
        for text in ('INV/1;accepted\nINV/2;perhaps', 'Heading;x\nINV/2;perhaps', '', 'only'):
            with self.subTest(text=text), self.assertRaises(ExportRefused):
                self.read_text(text)

    def test_ts18_an_application_response(self):
        response = (
            '<cac:DocumentResponse><cac:Response><cbc:ResponseCode>%s</cbc:ResponseCode>'
            '<cbc:Description>%s</cbc:Description></cac:Response>'
            '<cac:DocumentReference><cbc:ID>%s</cbc:ID></cac:DocumentReference>'
            '</cac:DocumentResponse>'
        )
        schema = 'urn:oasis:names:specification:ubl:schema:xsd:'
        text = (
            f'<ApplicationResponse xmlns="{schema}ApplicationResponse-2" '
            f'xmlns:cac="{schema}CommonAggregateComponents-2" '
            f'xmlns:cbc="{schema}CommonBasicComponents-2"><cbc:ID>R1</cbc:ID>'
            + response % ('AP', '', 'INV/1')
            + response % ('RE', 'No such customer', 'INV/2')
            + response % ('IP', 'In process', 'INV/3')
            + '</ApplicationResponse>'
        )
        self.assertEqual(
            self.read_text(text),
            [
                ('INV/1', True, '', ''),
                ('INV/2', False, '', 'No such customer'),
                ('INV/3', None, '', 'In process'),
            ],
        )
        head = '<?xml version="1.0" encoding="%s"?>'
        for content in (
            b'\n \n' + text.encode(),
            (head % 'UTF-8' + text).encode('utf-8-sig'),
            (head % 'UTF-16' + text).encode('utf-16'),
        ):
            self.assertEqual(len(read_acknowledgement(content)), 3)
        with self.assertRaises(ExportRefused):
            self.read_text('<x/>')
        with self.assertRaises(ExportRefused):
            self.read_text('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + text)
