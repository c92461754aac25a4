from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import float_compare

from ...tools.checking import check_numbers
from ...tools.cutting import Part
from ...tools.splitting import get_percentage_share, is_within, subtract
from ..links.account_move_line import CREDITABLE_TYPES
from .mirror_batch import FIGURES, RemainingMemo, get_batch, is_writing_figures

PRICE_FIELDS = ('price_unit', 'discount')
FIGURE_FIELDS = {
    *PRICE_FIELDS,
    'quantity',
    'product_uom_id',
    'tax_ids',
    'credit_kind',
    'extra_tax_data',
}
# What tells whether a line still credits what it was made for.
MEANING_FIELDS = {'product_id', 'credit_kind', 'credited_line_id'}
AMOUNT_FIELDS = {
    *PRICE_FIELDS,
    'quantity',
    'product_uom_id',
    'tax_ids',
    'balance',
    'amount_currency',
    'credit_kind',
    'extra_tax_data',
}
# What follows from how a credit was made and from what is typed: no client writes it.
DERIVED_FIELDS = ('credit_share', 'is_credit_price_typed')


class AccountMoveLine(models.Model):
    """The exact amounts of a credit's line: cut from what is left of the line that it credits."""

    _inherit = 'account.move.line'

    # === ONCHANGE METHODS === #

    @api.onchange('quantity', 'product_uom_id', 'price_unit', 'discount', 'tax_ids', 'credit_kind')
    def _onchange_credit_price(self):
        for line in self.filtered('credited_line_id'):
            saved = line._origin
            if saved and any(saved._is_changed(name, line[name]) for name in PRICE_FIELDS):
                values = {name: line[name] for name in ('quantity', *PRICE_FIELDS)}
                values['product_uom_id'] = line.product_uom_id.id
                line.update(saved._get_typed_price_vals(values))
            line.update(line._prepare_credit_figures(line._get_remaining_line()))
            line.credit_share = 0.0

    # === STEPS OF MAKING AND CHANGING === #

    @api.model
    def _clean_credit_line_create_vals(self, vals):
        # EXTENDS 'credit_invoice': exact amounts of a credit's line come from its invoice, not from
        # a caller
        super()._clean_credit_line_create_vals(vals)
        if not get_batch(self.env):
            # Also against defaults in the context.
            vals.update(dict.fromkeys(DERIVED_FIELDS, False))
            if vals.get('credited_line_id'):
                vals.pop('extra_tax_data', None)

    def _after_credit_line_create(self):
        # EXTENDS 'credit_invoice'
        super()._after_credit_line_create()
        if not get_batch(self.env):
            self._unlink_other_products()

    @api.model
    def _clean_credit_line_write_vals(self, vals):
        # EXTENDS 'credit_invoice'
        vals = super()._clean_credit_line_write_vals(vals)
        if is_writing_figures(self.env):
            return vals
        return {name: value for name, value in vals.items() if name not in DERIVED_FIELDS}

    def _check_credit_line_write(self, vals):
        # EXTENDS 'credit_invoice'
        self._check_credited_amounts_are_kept(vals)
        if self._get_refigured_lines(vals):
            check_numbers(self, ('quantity', *PRICE_FIELDS), vals)
        super()._check_credit_line_write(vals)

    def _iterate_own_writes(self, vals):
        # EXTENDS 'credit_invoice': the amounts of a credit's line follow what is left of the line
        # that it credits (decisions 4 and 5)
        yield from super()._iterate_own_writes(vals)
        credited = self._get_refigured_lines(vals)
        if not credited:
            return
        remaining, unseen = self._get_remaining_memo(), self.browse()
        for line in credited:
            line_vals = line._prepare_credit_line_write(vals, remaining)
            if line._is_unseen_by_the_host(line_vals):
                unseen |= line
            yield line, line_vals
        for move in unseen.move_id:
            move._recompute_credit_amounts()
        credited.move_id._refresh_discounts()

    def _after_credit_line_write(self, vals, moves):
        # EXTENDS 'credit_invoice'
        super()._after_credit_line_write(vals, moves)
        if MEANING_FIELDS & vals.keys():
            self._unlink_other_products()

    def _get_refigured_lines(self, vals):
        """Which of these lines get other amounts by a write, as what is left allows."""
        if not FIGURE_FIELDS & vals.keys() or is_writing_figures(self.env):
            return self.browse()
        return self.filtered(lambda line: line.credited_line_id and line.move_id.state == 'draft')

    def _get_remaining_memo(self):
        remaining = self.env.context.get('credit_remaining')
        return remaining if isinstance(remaining, RemainingMemo) else RemainingMemo()

    def _unlink_other_products(self):
        """Take the link off lines of drafts that return another product than was sold.

        Such a line is one of its own: nothing of the invoice's line came back. One that lowers the
        price may name the product by which rebates are reported.
        """
        others = self.filtered(
            lambda line: line.parent_state == 'draft' and line._is_other_product_returned()
        )
        if others:
            others.with_context(credit_figures=FIGURES).write(self._prepare_unlinked_vals())
            for move in others.move_id:
                move._recompute_credit_amounts()

    def _is_other_product_returned(self):
        """Whether this line returns another product than the line that it credits sold."""
        self.ensure_one()
        credited_sudo = self.sudo().credited_line_id
        return (
            bool(credited_sudo)
            and self._get_credit_kind() == 'return'
            and self.product_id != credited_sudo.product_id
        )

    @api.model
    def _prepare_unlinked_vals(self):
        """Values of a line that credits no line of an invoice any more.

        To be extended where lines have other links with what was sold.
        """
        return {
            'credited_line_id': False,
            'credit_kind': False,
            'credit_share': 0.0,
            'is_credit_price_typed': False,
            'extra_tax_data': False,
        }

    def _is_unseen_by_the_host(self, vals):
        """Whether the exact amounts change with nothing from which the host derives its own."""
        return vals.get('extra_tax_data', self.extra_tax_data) != self.extra_tax_data and not any(
            name in vals and self._is_changed(name, vals[name])
            for name in ('quantity', *PRICE_FIELDS, 'tax_ids')
        )

    def _prepare_credit_line_write(self, vals, remaining):
        """Add to changed values of a credit's line the amounts that follow.

        :param dict vals: as of `write`
        :param dict remaining: what is left of lines, by invoice; filled on the way
        :return: dictionary of values
        """
        self.ensure_one()
        if not any(self._is_changed(name, vals[name]) for name in FIGURE_FIELDS & vals.keys()):
            return {name: value for name, value in vals.items() if name not in FIGURE_FIELDS}
        vals = {name: value for name, value in vals.items() if name != 'extra_tax_data'}
        # What somebody changes is no share of the line any more.
        vals.setdefault('credit_share', 0.0)
        if any(name in vals and self._is_changed(name, vals[name]) for name in PRICE_FIELDS):
            vals = {**self._get_typed_price_vals(vals), **vals}
        origin = self.sudo().credited_line_id.move_id
        if origin not in remaining:
            remaining[origin] = origin._get_remaining_lines()
        changed = self.new(origin=self)
        changed.update({name: vals[name] for name in FIGURE_FIELDS & vals.keys()})
        if 'is_credit_price_typed' in vals:  # from the price that is written
            changed.is_credit_price_typed = vals['is_credit_price_typed']
        left = remaining[origin].get(self.sudo().credited_line_id.id)
        return {**vals, **changed._prepare_credit_figures(left)}

    def _get_typed_price_vals(self, vals):
        """What follows when a person sets another price: with the same quantity, nothing
        comes back, only the price is lowered (decision 7).
        """
        is_same = not any(
            name in vals and self._is_changed(name, vals[name])
            for name in ('quantity', 'product_uom_id')
        )
        kind = self._get_credit_kind()
        if is_same and kind == 'return':
            # A quantity that is not all that is left was chosen: it comes back, for less.
            left = self._get_remaining_line()
            is_same = not left or self._is_same_quantity(
                self._get_returned_quantity(), left.quantity
            )
        return {
            'is_credit_price_typed': True,
            'credit_share': 0.0,
            'credit_kind': 'price' if is_same and kind == 'return' else kind,
        }

    def _is_changed(self, name, value):
        """Whether a value differs from that of this line, for the purposes of its amount."""
        if name == 'extra_tax_data':
            # Of a draft, it is cut anew whatever is sent.
            return self.parent_state == 'posted' and (value or {}) != (self.extra_tax_data or {})
        if name == 'quantity':
            return not self._is_same_quantity(self.quantity, value or 0.0)
        if name in ('balance', 'amount_currency', 'tax_base_amount'):
            currency = self.currency_id if name == 'amount_currency' else self.company_currency_id
            return currency.compare_amounts(self[name], value or 0.0) != 0
        if name in PRICE_FIELDS:
            digits = self._fields[name].get_digits(self.env)
            digits = digits[1] if digits else 9
            return float_compare(self[name], value or 0.0, precision_digits=digits) != 0
        return self._fields[name].convert_to_cache(value, self) != self._fields[
            name
        ].convert_to_cache(self[name], self)

    # === BUSINESS METHODS === #

    def _get_remaining_line(self):
        """What is left of the line that this one credits, or None."""
        # Who may edit the credit may not be allowed to read its invoice.
        origin_line = self.sudo().credited_line_id
        return origin_line.move_id._get_remaining_lines().get(origin_line.id)

    def _prepare_credit_figures(self, left):
        """The exact amounts of a line of a credit, from what is left of the line it credits.

        :param RemainingLine left: what is left, or None
        :return: values for `extra_tax_data` and, where that follows, `credit_kind`
        """
        self.ensure_one()
        origin_line = self.sudo().credited_line_id
        kind = self._get_credit_kind()
        if not left or self.currency_id != origin_line.currency_id:
            return {'extra_tax_data': False}
        if kind in ('return', 'price') and origin_line.tax_ids and not self.tax_ids:
            kind = 'commercial'
        elif kind != 'commercial' and self.tax_ids.ids != origin_line.tax_ids.ids:
            return {'extra_tax_data': False}
        origin = origin_line.move_id
        amount = self._get_credit_price_amount()
        if kind == 'tax':
            amount = self._get_credit_tax_amount()
        quantity = self._get_returned_quantity() if kind == 'return' else 0.0
        if origin_line._is_same_quantity(quantity, left.quantity):
            # A unit of a dozen is no number that ends.
            quantity = left.quantity
        part = origin._get_part(
            left,
            kind,
            quantity=quantity,
            amount=amount,
            is_price_typed=self.is_credit_price_typed,
            taxes=self._get_credited_taxes(),
        )
        if part['figures'] is None:
            return {'extra_tax_data': False}
        vals = {
            'credit_kind': kind,
            'price_unit': self.price_unit,
            'discount': self.discount,
            'quantity': self.quantity,
        }
        data = origin._prepare_extra_tax_data(origin_line, part['figures'], vals)
        return {'extra_tax_data': data, 'credit_kind': kind}

    def _get_credit_kind(self):
        """What this line credits; for a credit from before it was asked, what its price tells."""
        self.ensure_one()
        if self.credit_kind:
            return self.credit_kind
        return 'return' if self._is_same_price(self.sudo().credited_line_id) else 'price'

    def _get_credit_price_amount(self):
        """Quantity times price less discount, in the document's currency."""
        return self.currency_id.round(self.quantity * self.price_unit * (1 - self.discount / 100))

    def _get_credit_tax_amount(self):
        """The tax of a line of kind *tax*, in the document's currency."""
        amounts = (self.extra_tax_data or {}).get('manual_tax_amounts') or {}
        return sum(tax.get('tax_amount_currency', 0.0) for tax in amounts.values())

    def _get_credited_taxes(self):
        """The ids of the taxes of which a line of kind *tax* takes something."""
        amounts = (self.extra_tax_data or {}).get('manual_tax_amounts') or {}
        return [int(tax) for tax, figures in amounts.items() if figures.get('tax_amount_currency')]

    def _get_returned_quantity(self):
        """The quantity that this line returns, in the unit of the line that it credits."""
        self.ensure_one()
        if self._get_credit_kind() != 'return':
            return 0.0
        unit = self.sudo().credited_line_id.product_uom_id
        if self.product_uom_id and unit and self.product_uom_id != unit:
            return self.product_uom_id._compute_quantity(self.quantity, unit, round=False)
        return self.quantity

    def _is_repricing(self):
        """Whether this line changes what the rest of the line that it credits is worth."""
        return self.is_credit_price_typed or self._get_credit_kind() != 'return'

    def _is_quantity_beyond(self, quantity, left):
        """Whether a quantity is more than is left of the line that this one credits."""
        unit = self.credited_line_id.product_uom_id
        sign = -1 if left.whole_quantity < 0 else 1
        digits = self.env['decimal.precision'].precision_get('Product Unit')

        def is_positive(amount):
            if unit:
                return unit.compare(amount, 0.0) > 0
            return float_compare(amount, 0.0, precision_digits=digits) > 0

        # What has the other sign takes nothing back.
        return is_positive(sign * (quantity - left.quantity)) or is_positive(-sign * quantity)

    def _get_asked_share(self):
        """The share of the line as invoiced that was asked for, or None."""
        self.ensure_one()
        if self.credit_share <= 0 or self._get_credit_kind() != 'price':
            return None
        return get_percentage_share(self.credit_share)

    def _get_part_to_cut(self, left):
        """This line as a part of the line that it credits.

        :param RemainingLine left: what is left of that line
        :return: `tools.cutting.Part`
        """
        self.ensure_one()
        data = self.extra_tax_data
        origin = self.credited_line_id.move_id
        return Part(
            left=left,
            kind=self._get_credit_kind(),
            figures=origin._read_extra_tax_data(data) if data else None,
            quantity=self._get_returned_quantity(),
            asked=self._get_asked_share(),
            is_price_typed=self.is_credit_price_typed,
        )

    def _refresh_credit_figures(self, left, figures=None):
        """Cut the amounts of a draft's line from what is left by now.

        :param RemainingLine left: what is left of the line that it credits; this line is taken off
        :param dict figures: those that were cut together with other lines
        """
        self.ensure_one()
        origin = self.credited_line_id.move_id
        vals = {'extra_tax_data': self.extra_tax_data}
        if figures:
            vals = self._prepare_cut_vals(left, figures)
        elif not self._is_within(self.extra_tax_data, left):
            vals = {'extra_tax_data': self._prepare_credit_figures(left)['extra_tax_data']}
        data = vals['extra_tax_data']
        if not data:
            return
        left.subtract(
            origin._read_extra_tax_data(data),
            self._get_returned_quantity(),
            self._is_repricing(),
            self._get_asked_share(),
        )
        if data != self.extra_tax_data:
            self.with_context(credit_figures=FIGURES).write(vals)

    def _prepare_cut_vals(self, left, figures):
        """The values of this line with other figures: of a lower price, that price follows."""
        origin_line = self.credited_line_id
        vals = {
            'credit_kind': self._get_credit_kind(),
            'price_unit': self.price_unit,
            'discount': self.discount,
            'quantity': self.quantity,
        }
        changed = {}
        if vals['credit_kind'] == 'price':
            amount = origin_line.move_id._get_amount(left.get_price_amount(figures))
            changed['price_unit'] = vals['price_unit'] = amount
        data = origin_line.move_id._prepare_extra_tax_data(origin_line, figures, vals)
        return {**changed, 'extra_tax_data': data}

    def _is_within(self, data, left):
        """Whether the amounts of a line that somebody typed can stay as they are.

        What follows from a quantity is cut anew, and so is what uses up the line: it takes all that
        is left.
        """
        if not data or (self._get_credit_kind() == 'return' and not self.is_credit_price_typed):
            return False
        figures = self.credited_line_id.move_id._read_extra_tax_data(data)
        rest = subtract(left.figures, figures)
        return is_within(figures, left.figures) and left.get_price_amount(rest) != 0

    def _check_credited_amounts_are_kept(self, vals):
        names = AMOUNT_FIELDS & vals.keys()
        if not names:
            return
        for line in self.filtered(lambda line: line.move_id.state == 'posted'):
            is_credit = line.move_type == 'out_refund'
            is_credited = line.move_type in CREDITABLE_TYPES and line.display_type == 'product'
            if not is_credit and not is_credited:
                continue
            if not any(line._is_changed(name, vals[name]) for name in names):
                continue
            if is_credit:
                raise UserError(
                    self.env._(
                        '%s is posted: what its lines take cannot be changed. Reset it to draft '
                        'first.',
                        line.move_id.display_name,
                    )
                )
            credits = line.move_id.sudo()._get_posted_credits()
            if credits:
                raise UserError(
                    self.env._(
                        'The lines of %(invoice)s cannot be changed: %(credits)s credits it. '
                        'Credit what is wrong instead.',
                        invoice=line.move_id.display_name,
                        credits=', '.join(credits.mapped('display_name')),
                    )
                )
