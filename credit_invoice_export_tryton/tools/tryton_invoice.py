"""An invoice of Tryton: what we read of it, and what a document of ours becomes.

Over there both invoices and credit notes are invoices of type "out"; a credit note has negative
quantities, and its lines name those of the invoice as their origin. Numbers are Tryton's own and
cannot be given: ours stands in the reference, and our key in the comment. People who duplicate or
credit an invoice over there get a copy of the comment, and an empty reference: the key counts only
with number and kind.
"""

from collections import defaultdict
from decimal import Decimal

from odoo.addons.credit_invoice.tools.export_contract import CREDIT, INVOICE, ExportRefused, Found

from .tryton_lines import get_open_amount
from .tryton_party import get_codes

MODEL = 'account.invoice'
LINE_FIELDS = ('amount', 'amount_currency', 'maturity_date', 'reconciliation', 'invoice_payment')
# Of others, no more than what they are matched with is asked for.
MATCH_FIELDS = tuple(f'lines_to_pay.{name}' for name in LINE_FIELDS)
FIELDS = (
    *('number', 'reference', 'comment', 'state', 'invoice_date', 'journal', 'currency.code'),
    *('total_amount', 'untaxed_amount', 'tax_amount', 'origin_invoices'),
    *('party.code', 'party.identifiers.code', 'lines.type', 'lines.account', 'lines.description'),
    *('lines.invoice', 'lines.origin.invoice', 'taxes.tax', 'taxes.base', 'taxes.amount'),
    *MATCH_FIELDS,
    *(f'payment_lines.{name}' for name in LINE_FIELDS),
)
# What tells a document from copies of it.
NAME_FIELDS = ('comment', 'reference', 'total_amount', 'origin_invoices')
# What a draft is compared by before it is taken up.
DRAFT_FIELDS = (
    *FIELDS,
    *('_timestamp', 'party', 'account', 'currency', 'accounting_date', 'payment_term_date'),
    *(f'lines.{name}' for name in ('sequence', 'quantity', 'unit_price', 'taxes', 'origin')),
    'taxes.manual',
)
HEAD = (
    *('reference', 'comment', 'party', 'account', 'journal', 'currency', 'invoice_date'),
    *('accounting_date', 'payment_term_date'),
)
DONE = {'posted', 'paid'}
CANCELLED = 'cancelled'
# Of a unit price, so many digits are kept by default.
PRICE = Decimal('0.0001')


def get_domain(company_id, with_cancelled=False):
    """Which invoices are documents: all of customers that are in the books, or may get there.

    :param bool with_cancelled: also those that were posted and then cancelled: they keep a number
    """
    live = ('state', '!=', CANCELLED)
    return [
        ('company', '=', company_id),
        ('type', '=', 'out'),
        ['OR', live, ('move', '!=', None)] if with_cancelled else live,
    ]


def get_name(row):
    """What a document has and its copies have not, beside its key."""
    return row['reference'], get_kind(row)


def get_kind(row):
    """Whether it is an invoice or a credit. One of nothing is a credit if it has an origin."""
    total = row['total_amount']
    return CREDIT if total < 0 or (not total and row['origin_invoices']) else INVOICE


def to_found(row, customer='', applied=(), *, is_copy=False):
    """An invoice as it was read, as the contract wants it.

    :param str customer: what the customer was asked for as, where it is known as that, too
    :param bool is_copy: whether its key is that of another one, see `TrytonBooks.find_copies`
    """
    is_complete = row['state'] in DONE
    return Found(
        external_id=str(row['id']),
        kind=get_kind(row),
        number=row['reference'] or row['number'] or '',
        date=row['invoice_date'],
        currency=row['currency.']['code'],
        total=abs(row['total_amount']),
        key='' if is_copy or not row['reference'] else row['comment'] or '',
        customer=customer or row['party.']['code'],
        open_amount=abs(get_open_amount(row)) if is_complete else None,
        is_complete=is_complete,
        origin_id=_get_origin_id(row),
        applied=applied,
    )


def _get_origin_id(row):
    """The invoice that the first line with an origin is for, see `_pair`."""
    origins = (line['origin.'] for line in row['lines.'])
    return next((str(one['invoice']) for one in origins if one and one.get('invoice')), '')


def get_customer(row, code):
    """What a customer was asked for as, if it is known as that over there, too; else nothing."""
    return code if code in get_codes(row['party.']) else ''


def is_ours(row, document):
    """Whether what has the key of a document was made of it, and is no copy."""
    # While taxes are not corrected yet, nothing may be one or the other.
    is_kind = not row['total_amount'] or get_kind(row) == document.kind
    return row['reference'] == document.number and is_kind


def is_renamed(row, document):
    """Whether something posted is a document but for its reference, which anybody can change."""
    return row['state'] in DONE and is_document({**row, 'reference': document.number}, document)


def is_as_made(row, values):
    """Whether a draft still is what was made of values; its taxes are corrected later.

    :param dict row: of `DRAFT_FIELDS`
    :param dict values: of `prepare_values`
    """
    (_create, lines), (_create, taxes) = values['lines'][0], values['taxes'][0]
    rows = sorted(row['lines.'], key=lambda line: line['sequence'] or 0)
    manual = [tax for tax in row['taxes.'] if tax['manual']]
    return (
        all((row[name] or None) == (values[name] or None) for name in HEAD)
        and [_describe_line(line) for line in rows]
        == [_describe_line({**line, 'taxes': line['taxes'][0][1]}) for line in lines]
        and sorted(map(_describe_tax, manual)) == sorted(map(_describe_tax, taxes))
    )


def _describe_line(line):
    names = ('type', 'account', 'unit_price', 'origin')
    quantity = Decimal(str(line['quantity'] or 0))
    text = line['description'] or ''
    return [line[name] for name in names], quantity, text, sorted(line['taxes'])


