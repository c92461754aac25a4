"""What is left of an invoice's line, and what the parts of it are worth.

Pure arithmetic, without the ORM. The names of figures are pairs: `(None, 'total_excluded')` is the
untaxed amount, `(tax, 'tax_amount')` and `(tax, 'base_amount')` are those of a tax, each also with
`_currency` for the document's currency; without it they are in the company's.
"""

from dataclasses import dataclass
from fractions import Fraction

from . import splitting

UNTAXED = (None, 'total_excluded_currency')
TAX_FIGURES = ('tax_amount', 'tax_amount_currency', 'base_amount', 'base_amount_currency')

# By how many units the tax of a line may come out otherwise after the tax was changed.
DRIFT = 2
# By how many units what is left may be off its share because parts were rounded, and not because
# something else was taken.
ROUNDING = 2


@dataclass
class RemainingLine:
    """What is left of one line of an invoice.

    :param float whole_quantity: as invoiced, in the line's unit of measure
    :param dict whole: the figures as invoiced, in units
    :param tuple included: the taxes that the price includes
    :param tuple hidden: the taxes that do not change the total: reverse charge
    :param float quantity: what is left of the quantity
    :param dict figures: what is left of the figures
    :param bool is_repriced: whether earlier credits lowered the price of what is left
    :param Fraction share: what is left of the line before rounding, as a share of it: what its
        parts asked for is taken off
    """

    whole_quantity: float
    whole: dict
    included: tuple = ()
    hidden: tuple = ()
    quantity: float = None
    figures: dict = None
    is_repriced: bool = False
    share: Fraction = Fraction(1)

    def __post_init__(self):
        if self.figures is None:
            self.quantity, self.figures = self.whole_quantity, dict(self.whole)

    @property
    def price_names(self):
        """The figures that make up the amount of a line as its price is typed."""
        return [UNTAXED, *((tax, 'tax_amount_currency') for tax in self.included)]

    @property
    def tax_names(self):
        return [
            name
            for name in self.whole
            if name[1] == 'tax_amount_currency' and name[0] not in self.hidden
        ]

    def get_tax_names(self, taxes=()):
        """The figures that make up the tax of a line.

        :param taxes: ids of the taxes that count; by default all
        """
        return [name for name in self.tax_names if not taxes or name[0] in taxes]

    @property
    def total_names(self):
        """The figures that make up the total of a line."""
        return [UNTAXED, *self.tax_names]

    def get_price_amount(self, figures):
        """The amount of some figures as the customer sees prices, in units."""
        return sum(figures.get(name, 0) for name in self.price_names)

    def get_total(self, figures):
        """The total of some figures with tax, in units."""
        return sum(figures.get(name, 0) for name in self.total_names)

    def is_used_up(self):
        """Whether nothing is left to credit; a free line lasts as long as its quantity."""
        if self.get_total(self.figures) * self.get_total(self.whole) < 0:
            return True  # More than the line was credited.
        if self._has_amount(self.whole):
            return not self._has_amount(self.figures)
        return not self.quantity

    def _has_amount(self, figures):
        return any(
            amount for name, amount in figures.items() if not name[1].startswith('base_amount')
        )

    def take_quantity(self, quantity):
        """The figures of a returned quantity: its share of what is left.

        Beyond what is left, and where nothing is, the quantity is worth what was invoiced.
        """
        if 0 < quantity <= self.quantity or self.quantity <= quantity < 0:
            share = splitting.get_share(quantity, self.quantity)
            return splitting.take_share(self.figures, share)
        share = splitting.get_share(quantity, self.whole_quantity) if self.whole_quantity else 0
        return splitting.take_share(self.whole, share)

    def take_price(self, amount):
        """The figures of an amount as the customer sees prices; taxes follow.

        :return: figures, or None where the line has no such amount to be cut from
        """
        return self._take(amount, self.price_names)

    def take_total(self, amount):
        """The figures of an amount with all taxes, or None."""
        return self._take(amount, self.total_names)

    def _take(self, amount, names):
        source = self._get_source(amount, names)
        if not sum(source[name] for name in names):
            return None
        return splitting.take_amount(source, amount, names)

    def take_untaxed(self, amount):
        """The figures of a commercial credit: an amount without tax."""
        source = self._get_source(amount, [UNTAXED])
        share = splitting.get_share(amount, source[UNTAXED]) if source[UNTAXED] else 0
        company = (None, 'total_excluded')
        part = splitting.take_share({company: source[company]}, share)
        return {**dict.fromkeys(self.whole, 0), **part, UNTAXED: amount}

    def take_tax(self, amount, taxes=()):
        """The figures of a credit of tax alone, split over the taxes of the line.

        :param taxes: ids of the taxes that are credited; by default all of the line
        :return: figures, or None where the line has no such tax
        """
        names = self.get_tax_names(taxes)
        source = self._get_source(amount, names)
        whole = sum(source[name] for name in names)
        if not whole:
            return None
        company = {(name[0], 'tax_amount'): source[name[0], 'tax_amount'] for name in names}
        part = splitting.take_share(company, splitting.get_share(amount, whole))
        amounts = splitting.split(amount, [source[name] for name in names])
        return {
            **dict.fromkeys(self.whole, 0),
            **part,
            **dict(zip(names, amounts, strict=True)),
        }

    def _get_source(self, amount, names):
        left = sum(self.figures[name] for name in names)
        is_within = left and splitting.is_between(amount, left)
        return self.figures if is_within else self.whole

    def get_quantity_share(self, quantity):
        """What share of the line as invoiced a quantity is that is left of it, before rounding."""
        return self.share * splitting.get_share(quantity, self.quantity) if self.quantity else 0

    def is_share_beyond(self, share):
        """Whether a share of the line as invoiced is more than was left of it."""
        excess = (share - self.share) * abs(self.get_total(self.whole))
        return splitting.round_units(excess) > 0

    def get_wanted(self, share):
        """What a share of the line as invoiced comes to, before rounding.

        What earlier parts were rounded by is made up for; what else they took off is borne in
        proportion.

        :param share: a number from 0 to what is left
        :return: dictionary of the names of figures to exact numbers
        """
        if share >= self.share:
            return dict(self.figures)
        is_rounding = all(
            abs(amount - self.share * self.whole[name]) < ROUNDING
            for name, amount in self.figures.items()
            if not name[1].startswith('base_amount')
        )
        if is_rounding:
            kept = self.share - share
            return {name: amount - kept * self.whole[name] for name, amount in self.figures.items()}
        return {name: amount * share / self.share for name, amount in self.figures.items()}

    def _get_part_share(self, figures, quantity, is_repriced):
        if quantity and self.quantity and not is_repriced:
            return self.get_quantity_share(quantity)
        whole = self.get_price_amount(self.whole)
        return Fraction(self.get_price_amount(figures), whole) if whole else Fraction(0)

    def subtract(self, figures, quantity=0.0, is_repriced=False, share=None):
        """Take a part away from what is left.

        :param dict figures: of the part
        :param float quantity: that the part returns
        :param bool is_repriced: whether the part changes what the rest is worth
        :param share: the share of the line as invoiced that was asked for, by default that which
            the part comes to
        """
        if share is None:
            share = self._get_part_share(figures, quantity, is_repriced)
        self.share = min(max(self.share - share, Fraction(0)), Fraction(1))
        self.figures = splitting.subtract(self.figures, figures)
        for name, amount in self.figures.items():
            if name[1].startswith('base_amount'):
                # Of what is the base of a tax, today's taxes may make less than was credited.
                self.figures[name] = clamp(amount, self.whole[name])
        self.quantity = splitting.subtract_quantity(self.quantity, quantity)
        self.is_repriced |= is_repriced

    def get_excess(self, figures):
        """By how much a part goes beyond what is left, in the document's currency.

        :return: dictionary of the names of figures to the excess; empty if within
        """
        excess = {}
        for name, amount in figures.items():
            if name != UNTAXED and name[1] != 'tax_amount_currency':
                continue
            left = self.figures.get(name, 0)
            if not splitting.is_between(amount, left):
                excess[name] = amount - left
        return excess


def get_untaken_shares(lines):
    """What parts leave behind of the discounts and deposits of an invoice.

    Whoever takes a share of the lines that cost something takes the same share of those that make
    the invoice cheaper. Otherwise what is left in all is less than the lines that are left.

    :param dict lines: of keys to pairs of a `RemainingLine` and the figures of its part
    :return: dictionary of the keys of lines to the amounts that are missing, as the customer sees
        prices, in units; empty where nothing is
    """
    totals = {
        key: (left.get_total(left.figures), left.get_total(part))
        for key, (left, part) in lines.items()
    }
    whole = sum(total for total, _taken in totals.values() if total > 0)
    taken = sum(taken for total, taken in totals.values() if total > 0)
    if not whole or taken <= 0:
        return {}
    share, missing = Fraction(min(taken, whole), whole), {}
    # Each of them may have been rounded up by a unit.
    least = Fraction(max(taken - len(lines), 0), whole)
    for key, (left, part) in lines.items():
        total, part_total = totals[key]
        if total < 0 and part_total > total * least + 1:
            amount = left.get_price_amount(splitting.take_share(left.figures, share))
            missing[key] = amount - left.get_price_amount(part)
    return missing


def is_anything_left(lines, free):
    """Whether something of lines is left although their totals leave nothing.

    A deposit that is deducted, an exchange or a gift takes a total to nothing, and not what the
    lines stand for.

    :param lines: all `RemainingLine` of an invoice
    :param list free: the totals of what was credited without a line, in units
    """
    totals = [line.get_total(line.figures) for line in lines if not line.is_used_up()]
    if free:
        # Which lines it took is not known: it counts for those with a positive total.
        return sum(max(0, total) for total in totals) > sum(max(0, amount) for amount in free)
    return any(total <= 0 for total in totals)


