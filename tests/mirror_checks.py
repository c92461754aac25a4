"""mp05, checked from outside: a credit and its invoice add up to zero.

Nothing here knows how the add-on makes a credit. All sums are exact: amounts become decimal
numbers of the currency's own precision, and zero means zero.
"""

from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal

TOTALS = (
    'amount_untaxed_in_currency_signed',
    'amount_tax_signed',
    'amount_untaxed_signed',
    'amount_total_signed',
    'amount_total_in_currency_signed',
)


def exact(amount, currency):
    """An amount as a decimal number of the currency's precision."""
    return Decimal(f'{currency.round(amount):.{currency.decimal_places}f}')


def find_differences(origin, credit):
    """Where a credit is no mirror of its invoice.

    :return: list of sentences, empty for a mirror
    """
    return [
        *_compare_lines(origin, credit),
        *_compare_taxes(origin, credit),
        *_compare_totals(origin, credit),
    ]


def find_open_items(origin, credit):
    """What is still open after invoice and credit were posted and matched.

    :return: list of sentences, empty where both are closed and nothing was won or lost
    """
    found = []
    for move in (origin, credit):
        if exact(move.amount_residual, move.currency_id):
            found.append(f'{move.name}: {move.amount_residual} stays open')
        if move.payment_state not in ('reversed', 'paid'):
            found.append(f'{move.name}: payment state {move.payment_state}')
        terms = move.line_ids.filtered(lambda line: line.display_type == 'payment_term')
        if not all(terms.mapped('reconciled')):
            found.append(f'{move.name}: not matched')
        partials = terms.matched_debit_ids | terms.matched_credit_ids
        if partials.exchange_move_id:
            found.append(f'{move.name}: an exchange difference was posted')
    return found


# === LINES === #


def _compare_lines(origin, credit):
    """Each line of the invoice is credited by one line, with the same figures reversed."""
    credited = defaultdict(list)
    for line in credit.invoice_line_ids:
        credited[line.credited_line_id].append(line)
    found = [f'{line.name!r} credits no line' for line in credited.pop(_none(origin), [])]
    for line in origin.invoice_line_ids:
        matches = credited.pop(line, [])
        if len(matches) == 1:
            found += _compare_line(line, matches[0])
        else:
            found.append(f'line {line.name!r} is credited by {len(matches)} lines')
    found += [f'line {line.name!r} of another document is credited' for line in credited]
    return found


def _none(origin):
    return origin.env['account.move.line']


def _compare_line(line, credit_line):
    currency, company_currency = line.currency_id, line.company_currency_id
    sums = {
        'quantity': Decimal(str(line.quantity)) - Decimal(str(credit_line.quantity)),
        'price_unit': Decimal(str(line.price_unit)) - Decimal(str(credit_line.price_unit)),
        'discount': _get_discount(line) - _get_discount(credit_line),
        **{
            name: exact(line[name], currency) - exact(credit_line[name], currency)
            for name in ('price_subtotal', 'price_total')
        },
        'balance': exact(line.balance, company_currency)
        + exact(credit_line.balance, company_currency),
        'amount_currency': exact(line.amount_currency, currency)
        + exact(credit_line.amount_currency, currency),
    }
    found = [
        f'line {line.name!r}: {name} is off by {value}' for name, value in sums.items() if value
    ]
    found += [
        f'line {line.name!r}: {name} differs'
        for name in ('display_type', 'name', 'tax_ids', 'product_id', 'product_uom_id')
        if line[name] != credit_line[name]
    ]
    return found


def _get_discount(line):
    """A line's discount as it is shown: the host's importer stores more digits than it shows."""
    digits = line.env['decimal.precision'].precision_get('Discount')
    return Decimal(f'{line.discount:.{digits}f}')


def edit_draft(credit):
    """Change what no amount depends on, in one line and in the document; the date moves, too."""
    line = credit.invoice_line_ids.filtered(lambda line: line.display_type == 'product')[:1]
    name = line.name
    line.name = f'{name}, changed'
    credit.narration = 'Changed'
    credit.invoice_date -= timedelta(days=1)
    # Back to its own name, which is compared.
    credit.write({'invoice_line_ids': [(1, line.id, {'name': name})]})


# === TAXES === #


def _compare_taxes(origin, credit):
    totals = get_tax_totals(origin)
    totals.subtract(get_tax_totals(credit, factor=-1))
    return [
        f'{" ".join(map(str, key))} is off by {value}' for key, value in totals.items() if value
    ]


def get_tax_totals(move, factor=1):
    """Amount and base of each tax, by its places on the tax's repartition, in both currencies.

    :return: counter of (what, name of the tax, id, place): exact amount
    """
    totals = Counter()

    def add(kind, tax, place, line):
        balance = factor * exact(line.balance, line.company_currency_id)
        amount_currency = factor * exact(line.amount_currency, line.currency_id)
        totals[kind, 'in company currency', tax.name, tax.id, place] += balance
        totals[kind, 'in currency', tax.name, tax.id, place] += amount_currency

    for line in move.line_ids:
        if repartition := line.tax_repartition_line_id:
            tax, place = line.tax_line_id, get_place(repartition)
            add('amount of', tax, place, line)
            totals['tax_base_amount of', tax.name, tax.id, place] += factor * exact(
                line.tax_base_amount, line.company_currency_id
            )
        for tax in line.tax_ids.flatten_taxes_hierarchy():
            add('base of', tax, '', line)
    return totals


def get_place(repartition):
    """The place of a line of a tax's repartition on its side, invoices or refunds."""
    tax = repartition.tax_id
    side = (
        tax.invoice_repartition_line_ids
        if repartition.document_type == 'invoice'
        else tax.refund_repartition_line_ids
    )
    return side.ids.index(repartition.id)


# === TOTALS === #


def _compare_totals(origin, credit):
    currencies = {True: origin.currency_id, False: origin.company_currency_id}
    found = []
    for name in TOTALS:
        currency = currencies['in_currency' in name]
        total = exact(origin[name], currency) + exact(credit[name], currency)
        if total:
            found.append(f'{name} is off by {total}')
    for name in ('amount_untaxed', 'amount_tax', 'amount_total'):
        difference = exact(origin[name], origin.currency_id) - exact(
            credit[name], credit.currency_id
        )
        if difference:
            found.append(f'{name} is off by {difference}')
    if origin.currency_id != credit.currency_id:
        found.append('the currencies differ')
    return found
