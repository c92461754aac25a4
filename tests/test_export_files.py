"""Batch files, read by programs that others wrote, and by readers that know only the descriptions.

UBL goes through the schemas and the compiled rules of EN 16931, beancount through beancount itself.
For IIF and MYOB no program is at hand: `read_iif` and `read_myob` are written by the published
descriptions of their fields alone.
"""

import io
import json
import subprocess
import zipfile
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from export_documents import SELLER, documents
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from test_real_invoices import find_samples

from odoo.addons.credit_invoice.tools.export_contract import (
    CREDIT,
    INVOICE,
    PAYMENT,
    Line,
    Party,
    Tax,
)
from odoo.addons.credit_invoice_export_files.tools.formats import beancount, iif, myob, ubl
from odoo.addons.credit_invoice_export_files.tools.formats.common import clean

from devkit.packages import ensure_environment

PEERS = Path(__file__).resolve().parent / 'peers'
properties = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
batches = st.lists(documents(), min_size=1, max_size=4)
myob_batches = st.lists(documents(tax_codes=('GST', 'FRE')), min_size=1, max_size=4)


def ask(script, *paths):
    """What a program of others says, as it prints it."""
    python = ensure_environment('requirements-peers')
    result = subprocess.run(
        [python, PEERS / script, *paths], capture_output=True, text=True, check=True
    )
    return json.loads(result.stdout)


def get_examples(count, strategy):
    """Some documents of a strategy, the same in every run."""
    found = []

    @settings(max_examples=count, deadline=None, derandomize=True, database=None)
    @given(strategy)
    def collect(document):
        found.append(document)

    collect()
    return found


# === UBL === #


def get_special_documents():
    """A document for each category of tax, and for what is easily forgotten."""
    (base,) = get_examples(1, documents(kind=INVOICE))
    customer = Party('C1', 'Kunde', 'DE136695976', country_code='DE')
    special = {}
    for code, rate in (
        ('S', 21),
        ('Z', 0),
        ('E VATEX-EU-132', 0),
        ('AE', 0),
        ('K', 0),
        ('G', 0),
        ('O', 0),
        ('L', 7),
        ('M', 10),
    ):
        taxes = (Tax(code, code, Decimal(rate), Decimal(80), Decimal(80) * rate / 100),)
        line = Line('Work', '4000', Decimal(3), Decimal('26.67'), Decimal(80), (code,))
        special[code] = replace(
            base,
            customer=customer,
            lines=(line,),
            taxes=taxes,
            total=80 + taxes[0].amount,
        )
    plain = replace(special['S'], taxes=(), lines=(replace(line, taxes=()),), total=Decimal(80))
    return {
        **special,
        'no tax': plain,
        'no tax number': replace(plain, seller=replace(SELLER, vat='')),
        'no VAT number': replace(special['S'], seller=replace(SELLER, vat='12/345')),
        'no VAT number, though it looks like one': replace(
            special['S'],
            seller=replace(SELLER, vat='ABN51824753556'),
            customer=replace(customer, vat='XX123456'),
        ),
        'a customer in Greece': replace(
            special['AE'], customer=Party('C2', 'Pelatis', 'EL094259216', country_code='GR')
        ),
        'a customer in Kosovo': replace(
            special['S'], customer=Party('C3', 'Klient', country_code='XK')
        ),
        'cash rounding': replace(special['S'], total=special['S'].total + Decimal('0.02')),
        'nothing': replace(
            plain, lines=(replace(line, amount=Decimal(0), taxes=()),), total=Decimal(0)
        ),
        'no reason, no origin': replace(special['S'], kind=CREDIT, origin=None, reason=''),
    }


def test_ts18_ubl_fails_no_rule_of_en_16931(tmp_path):
    names = {}
    for name, document in get_special_documents().items():
        names[f'special {name}'.replace('/', '-')] = document
    for position, document in enumerate(get_examples(60, documents())):
        names[f'random {position}'] = document
    for name, document in names.items():
        (tmp_path / f'{name}.xml').write_bytes(ubl.write([document]))
    answers = ask('check_ubl.py', *sorted(map(str, tmp_path.iterdir())))
    assert len(answers) == len(names)
    for path, answer in answers.items():
        assert not answer['schema'], path
        assert not answer['failed'], path
        assert answer['rules'] > 40, path
    print(f'\n{len(answers)} files, {sum(a["rules"] for a in answers.values())} rules')


