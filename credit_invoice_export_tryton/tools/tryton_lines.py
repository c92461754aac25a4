"""What an invoice of Tryton is matched with, and how a part of it can be.

Tryton reconciles whole journal items. To match a part, the open item is split before: that is what
*Reschedule* does, with an entry that the invoice lists among its additional moves.
"""

from collections import defaultdict
from decimal import Decimal

ZERO = Decimal(0)


def get_open_lines(row):
    """The items of an invoice that nothing is matched with, the first one due first."""
    return sorted(
        (line for line in row['lines_to_pay.'] if _is_open(line)),
        key=lambda line: (line['maturity_date'] is None, line['maturity_date'], line['id']),
    )


def _is_open(line):
    return not line['reconciliation'] and not line['invoice_payment']


def get_open_amount(row):
    """What is open of an invoice, negative for a credit."""
    return sum((line['amount'] for line in get_open_lines(row)), ZERO) + sum(
        (line['amount'] for line in row['payment_lines.'] if not line['reconciliation']), ZERO
    )


def choose_lines(lines, amount):
    """Which open items come to an amount.

    :param list lines: of one sign
    :param Decimal amount: positive, at most what they come to
    :return: tuple of the items to take whole, the item to split (or None) and the part of it
    """
    for line in lines:
        if abs(line['amount']) == amount:
            return [line], None, ZERO
    whole, rest = [], amount
    for line in lines:
        if not rest:
            break
        if abs(line['amount']) > rest:
            return whole, line, rest
        whole.append(line)
        rest -= abs(line['amount'])
    return whole, None, ZERO


def get_links(row):
    """What leads to the other documents of one that was read.

    :return: tuple of ids of reconciliations, of own items that pay others, of items that pay it
    """
    lines = row['lines_to_pay.']
    reconciliations = {line['reconciliation'] for line in lines if line['reconciliation']}
    paying = {
        line['id'] for line in lines if not line['reconciliation'] and line['invoice_payment']
    }
    paid_by = {line['id'] for line in row['payment_lines.'] if not line['reconciliation']}
    return sorted(reconciliations), sorted(paying), sorted(paid_by)


def get_applied(row, others):
    """How much of one document is matched with each of others.

    :param list others: rows of all that share a reconciliation or a payment line with it
    :return: pairs of external id and positive amount
    """
    applied = defaultdict(Decimal)
    rows = {one['id']: one for one in (*others, row)}
    nets = defaultdict(lambda: defaultdict(Decimal))
    for one in rows.values():
        for line in one['lines_to_pay.']:
            if line['reconciliation']:
                nets[line['reconciliation']][one['id']] += line['amount']
    for shares in nets.values():
        for debtor, creditor, amount in match(shares):
            if row['id'] in (debtor, creditor):
                applied[creditor if debtor == row['id'] else debtor] += amount
    for one in rows.values():
        for line in one['lines_to_pay.']:
            paid = line['invoice_payment'] if not line['reconciliation'] else None
            if paid and row['id'] in (one['id'], paid):
                applied[paid if one['id'] == row['id'] else one['id']] += abs(line['amount'])
    return tuple((str(other), amount) for other, amount in sorted(applied.items()) if amount)


def match(shares):
    """Which debit meets which credit where several are reconciled at once: the oldest first.

    It is the same whichever of them one looks from.

    :param dict shares: amounts by id, positive or negative
    :return: tuples of debtor, creditor and amount
    """
    debits = [[one, amount] for one, amount in sorted(shares.items()) if amount > 0]
    credits_ = [[one, -amount] for one, amount in sorted(shares.items()) if amount < 0]
    while debits and credits_:
        amount = min(debits[0][1], credits_[0][1])
        yield debits[0][0], credits_[0][0], amount
        for side in (debits, credits_):
            side[0][1] -= amount
            if not side[0][1]:
                side.pop(0)
