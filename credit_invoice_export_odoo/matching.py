"""Credits and payments matched with invoices over there."""

from decimal import ROUND_HALF_UP, Decimal

from odoo.addons.credit_invoice.tools.export_contract import (
    ExportNotExecuted,
    ExportRefused,
    ExportUnclear,
)

from .documents import LINE, MATCH
from .values import to_decimal, to_number, to_xmlid

LINE_FIELDS = (
    'move_id',
    'account_id',
    'currency_id',
    'balance',
    'amount_currency',
    'amount_residual',
    'amount_residual_currency',
)


class Matching:
    """Matches the receivable lines of two journal entries.

    Where one side is used up, that is the host's own `reconcile`, which does all that belongs to
    it: exchange differences, taxes due on payment, the mark that both are settled. It takes no
    amount. A part of both sides is therefore a match (`account.partial.reconcile`) of that amount,
    made under an external id, so that it is made once however often it is asked for; nothing but
    the amounts hangs on it, except for taxes due on payment, and these are refused.

    :param Directory directory: knows the currency of the company
    """

    def __init__(self, client, directory):
        self.client = client
        self.directory = directory

    def match(self, credit_id, invoice_id, missing, last_id=0):
        """Match an amount more.

        :param int credit_id: of a journal entry that credits the customer
        :param int invoice_id: of one that debits the customer
        :param Decimal missing: positive, in the currency of both
        :param int last_id: of the last match between the two, after which this one comes
        :raise ExportRefused: if so much is not open on both
        """
        lines = self.get_open_lines(credit_id, invoice_id)
        credits = [line for line in lines if line['move_id'][0] == credit_id]
        invoices = [line for line in lines if line['move_id'][0] == invoice_id]
        accounts = {tuple(line['account_id']) for line in lines}
        open_amount = min(get_open(credits), get_open(invoices))
        if missing > open_amount:
            raise ExportRefused(
                f'Only {to_number(open_amount)} is open on both documents over there: '
                f'{to_number(missing)} cannot be applied.'
            )
        if len(accounts) > 1:
            names = ' and '.join(sorted(name for _account_id, name in accounts))
            raise ExportRefused(
                f'The documents stand on different receivable accounts over there ({names}): book '
                'both on the same one.'
            )
        if missing == open_amount:
            self.client.do(LINE, 'reconcile', ids=[line['id'] for line in lines])
        else:
            self._match_part(credits, invoices, missing, last_id)

    def get_open_lines(self, *move_ids):
        """The receivable lines of entries on which something is open, first due first."""
        domain = [
            ('move_id', 'in', move_ids),
            ('account_type', '=', 'asset_receivable'),
            ('parent_state', '=', 'posted'),
            ('reconciled', '=', False),
        ]
        return self.client.search(LINE, domain, LINE_FIELDS, order='date_maturity, id')

    def _match_part(self, credits, invoices, missing, last_id):
        """Make the match of a part.

        Its external id names the match before it: of two requests that saw the same state, even of
        different amounts, one makes it; and what is undone over there leaves no name behind.
        """
        self._check_taxes(credits[0]['move_id'][0], invoices[0]['move_id'][0])
        rows = [
            self._get_match_row(credit, invoice, amount)
            for credit, invoice, amount in pair(credits, invoices, missing)
        ]
        for row in rows:
            key = f'{row["credit_move_id/.id"]}-{row["debit_move_id/.id"]}-after-{last_id}'
            xmlid = to_xmlid('match', key)
            try:
                last_id = self.client.load(MATCH, xmlid, list(row), [list(row.values())])
            except (ExportRefused, ExportNotExecuted) as error:
                if row is not rows[0]:  # others are there
                    raise ExportUnclear(str(error)) from error
                raise

    def _get_match_row(self, credit, invoice, amount):
        """An amount in both currencies: as much of our company's as either side bears."""
        unit = self.directory.company_unit
        balance = min(get_balance(line, amount, unit) for line in (credit, invoice))
        return {
            'debit_move_id/.id': str(invoice['id']),
            'credit_move_id/.id': str(credit['id']),
            'amount': to_number(balance),
            'debit_amount_currency': to_number(amount),
            'credit_amount_currency': to_number(amount),
        }

    def _check_taxes(self, *move_ids):
        domain = [
            ('move_id', 'in', move_ids),
            ('tax_ids.tax_exigibility', '=', 'on_payment'),
        ]
        if self.client.search(LINE, domain, ['move_id'], limit=1):
            raise ExportRefused(
                'A part of a credit cannot be applied over there from outside where taxes are due '
                'on payment: apply it there by hand.'
            )


def get_open(lines):
    """What is open on some lines, positive, in their currency."""
    return abs(sum((to_decimal(line['amount_residual_currency']) for line in lines), Decimal(0)))


def get_balance(line, amount, unit):
    """What an amount of a line is in the currency of the company.

    :param Decimal unit: the smallest amount of this currency
    """
    left, left_currency = (
        abs(to_decimal(line[name])) for name in ('amount_residual', 'amount_residual_currency')
    )
    return (left * amount / left_currency / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit


def pair(credits, invoices, amount):
    """Which amount of which line is matched with which, the first ones first.

    :return: list of tuples of credit, invoice and positive amount
    """
    pairs = []
    credits = [[line, get_open([line])] for line in credits]
    invoices = [[line, get_open([line])] for line in invoices]
    while amount:
        part = min(amount, credits[0][1], invoices[0][1])
        pairs.append((credits[0][0], invoices[0][0], part))
        amount -= part
        for side in (credits, invoices):
            side[0][1] -= part
            if not side[0][1]:
                side.pop(0)
    return pairs
