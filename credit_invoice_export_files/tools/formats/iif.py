"""IIF, the text import of QuickBooks Desktop and Reckon, by their published field descriptions.

`TRNS` is the customer's side, `SPL` the other side, `ENDTRNS` the end. Debits are positive and each
transaction adds up to zero: an invoice is positive in `TRNS`, a credit memo negative; quantities
have the sign of their amount, prices none. Fields are parted by tabs, lines end with CR LF, the
encoding is Windows-1252. The file names no currency.

Codes (number, customer, account, item) are written as they are, or refused. Texts for people lose
what the encoding lacks.
"""

from odoo.addons.credit_invoice.tools.export_contract import CREDIT, INVOICE, PAYMENT, ExportRefused

from .common import (
    as_text,
    check_cents,
    check_code,
    check_currency,
    check_encoding,
    check_sums,
    clean,
    describe,
    get_origins,
    money,
    number,
    sign_of,
    to_encoding,
)

NAME = 'IIF (QuickBooks Desktop, Reckon)'
TAKES_PAYMENTS = True
EXTENSION = 'iif'
MIMETYPE = 'text/plain'
ENCODING = 'cp1252'

TYPES = {INVOICE: 'INVOICE', CREDIT: 'CREDIT MEMO', PAYMENT: 'PAYMENT'}
TRNS = (
    *('TRNS', 'TRNSID', 'TRNSTYPE', 'DATE', 'ACCNT', 'NAME', 'CLASS', 'AMOUNT', 'DOCNUM', 'MEMO'),
    *('CLEAR', 'TOPRINT', 'NAMEISTAXABLE', 'ADDR1', 'ADDR2', 'ADDR3', 'ADDR4', 'ADDR5'),
    *('DUEDATE', 'TERMS', 'PAID', 'SHIPDATE'),
)
SPL = (
    *('SPL', 'SPLID', 'TRNSTYPE', 'DATE', 'ACCNT', 'NAME', 'CLASS', 'AMOUNT', 'DOCNUM', 'MEMO'),
    *('CLEAR', 'QNTY', 'PRICE', 'INVITEM', 'PAYMETH', 'TAXABLE', 'REIMBEXP', 'EXTRA'),
)
NUMBER_LENGTH = 11
NAME_LENGTH = 41
MEMO_LENGTH = 4095
ACCOUNT_LENGTH = 159  # with its parents
ITEM_LENGTH = 31
DATES = {False: '%m/%d/%Y', True: '%d/%m/%Y'}


def write(documents, options=None):
    """A batch as transactions.

    :param dict options: `currency` of the books over there; `day_first`, if their dates do
    :raise ExportRefused: for other currencies, and for codes that do not fit
    """
    options = options or {}
    check_currency(documents, options, 'IIF')
    date_format = DATES[bool(options.get('day_first'))]
    rows = [['!' + TRNS[0], *TRNS[1:]], ['!' + SPL[0], *SPL[1:]], ['!ENDTRNS']]
    for document in documents:
        rows += _get_rows(document, date_format)
    return ''.join('\t'.join(row) + '\r\n' for row in rows).encode(ENCODING)


def _get_rows(document, date_format):
    check_cents(document)
    common = {
        'TRNSTYPE': TYPES[document.kind],
        'DATE': document.date.strftime(date_format),
        'NAME': _get_code(document, 'customer', document.customer.code, NAME_LENGTH),
        'DOCNUM': _get_code(document, 'number', document.number, NUMBER_LENGTH),
        'CLEAR': 'N',
    }
    get_parts = _get_payment_parts if document.kind == PAYMENT else _get_sale_parts
    head, *splits = get_parts(document, date_format)
    yield _fill(TRNS, {**common, **head})
    for split in splits:
        yield _fill(SPL, {**common, **split})
    yield ['ENDTRNS']


