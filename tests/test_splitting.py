"""Splitting, whatever the amounts: parts stay within what is left, and add up to the whole.

Properties of the pure arithmetic of `splitting`, `remaining` and `cutting` in `tools` (decision 5).
"""

from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from odoo.addons.credit_invoice.tools import splitting
from odoo.addons.credit_invoice.tools.cutting import cut_together
from odoo.addons.credit_invoice.tools.remaining import (
    UNTAXED,
    RemainingLine,
    get_untaken_shares,
    settle_overshoot,
)

ROUNDINGS = (1.0, 0.01, 0.001)  # yen, euros, dinars
HUGE = 10**15
KINDS = ('quantity', 'price', 'total', 'untaxed', 'tax', 'all')

amounts = st.one_of(st.integers(-20, 20), st.integers(-HUGE, HUGE))
permilles = st.integers(0, 1000)
properties = settings(max_examples=500, deadline=None)


@st.composite
def same_sided(draw, least=1, most=6):
    """Amounts of a line, all of one sign."""
    sign = draw(st.sampled_from((1, -1)))
    numbers = st.one_of(st.integers(0, 20), st.integers(0, HUGE))
    return [sign * draw(numbers) for _number in range(draw(st.integers(least, most)))]


def part_of(whole, permille):
    """A whole number between zero and another one."""
    part = abs(whole) * permille // 1000
    return part if whole >= 0 else -part


def is_between(amount, whole):
    return min(0, whole) <= amount <= max(0, whole)


# === SPLITTING === #


@properties
@given(st.sampled_from(ROUNDINGS), st.integers(-(10**12), 10**12))
def test_units_survive_the_way_to_an_amount_and_back(rounding, units):
    amount = splitting.from_units(units, rounding)
    assert splitting.to_units(amount, rounding) == units
    # As the database keeps it and as an addition may leave it.
    assert splitting.to_units(float(repr(amount)), rounding) == units
    assert splitting.from_units(splitting.to_units(amount, rounding), rounding) == amount


