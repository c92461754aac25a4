"""Which line of an invoice a line of an earlier credit most likely belongs to.

Pure functions, without the ORM.
"""


def match_lines(credit_lines, origin_lines):
    """Pair each line of a credit with a line of its invoice.

    Lines match that have the same product (or, without one, the same text). Of several, one with
    the same price wins, then the first. A line of the invoice is used up by its quantity.

    :param credit_lines: list of dictionaries with `id`, `product`, `name`, `price` and `quantity`
    :param origin_lines: list of the same, of the invoice
    :return: dictionary of the id of a credit's line to the id of its invoice's line; lines without
        a match are missing
    """
    left = {line['id']: line['quantity'] for line in origin_lines}
    matches = {}
    for line in credit_lines:
        candidates = [
            other
            for other in origin_lines
            if _is_same_article(line, other) and left[other['id']] > 0
        ]
        if candidates:
            best = min(candidates, key=lambda other: other['price'] != line['price'])
            matches[line['id']] = best['id']
            left[best['id']] -= line['quantity']
    return matches


def _is_same_article(line, other):
    if line['product'] or other['product']:
        return line['product'] == other['product']
    return line['name'] == other['name']