@pytest.mark.parametrize(
    ('old', 'new', 'rule'),
    [
        ('>96.80</cbc:PayableAmount>', '>96.81</cbc:PayableAmount>', 'BR-CO-16'),
        ('>80.00</cbc:TaxExclusiveAmount>', '>81.00</cbc:TaxExclusiveAmount>', 'BR-CO-13'),
        ('>16.80</cbc:TaxAmount>', '>19.80</cbc:TaxAmount>', 'BR-CO-17'),
        ('<cbc:IdentificationCode>BE', '<cbc:IdentificationCode>XY', 'BR-CL-14'),
        ('<cbc:ID>S</cbc:ID>', '<cbc:ID>Q</cbc:ID>', 'BR-CL-18'),
    ],
)
def test_ts18_a_broken_file_is_found(tmp_path, old, new, rule):
    content = ubl.write([get_special_documents()['S']]).decode()
    assert old in content
    path = tmp_path / 'broken.xml'
    path.write_text(content.replace(old, new))
    (answer,) = ask('check_ubl.py', path).values()
    assert any(rule in failed and 'fatal' in failed for failed in answer['failed']), answer


def test_ts18_a_file_in_the_wrong_order_is_found(tmp_path):
    root = etree.fromstring(ubl.write([get_special_documents()['S']]))
    root.append(root[0])
    path = tmp_path / 'broken.xml'
    path.write_bytes(etree.tostring(root))
    (answer,) = ask('check_ubl.py', path).values()
    assert answer['schema']


@pytest.mark.skipif(not find_samples(), reason='the published samples are not on this machine')
def test_ts18_ubl_uses_what_published_documents_use():
    """Every path that we write stands in a published document of the same kind."""
    published = {'Invoice': set(), 'CreditNote': set()}
    read = 0
    for path in sorted(find_samples().rglob('*.xml')):
        root = etree.parse(str(path)).getroot()
        kind = etree.QName(root).localname
        if kind in published:
            published[kind] |= get_paths(root)
            found = ubl.read(path.read_bytes())
            read += len(found) == 1 and bool(found[0].number)
    assert read > 40
    written = [*get_special_documents().values(), *get_examples(20, documents())]
    for document in written:
        root = etree.fromstring(ubl.write([document]))
        new = get_paths(root) - published[etree.QName(root).localname]
        assert new <= {'AccountingSupplierParty/Party/Contact/ElectronicMail'}, new
    print(f'\n{read} published documents read')


def get_paths(root):
    return {
        '/'.join(
            etree.QName(part).localname for part in (*reversed(list(node.iterancestors())), node)
        ).partition('/')[2]
        for node in root.iter('*')
    }


@given(batches)
@properties
def test_ts18_ubl_is_the_same_bytes_and_read_as_written(batch):
    content = ubl.write(batch)
    assert content == ubl.write([replace(document) for document in batch])
    found = ubl.read(content)
    for one, document in zip(found, batch, strict=True):
        assert (one.kind, one.number, one.key) == (document.kind, document.number, document.key)
        assert (one.total, one.date) == (document.total, document.date)
        assert one.origin_id == (document.origin.number if document.origin else '')
    if len(batch) > 1:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert {info.date_time[0] for info in archive.infolist()} == {1980}


# === BEANCOUNT === #


