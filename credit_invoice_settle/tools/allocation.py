"""How much of an amount goes to which open item, in whole units of a currency (see `splitting`)."""

from fractions import Fraction

from odoo.addons.credit_invoice.tools.splitting import split, take_share

ORDERS = ('earliest', 'latest', 'proportion')


def allocate(amount, residuals, order='earliest'):
    """Divide an amount among open items, none of which gets more than what is open of it.

    :param int amount: in units, at least zero; what goes beyond the items stays undivided
    :param residuals: list of whole numbers, what is open of each item, the earliest due first
    :param str order: one of `ORDERS`: which item is filled first, or all in proportion
    :return: list of as many whole numbers
    """
    amount = min(amount, sum(residuals))
    if order == 'proportion':
        return split(amount, residuals)
    parts = [0] * len(residuals)
    positions = range(len(residuals))
    for position in positions if order == 'earliest' else reversed(positions):
        parts[position] = min(amount, residuals[position])
        amount -= parts[position]
    return parts


def cut_balance(balance, amount, residual):
    """What a part of an open item is in the other currency.

    Cut from what is left of the item by then: parts that use it up have all of it.

    :param int balance: what is open in the other currency, in its units
    :param int amount: the part, in units
    :param int residual: what is open in the currency of the part, in units, not zero
    :rtype: int
    """
    return take_share({'balance': balance}, Fraction(amount, residual))['balance']
