from odoo import Command, api, models
from odoo.tools import format_date

from ...tools.cutting import Part, cut_parts
from ...tools.headings import keep_headings
from ...tools.remaining import TAX_FIGURES, RemainingLine, settle_overshoot
from ...tools.splitting import from_units, get_percentage_share, get_share, take_share, to_units
from ..links.account_move_line import DOCUMENT_LINE_TYPES

TOTAL_FIGURES = ('total_excluded', 'total_excluded_currency')


class AccountMove(models.Model):
    """What is left of an invoice: its own figures less those of its credits (decision 5)."""

    _inherit = 'account.move'

    def _get_remaining_lines(self, credits=None):
        """What is left of each line of this invoice.

        :param credits: the credits that count, by default those that are posted
        :return: dictionary of the line's id to a `RemainingLine`
        """
        self.ensure_one()
        if credits is None:
            credits = self._get_posted_credits()
        remaining = {
            line.id: RemainingLine(line.quantity, *whole)
            for line, whole in self._get_figures_by_line()
            if line.display_type == 'product'
        }
        for credit in credits:
            for line, taken in credit._get_figures_by_line():
                left = remaining.get(line.credited_line_id.id)
                if left:
                    left.subtract(
                        self._get_taken_figures(credit, taken.figures, left),
                        line._get_returned_quantity(),
                        line._is_repricing(),
                        line._get_asked_share(),
                    )
        settle_overshoot(list(remaining.values()))
        return remaining

    def _get_line_figures(self, base_line):
        """The figures of a line, in units, as `tools.remaining` names them.

        :param dict base_line: of the host's tax engine, with rounded tax details
        """
        details = base_line['tax_details']
        figures = {
            (None, name): self._get_units(details[name] + details[f'delta_{name}'], name)
            for name in TOTAL_FIGURES
        }
        for tax_data in details['taxes_data']:
            if not tax_data['is_reverse_charge']:
                for name in TAX_FIGURES:
                    key = tax_data['tax'].id, name
                    figures[key] = figures.get(key, 0) + self._get_units(tax_data[name], name)
        return figures

    def _get_taken_figures(self, credit, figures, left):
        """What a line of a credit takes off the line that it credits.

        A credit at the rate of its own date takes the invoice's amounts in the company's currency
        off; what its rate makes of them is an exchange difference.

        :param dict figures: of the credit's line, as of `_get_line_figures`
        """
        if credit.invoice_currency_rate == self.invoice_currency_rate:
            return figures
        for (tax, name), amount in left.figures.items():
            if not name.endswith('_currency'):
                whole = left.figures[tax, f'{name}_currency']
                part = figures.get((tax, f'{name}_currency'), 0)
                share = get_share(part, whole) if whole else 0
                figures[tax, name] = take_share({name: amount}, share)[name]
        return figures

    def _get_units(self, amount, name):
        return to_units(amount, self._get_figure_currency(name).rounding)

    def _get_amount(self, units, name='amount_currency'):
        return from_units(units, self._get_figure_currency(name).rounding)

    def _get_figure_currency(self, name):
        return self.currency_id if name.endswith('_currency') else self.company_currency_id

    # === VALUES OF A CREDIT'S LINE === #

    def _prepare_part_vals(self, line, left, part):
        """Values of the line that credits a part of a line of this invoice.

        :param line: the line of this invoice
        :param RemainingLine left: what is left of it
        :param dict part: the part as of `_get_whole_part`
        :return: dictionary of values of `account.move.line`
        """
        kind, figures = part['kind'], part['figures']
        vals = {
            'credit_kind': kind,
            'is_credit_price_typed': part.get('is_price_typed', False),
            'credit_share': part.get('percentage') or 0.0,
            'quantity': 1.0,
            'discount': 0.0,
        }
        if kind == 'return':
            vals.update(self._prepare_returned_vals(line, left, part))
        elif kind == 'tax':
            vals['price_unit'] = 0.0
        else:
            vals['price_unit'] = self._get_amount(left.get_price_amount(figures))
        if kind == 'commercial':
            vals['tax_ids'] = [Command.clear()]
        vals['extra_tax_data'] = self._prepare_extra_tax_data(line, figures, vals)
        return vals

    def _prepare_returned_vals(self, line, left, part):
        """Quantity and price: the invoice's own price, unless that was lowered."""
        quantity = part['quantity']
        if not left.is_repriced and not part.get('is_price_typed'):
            return {
                'quantity': quantity,
                'price_unit': line.price_unit,
                'discount': line.discount,
            }
        amount = self._get_amount(left.get_price_amount(part['figures']))
        return {'quantity': quantity, 'price_unit': self._get_price(amount, quantity)}

    def _get_price(self, amount, quantity):
        """A price with as few digits as give the amount for this quantity."""
        for digits in (2, 4, 6, 9):
            price = round(amount / quantity, digits)
            if not self.currency_id.compare_amounts(price * quantity, amount):
                return price
        return amount / quantity

    def _prepare_extra_tax_data(self, line, figures, vals):
        """The host's seam for exact amounts; it takes them as long as the price stays the same.

        :param line: the line of this invoice that is credited
        :param dict figures: of the part of it that is credited
        :param dict vals: price, quantity and discount of the credit's line
        """
        manual_tax_amounts = {}
        for (tax, name), units in figures.items():
            if tax and vals.get('credit_kind') != 'commercial':
                amounts = manual_tax_amounts.setdefault(str(tax), {})
                amounts[name] = self._get_amount(units, name)
        data = {
            f'manual_{name}': self._get_amount(figures[None, name], name) for name in TOTAL_FIGURES
        }
        if key := (line.extra_tax_data or {}).get('computation_key'):
            data['computation_key'] = key
        return {
            **data,
            'manual_tax_amounts': manual_tax_amounts,
            'currency_id': self.currency_id.id,
            'price_unit': vals['price_unit'],
            'discount': vals['discount'],
            'quantity': vals['quantity'],
            'rate': self.invoice_currency_rate,
            # The host ignores exact amounts of a line without taxes; see `account.tax`.
            'is_credit': True,
        }

    def _read_extra_tax_data(self, data):
        """The figures, in units, of what `_prepare_extra_tax_data` made."""
        figures = {
            (None, name): self._get_units(data[f'manual_{name}'], name) for name in TOTAL_FIGURES
        }
        for tax, amounts in data['manual_tax_amounts'].items():
            for name, amount in amounts.items():
                figures[int(tax), name] = self._get_units(amount, name)
        return figures

    # === PARTS === #

    def _get_whole_part(self, left):
        """All that is left of a line, as a part.

        :param RemainingLine left: what is left
        :return: dictionary of `kind`, `quantity` (units of measure returned) and `figures`
        """
        if left.quantity:
            return {'kind': 'return', 'quantity': left.quantity, 'figures': left.figures}
        # The goods came back at a price that someone typed.
        return {
            'kind': 'price' if left.get_price_amount(left.figures) else 'tax',
            'quantity': 0.0,
            'figures': left.figures,
        }

    # === MIRROR OF A PART === #

    def _mirror_parts(self, vals, by_origin_line, parts):
        """Make the values of a full mirror those of a part of the invoice.

        :param dict vals: of the credit, as `copy_data` made them; changed in place
        :param dict by_origin_line: the values of its lines by the lines they credit
        :param dict parts: as of `_get_parts`, or None for all that is left
        """
        remaining = self._get_remaining_lines()
        chosen = self._get_parts(remaining, parts)
        commands = [
            command
            for command in vals['line_ids']
            if command[0] != Command.CREATE
            or (command[2].get('display_type') or 'product') in DOCUMENT_LINE_TYPES
        ]
        rows = []
        for _command, _id, line_vals in commands:
            line_id = (line_vals or {}).get('credited_line_id')
            if line_id in remaining and line_id in chosen:
                line = self.env['account.move.line'].browse(line_id)
                line_vals.update(self._prepare_part_vals(line, remaining[line_id], chosen[line_id]))
            is_kept = line_id not in remaining or line_id in chosen
            rows.append(((line_vals or {}).get('display_type') or 'product', is_kept))
        vals['line_ids'] = [
            command
            for command, is_kept in zip(commands, keep_headings(rows), strict=True)
            if is_kept
        ]
        vals['line_ids'] += self._prepare_deduction_commands(
            remaining, chosen, is_whole=self._is_all_chosen(remaining, chosen)
        )
        vals['line_ids'] += self._prepare_other_origins_commands(parts or {})

    @api.model
    def _is_all_chosen(self, remaining, chosen):
        """Whether parts are all that is left."""
        return all(
            left.is_used_up() or chosen.get(line_id, {}).get('figures') == left.figures
            for line_id, left in remaining.items()
        )

    def _prepare_other_origins_commands(self, parts):
        """The lines of a credit that credit further invoices of the customer (mp24).

        Each invoice gets a section of its own.
        """
        others = self.env['account.move.line'].browse(parts).move_id - self
        commands, sequence = [], 10000
        for origin in others:
            remaining = origin._get_remaining_lines()
            chosen = origin._get_parts(remaining, parts)
            name = self.env._(
                '%(invoice)s of %(date)s',
                invoice=origin.name,
                date=format_date(self.env, origin.invoice_date),
            )
            values_list = [{'display_type': 'line_section', 'name': name}]
            for line in origin.invoice_line_ids:
                if line.id in chosen:
                    values_list.append({
                        **line._prepare_other_credit_line_vals(),
                        **origin._prepare_part_vals(line, remaining[line.id], chosen[line.id]),
                    })
            for values in values_list:
                commands.append(Command.create({**values, 'sequence': sequence}))
                sequence += 1
        return commands

    def _get_part_balance(self):
        """What is left of each line, and what drafts reserve of it.

        :return: (dictionary as of `_get_remaining_lines`, dictionary of the line's id to the
            quantity and the amount as the customer sees prices)
        """
        self.ensure_one()
        remaining, reserved = self._get_remaining_lines(), {}
        drafts = self._get_credits().filtered(lambda credit: credit.state == 'draft')
        for line in drafts.invoice_line_ids:
            left = remaining.get(line.credited_line_id.id)
            if left:
                quantity, amount = reserved.get(line.credited_line_id.id, (0.0, 0.0))
                price = line.price_total if left.included else line.price_subtotal
                reserved[line.credited_line_id.id] = (
                    quantity + line._get_returned_quantity(),
                    amount + price,
                )
        return remaining, reserved

    def _get_parts(self, remaining, parts):
        """What is credited of each line.

        :param dict remaining: as of `_get_remaining_lines`
        :param dict parts: the id of a line to a dictionary with `kind`, `quantity` and `amount` (as
            the customer sees prices, in the invoice's currency; of kind *tax*, the tax), or None
            for all that is left
        :return: the ids of lines of which something is credited, each with a dictionary as of
            `_get_whole_part`
        """
        if parts is None:
            return {
                line_id: self._get_whole_part(left)
                for line_id, left in remaining.items()
                if not left.is_used_up()
            }
        chosen = {
            line_id: self._get_part(left, **parts[line_id])
            for line_id, left in remaining.items()
            if line_id in parts
        }
        figures = cut_parts({
            line_id: Part(
                left=remaining[line_id],
                kind=part['kind'],
                figures=part['figures'],
                quantity=part['quantity'],
                asked=get_percentage_share(part['percentage']) if part['percentage'] else None,
                is_price_typed=part['is_price_typed'],
            )
            for line_id, part in chosen.items()
        })
        for line_id in figures:
            chosen[line_id]['figures'] = figures[line_id]
        return chosen

    def _get_part(
        self,
        left,
        kind,
        *,
        quantity=0.0,
        amount=None,
        is_price_typed=False,
        total=None,
        taxes=(),
        percentage=None,
    ):
        """A part of a line.

        :param RemainingLine left: what is left of the line
        :param str kind: as of `account.move.line.credit_kind`
        :param float quantity: units of measure returned
        :param float amount: in the invoice's currency; see `_get_parts`
        :param bool is_price_typed: whether the amount counts where a quantity is returned, too
        :param float total: an amount with all taxes, which counts instead of the amount: the share
            of this line in what was typed for all
        :param taxes: of kind *tax*, the ids of those that are credited; by default all of the line
        :param float percentage: of the line as invoiced, if that was typed; the amount follows
            from it
        :return: dictionary as of `_get_whole_part`; its figures are None where the line
            has none
        """
        if kind == 'return' and not is_price_typed:
            figures = left.take_quantity(quantity)
        elif total is not None:
            figures = left.take_total(to_units(total, self.currency_id.rounding))
        else:
            units = to_units(amount, self.currency_id.rounding)
            if kind == 'tax':
                figures = left.take_tax(units, taxes)
            else:
                take = left.take_untaxed if kind == 'commercial' else left.take_price
                figures = take(units)
        return {
            'kind': kind,
            'quantity': quantity if kind == 'return' else 0.0,
            'figures': figures,
            'is_price_typed': is_price_typed,
            'percentage': percentage,
        }
