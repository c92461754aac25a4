"""Random documents as an outside system is told of them, for tests of files."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import strategies as st

from odoo.addons.credit_invoice.tools.export_contract import (
    CREDIT,
    INVOICE,
    Document,
    Line,
    Party,
    Reference,
    Tax,
)

CENT = Decimal('0.01')
SELLER = Party('OWN', 'Our Company', 'BE0477472701', 'Street 1', 'Brussels', '1000', 'BE')
RATES = {'T21': Decimal(21), 'T06': Decimal(6)}
# Everything that text can hold, and what formats are made of.
texts = st.one_of(
    st.text(max_size=40),
    st.text(alphabet='"\'\\\t\r\n;,|:<>&#*^!% ÄŁΖ漢\u2028\u00a0\uff02', max_size=40),
)
amounts = st.integers(-(10**6), 10**7).map(lambda cents: Decimal(cents) / 100)


@st.composite
def documents(draw, kind=None, tax_codes=tuple(RATES)):
    """An invoice or a credit whose parts add up to its total."""
    kind = kind or draw(st.sampled_from((INVOICE, CREDIT)))
    lines = tuple(
        draw(st.lists(draw_lines(tax_codes), min_size=1, max_size=5).filter(comes_to_something))
    )
    taxes = []
    for code in tax_codes:
        base = sum((line.amount for line in lines if code in line.taxes), Decimal(0))
        if base:
            amount = (base * RATES.get(code, 10) / 100).quantize(CENT, ROUND_HALF_UP)
            taxes.append(Tax(code, draw(texts) or code, RATES.get(code, Decimal(10)), base, amount))
    known = {tax.code for tax in taxes}
    lines = tuple(
        Line(**{**vars(line), 'taxes': tuple(code for code in line.taxes if code in known)})
        for line in lines
    )
    number = f'{kind[0].upper()}{draw(st.integers(0, 10**9))}'
    untaxed = sum((line.amount for line in lines), Decimal(0))
    tax = sum((tax.amount for tax in taxes), Decimal(0))
    origin = Reference('', f'I{draw(st.integers(0, 10**9))}', date(2026, 1, 2))
    return Document(
        kind=kind,
        key=f'key-{number}',
        number=number,
        date=draw(st.dates(date(2020, 1, 1), date(2030, 12, 31))),
        currency='EUR',
        customer=Party(
            code=draw(st.sampled_from(('C1', 'Some Customer', "O'Neill"))),
            name=draw(texts.filter(lambda text: text.strip().isprintable() and text.strip())),
            street=draw(texts),
            city=draw(texts),
            country_code='DE',
        ),
        total=untaxed + tax,
        untaxed=untaxed,
        tax=tax,
        account='4-1200',
        lines=lines,
        taxes=tuple(taxes),
        origin=origin if kind == CREDIT else None,
        reason=draw(texts),
        seller=SELLER,
    )


@st.composite
def draw_lines(draw, tax_codes):
    quantity = Decimal(draw(st.integers(1, 5000))) / 100
    amount = draw(amounts)
    return Line(
        name=draw(texts),
        account=draw(st.sampled_from(('4-1000', '4-2000'))),
        quantity=quantity,
        price=(amount / quantity).quantize(Decimal('0.000001')),
        amount=amount,
        taxes=(draw(st.sampled_from((*tax_codes,))),) if draw(st.booleans()) else (),
    )


def comes_to_something(lines):
    """Positive together, and what bears a tax is not negative: a credit of less is an invoice."""
    by_tax = {}
    for line in lines:
        for code in line.taxes:
            by_tax[code] = by_tax.get(code, 0) + line.amount
    return sum(line.amount for line in lines) > 0 and all(base > 0 for base in by_tax.values())
