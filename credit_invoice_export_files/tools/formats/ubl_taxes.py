"""The taxes of a document as EN 16931 knows them: one category and rate on each line."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from odoo.addons.credit_invoice.tools.export_contract import ExportRefused

from .common import CENT, money
from .ubl_codes import REASONS as REASON_CODES

STANDARD, EXEMPT, REVERSED, INTRA, OUTSIDE = 'S', 'E', 'AE', 'K', 'O'
# Category, and whether it has a rate other than 0; Z zero rated, G export, L and M Canary Islands,
# Ceuta and Melilla.
CATEGORIES = {'S': True, 'L': True, 'M': True, 'Z': False, 'E': False, 'AE': False, 'K': False} | {
    'G': False,
    'O': False,
}
# Why nothing is charged, where the code list says so (VATEX).
REASONS = {
    'AE': ('VATEX-EU-AE', 'Reverse charge'),
    'K': ('VATEX-EU-IC', 'Intra-Community supply'),
    'G': ('VATEX-EU-G', 'Export outside the EU'),
    'O': ('VATEX-EU-O', 'Not subject to VAT'),
    'E': ('', 'Exempt from tax'),
}
CODE = re.compile(r'(S|L|M|Z|E|AE|K|G|O)(?: (VATEX-[A-Z0-9-]+))?')


@dataclass(frozen=True)
class Category:
    """A category with its rate, as it stands on lines and in the totals."""

    code: str
    rate: Decimal = Decimal(0)
    reason_code: str = ''
    reason: str = ''


@dataclass
class Subtotal:
    base: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)


def get_categories(document):
    """The category of each line, and what each category comes to.

    :return: a list as long as the lines, and a dictionary of `Subtotal`
    :raise ExportRefused: for what EN 16931 cannot say
    """
    by_code = {tax.code: _get_category(document, tax) for tax in document.taxes}
    categories = [_get_line_category(document, line, by_code) for line in document.lines]
    subtotals = {category: Subtotal() for category in categories}
    for category, line in zip(categories, document.lines, strict=True):
        subtotals[category].base += line.amount
    for tax in document.taxes:
        if by_code[tax.code] in subtotals:
            subtotals[by_code[tax.code]].amount += tax.amount
        elif tax.amount:
            raise ExportRefused(
                f'{document.number}: the tax {tax.name} stands on no line, and UBL takes none '
                'alone: enter it there by hand.'
            )
    for category, subtotal in subtotals.items():
        _check_amount(document, category, subtotal)
    _check_outside(document, subtotals)
    return categories, subtotals


def _get_category(document, tax):
    """The category of a tax: as mapped, such as `AE` or `E VATEX-EU-132`, else by its rate."""
    if tax.rate is None:
        raise ExportRefused(
            f'{document.number}: the tax {tax.name} is a fixed amount, which UBL does not take as '
            'a tax: enter it there by hand.'
        )
    mapped = CODE.fullmatch(tax.code)
    if not mapped and tax.rate <= 0:
        raise ExportRefused(
            f'{document.number}: map the tax {tax.name} to its category: Z (zero rate), E '
            '(exempt), AE (reverse charge), K (intra-Community), G (export) or O (outside).'
        )
    if mapped and mapped.group(2) and mapped.group(2) not in REASON_CODES:
        raise ExportRefused(
            f'{document.number}: {mapped.group(2)} is no reason that UBL knows: map the tax '
            f'{tax.name} to another one.'
        )
    code = mapped.group(1) if mapped else STANDARD
    if CATEGORIES[code] != bool(tax.rate):
        raise ExportRefused(
            f'{document.number}: the tax {tax.name} has a rate of {tax.rate} %, which does not go '
            f'with the category {code}: map it to another one.'
        )
    return make_category(code, tax.rate, mapped and mapped.group(2))


def takes_tax(tax):
    """Whether a tax has a category: by its rate, or as mapped. A fixed amount has none ever."""
    mapped = CODE.fullmatch(tax.code)
    return tax.rate is None or (
        (bool(mapped) or tax.rate > 0)
        and CATEGORIES[mapped.group(1) if mapped else STANDARD] == bool(tax.rate)
    )


def make_category(code, rate=Decimal(0), reason_code=''):
    known_code, reason = REASONS.get(code, ('', ''))
    return Category(code, rate.normalize() + 0, reason_code or known_code, reason)


def _get_line_category(document, line, by_code):
    codes = set(line.taxes)
    if len(codes) > 1:
        raise ExportRefused(
            f'{document.number}: UBL takes one tax on a line, not {len(codes)}: enter it there by '
            'hand.'
        )
    if codes:
        (code,) = codes
        if code not in by_code:
            raise ExportRefused(
                f'{document.number}: the tax {code} of a line is not among its taxes: export it by '
                'hand.'
            )
        return by_code[code]
    # Without a tax: exempt, or outside if the seller has nothing to do with VAT at all.
    return make_category(EXEMPT if document.seller.vat else OUTSIDE)


def _check_amount(document, category, subtotal):
    """Refuse what the rules BR-CO-17 and BR-*-09 refuse: a tax that is not its base at its rate."""
    expected = (abs(subtotal.base) * category.rate / 100).quantize(CENT, ROUND_HALF_UP)
    is_same_side = subtotal.base * subtotal.amount >= 0
    if not is_same_side or abs(abs(subtotal.amount) - expected) >= 1:
        raise ExportRefused(
            f'{document.number}: {money(subtotal.amount)} is not {category.rate} % of '
            f'{money(subtotal.base)}, which UBL demands: enter it there by hand.'
        )
    if not category.rate and subtotal.amount:
        raise ExportRefused(
            f'{document.number}: UBL takes no tax of {money(subtotal.amount)} in the category '
            f'{category.code}: enter it there by hand.'
        )


def _check_outside(document, subtotals):
    if len(subtotals) > 1 and any(category.code == OUTSIDE for category in subtotals):
        raise ExportRefused(
            f'{document.number}: UBL takes lines outside of VAT (O) only where all lines are: map '
            'the tax to E (exempt).'
        )
