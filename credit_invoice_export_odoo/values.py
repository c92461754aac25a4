"""What documents and answers look like over there: pure functions, without calls."""

import html
import json
import re
from collections import defaultdict
from datetime import date
from decimal import Decimal

from odoo.addons.credit_invoice.tools.export_contract import (
    CREDIT,
    INVOICE,
    PAYMENT,
    ExportRefused,
)
from odoo.addons.credit_invoice.tools.splitting import split

# No add-on is called so: external ids of this name are never removed by an upgrade.
NAMESPACE = '__credit_export__'
PAYMENT_PREFIX = 'payment-'
# In the field Origin of a credit that does not refer to its invoice yet.
NOT_LINKED = ' (not linked yet)'

MOVE_TYPES = {INVOICE: 'out_invoice', CREDIT: 'out_refund'}
KINDS = {'out_invoice': INVOICE, 'out_receipt': INVOICE, 'out_refund': CREDIT}
LINE_COLUMNS = (
    'invoice_line_ids/name',
    'invoice_line_ids/account_id/.id',
    'invoice_line_ids/quantity',
    'invoice_line_ids/price_unit',
    'invoice_line_ids/tax_ids/.id',
    'invoice_line_ids/extra_tax_data',
)
# Over there, quantities have at least these decimals.
QUANTITY = Decimal('0.01')


# === KEYS AND IDS === #


def to_xmlid(what, key):
    """The external id that a key stands for.

    :param str what: `document`, `customer` or `match`: keys of different things never meet
    """
    escape = lambda match: ''.join(f'_{byte:02x}' for byte in match[0].encode())
    return f'{NAMESPACE}.{what}-{re.sub("[^A-Za-z0-9-]", escape, key)}'


def to_key(xmlid):
    """The key of a document, the inverse of `to_xmlid`; empty for what is none of ours."""
    prefix = f'{NAMESPACE}.document-'
    if not xmlid.startswith(prefix):
        return ''
    escaped = xmlid.removeprefix(prefix).encode()
    raw = re.sub(rb'_([0-9a-f]{2})', lambda match: bytes.fromhex(match[1].decode()), escaped)
    return raw.decode(errors='replace')


def to_external_id(kind, record_id):
    """What a document is called on our side."""
    return f'{PAYMENT_PREFIX}{record_id}' if kind == PAYMENT else str(record_id)


def split_external_id(external_id):
    """The inverse of `to_external_id`.

    :return: tuple of whether it is a payment, and its id; 0 for what cannot be one
    """
    is_payment = external_id.startswith(PAYMENT_PREFIX)
    text = external_id.removeprefix(PAYMENT_PREFIX)
    # The database does not take larger ones.
    is_id = text.isascii() and text.isdigit() and int(text) < 2**31
    return is_payment, int(text) if is_id else 0


# === AMOUNTS AND DATES === #


def to_decimal(number):
    """An amount of an answer, which is a float, without its binary rest."""
    return Decimal(str(round(number or 0, 6)))


def to_number(amount):
    return format(amount, 'f')


def to_text(amount):
    """An amount as people read it: with at least two decimals."""
    cents = amount.quantize(Decimal('0.01'))
    return to_number(cents if cents == amount else amount.normalize())


def to_date(text):
    # The first of all days, which stands for no lock date, comes without leading zeros.
    return date.fromisoformat(text.zfill(10)) if text else None


def split_taxes(document, digits):
    """What each line bears of each tax, so that each tax comes to what it was here.

    :param int digits: decimals of the currency
    :return: list of dictionaries of amounts by tax code, one for each line
    :raise ExportRefused: if a tax stands on no line
    """
    parts = [{} for _line in document.lines]
    totals = defaultdict(Decimal)
    for tax in document.taxes:
        totals[tax.code] += tax.amount
    # A group of taxes stands on a line by its own name: what it comes to is calculated over there.
    has_groups = any(code not in totals for line in document.lines for code in line.taxes)
    for code, total in totals.items():
        bearing = [index for index, line in enumerate(document.lines) if code in line.taxes]
        if total and not bearing and not has_groups:
            raise ExportRefused(
                f'The tax {code} of {to_number(total)} stands on no line: put it on one.'
            )
        weights = [int(document.lines[index].amount.scaleb(digits)) for index in bearing]
        if bearing and not sum(weights):
            weights = [1] + [0] * (len(bearing) - 1)
        shares = split(int(total.scaleb(digits)), weights)
        for index, share in zip(bearing, shares, strict=True):
            parts[index][code] = Decimal(share).scaleb(-digits)
    return parts


def get_quantity_and_price(line, digits):
    """Quantity and price of a line that give its amount, whatever it was divided by.

    :return: tuple of quantity, price, and the text of the line
    """
    cent = Decimal(1).scaleb(-digits)
    if (line.quantity * line.price).quantize(cent) == line.amount and _is_short(line.quantity):
        return line.quantity, line.price, line.name
    if line.quantity and _is_short(line.quantity):
        return line.quantity, line.amount / line.quantity, line.name
    name = f'{line.name} ({line.quantity.normalize():f} × {line.price.normalize():f})'
    return Decimal(1), line.amount, name if line.quantity else line.name


def _is_short(quantity):
    return quantity == quantity.quantize(QUANTITY)


# === ROWS === #


def get_line_rows(document, ids, currency):
    """The lines of a document as rows of an import.

    :param dict ids: `accounts` and `taxes` over there by code; `same_taxes`: whether all taxes
        have the rates that they have here; only then their amounts are ours, to the cent, and else
        what they come to over there; and `both_ways`: codes of the taxes that are owed and taken
        back at once, which come to nothing here and are calculated over there
    :param dict currency: id and decimals
    :return: list of rows of `LINE_COLUMNS`
    """
    digits = currency['decimal_places']
    rows = []
    for line, taxes in zip(document.lines, split_taxes(document, digits), strict=True):
        quantity, price, name = get_quantity_and_price(line, digits)
        values = {'quantity': float(quantity), 'price_unit': float(price), 'discount': 0.0}
        extra = ''
        if line.taxes and ids['same_taxes'] and taxes.keys() == set(line.taxes):
            extra = json.dumps({
                **values,
                'currency_id': currency['id'],
                'manual_total_excluded_currency': float(line.amount),
                'manual_tax_amounts': {
                    str(ids['taxes'][code]): {
                        'base_amount_currency': float(line.amount),
                        **(
                            {}
                            if code in ids['both_ways']
                            else {'tax_amount_currency': float(amount)}
                        ),
                    }
                    for code, amount in taxes.items()
                },
            })
        rows.append([
            name or '-',
            str(ids['accounts'][line.account]),
            to_number(quantity),
            repr(values['price_unit']),
            ','.join(str(ids['taxes'][code]) for code in line.taxes),
            extra,
        ])
    return rows


def to_html(text):
    """A plain text as the host keeps notes."""
    return '<br/>'.join(html.escape(text).splitlines())
