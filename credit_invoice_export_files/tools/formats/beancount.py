"""beancount: a file of transactions, to be included into a ledger that opens the accounts.

Each document is a transaction with the customer as payee. A link of the number ties it to the
transactions of the documents it refers to; what else is known of it stands in metadata.
"""

import re

from odoo.addons.credit_invoice.tools.export_contract import CREDIT, PAYMENT, ExportRefused

from .common import check_code, check_sums, clean, get_origins, money, number, sign_of

NAME = 'beancount'
TAKES_PAYMENTS = True
# Longer ones are taken for a part of the name by whoever downloads it.
EXTENSION = 'bean'
MIMETYPE = 'text/plain'

# What a code that is no full account name is put under.
ROOTS = {'receivable': 'Assets', 'line': 'Income', 'tax': 'Liabilities', 'bank': 'Assets'}
ACCOUNT = re.compile(r'(Assets|Liabilities|Equity|Income|Expenses)(:[A-Z0-9][A-Za-z0-9-]*)+')
CODE = re.compile(r'[A-Z0-9][A-Za-z0-9-]*')
CURRENCY = re.compile(r"[A-Z][A-Z0-9'._-]{0,22}[A-Z0-9]")
NO_LINK = re.compile(r'[^A-Za-z0-9/.-]')


def write(documents, options=None):
    """A batch as transactions.

    :raise ExportRefused: for accounts or currencies that beancount could not have
    """
    texts = [_write_payment(doc) if doc.kind == PAYMENT else _write(doc) for doc in documents]
    return ''.join(text + '\n' for text in texts).encode()


def _write(document):
    check_sums(document)
    sign = sign_of(document)
    lines = [
        *_get_head(document),
        _get_posting(document, 'receivable', document.account, sign * document.total),
    ]
    for line in document.lines:
        lines.append(_get_posting(document, 'line', line.account, -sign * line.amount))
        lines += _get_meta(
            {
                'description': line.name,
                'product': line.product_code,
                'quantity': number(line.quantity),
            },
            indent=4,
        )
    lines += [_get_posting(document, 'tax', tax.code, -sign * tax.amount) for tax in document.taxes]
    return ''.join(line + '\n' for line in lines)


def _write_payment(document):
    """What came in: on the account of the first line, or else of the journal."""
    bank = document.lines[0].account if document.lines else document.journal
    return ''.join(
        line + '\n'
        for line in (
            *_get_head(document),
            _get_posting(document, 'bank', bank, document.total),
            _get_posting(document, 'receivable', document.account, -document.total),
        )
    )


def _get_head(document):
    texts = (document.customer.name, _get_narration(document))
    check_code(document.number, document, 'number')
    check_code(document.customer.code, document, 'customer')
    check_code(document.key, document, 'key')
    links = [document.number, *(origin.number for origin in get_origins(document))]
    names = ' '.join(f'^{get_link(text)}' for text in dict.fromkeys(links))
    booked = document.accounting_date or document.date
    yield f'{booked.isoformat()} * {quote(texts[0])} {quote(texts[1])} {names}'
    yield from _get_meta({
        'key': document.key,
        'kind': document.kind,
        'number': document.number,
        'customer': document.customer.code,
        'date': document.date,
        'due': document.due_date,
        'origin': ', '.join(origin.number for origin in get_origins(document)),
        'reason': document.reason,
    })


def _get_narration(document):
    origins = ', '.join(origin.number for origin in get_origins(document))
    return {
        CREDIT: f'Credit {document.number}' + (f' of {origins}' if origins else ''),
        PAYMENT: f'Payment {document.number}' + (f' of {origins}' if origins else ''),
    }.get(document.kind, f'Invoice {document.number}')


def _get_meta(values, indent=2):
    for name, value in values.items():
        if value:
            text = quote(value) if isinstance(value, str) else value.isoformat()
            yield f'{" " * indent}{name}: {text}'


def _get_posting(document, role, code, amount):
    if not CURRENCY.fullmatch(document.currency):
        raise ExportRefused(
            f'{document.number}: {document.currency} is no currency of beancount, export it by '
            'hand.'
        )
    return f'  {get_account(document, role, code)}  {money(amount)} {document.currency}'


def get_account(document, role, code):
    """The name of an account; a plain code is put under the root of its role.

    :param str role: one of `ROOTS`
    :raise ExportRefused: if it is none
    """
    what = {'tax': 'tax', 'bank': 'bank account'}.get(role, 'account')
    check_code(code, document, what)
    if ACCOUNT.fullmatch(code):
        return code
    if CODE.fullmatch(code):
        return f'{ROOTS[role]}:{code}'
    raise ExportRefused(
        f'{document.number}: map "{code}" to an account of beancount, such as {ROOTS[role]}:Name.'
    )


def takes_account(code):
    """Whether a code names an account, by itself or under a root."""
    return bool(ACCOUNT.fullmatch(code) or CODE.fullmatch(code))


def takes_tax(tax):
    """Whether the code of a tax names an account."""
    return takes_account(tax.code)


def quote(text):
    """A string of beancount; nothing in it can end it."""
    text = clean(text).replace('\\', '\\\\').replace('"', '\\"')
    return f'"{text}"'


def get_link(text):
    """The link of a number, one for each: what links cannot hold is written as `_hex_`."""
    return NO_LINK.sub(lambda found: f'_{ord(found.group()):x}_', clean(text))
