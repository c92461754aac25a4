from dataclasses import dataclass, field
from datetime import date as Date

from odoo.addons.credit_invoice.tools.splitting import from_units, to_units

from ..tools.allocation import cut_balance


@dataclass
class SettlementChoice:
    """What a person wants done with the money of one credit (decision 9).

    Amounts are in the credit's currency. What is left after `uses`, or after the own or the oldest
    invoices, goes where `rest` says; with `split`, nothing may be left.
    """

    settlement: str = 'own'  # a key of `SETTLEMENTS`, or `chosen` or `split`
    uses: dict = field(default_factory=dict)  # id of an invoice -> amount
    instalments: str = 'earliest'  # one of `allocation.ORDERS`
    rest: str = 'keep'  # or `refund`
    refund_amount: float | None = None  # of `split`; otherwise as much as possible
    keep_amount: float | None = None  # of `split`
    date: Date | None = None  # by default the day of the credit
    description: str | None = None  # by default the number of the credit
    refund: dict = field(default_factory=dict)  # see `account.move._prepare_refund_vals`


class SettlementChoices(dict):
    """Choices by the id of the credit.

    A type of its own: what a caller over RPC puts into the context is none.
    """


class OpenItems:
    """What is open of journal items while they are divided; nothing is written."""

    def __init__(self):
        self.amounts, self.balances = {}, {}
        self.refunded = {}  # credit -> units of its currency that are paid back of it

    def get(self, line):
        """What is open of a journal item by now, in units of its currency."""
        if line not in self.amounts:
            residual = abs(line.amount_residual_currency)
            self.amounts[line] = to_units(residual, line.currency_id.rounding)
            balance = abs(line.amount_residual)
            self.balances[line] = to_units(balance, line.company_currency_id.rounding)
        return self.amounts[line]

    def take(self, line, amount):
        """Take units of a journal item.

        :return: what they are in the company's currency
        :rtype: float
        """
        residual = self.get(line)
        balance = cut_balance(self.balances[line], amount, residual)
        self.amounts[line] -= amount
        self.balances[line] -= balance
        return from_units(balance, line.company_currency_id.rounding)


@dataclass
class SettlementPart:
    """One part of what is done with a credit: so much of one of its items goes somewhere.

    Of an overpayment, the source is an item of the money that came in.
    """

    credit: object  # or the invoice that was overpaid
    kind: str  # `use`, `refund` or `keep`
    amount: float  # in the currency of the credit, above zero
    balance: float = 0.0  # in the currency of the company
    source: object = None  # journal item of the credit, or of money
    target: object = None  # journal item of the invoice
    pairs: list = field(default_factory=list)  # journal items, two by two, to be matched for it
    values: dict = field(default_factory=dict)  # further values of `credit.settlement.line`
    line: object = None  # the `credit.settlement.line`, once it is recorded
