"""What formats share: cleaning texts, checking sums, refusing."""

import re
import unicodedata
from decimal import Decimal

from odoo.addons.credit_invoice.tools.export_contract import CREDIT, ExportRefused

# Line breaks and tabs, and whatever else no field of a file can hold.
SPACES = re.compile(r'[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]+')
FORMULA_SIGNS = ('=', '+', '-', '@')  # what is left before a formula when a text is clean
CENT = Decimal('0.01')


def clean(text, length=0):
    """A text on one line, without control characters.

    :param int length: the longest that fits; the rest is cut off. 0: any
    """
    text = SPACES.sub(' ', text or '').strip()
    return text[:length].rstrip() if length else text


def as_text(text, length=0):
    """A text that programs of tables do not take for a formula: they open such files, too.

    As the host does it in its own files, an apostrophe goes before what begins one, in any width.

    :param str text: of people, on one line
    :param int length: the longest that fits; the rest is cut off. 0: any
    """
    text = f"'{text}" if unicodedata.normalize('NFKC', text[:1]) in FORMULA_SIGNS else text
    return text[:length].rstrip() if length else text


def check_code(code, document, what, length=0):
    """A code as it is: it names something over there, and would name something else if changed.

    :param str what: what it is the code of, for people
    :raise ExportRefused: if it is missing, too long, or not on one line
    """
    name = clean(document.number)
    if not code:
        raise ExportRefused(f'{name}: enter the code of the {what} over there.')
    if code != clean(code):
        raise ExportRefused(
            f'{name}: the {what} "{clean(code)}" holds a tab, a line break or a space '
            'too many: change it.'
        )
    if length and len(code) > length:
        raise ExportRefused(
            f'{name}: the {what} "{code}" is longer than {length} characters: shorten it.'
        )
    return code


def check_sums(document):
    """Refuse a document whose lines and taxes are not its total.

    :raise ExportRefused:
    """
    if not document.lines:
        raise ExportRefused(f'{document.number} has no lines: export it by hand.')
    parts = sum_of(document.lines) + sum_of(document.taxes)
    if parts != document.total:
        raise ExportRefused(
            f'{document.number}: lines and taxes come to {money(parts)}, not to the total of '
            f'{money(document.total)}: export it by hand.'
        )


def check_cents(document):
    """Refuse amounts of less than a cent.

    :raise ExportRefused:
    """
    amounts = [part.amount for part in (*document.lines, *document.taxes)]
    amounts += [tax.base for tax in document.taxes]
    for amount in (document.total, *amounts):
        if amount != amount.quantize(CENT):
            raise ExportRefused(
                f'{document.number}: this format takes two decimals, not {amount}: export it by '
                'hand.'
            )


def check_currency(documents, options, name):
    """Refuse a currency other than that of the books, for formats that name none.

    :param str name: of the format
    :raise ExportRefused:
    """
    home = options.get('currency') or (documents[0].currency if documents else '')
    for document in documents:
        if document.currency != home:
            raise ExportRefused(
                f'{document.number} is in {document.currency}: {name} takes documents in {home} '
                'only, export it by hand.'
            )


def sum_of(parts):
    """What lines or taxes come to."""
    return sum((part.amount for part in parts), Decimal(0))


def sign_of(document):
    """1 for what the customer owes, -1 for what a credit takes off."""
    return -1 if document.kind == CREDIT else 1


def money(amount):
    """An amount with two decimals, or more if it has more; never -0."""
    amount = Decimal(amount)
    if amount == amount.quantize(CENT):
        amount = amount.quantize(CENT)
    return format(amount + 0, 'f')


def number(value):
    """A quantity, price or rate, without needless zeros."""
    return format(Decimal(value).normalize() + 0, 'f')


def get_origins(document):
    """All documents that a credit or payment refers to."""
    return document.origins or ((document.origin,) if document.origin else ())


def describe(document):
    """One line that says what a document is: the invoices of a credit, and its reason."""
    origins = ', '.join(origin.number for origin in get_origins(document))
    return clean(
        ' '.join(filter(None, (document.number, origins and f'for {origins}', document.reason)))
    )


def to_encoding(text, encoding):
    """A text for people in a narrow encoding: without marks it lacks, `?` for letters it lacks."""
    return ''.join(_to_encoding(letter, encoding) for letter in text)


def check_encoding(code, document, what, encoding):
    """Refuse a code that cannot be written in an encoding as it is.

    :raise ExportRefused:
    """
    try:
        code.encode(encoding)
    except UnicodeEncodeError as error:
        raise ExportRefused(
            f'{document.number}: the {what} "{code}" holds "{code[error.start]}", which this '
            'format cannot write: give it a code in Latin letters.'
        ) from error
    return code


def _to_encoding(letter, encoding):
    for candidate in (letter, unicodedata.normalize('NFKD', letter)):
        base = ''.join(part for part in candidate if not unicodedata.combining(part))
        for text in (candidate, base):
            try:
                text.encode(encoding)
            except UnicodeEncodeError:
                continue
            return text
    return '?'
