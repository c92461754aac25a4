from odoo import Command, models

from ...tools.remaining import RemainingLine, get_share_of_lines
from ...tools.splitting import take_share
from .account_move_remaining import TOTAL_FIGURES
from .mirror_batch import FIGURES


class AccountMove(models.Model):
    """What a credit gives less than its lines: a discount that was taken, what was credited freely.

    Both are negative lines, so that neither the amount nor its tax is given twice (decision 6).
    """

    _inherit = 'account.move'

    def _prepare_deduction_commands(self, remaining, chosen, is_whole):
        """The negative lines of a credit of this invoice.

        :param dict remaining: what is left of each line, as of `_get_remaining_lines`
        :param dict chosen: what is credited of each line, as of `_get_parts`
        :param bool is_whole: whether all that is left is credited
        :return: list of commands for `line_ids`
        """
        values_list = self._prepare_discount_vals(self._get_credited_share(remaining, chosen))
        if is_whole:
            values_list += self._prepare_credited_before_vals()
        return [Command.create({**values, 'sequence': 9000}) for values in values_list]

    def _get_credited_share(self, remaining, chosen):
        """How much of what is left some parts are."""
        parts = [chosen.get(line_id, {}).get('figures') for line_id in remaining]
        return get_share_of_lines(list(remaining.values()), parts)

    # === EARLY-PAYMENT DISCOUNT === #

    def _get_discount_taken(self):
        """The early-payment discount that the payments matched with this invoice gave.

        To be extended where discounts are given.

        Of a payment for several invoices, this one's share; the shares of all add up to the whole.
        Amounts are positive where they were given to the customer.

        :return: list of dictionaries, one for each payment, account and set of taxes, with
            `account_id`, `tax_ids` (list of ids), `name`, the untaxed `amount_currency` (in the
            currency of this invoice) and `balance` (in the company's), and `taxes`: the id of each
            tax that the payment corrected to a dictionary with `tax_amount_currency`,
            `tax_amount`, `base_amount_currency` and `base_amount`. Where the discount does not
            lower the tax (computation *excluded* or *mixed*), there are no taxes.
        """
        self.ensure_one()
        return []

    def _prepare_discount_vals(self, share):
        """The lines that unwind the early-payment discount that was taken, by a share."""
        values_list = []
        for part, left in self._get_remaining_discounts():
            figures = take_share(left.figures, share)
            if left.get_total(figures):
                name = self.env._('Payment discount taken: %s', part['name'])
                values_list.append(
                    self._prepare_deduction_vals(name, 'discount', part, left, figures)
                )
        return values_list

    def _get_remaining_discounts(self, credits=None):
        """The early-payment discounts taken, less what credits unwound.

        :param credits: the credits that count, by default those that are posted
        :return: list of (part as of `_get_discount_taken`, `RemainingLine`)
        """
        remaining = []
        for part in self._get_merged_discounts():
            names = {'total_excluded': 'balance', 'total_excluded_currency': 'amount_currency'}
            figures = {
                (None, name): self._get_units(part[names[name]], name) for name in TOTAL_FIGURES
            }
            for tax, amounts in part['taxes'].items():
                for name, amount in amounts.items():
                    figures[tax, name] = self._get_units(amount, name)
            remaining.append((part, RemainingLine(whole_quantity=1.0, whole=figures)))
        if not remaining:
            return []
        if credits is None:
            credits = self._get_posted_credits()
        for credit in credits.filtered(lambda credit: credit.reversed_entry_id == self):
            self._subtract_unwound_discount(credit, remaining)
        return remaining

    def _get_merged_discounts(self):
        """The discounts taken, one for each account and set of taxes."""
        merged = {}
        for part in self._get_discount_taken():
            key = part['account_id'], frozenset(part['tax_ids'])
            first = merged.get(key)
            if not first:
                merged[key] = {**part, 'taxes': {tax: dict(a) for tax, a in part['taxes'].items()}}
                continue
            for name in ('amount_currency', 'balance'):
                first[name] += part[name]
            for tax, amounts in part['taxes'].items():
                sums = first['taxes'].setdefault(tax, dict.fromkeys(amounts, 0.0))
                for name, amount in amounts.items():
                    sums[name] += amount
        return list(merged.values())

    def _subtract_unwound_discount(self, credit, remaining):
        for line, taken in credit._get_figures_by_line():
            for part, left in remaining if line.credit_kind == 'discount' else ():
                if self._is_line_of_discount(line, part):
                    left.subtract({name: -amount for name, amount in taken.figures.items()})
                    break

    def _is_line_of_discount(self, line, part):
        return line.account_id.id == part['account_id'] and set(line.tax_ids.ids) == set(
            part['tax_ids']
        )

    def _refresh_discounts(self):
        """Let the lines that unwind a discount follow a draft whose other lines were changed."""
        for credit in self.sudo():
            if 'discount' not in credit.invoice_line_ids.mapped('credit_kind'):
                continue
            for origin in credit._get_credit_origins():
                remaining = origin._get_remaining_lines()
                parts = {
                    line.credited_line_id.id: origin._read_extra_tax_data(line.extra_tax_data)
                    for line in credit.invoice_line_ids
                    if line.credited_line_id.id in remaining and line.extra_tax_data
                }
                share = get_share_of_lines(
                    list(remaining.values()), [parts.get(line_id) for line_id in remaining]
                )
                credit._refresh_discount_lines(origin, share, origin._get_posted_credits())

    def _refresh_discount_lines(self, origin, share, credits):
        """Cut the lines that unwind a discount anew, as `account.move.line` does with its figures.

        :param origin: the invoice
        :param share: how much of what was left this credit takes
        :param credits: the credits that count as posted
        """
        for part, left in origin._get_remaining_discounts(credits):
            lines = self.invoice_line_ids.filtered(
                lambda line, part=part: (
                    line.credit_kind == 'discount' and origin._is_line_of_discount(line, part)
                )
            )
            if not lines:
                continue
            figures = take_share(left.figures, share)
            vals = origin._prepare_deduction_vals(lines[0].name, 'discount', part, left, figures)
            if vals['extra_tax_data'] != lines[0].extra_tax_data:
                lines[0].with_context(credit_figures=FIGURES).write({
                    'price_unit': vals['price_unit'],
                    'extra_tax_data': vals['extra_tax_data'],
                })

    # === CREDITED BEFORE, WITHOUT A LINE === #

    def _prepare_credited_before_vals(self):
        """The lines that take off what earlier credits gave without crediting a line."""
        values_list = []
        for credit in self._get_posted_credits():
            if credit.reversed_entry_id != self:
                continue
            for line, taken in credit._get_figures_by_line():
                is_own = line.display_type == 'product' and line.credit_kind != 'discount'
                if line.credited_line_id or not is_own:
                    continue
                left = RemainingLine(line.quantity, *taken)
                name = self.env._(
                    'Credited before with %(credit)s: %(line)s',
                    credit=credit.name,
                    line=line.name or '',
                )
                part = {'account_id': line.account_id.id, 'tax_ids': line.tax_ids.ids}
                values_list.append(
                    self._prepare_deduction_vals(name, 'deduction', part, left, left.whole)
                )
        return values_list

    def _prepare_deduction_vals(self, name, kind, part, left, figures):
        """Values of a negative line.

        :param str name: its text
        :param str kind: as of `account.move.line.credit_kind`
        :param dict part: with `account_id` and `tax_ids`
        :param RemainingLine left: what the figures are taken from
        :param dict figures: positive, in units
        """
        figures = {key: -amount for key, amount in figures.items()}
        vals = {
            'credit_kind': kind,
            'price_unit': self._get_amount(left.get_price_amount(figures)),
            'quantity': 1.0,
            'discount': 0.0,
        }
        return {
            **vals,
            'display_type': 'product',
            'name': name,
            'account_id': part['account_id'],
            'tax_ids': [Command.set(part['tax_ids'])],
            'extra_tax_data': self._prepare_extra_tax_data(
                self.env['account.move.line'], figures, vals
            ),
        }
