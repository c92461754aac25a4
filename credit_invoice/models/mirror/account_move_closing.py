from odoo import Command, models

from ...tools.remaining import UNTAXED
from ...tools.splitting import is_between

TAX_ITEM_FIELDS = ('amount_currency', 'balance', 'tax_base_amount')


class AccountMove(models.Model):
    """The credit that uses up a tax of its invoice takes what is left of it (decision 5).

    The amounts of lines add up to those of the invoice; but each credit rounds the parts of a tax
    that go to several accounts by itself, and the host leaves out tax items without an amount,
    with the base that they stand for.
    """

    _inherit = 'account.move'

    def _take_rest_of_taxes(self, accepted):
        """Give this credit what is left of the tax items of its invoice, account by account.

        :param accepted: credits that count as if they were posted
        """
        self.ensure_one()
        origin = self._get_credit_origins()
        others = origin._get_other_credits(self, accepted) if len(origin) == 1 else self.browse()
        credits = others | self
        if len(origin) != 1 or not origin._is_credited_item_by_item(credits):
            return
        if not (origin | credits)._get_open_tax_items():
            return
        closed = origin._get_used_up_taxes(credits)
        # The host derives a balance of zero of a new item from its other amount: look again.
        for _turn in range(2):
            commands = [
                command
                for (tax, place), rest in (origin | credits)._get_open_tax_items().items()
                if tax in closed
                for command in self._prepare_tax_rest(origin, tax, place, rest)
            ]
            if commands:
                self._write_ledger(commands)

    def _is_credited_item_by_item(self, credits):
        """Whether the journal items of some credits have no other source than this invoice's."""
        lines = credits.invoice_line_ids.filtered(lambda line: line.display_type == 'product')
        return (
            lines.credited_line_id.move_id == self
            and all(
                line.credited_line_id
                and line.tax_ids in (line.credited_line_id.tax_ids, line.tax_ids.browse())
                for line in lines
            )
            and all(
                credit.currency_id == self.currency_id
                and credit.invoice_currency_rate == self.invoice_currency_rate
                for credit in credits
            )
        )

    def _get_tax_items(self):
        """Journal items of taxes; what cash is rounded by is derived on its own."""
        return self.line_ids.filtered(
            lambda line: line.tax_repartition_line_id and line.display_type == 'tax'
        )

    def _get_open_tax_items(self):
        """What does not add up to zero of the tax items of an invoice and its credits.

        :return: dictionary of (tax, place on its repartition) to a dictionary of amounts
        """
        totals = {}
        for line in self._get_tax_items():
            key = line.tax_line_id, self._get_repartition_place(line.tax_repartition_line_id)
            amounts = totals.setdefault(key, dict.fromkeys(TAX_ITEM_FIELDS, 0.0))
            for name in TAX_ITEM_FIELDS:
                amounts[name] += line[name]
        currency, company_currency = self.currency_id[:1], self.company_currency_id[:1]
        rounds = {'amount_currency': currency.round}
        rounded = {
            key: {name: rounds.get(name, company_currency.round)(amounts[name]) for name in amounts}
            for key, amounts in totals.items()
        }
        return {key: amounts for key, amounts in rounded.items() if any(amounts.values())}

    def _get_used_up_taxes(self, credits):
        """The taxes of this invoice of which some credits leave nothing."""
        amounts = {}
        for left in self._get_remaining_lines(credits).values():
            untaxed = abs(left.figures[UNTAXED]) | abs(left.figures[None, 'total_excluded'])
            for (tax_id, name), units in left.figures.items():
                # What is the base of a tax depends on how other taxes are rounded today.
                if tax_id and name.startswith('tax_amount'):
                    # Of an item of -1 yen and 0.00 dollars, the host makes -0.01: then more than
                    # all of the tax seems to be taken in dollars, until its rest is.
                    is_left = name != 'tax_amount' or is_between(units, left.whole[tax_id, name])
                    rest = abs(units) if is_left else 0
                    amounts[tax_id] = amounts.get(tax_id, 0) | rest | untaxed
        return self.env['account.tax'].browse(
            tax_id for tax_id, units in amounts.items() if not units
        )

    def _prepare_tax_rest(self, origin, tax, place, rest):
        """Commands for the journal items of this credit that take what is left of a tax item.

        In a currency of which a unit is less than a cent, earlier roundings may leave -1 yen beside
        0.01 dollars. The host allows no item with different signs: these are two.

        :param dict rest: by how much invoice and credits do not add up to zero
        :return: list of commands
        """

        def find(move):
            lines = move._get_tax_items().filtered(
                lambda line: (
                    line.tax_line_id == tax
                    and self._get_repartition_place(line.tax_repartition_line_id) == place
                )
            )
            return lines.sorted(lambda line: abs(line.balance))[-1:]

        line, origin_line = find(self), find(origin)
        if not line and not origin_line:
            return []
        amounts, others = {name: line[name] - rest[name] for name in rest}, []
        mirrored = origin_line and origin._prepare_mirrored_tax_item(origin_line)
        if mirrored and self._are_of_two_sides(amounts):
            alone = {**dict.fromkeys(amounts, 0.0), 'balance': amounts['balance']}
            others.append(Command.create({**mirrored, **alone}))
            amounts['balance'] = 0.0
        if line:
            return [Command.update(line.id, amounts), *others]
        return [Command.create({**mirrored, **amounts}), *others]

    def _are_of_two_sides(self, amounts):
        """Whether an item would be a debit in one currency and a credit in the other."""
        signs = (
            self.currency_id.compare_amounts(amounts['amount_currency'], 0.0),
            self.company_currency_id.compare_amounts(amounts['balance'], 0.0),
        )
        return signs[0] * signs[1] < 0

    def _prepare_mirrored_tax_item(self, line):
        return {
            **{
                name: line._fields[name].convert_to_write(line[name], line)
                for name in (
                    'name',
                    'account_id',
                    'partner_id',
                    'currency_id',
                    'group_tax_id',
                    'tax_ids',
                    'analytic_distribution',
                )
            },
            'display_type': 'tax',
            **self._get_mirrored_amounts(line, {}),
            'credited_line_id': False,
        }