@properties
@given(st.lists(amounts, min_size=1, max_size=8), permilles)
def test_a_split_adds_up_and_stays_within_its_weights(weights, permille):
    whole = sum(weights)
    assume(whole)
    amount = part_of(whole, permille)
    parts = splitting.split(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert is_between(part, weight)
        assert abs(part * whole - amount * weight) <= abs(whole)


@properties
@given(amounts, same_sided())
def test_a_split_of_any_amount_adds_up(amount, weights):
    assume(sum(weights))
    assert sum(splitting.split(amount, weights)) == amount


@properties
@given(st.lists(amounts, min_size=1, max_size=8))
def test_splitting_all_gives_the_weights(weights):
    assume(sum(weights))
    assert splitting.split(sum(weights), weights) == weights
    assert splitting.split(0, weights) == [0] * len(weights)


@properties
@given(
    st.dictionaries(st.text(max_size=3), amounts, max_size=6),
    st.lists(st.fractions(0, 1, max_denominator=1000), max_size=12),
)
def test_shares_never_leave_what_is_left_and_the_last_takes_all(whole, shares):
    left, taken = dict(whole), dict.fromkeys(whole, 0)
    for share in [*shares, 1]:
        part = splitting.take_share(left, share)
        assert splitting.is_within(part, left)
        left = splitting.subtract(left, part)
        taken = {name: taken[name] + part[name] for name in taken}
        assert splitting.is_within(taken, whole)
    assert taken == whole
    assert not any(left.values())


@properties
@given(same_sided(4, 4), st.lists(permilles, max_size=12))
def test_amounts_taken_are_exact_and_drag_the_rest_along(numbers, permilles):
    whole = dict(zip('abcd', numbers, strict=True))
    left = dict(whole)
    for permille in [*permilles, 1000]:
        amount = part_of(left['a'] + left['b'], permille)
        part = splitting.take_amount(left, amount, ['a', 'b'])
        assert part['a'] + part['b'] == amount
        assert splitting.is_within(part, left)
        left = splitting.subtract(left, part)
    assert left['a'] == left['b'] == 0
    # Nothing is left of what follows in proportion, unless there was nothing to follow.
    assert (left['c'] == left['d'] == 0) or not whole['a'] + whole['b']


# === WHAT IS LEFT OF A LINE === #


@st.composite
def remaining_lines(draw):
    """A line of an invoice with up to three taxes, one of them withheld now and then."""
    sign = draw(st.sampled_from((1, -1)))
    size = draw(st.sampled_from((3, 1000, HUGE)))
    number = st.integers(0, size)
    whole = {UNTAXED: sign * draw(number), (None, 'total_excluded'): sign * draw(number)}
    taxes = draw(st.integers(0, 3))
    for tax in range(1, taxes + 1):
        tax_sign = -sign if tax == 3 else sign
        for name in ('tax_amount', 'tax_amount_currency'):
            whole[tax, name] = tax_sign * draw(number) // (4 if tax == 3 else 1)
        for name in ('base_amount', 'base_amount_currency'):
            whole[tax, name] = sign * draw(number)
    included = tuple(range(1, draw(st.integers(0, min(taxes, 2))) + 1))
    quantity = sign * draw(st.integers(1, 5000)) / draw(st.sampled_from((1, 1000)))
    return RemainingLine(whole_quantity=quantity, whole=whole, included=included)


def take(line, kind, permille):
    """A part of what is left of a line: its figures, and the quantity that it returns."""
    if kind == 'quantity' and line.quantity:
        quantity = round(line.quantity * permille / 1000, 3)
        return line.take_quantity(quantity), quantity
    if kind in ('price', 'total'):
        names = line.price_names if kind == 'price' else line.total_names
        amount = part_of(sum(line.figures[name] for name in names), permille)
        return getattr(line, f'take_{kind}')(amount), 0.0
    if kind == 'untaxed':
        return line.take_untaxed(part_of(line.figures[UNTAXED], permille)), 0.0
    if kind == 'tax':
        amount = part_of(sum(line.figures[name] for name in line.tax_names), permille)
        return line.take_tax(amount), 0.0
    return dict(line.figures), line.quantity


@properties
@given(
    remaining_lines(),
    st.lists(st.tuples(st.sampled_from(KINDS), permilles), max_size=12),
)
def test_parts_of_any_kinds_in_any_order_add_up_to_the_line(line, steps):
    taken = dict.fromkeys(line.whole, 0)
    for kind, permille in [*steps, ('all', 1000)]:
        before = dict(line.figures)
        figures, quantity = take(line, kind, permille)
        if figures is None:
            continue
        if kind != 'tax' or not _has_withheld(line):
            assert splitting.is_within(figures, before), (kind, permille)
        assert is_between(quantity, line.quantity)
        line.subtract(figures, quantity, is_repriced=kind != 'quantity')
        taken = {name: taken[name] + figures.get(name, 0) for name in taken}
        assert all(taken[name] + line.figures[name] == line.whole[name] for name in taken)
    assert taken == line.whole
    assert not any(line.figures.values())


def _has_withheld(line):
    """Whether taxes of both signs make the amounts of a tax credit larger than each tax."""
    signs = {line.figures[name] > 0 for name in line.tax_names if line.figures[name]}
    return len(signs) > 1


@properties
@given(remaining_lines(), permilles)
def test_an_amount_as_typed_is_credited_to_the_unit(line, permille):
    for kind, names in (
        ('price', line.price_names),
        ('total', line.total_names),
        ('untaxed', [UNTAXED]),
        ('tax', line.tax_names),
    ):
        left = sum(line.figures[name] for name in names)
        figures, _quantity = take(line, kind, permille)
        if figures is not None and left:
            assert sum(figures.get(name, 0) for name in line.total_names if name in names) == (
                part_of(left, permille)
            )


@properties
@given(remaining_lines())
def test_all_of_a_line_uses_it_up(line):
    assert not line.get_excess(line.figures)
    line.subtract(line.figures, line.quantity)
    assert line.is_used_up()


@properties
@given(remaining_lines(), st.sampled_from([1, 7, HUGE]))
def test_beyond_a_line_is_seen(line, more):
    name = max(line.total_names, key=lambda name: abs(line.figures[name]))
    amount = line.figures[name]
    beyond = {**line.figures, name: amount + (more if amount >= 0 else -more)}
    assert line.get_excess(beyond).keys() == {name}


@properties
@given(st.lists(st.tuples(st.integers(-30, 30), st.integers(-32, 32)), min_size=1, max_size=6))
def test_drifted_units_are_settled_between_the_lines(figures):
    name = 'tax', 'tax_amount'
    lines = [
        RemainingLine(whole_quantity=1.0, whole={name: whole}, quantity=1.0, figures={name: left})
        for whole, left in figures
    ]
    settle_overshoot(lines)
    assert sum(line.figures[name] for line in lines) == sum(left for _whole, left in figures)
    within = [is_between(left, whole) for whole, left in figures]
    if all(within):
        assert [line.figures[name] for line in lines] == [left for _whole, left in figures]


# === WHAT BELONGS TOGETHER === #


def line_of(amount):
    return RemainingLine(whole_quantity=1.0, whole={UNTAXED: amount})


@properties
@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=5),
    st.lists(st.integers(-(10**6), -1), max_size=3),
    permilles,
)
def test_who_takes_the_same_share_of_all_leaves_no_share_behind(prices, discounts, permille):
    lefts = [line_of(amount) for amount in (*prices, *discounts)]
    share = Fraction(permille, 1000)
    lines = {
        key: (left, splitting.take_share(left.figures, share)) for key, left in enumerate(lefts)
    }
    assert get_untaken_shares(lines) == {}


