"""Splitting the amounts of an invoice so that the parts add up to the whole (decision 5).

Pure arithmetic on whole numbers, without the ORM. An amount is a count of the smallest units of its
currency (cents), see `to_units`. *Figures* are a dictionary of amounts: of a line, for example, its
untaxed amount and each of its taxes, in both currencies. What is *left* are the figures of a line
less those of all its parts so far.

Every part is cut from what is left, not from the whole: it is at least zero and at most what is
left, figure by figure, whatever came before; and a part that asks for all gets all. So the parts of
a line add up to the line, without a tolerance, whatever their sizes and their order.
"""

import math
from fractions import Fraction
from functools import lru_cache


def is_number(value):
    """Whether something that was sent can be calculated with: neither a text nor infinite."""
    return isinstance(value, (int, float)) and math.isfinite(value)


def to_units(amount, rounding):
    """An amount of money as a whole number of the smallest units of its currency.

    :param float amount: rounded to its currency already
    :param float rounding: the smallest unit of the currency, such as 0.01
    :rtype: int
    """
    return round(amount / rounding)


def from_units(units, rounding):
    """The inverse of `to_units`.

    :rtype: float
    """
    return float(units * _get_fraction(rounding))


def get_share(part, whole):
    """What share of a whole a part is.

    :param float part: a quantity or an amount
    :param float whole: another one, not zero
    :return: an exact fraction
    """
    return _get_fraction(part) / _get_fraction(whole)


def get_percentage_share(percentage):
    """The share that a percentage is, exactly: 12.5 is an eighth.

    :rtype: Fraction
    """
    return _get_fraction(percentage) / 100


def take_share(left, share):
    """The figures of a share of what is left.

    :param dict left: figures
    :param share: a number from 0 to 1
    :return: a new dictionary
    """
    return {name: _round(amount * Fraction(share)) for name, amount in left.items()}


def take_amount(left, amount, names):
    """The figures of a part of which the amount is known.

    :param dict left: figures
    :param int amount: what the figures `names` of the part shall add up to; between zero and what
        they add up to in `left`
    :param names: names of figures in the currency of the amount
    :return: a new dictionary; the other figures follow in proportion
    """
    whole = sum(left[name] for name in names)
    share = Fraction(amount, whole) if whole else Fraction(0)
    part = take_share(left, share)
    part.update(zip(names, split(amount, [left[name] for name in names]), strict=True))
    return part


def split(amount, weights):
    """Split an amount in proportion to weights.

    The sums of the first parts are rounded, not the parts: their differences add up to the whole,
    none is further than a unit from its exact value, and with an amount between zero and the sum of
    the weights, none goes beyond its weight or to its other side.

    :param int amount: in units
    :param weights: list of whole numbers, of either sign; they add up to zero only if the
        amount is zero
    :return: list of as many whole numbers
    """
    whole = sum(weights)
    parts, reached, cumulated = [], 0, 0
    for weight in weights:
        cumulated += weight
        upto = _round(Fraction(amount * cumulated, whole)) if whole else 0
        parts.append(upto - reached)
        reached = upto
    return parts


def apportion(amount, wanted, bounds):
    """Whole numbers that add up to an amount, each as near to what is wanted as can be.

    :param int amount: what they add up to, as far as the bounds allow
    :param list wanted: exact numbers
    :param list bounds: pairs of the least and the greatest whole number that each may be
    :return: list of as many whole numbers; of those that are equally near, the first ones get more
    """
    parts = [
        min(max(math.floor(number), least), greatest)
        for number, (least, greatest) in zip(wanted, bounds, strict=True)
    ]
    least, greatest = (sum(each) for each in zip((0, 0), *bounds, strict=True))
    amount = min(max(amount, least), greatest)
    missing = amount - sum(parts)
    step = 1 if missing > 0 else -1
    while missing:
        rooms = {
            place: (greatest if step > 0 else least) * step - parts[place] * step
            for place, (least, greatest) in enumerate(bounds)
        }
        rooms = {place: room for place, room in rooms.items() if room > 0}
        # As many rounds at once as all have room for; in the last one, the nearest get a unit.
        rounds = min(abs(missing) // len(rooms), *rooms.values())
        nearest = sorted(rooms, key=lambda place: step * (parts[place] - wanted[place]))
        for place in nearest if rounds else nearest[: abs(missing)]:
            parts[place] += step * (rounds or 1)
            missing -= step * (rounds or 1)
    return parts


def round_units(number):
    """An exact number of units as a whole one.

    :rtype: int
    """
    return _round(number)


def subtract(left, part):
    """What is left after a part was taken.

    :param dict left: figures
    :param dict part: figures; names that are missing count as zero
    :return: a new dictionary
    """
    return {name: amount - part.get(name, 0) for name, amount in left.items()}


def subtract_quantity(left, quantity):
    """What is left of a quantity, exactly: 1 less 0.333 less 0.667 is nothing.

    :rtype: float
    """
    return float(_get_fraction(left) - _get_fraction(quantity))


def is_within(part, left):
    """Whether a part lies between nothing and what is left, figure by figure.

    :param dict part: figures
    :param dict left: figures; names that are missing count as zero
    :rtype: bool
    """
    return all(is_between(amount, left.get(name, 0)) for name, amount in part.items())


def is_between(amount, left):
    """Whether an amount lies between nothing and what is left, on the side where that is."""
    return min(0, left) <= amount <= max(0, left)


@lru_cache(maxsize=1000)
def _get_fraction(value):
    return Fraction(repr(value))


def _round(value):
    """Half away from zero, as currencies are rounded; a part of a negative amount mirrors it."""
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole
