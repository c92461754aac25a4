"""Parts of several lines whose cents are rounded together, so that they find their line.

Pure arithmetic, without the ORM; figures are those of `remaining`.
"""

from dataclasses import dataclass
from fractions import Fraction

from . import splitting
from .remaining import RemainingLine, clamp


@dataclass
class Part:
    """What decides whether a part of a line is rounded together with others.

    :param RemainingLine left: what is left of the line by now
    :param str kind: as of `account.move.line.credit_kind`
    :param dict figures: of the part alone, in units
    :param float quantity: units of measure returned
    :param Fraction asked: the share of the line as invoiced that was asked for, or None
    :param bool is_price_typed: whether the amount of the part was typed; of a share that was asked
        for, whether an amount was typed for all lines
    """

    left: RemainingLine
    kind: str
    figures: dict
    quantity: float = 0.0
    asked: Fraction = None
    is_price_typed: bool = False

    def get_share(self):
        """The share of the line as invoiced from which the figures follow.

        :return: an exact number, or None where somebody typed an amount, or asks for more than is
            left: that is for the limits
        """
        share = None
        if self.asked and self.kind == 'price':
            share = self.asked
        elif self.kind == 'return' and self.quantity and not self.is_price_typed:
            is_left = not self.left.is_used_up()
            if is_left and splitting.is_between(self.quantity, self.left.quantity):
                share = self.left.get_quantity_share(self.quantity)
        if share is None or self.left.is_share_beyond(share):
            return None
        return share


def cut_parts(parts):
    """The figures of those parts of an invoice that are rounded together.

    Where all are quantities of lines that nothing was taken of, each line is worth its quantity
    times its price, as on any document. Creating, showing and posting a credit ask here, so that
    what is posted is what was shown.

    :param dict parts: of keys to `Part`
    :return: dictionary of the keys of some of them to figures
    """
    shares = {key: part.get_share() for key, part in parts.items() if part.figures}
    shares = {key: share for key, share in shares.items() if share is not None}
    if not any(_is_to_be_cut(parts[key]) for key in shares):
        return {}
    typed = [key for key in shares if parts[key].asked and parts[key].is_price_typed]
    figures = {}
    for keys in (typed, [key for key in shares if key not in typed]):
        lines, total = [parts[key].left for key in keys], None
        if keys is typed:
            # Where an amount was typed for all lines, that is what they come to, or it is refused
            # as it is.
            total = sum(parts[key].left.get_total(parts[key].figures) for key in keys)
            if not splitting.is_between(total, sum(left.get_total(left.figures) for left in lines)):
                continue
        cut = cut_together(lines, [shares[key] for key in keys], total)
        figures.update(zip(keys, cut, strict=True))
    return figures


def _is_to_be_cut(part):
    return part.asked is not None or part.left.figures != part.left.whole


def cut_together(lines, shares, total=None):
    """The figures of shares of several lines, rounded together.

    Not each line is rounded, but what all come to with tax, then each tax, then each line: so the
    cents of tiny lines find their place, and parts that are cut one after the other are each within
    a unit of their share and add up to the whole.

    :param list lines: `RemainingLine` each, what is left by now
    :param list shares: of each line as invoiced, a number from 0 to 1
    :param int total: what all come to with tax, in the document's currency, if that is known
    :return: list of figures, each within what is left of its line
    """
    wanted = [line.get_wanted(share) for line, share in zip(lines, shares, strict=True)]
    parts = [{} for _line in lines]
    is_foreign = any(_is_foreign(line) for line in lines)
    for suffix in ('_currency', ''):
        groups = {}
        for line, exact, part in zip(lines, wanted, parts, strict=True):
            for name in exact:
                if name[1] in (f'total_excluded{suffix}', f'tax_amount{suffix}'):
                    key = name[0], name[0] in line.hidden
                    groups.setdefault(key, []).append((line, name, exact[name], part))
        given = None if is_foreign and not suffix else total
        _cut_groups([cells for key, cells in groups.items() if not key[1]], given)
        for key, cells in groups.items():
            if key[1]:
                _cut_groups([cells], None)
    for line, exact, part in zip(lines, wanted, parts, strict=True):
        _cut_bases(line, exact, part)
    return parts


def _is_foreign(line):
    """Whether the figures of a line differ between the document's currency and the company's."""
    return any(
        figures[name] != figures.get((name[0], f'{name[1]}_currency'))
        for figures in (line.whole, line.figures)
        for name in figures
        if not name[1].endswith('_currency') and not name[1].startswith('base_amount')
    )


def _cut_groups(groups, total):
    """Give the parts of lines whole numbers, first by group, then by line.

    :param list groups: lists of cells: the line, the name of the figure, what is wanted of it, and
        the dictionary of the part
    :param int total: what all come to; by default, what is wanted, rounded
    """
    wanted = [[exact for _line, _name, exact, _part in cells] for cells in groups]
    bounds = [
        [
            (min(0, line.figures[name]), max(0, line.figures[name]))
            for line, name, _exact, _part in cells
        ]
        for cells in groups
    ]
    sums = [sum(each) for each in wanted]
    if total is None:
        total = splitting.round_units(sum(sums))
    limits = [tuple(map(sum, zip(*each, strict=True))) for each in bounds]
    amounts = splitting.apportion(total, sums, limits)
    for cells, amount, exact, limit in zip(groups, amounts, wanted, bounds, strict=True):
        for cell, units in zip(cells, splitting.apportion(amount, exact, limit), strict=True):
            _line, name, _exact, part = cell
            part[name] = units


def _cut_bases(line, wanted, part):
    """The bases of taxes follow: where the untaxed amount is the base, it stays the same."""
    for name, exact in wanted.items():
        if not name[1].startswith('base_amount'):
            continue
        untaxed = (None, name[1].replace('base_amount', 'total_excluded'))
        if all(figures[name] == figures[untaxed] for figures in (line.whole, line.figures)):
            part[name] = part[untaxed]
        else:
            part[name] = clamp(splitting.round_units(exact), line.figures[name])