def test_ts18_beancount_takes_the_file_and_its_balances_are_the_totals(tmp_path):
    batch = get_examples(60, documents())
    batch = [
        replace(document, number=f'{position}', key=f'k{position}')
        for position, document in enumerate(batch)
    ]
    batch.append(replace(batch[0], kind=PAYMENT, number='P1', key='p1', journal='Assets:Bank'))
    batch[-1] = replace(batch[-1], lines=(), taxes=())
    (tmp_path / 'batch.beancount').write_bytes(beancount.write(batch))
    accounts = ('Assets:4-1200', 'Assets:Bank', 'Income:4-1000', 'Income:4-2000')
    opened = (*accounts, 'Liabilities:T21', 'Liabilities:T06')
    ledger = tmp_path / 'ledger.beancount'
    ledger.write_text(
        ''.join(f'2000-01-01 open {account}\n' for account in opened)
        + 'include "batch.beancount"\n'
    )
    bean_check = ensure_environment('requirements-peers').with_name('bean-check')
    checked = subprocess.run([bean_check, ledger], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, '')

    answer = ask('check_beancount.py', ledger)
    assert not answer['errors']
    signs = {INVOICE: 1, CREDIT: -1, PAYMENT: -1}
    expected = sum(signs[document.kind] * document.total for document in batch)
    assert Decimal(answer['balances']['Assets:4-1200 EUR']) == expected
    assert sum(map(Decimal, answer['balances'].values())) == 0
    by_key = {found['key']: found for found in answer['transactions']}
    assert len(by_key) == len(batch)
    for document in batch:
        found = by_key[document.key]
        assert found['number'] == document.number
        assert found['payee'] == clean(document.customer.name)
        assert found.get('reason', '') == clean(document.reason)
        if document.kind != PAYMENT:
            assert found['postings'] == 1 + len(document.lines) + len(document.taxes)
        links = {document.number, *([document.origin.number] if document.origin else [])}
        assert set(found['links']) == links


def test_ts18_a_broken_ledger_is_found(tmp_path):
    (document,) = get_examples(1, documents())
    text = beancount.write([document]).decode()
    ledger = tmp_path / 'ledger.beancount'
    ledger.write_text(text.replace(' EUR', '1 EUR', 1))
    assert ask('check_beancount.py', ledger)['errors']


@given(batches)
@properties
def test_ts18_beancount_is_the_same_bytes_and_each_transaction_adds_up(batch):
    content = beancount.write(batch)
    assert content == beancount.write([replace(document) for document in batch])
    blocks = content.decode().strip('\n').split('\n\n')
    assert len(blocks) == len(batch)
    for block in blocks:
        rows = [row.split() for row in block.split('\n') if row[:2] == '  ' and row[2].isupper()]
        assert sum(Decimal(row[1]) for row in rows) == 0


# === IIF === #

IIF_REQUIRED = ('TRNSTYPE', 'ACCNT', 'AMOUNT')
IIF_TYPES = {'INVOICE': 1, 'CREDIT MEMO': -1, 'PAYMENT': 1}


def read_iif(content):
    """The transactions of an IIF file, by the description of its fields alone.

    Lines that begin with `!` name the fields of the lines that begin with the same word; `ENDTRNS`
    ends a transaction; fields are parted by tabs; dates are MM/DD/YYYY; debits are positive.
    """
    fields, transactions, current = {}, [], None
    for row in content.decode('cp1252').split('\r\n'):
        word, *cells = row.split('\t')
        if word.startswith('!'):
            fields[word[1:]] = cells
        elif word == 'ENDTRNS':
            transactions.append(current)
            current = None
        elif word:
            assert len(cells) == len(fields[word])
            assert not any('"' in cell for cell in cells)
            values = dict(zip(fields[word], cells, strict=True))
            assert all(values[name] for name in IIF_REQUIRED)
            values['AMOUNT'] = Decimal(values['AMOUNT'])
            values['DATE'] = datetime.strptime(values['DATE'], '%m/%d/%Y').date()
            if word == 'TRNS':
                assert current is None
                current = {**values, 'SPL': []}
            else:
                assert values['TRNSTYPE'] == current['TRNSTYPE']
                current['SPL'].append(values)
    assert current is None
    return transactions