def _describe_tax(tax):
    return tax['tax'], tax['base'], tax['amount']


def is_document(row, document):
    """Whether what was made over there, perhaps half, is a document to the cent."""
    there = (row['reference'], row['invoice_date'], row['currency.']['code'], get_kind(row))
    amounts = ('total', 'untaxed', 'tax')
    return there == (document.number, document.date, document.currency, document.kind) and [
        abs(row[f'{name}_amount']) for name in amounts
    ] == [abs(getattr(document, name)) for name in amounts]


def prepare_values(document, codes, origins):
    """What an invoice over there is made of.

    :param codes: the `TrytonCodes` of the document
    :param list origins: the lines over there that may be credited
    """
    sign = -1 if document.kind == CREDIT else 1
    day = document.accounting_date or document.date
    alone = _get_alone(document)
    lines = []
    for sequence, (line, origin) in enumerate(_pair(document.lines, codes, origins)):
        taxes = [codes.taxes[code]['id'] for code in line.taxes if code not in alone]
        values = {'sequence': sequence, 'origin': origin, 'taxes': [['add', taxes]]}
        lines.append({**_prepare_line(line, sign, codes), **values})
    return {
        'type': 'out',
        'company': codes.company_id,
        'party': codes.party_id,
        'invoice_address': codes.address_id,
        'account': codes.accounts[document.account]['id'],
        'journal': codes.journal_id,
        'currency': codes.currency_id,
        'reference': document.number,
        'comment': document.key,
        'description': ' '.join((document.reason or document.note).split()) or None,
        'invoice_date': document.date,
        'accounting_date': day if day != document.date else None,
        'payment_term_date': document.due_date or document.date,
        'payment_term': None,
        'lines': [['create', lines]],
        'taxes': [['create', _prepare_taxes_alone(document, sign, codes)]],
    }


def _get_alone(document):
    """Codes of the taxes that no line gives: what is corrected is the tax and nothing else."""
    of_lines = {code for line in document.lines for code in line.taxes}
    return {
        tax.code
        for tax in document.taxes
        if tax.amount and (not tax.base or tax.code not in of_lines)
    }


def _prepare_taxes_alone(document, sign, codes):
    alone = _get_alone(document)
    return [
        {
            'tax': codes.taxes[tax.code]['id'],
            'description': tax.name,
            'account': codes.taxes[tax.code][
                'credit_note_account' if sign < 0 else 'invoice_account'
            ],
            'base': sign * tax.base,
            'amount': sign * tax.amount,
            'manual': True,
        }
        for tax in document.taxes
        if tax.code in alone
    ]


def _prepare_line(line, sign, codes):
    quantity, price = get_quantity_and_price(line, codes.rounding)
    return {
        'type': 'line',
        'company': codes.company_id,
        'currency': codes.currency_id,
        'account': codes.accounts[line.account]['id'],
        'description': line.name,
        'quantity': float(sign * quantity),
        'unit_price': price,
    }


def get_quantity_and_price(line, rounding):
    """What gives the amount of a line over there, where prices have few digits.

    :param Decimal rounding: the smallest amount of the currency
    :return: tuple of quantity and price; one of the amount where ours do not give it
    """
    price = line.price.quantize(PRICE)
    # Less than half of the smallest amount is rounded to the amount, whichever way it is done.
    is_exact = abs(line.quantity * price - line.amount) * 2 < rounding
    if is_exact and Decimal(str(float(line.quantity))) == line.quantity:
        return line.quantity, price
    return Decimal(1), line.amount


def _pair(lines, codes, origins):
    """Each line with the one over there that it credits: of the same account and text at best.

    Only the first line is held to the credit's own origin: that is where it is read from.
    """
    free = list(origins)
    for number, line in enumerate(lines):
        account_id = codes.accounts[line.account]['id']

        def get_likeness(other, line=line, account_id=account_id, is_first=not number):
            is_own = is_first and other['invoice'] == origins[0]['invoice']
            is_same_text = (other['description'] or '') == line.name
            return is_own, other['account'] == account_id, is_same_text, other in free

        best = max(origins, key=get_likeness, default=None)
        if best in free:
            free.remove(best)
        yield line, best and f'account.invoice.line,{best["id"]}'


def get_tax_corrections(row, document, codes):
    """What has to be written on the taxes that Tryton has computed, so that they are ours.

    :return: dictionary of ids and amounts
    :raise ExportRefused: if a tax is not the one over there that it is mapped to
    """
    sign = -1 if document.kind == CREDIT else 1
    amounts, rows = defaultdict(Decimal), defaultdict(list)
    for tax in document.taxes:
        amounts[tax.code] += sign * tax.amount
        _check_rate(tax, codes.taxes[tax.code])
    for tax_row in row['taxes.']:
        for code, tax in codes.taxes.items():
            if tax_row['tax'] in (tax['id'], *tax['childs']):
                rows[code].append(tax_row)
    corrections = {}
    for code, amount in amounts.items():
        difference = amount - sum((one['amount'] for one in rows[code]), Decimal(0))
        if difference and rows[code]:
            largest = max(rows[code], key=lambda one: abs(one['base']))
            corrections[largest['id']] = largest['amount'] + difference
    return corrections


def _check_rate(tax, there):
    """A code that was mapped to another tax by mistake would file it in the wrong box."""
    if there['type'] == 'percentage' and tax.rate is not None and not there['childs']:
        rate = there['rate'] * 100
        if rate != tax.rate:
            raise ExportRefused(
                f'The tax {tax.code} is {rate.normalize():f} % in Tryton and '
                f'{tax.rate.normalize():f} % here: map {tax.name} to another one.'
            )