def get_credited_share(lines, free):
    """How much of an invoice was credited, from all of its lines.

    The share of what the lines come to, whatever their signs; of lines without an amount, gifts,
    the share of their quantities.

    :param lines: all `RemainingLine` of an invoice
    :param list free: the totals of what was credited without a line, in units
    :return: a fraction from 0 to 1
    """
    pairs = [(line.get_total(line.whole), line.get_total(line.figures)) for line in lines]
    if not any(whole for whole, _left in pairs):
        pairs = [(line.whole_quantity, line.quantity) for line in lines]
    pairs = [(Fraction(repr(whole)), Fraction(repr(left))) for whole, left in pairs]
    taken = sum(abs(whole - clamp(left, whole)) for whole, left in pairs)
    taken += sum(map(abs, free))
    invoiced = sum(abs(whole) for whole, _left in pairs)
    return min(Fraction(1), taken / invoiced) if invoiced else Fraction(0)


def get_share_of_lines(lines, parts):
    """How much of what is left some parts are, from all lines.

    :param list lines: `RemainingLine` each
    :param list parts: the figures of each, or None
    :return: a fraction
    """
    left = sum(abs(line.get_total(line.figures)) for line in lines)
    taken = sum(abs(line.get_total(part)) for line, part in zip(lines, parts, strict=True) if part)
    return Fraction(taken, left) if left else Fraction(0)


def settle_overshoot(lines):
    """Let lines with something left bear the units that others were credited too much of a tax.

    Where a tax or the way of rounding was changed after credits were posted, the tax of a line may
    come out a unit less than was credited of it, and that of another line a unit more. What is
    left of all lines together stays the same. Larger differences are credits that go beyond.

    :param list lines: all `RemainingLine` of an invoice; changed in place
    """
    for name in {name for line in lines for name in line.figures if name[0]}:
        taxed = [line for line in lines if name in line.figures]
        within = [clamp(line.figures[name], line.whole[name]) for line in taxed]
        drifts = [line.figures[name] - amount for line, amount in zip(taxed, within, strict=True)]
        drift = sum(drifts)
        weights = [max(0, amount if drift < 0 else -amount) for amount in within]
        if any(drifts) and max(map(abs, drifts)) <= DRIFT and sum(weights) >= abs(drift):
            parts = splitting.split(drift, weights)
            for line, amount, part in zip(taxed, within, parts, strict=True):
                line.figures[name] = amount + part


def clamp(amount, whole):
    return min(max(amount, min(0, whole)), max(0, whole))