@given(batches)
@properties
def test_ts18_iif_is_read_field_by_field(batch):
    content = iif.write(batch)
    assert content == iif.write([replace(document) for document in batch])
    for found, document in zip(read_iif(content), batch, strict=True):
        sign = IIF_TYPES[found['TRNSTYPE']]
        assert found['AMOUNT'] == sign * document.total
        assert found['AMOUNT'] + sum(split['AMOUNT'] for split in found['SPL']) == 0
        assert (found['DOCNUM'], found['DATE']) == (document.number, document.date)
        assert (found['NAME'], found['ACCNT']) == (document.customer.code, '4-1200')
        assert found['PAID'] == found['CLEAR'] == 'N'
        lines, taxes = found['SPL'][: len(document.lines)], found['SPL'][len(document.lines) :]
        for split, line in zip(lines, document.lines, strict=True):
            assert (split['ACCNT'], split['AMOUNT']) == (line.account, -sign * line.amount)
            assert (split['TAXABLE'] == 'Y') == bool(line.taxes)
            # Quantities have the sign of their amount, prices none.
            quantity, price = Decimal(split['QNTY']), Decimal(split['PRICE'])
            assert price >= 0
            assert quantity * split['AMOUNT'] >= 0
            assert abs(quantity) == line.quantity
        for split, tax in zip(taxes, document.taxes, strict=True):
            assert (split['ACCNT'], split['AMOUNT']) == (tax.code, -sign * tax.amount)
        if document.origin:
            assert document.origin.number in found['MEMO']


def test_ts18_iif_automatic_sales_tax_and_payments():
    document = get_special_documents()['S']
    tax = replace(document.taxes[0], code='Sales Tax Payable | State | County')
    line = replace(document.lines[0], taxes=(tax.code,), product_code='WORK')
    payment = replace(document, kind=PAYMENT, lines=(), taxes=(), journal='Undeposited Funds')
    sale, paid = read_iif(iif.write([replace(document, lines=(line,), taxes=(tax,)), payment]))
    assert sale['SPL'][0]['INVITEM'] == 'WORK'
    found = sale['SPL'][1]
    assert (found['ACCNT'], found['NAME'], found['INVITEM']) == (
        'Sales Tax Payable',
        'State',
        'County',
    )
    assert (found['EXTRA'], found['PRICE']) == ('AUTOSTAX', '21%')
    assert (paid['ACCNT'], paid['AMOUNT']) == ('Undeposited Funds', document.total)
    assert (paid['SPL'][0]['ACCNT'], paid['SPL'][0]['AMOUNT']) == ('4-1200', -document.total)


# === MYOB === #

MYOB_LENGTHS = {
    'Co./Last Name': 50,
    'Invoice No.': 13,
    'Date': 10,
    'Description': 255,
    'Amount': 15,
    'Inc-Tax Amount': 15,
    'GST Amount': 15,
    'Journal Memo': 255,
    'Tax Code': 3,
    'Card ID': 15,
}


def read_myob(content):
    """The sales of a MYOB import, by the description of its fields alone.

    The first line names the fields; an empty line ends a sale; fields are parted by tabs; dates
    are DD/MM/YYYY.
    """
    header, *rows = content.decode('utf-8').split('\r\n')
    names = header.split('\t')
    sales, current = [], []
    for row in rows:
        if row:
            values = dict(zip(names, row.split('\t'), strict=True))
            assert '"' not in row
            assert all(len(values[name]) <= length for name, length in MYOB_LENGTHS.items())
            current.append(values)
        elif current:
            sales.append(current)
            current = []
    assert not current
    return sales


@given(myob_batches)
@properties
def test_ts18_myob_is_read_field_by_field(batch):
    options = {'currency': 'EUR'}
    content = myob.write(batch, options)
    assert content == myob.write([replace(document) for document in batch], options)
    for rows, document in zip(read_myob(content), batch, strict=True):
        sign = -1 if document.kind == CREDIT else 1
        heads = {
            (row['Invoice No.'], row['Date'], row['Card ID'], row['Sale Status']) for row in rows
        }
        day = document.date.strftime('%d/%m/%Y')
        assert heads == {(document.number, day, document.customer.code, 'I')}
        total, taxes = Decimal(0), {}
        for row, line in zip(rows, document.lines, strict=True):
            amount, tax = Decimal(row['Amount']), Decimal(row['GST Amount'])
            assert (row['Account No.'], amount) == (line.account, sign * line.amount)
            assert Decimal(row['Inc-Tax Amount']) == amount + tax
            assert row['Tax Code'] == (line.taxes[0] if line.taxes else 'N-T')
            taxes[row['Tax Code']] = taxes.get(row['Tax Code'], 0) + tax
            total += amount + tax
        assert total == sign * document.total
        for tax in document.taxes:
            assert taxes[tax.code] == sign * tax.amount
