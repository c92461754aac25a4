"""The text import of service sales into MYOB, by its published field descriptions.

A line with the names of the fields, then one line for each line of a document, parted by tabs, and
an empty line after each document. A credit is a sale of negative amounts. Texts are UTF-8, which
the import offers; lines end with CR LF.

Codes (number, card, account, tax code) are written as they are, or refused; other texts are cut to
the length of their field.
"""

import re
from decimal import Decimal

from odoo.addons.credit_invoice.tools.export_contract import PAYMENT, ExportRefused
from odoo.addons.credit_invoice.tools.splitting import split

from .common import as_text, check_cents, check_code, check_sums, clean, describe, money, sign_of

NAME = 'MYOB (service sales)'
EXTENSION = 'txt'
MIMETYPE = 'text/plain'

FIELDS = (
    *('Co./Last Name', 'First Name', 'Addr 1 - Line 1', '           - Line 2'),
    *('           - Line 3', '           - Line 4', 'Inclusive', 'Invoice No.', 'Date'),
    *('Delivery Status', 'Description', 'Account No.', 'Amount', 'Inc-Tax Amount', 'Journal Memo'),
    *('Tax Code', 'GST Amount', 'Sale Status', 'Currency Code', 'Terms - Payment is Due'),
    *('           - Balance Due Days', 'Card ID'),
)
NAME_LENGTH = 50
ADDRESS_LENGTH = 255  # of all its lines
TEXT_LENGTH = 255
NUMBER_LENGTH = 13  # 8 up to version 19
CARD_LENGTH = 15
AMOUNT_LENGTH = 15
ACCOUNT = re.compile(r'\d\D?\d{4}')
TAX_CODE = re.compile(r'[A-Za-z0-9/-]{1,3}')
NO_TAX = 'N-T'
IN_DAYS = '2'
INVOICE_STATUS = 'I'
SENT = 'A'


def write(documents, options=None):
    """A batch as service sales.

    :param dict options: `currency` of the books over there: a document in it names none
    :raise ExportRefused: for payments, and for what does not fit its field
    """
    options = options or {}
    blocks = ['\t'.join(FIELDS) + '\r\n']
    for document in documents:
        rows = _get_rows(document, options)
        blocks.append(
            ''.join('\t'.join(row[name] for name in FIELDS) + '\r\n' for row in rows) + '\r\n'
        )
    return ''.join(blocks).encode('utf-8')


def _get_rows(document, options):
    if document.kind == PAYMENT:
        raise ExportRefused(
            f'{document.number}: the import of sales into MYOB takes no payments, enter it there.'
        )
    check_cents(document)
    check_sums(document)
    head = {**dict.fromkeys(FIELDS, ''), **_get_head(document, options)}
    sign = sign_of(document)
    rows = []
    for line, tax_amount in zip(document.lines, _get_tax_amounts(document), strict=True):
        rows.append({
            **head,
            'Description': _get_text(line.name, TEXT_LENGTH),
            'Account No.': _get_account(document, line.account),
            'Amount': _get_money(document, sign * line.amount),
            'Inc-Tax Amount': _get_money(document, sign * (line.amount + tax_amount)),
            'Tax Code': _get_tax_code(document, line),
            'GST Amount': _get_money(document, sign * tax_amount),
        })
    return rows


def _get_head(document, options):
    days = ((document.due_date or document.date) - document.date).days
    is_home = document.currency == options.get('currency', document.currency)
    return {
        'Co./Last Name': _get_text(document.customer.name, NAME_LENGTH),
        **_get_address(document.customer),
        'Invoice No.': _get_code(document, 'number', document.number, NUMBER_LENGTH),
        'Date': document.date.strftime('%d/%m/%Y'),
        'Delivery Status': SENT,
        'Journal Memo': _get_text(describe(document), TEXT_LENGTH),
        'Sale Status': INVOICE_STATUS,
        'Currency Code': '' if is_home else document.currency,
        'Terms - Payment is Due': IN_DAYS,
        '           - Balance Due Days': str(max(days, 0)),
        'Card ID': _get_code(document, 'customer', document.customer.code, CARD_LENGTH),
    }


def _get_address(customer):
    """The address, on up to four lines that have a length together."""
    place = ' '.join(filter(None, (customer.city, customer.zip)))
    left = ADDRESS_LENGTH
    address = {}
    names = [name for name in FIELDS if re.search(r'- Line \d', name)]
    texts = filter(None, map(_get_text, (customer.street, place, customer.country_code)))
    for name, text in zip(names, texts, strict=False):
        address[name] = text[:left].rstrip()
        left -= len(address[name])
    return address


def _get_tax_amounts(document):
    """The tax of each line: the taxes of the document, split so that they add up.

    :raise ExportRefused: for two taxes on a line, and for a tax that no line bears
    """
    amounts = [Decimal(0)] * len(document.lines)
    left = {tax.code: tax for tax in document.taxes}
    if len(left) < len(document.taxes):
        raise ExportRefused(
            f'{document.number}: map each of its taxes to a tax code of its own in MYOB.'
        )
    by_code = {}
    for position, line in enumerate(document.lines):
        if len(line.taxes) > 1:
            raise ExportRefused(
                f'{document.number}: MYOB takes one tax code on a line, not {len(line.taxes)}: '
                'map their combination to one.'
            )
        for code in line.taxes:
            by_code.setdefault(code, []).append(position)
    for code, tax in left.items():
        positions = by_code.get(code, [])
        weights = [int(document.lines[position].amount * 100) for position in positions]
        if tax.amount and not sum(weights):
            raise ExportRefused(
                f'{document.number}: the tax {tax.name} stands on no line, and MYOB takes none '
                'alone: enter it there.'
            )
        parts = split(int(tax.amount * 100), weights) if tax.amount else [0] * len(weights)
        for position, part in zip(positions, parts, strict=True):
            amounts[position] = Decimal(part) / 100
    return amounts


def _get_code(document, what, code, length):
    """A code as it is. A quote would be read as the beginning of a quoted field."""
    check_code(code, document, what, length)
    if '"' in code:
        raise ExportRefused(
            f'{document.number}: the {what} {code} holds a quotation mark, which MYOB cannot '
            'carry: change it.'
        )
    return code


def _get_text(text, length=0):
    return as_text(clean(text).replace('"', "'"), length)


def _get_account(document, code):
    check_code(code, document, 'account')
    if not ACCOUNT.fullmatch(code):
        raise ExportRefused(
            f'{document.number}: map its accounts to numbers of MYOB, such as 4-1000, not to '
            f'"{code}".'
        )
    return code


def takes_account(code):
    """Whether a code is a number of an account."""
    return bool(ACCOUNT.fullmatch(code))


def takes_tax(tax):
    """Whether the code of a tax is one of MYOB."""
    return bool(TAX_CODE.fullmatch(tax.code))


def _get_tax_code(document, line):
    code = line.taxes[0] if line.taxes else NO_TAX
    if not TAX_CODE.fullmatch(code):
        raise ExportRefused(
            f'{document.number}: map its taxes to codes of MYOB with up to three characters, such '
            f'as GST, not to "{code}".'
        )
    return code


def _get_money(document, amount):
    text = money(amount)
    if len(text) > AMOUNT_LENGTH:
        raise ExportRefused(f'{document.number}: {text} is too long for MYOB: enter it there.')
    return text