def test_the_share_of_a_voucher_is_what_is_missing():
    lines = {'A': (line_of(6000), {}), 'B': (line_of(4000), {UNTAXED: 4000})}
    assert get_untaken_shares(lines) == {}
    lines['voucher'] = line_of(-1000), {UNTAXED: -100}
    assert get_untaken_shares(lines) == {'voucher': -300}


# === SHARES OF SEVERAL LINES, ROUNDED TOGETHER === #

fewer = settings(max_examples=150, deadline=None)


@properties
@given(st.lists(st.tuples(amounts, permilles), min_size=1, max_size=8), amounts)
def test_what_is_apportioned_adds_up_within_its_bounds(cells, off):
    wanted = [Fraction(amount * permille, 1000) for amount, permille in cells]
    bounds = [(min(0, amount), max(0, amount)) for amount, _permille in cells]
    amount = splitting.round_units(sum(wanted)) + off
    parts = splitting.apportion(amount, wanted, bounds)
    least, greatest = (sum(each) for each in zip(*bounds, strict=True))
    assert sum(parts) == min(max(amount, least), greatest)
    for part, (least, greatest) in zip(parts, bounds, strict=True):
        assert least <= part <= greatest
    if not off:
        for part, exact in zip(parts, wanted, strict=True):
            assert abs(part - exact) < 1


@st.composite
def invoiced_lines(draw):
    """Lines of one invoice, a large one and tiny ones, each with any of three taxes."""
    lines = []
    sizes = st.one_of(st.integers(0, 9), st.integers(0, 200_000))
    for _line in range(draw(st.integers(1, 7))):
        sign = draw(st.sampled_from((1, 1, 1, -1)))
        untaxed = draw(sizes)
        whole = {}
        for name in ('total_excluded', 'total_excluded_currency'):
            whole[None, name] = sign * untaxed
        for tax in draw(st.lists(st.sampled_from((1, 2, 3)), max_size=3, unique=True)):
            amount = splitting.round_units(Fraction(untaxed * draw(st.integers(0, 25)), 100))
            for name, units in (('tax_amount', amount), ('base_amount', untaxed)):
                whole[tax, name] = whole[tax, f'{name}_currency'] = sign * units
        lines.append(RemainingLine(whole_quantity=1.0, whole=whole))
    return lines


def credit_shares(lines, shares):
    """Cut shares of all lines one after the other, and check each."""
    invoiced = sum(line.get_total(line.whole) for line in lines)
    totals = []
    for share in shares:
        parts = cut_together(lines, [share] * len(lines))
        for line, part in zip(lines, parts, strict=True):
            assert part.keys() == line.whole.keys()
            assert splitting.is_within(part, line.figures)
            line.subtract(part, share=share)
        total = sum(line.get_total(part) for line, part in zip(lines, parts, strict=True))
        if all(line.get_total(line.whole) >= 0 for line in lines):
            assert abs(total - invoiced * share) <= 1
        totals.append(total)
    return invoiced, totals


@fewer
@given(invoiced_lines(), st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_shares_in_any_order_add_up_and_each_is_within_a_cent(lines, weights):
    shares = [Fraction(weight, sum(weights)) for weight in weights]
    invoiced, totals = credit_shares(lines, shares)
    assert sum(totals) == invoiced
    for line in lines:
        assert not any(line.figures.values())
        assert line.share == 0


@fewer
@given(invoiced_lines(), st.integers(2, 12))
def test_equal_shares_add_up_whatever_their_number(lines, number):
    invoiced, totals = credit_shares(lines, [Fraction(1, number)] * number)
    assert sum(totals) == invoiced


@fewer
@given(invoiced_lines(), st.integers(1, 99), st.integers(-5, 5))
def test_a_total_that_is_given_is_kept_as_far_as_the_lines_reach(lines, percent, off):
    wanted = sum(line.get_total(line.whole) for line in lines) * percent // 100 + off
    parts = cut_together(lines, [Fraction(percent, 100)] * len(lines), wanted)
    for line, part in zip(lines, parts, strict=True):
        assert splitting.is_within(part, line.figures)
    total = sum(line.get_total(part) for line, part in zip(lines, parts, strict=True))
    reach = [[part for part in line.whole if part in line.total_names] for line in lines]
    cells = [line.whole[name] for line, names in zip(lines, reach, strict=True) for name in names]
    least, greatest = sum(min(0, cell) for cell in cells), sum(max(0, cell) for cell in cells)
    assert total == min(max(wanted, least), greatest)