def _get_sale_parts(document, date_format):
    """The fields of an invoice or credit memo: of its head, its lines, its taxes."""
    check_sums(document)
    sign = sign_of(document)
    due = document.due_date or document.date
    yield {
        'ACCNT': _get_account(document, document.account),
        'AMOUNT': money(sign * document.total),
        'MEMO': _get_text(describe(document), MEMO_LENGTH),
        'TOPRINT': 'N',
        'NAMEISTAXABLE': 'Y' if document.taxes else 'N',
        **_get_address(document.customer),
        'DUEDATE': due.strftime(date_format),
        'PAID': 'N',
    }
    for line in document.lines:
        price_sign = -1 if line.price < 0 else 1
        yield {
            'ACCNT': _get_account(document, line.account),
            'NAME': '',
            'AMOUNT': money(-sign * line.amount),
            'MEMO': _get_text(line.name, MEMO_LENGTH),
            'QNTY': number(-sign * price_sign * line.quantity),
            'PRICE': number(abs(line.price)),
            'INVITEM': line.product_code
            and _get_code(document, 'item', line.product_code, ITEM_LENGTH),
            'TAXABLE': 'Y' if line.taxes else 'N',
        }
    for tax in document.taxes:
        yield _get_tax_part(document, tax, -sign)


def _get_tax_part(document, tax, sign):
    """A tax: its code is an account, or `account | agency | item` for automatic sales tax."""
    account, *names = (part.strip() for part in tax.code.split('|'))
    if names and len(names) != 2:
        raise ExportRefused(
            f'{document.number}: map the tax {tax.name} to an account, or to "account | agency | '
            'item".'
        )
    agency, item = names or ('', '')
    part = {
        'ACCNT': _get_account(document, account),
        'NAME': agency and _get_code(document, 'tax agency', agency, NAME_LENGTH),
        'AMOUNT': money(sign * tax.amount),
        'MEMO': _get_text(tax.name, MEMO_LENGTH),
        'TAXABLE': 'N',
    }
    if item:
        part['INVITEM'] = _get_code(document, 'tax item', item, ITEM_LENGTH)
        part['EXTRA'] = 'AUTOSTAX'
        part['PRICE'] = '' if tax.rate is None else f'{number(tax.rate)}%'
    return part


def _get_payment_parts(document, date_format):
    """What came in, on the account of the first line or else of the journal."""
    bank = document.lines[0].account if document.lines else document.journal
    origins = ', '.join(origin.number for origin in get_origins(document))
    memo = _get_text(document.reason or origins, MEMO_LENGTH)
    yield {
        'ACCNT': _get_account(document, bank, 'bank account'),
        'AMOUNT': money(document.total),
        'MEMO': memo,
    }
    yield {
        'ACCNT': _get_account(document, document.account),
        'AMOUNT': money(-document.total),
        'MEMO': memo,
    }


def _get_address(customer):
    lines = (
        customer.name,
        customer.street,
        ' '.join(filter(None, (customer.zip, customer.city))),
        customer.country_code,
    )
    texts = [_get_text(line, NAME_LENGTH) for line in lines if line]
    return {f'ADDR{position}': text for position, text in enumerate(texts, 1)}


def _get_account(document, code, what='account'):
    return _get_code(document, what, code, ACCOUNT_LENGTH)


def _get_code(document, what, code, length):
    """A code as it is. A quote would be read as the beginning of a quoted field."""
    check_encoding(check_code(code, document, what, length), document, what, ENCODING)
    if '"' in code:
        raise ExportRefused(
            f'{document.number}: the {what} {code} holds a quotation mark, which IIF cannot '
            'carry: change it.'
        )
    return code


def _get_text(text, length):
    # The encoding first: it may turn other quotation marks into the one that ends a field.
    return as_text(to_encoding(clean(text), ENCODING).replace('"', "'"), length)


def _fill(names, values):
    return [names[0], *(values.get(name, '') for name in names[1:])]
