"""Shares of an early-payment discount that add up.

Pure arithmetic, without the ORM.
"""


def split_cumulatively(amount, weights, round_amount):
    """Split an amount into parts that add up to it.

    What is rounded is the sum up to each part, not the part, so that with weights of one sign no
    part has the other sign than the amount.

    :param float amount: rounded
    :param weights: list of numbers; where they add up to zero, the first part takes everything
    :param round_amount: function that rounds an amount of the currency
    :return: list of parts, as long as the weights
    """
    total = sum(weights)
    if not total:
        return [amount if position == 0 else 0.0 for position in range(len(weights))]
    parts, weight_so_far, so_far = [], 0.0, 0.0
    for weight in weights:
        weight_so_far += weight
        new = round_amount(amount * weight_so_far / total)
        parts.append(round_amount(new - so_far))
        so_far = new
    if parts:
        # The weights may add up to their total only within the precision of a float.
        parts[-1] = round_amount(parts[-1] + amount - so_far)
    return parts


def fold_figures(lines, discounts, round_functions):
    """Take what discount lines take off one tax off the lines that are discounted.

    Each line bears in proportion to its base; the line with the largest base takes the rest of the
    rounding, so that lines and discounts together have the same totals as before.

    :param lines: list of dictionaries, one for each line that has the tax, with the figures named
        in `round_functions`, `base_amount` and `base_amount_currency` among them
    :param discounts: list of the same, of the discount lines; the figures have the sign in which
        they change the totals
    :param dict round_functions: name of each figure to the function that rounds it
    :return: list of new dictionaries with these figures only, in the order of `lines`
    """
    folded = [{name: line[name] for name in round_functions} for line in lines]
    if not lines:
        return folded
    for name, round_amount in round_functions.items():
        base = 'base_amount_currency' if name.endswith('_currency') else 'base_amount'
        bases = [line[base] for line in lines]
        total = sum(discount[name] for discount in discounts)
        largest = max(range(len(bases)), key=lambda position: abs(bases[position]))
        shares = split_with_rest(total, bases, largest, round_amount)
        for line, share in zip(folded, shares, strict=True):
            line[name] = round_amount(line[name] + share)
    return folded


def split_with_rest(amount, weights, rest_position, round_amount):
    """Split an amount in proportion, each part rounded by itself.

    :param rest_position: the part that takes the rest, or everything where nothing weighs
    :return: list of parts that add up to the amount
    """
    total = sum(weights)
    parts = [round_amount(amount * weight / total) if total else 0.0 for weight in weights]
    parts[rest_position] = round_amount(parts[rest_position] + amount - sum(parts))
    return parts


def fit_with_rest(amount, wanted, rest_position, round_amount):
    """Parts of an amount as they are wanted, scaled down where together they exceed it.

    :param wanted: list of numbers with the sign of the amount, not rounded
    :param rest_position: the part that takes what is wanted by none
    :return: list of parts that add up to the amount
    """
    if abs(round_amount(sum(wanted))) > abs(amount):
        return split_with_rest(amount, wanted, rest_position, round_amount)
    parts = [round_amount(part) for part in wanted]
    parts[rest_position] = round_amount(parts[rest_position] + amount - sum(parts))
    return parts
