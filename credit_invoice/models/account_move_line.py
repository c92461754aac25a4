from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare, formatLang

CREDITABLE_TYPES = ('out_invoice', 'out_receipt')
# The kinds of journal item that a user sees as a line of the document. All others (taxes, payment
# terms, cost of goods, ...) are derived by the host and are derived again on the credit.
PRICE_FIELDS = ('price_unit', 'discount')
FIGURE_FIELDS = {*PRICE_FIELDS, 'quantity', 'tax_ids', 'credit_kind', 'extra_tax_data'}
AMOUNT_FIELDS = {'price_unit', 'discount', 'quantity', 'tax_ids', 'balance', 'amount_currency'}
DOCUMENT_LINE_TYPES = ('product', 'line_section', 'line_subsection', 'line_note')


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    credited_line_id = fields.Many2one(
        comodel_name='account.move.line',
        copy=False,
        readonly=True,
        index='btree_not_null',
        check_company=True,
        help='The line of the invoice that this line credits.',
    )
    credit_line_ids = fields.One2many(
        comodel_name='account.move.line',
        inverse_name='credited_line_id',
        string='Credit Lines',
        readonly=True,
    )
    credit_kind = fields.Selection(
        selection=[
            ('return', 'Returns quantity'),
            ('price', 'Lowers the price'),
            ('commercial', 'Without tax'),
            ('tax', 'Tax alone'),
            ('discount', 'Payment discount taken'),
            ('deduction', 'Credited before'),
        ],
        string='Kind of Credit',
        copy=False,
        help='What this line credits. Only a line that returns quantity changes what was delivered '
        'and invoiced; where the price was lowered, a later return is worth the lowered price.',
    )
    is_credit_price_typed = fields.Boolean(
        copy=False,
        help='Whether a person set the price. Otherwise the line is worth its share of what is '
        'left of the line that it credits.',
    )
    credit_amount_reversed = fields.Monetary(
        string='Reversed Amount',
        compute='_compute_credit_amount_reversed',
        currency_field='currency_id',
        help='What this line takes back from its invoice. Quantities are typed positive.',
    )

    # === COMPUTE METHODS === #

    @api.depends('price_subtotal', 'move_type')
    def _compute_credit_amount_reversed(self):
        for line in self:
            is_credit = line.move_type == 'out_refund'
            line.credit_amount_reversed = -line.price_subtotal if is_credit else 0.0

    @api.depends('credited_line_id', 'extra_tax_data')
    def _compute_totals(self):
        # EXTENDS 'account': where taxes are rounded per document, the host rounds the total that
        # it shows of each line apart from the others; a pure mirror shows what its invoice shows.
        super()._compute_totals()
        for line in self:
            if line.credited_line_id and line._is_mirrored():
                origin_line = line.sudo().credited_line_id
                line.price_subtotal = origin_line.price_subtotal
                line.price_total = origin_line.price_total

    # === ONCHANGE METHODS === #

    @api.onchange('quantity', 'price_unit', 'discount', 'tax_ids', 'credit_kind')
    def _onchange_credit_price(self):
        for line in self.filtered('credited_line_id'):
            saved = line._origin
            if any(saved._is_changed(name, line[name]) for name in PRICE_FIELDS):
                values = {name: line[name] for name in ('quantity', *PRICE_FIELDS)}
                line.update(saved._get_typed_price_vals(values))
            line.update(line._prepare_credit_figures(line._get_remaining_line()))

    # === CRUD METHODS === #

    def write(self, vals):
        # EXTENDS 'account': the amounts of a credit's line follow what is left of the line that it
        # credits (decisions 4 and 5)
        if 'credited_line_id' in vals:
            self._check_credited_line_is_kept(vals['credited_line_id'])
        self._check_credited_amounts_are_kept(vals)
        if not FIGURE_FIELDS & vals.keys() or self.env.context.get('credit_figures'):
            return super().write(vals)
        credited = self.filtered(
            lambda line: line.credited_line_id and line.parent_state == 'draft'
        )
        remaining = {}
        for line in credited:
            line_vals = line._prepare_credit_line_write(vals, remaining)
            super(AccountMoveLine, line).write(line_vals)
        return super(AccountMoveLine, self - credited).write(vals)

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
        if any(name in vals and self._is_changed(name, vals[name]) for name in PRICE_FIELDS):
            vals = {**self._get_typed_price_vals(vals), **vals}
        origin = self.sudo().credited_line_id.move_id
        if origin not in remaining:
            remaining[origin] = origin._get_remaining_lines()
        changed = self.new(origin=self)
        changed.update({name: vals[name] for name in FIGURE_FIELDS & vals.keys()})
        if 'is_credit_price_typed' in vals:
            changed.is_credit_price_typed = vals['is_credit_price_typed']
        left = remaining[origin].get(self.sudo().credited_line_id.id)
        return {**vals, **changed._prepare_credit_figures(left)}

    def _get_typed_price_vals(self, vals):
        """What follows when a person sets another price: with the same quantity, nothing
        comes back, only the price is lowered (decision 7).
        """
        is_same = not self._is_changed('quantity', vals.get('quantity', self.quantity))
        kind = self._get_credit_kind()
        return {
            'is_credit_price_typed': True,
            'credit_kind': 'price' if is_same and kind == 'return' else kind,
        }

    def _is_changed(self, name, value):
        """Whether a value differs from that of this line, for the purposes of its amount."""
        if name == 'extra_tax_data':
            return False
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

    @api.ondelete(at_uninstall=False)
    def _unlink_except_credited(self):
        for line in self:
            credits = line.sudo().credit_line_ids.move_id.filtered(
                lambda move: move.state == 'posted'
            )
            if credits:
                raise UserError(
                    self.env._(
                        'The line "%(line)s" cannot be deleted: %(credit)s credits it.',
                        line=line.name,
                        credit=credits[0].display_name,
                    )
                )

    def _check_credited_amounts_are_kept(self, vals):
        names = AMOUNT_FIELDS & vals.keys()
        if not names:
            return
        for line in self.filtered(lambda line: line.parent_state == 'posted'):
            if line.display_type != 'product' or line.move_id.move_type not in CREDITABLE_TYPES:
                continue
            if not any(line._is_changed(name, vals[name]) for name in names):
                continue
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

    def _check_credited_line_is_kept(self, credited_line_id):
        for line in self:
            if (
                line.parent_state == 'posted'
                and line.credited_line_id
                and line.credited_line_id.id != credited_line_id
            ):
                raise UserError(
                    self.env._(
                        '%s is posted: what its lines credit cannot be changed. Reset it to draft '
                        'first.',
                        line.move_id.display_name,
                    )
                )

    @api.constrains('credited_line_id')
    def _check_credited_line_id(self):
        for line in self.filtered('credited_line_id'):
            origin = line.credited_line_id.move_id
            if line.move_id.move_type != 'out_refund' or origin.move_type not in CREDITABLE_TYPES:
                raise ValidationError(
                    self.env._(
                        'Only a line of a credit can credit a line, and only one of a customer '
                        'invoice: remove the link of "%s".',
                        line.name,
                    )
                )

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
        part = origin._get_part(
            left, kind, quantity, amount, is_price_typed=self.is_credit_price_typed
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

    def _get_returned_quantity(self):
        """The quantity that this line returns, in the unit of the line that it credits."""
        self.ensure_one()
        if self._get_credit_kind() != 'return':
            return 0.0
        unit = self.sudo().credited_line_id.product_uom_id
        if self.product_uom_id and unit and self.product_uom_id != unit:
            return self.product_uom_id._compute_quantity(self.quantity, unit)
        return self.quantity

    def _is_repricing(self):
        """Whether this line changes what the rest of the line that it credits is worth."""
        return self.is_credit_price_typed or self._get_credit_kind() != 'return'

    def _is_quantity_beyond(self, quantity, left):
        """Whether a quantity is more than is left of the line that this one credits."""
        unit = self.credited_line_id.product_uom_id
        sign = -1 if left.whole_quantity < 0 else 1
        rest = sign * (quantity - left.quantity)
        if unit:
            return unit.compare(rest, 0.0) > 0
        digits = self.env['decimal.precision'].precision_get('Product Unit')
        return float_compare(rest, 0.0, precision_digits=digits) > 0

    def _refresh_credit_figures(self, left):
        """Cut the amounts of a draft's line from what is left by now.

        :param RemainingLine left: what is left of the line that it credits; this line is taken off
        """
        self.ensure_one()
        vals = self._prepare_credit_figures(left)
        if data := vals['extra_tax_data']:
            figures = {
                (None, name): data[f'manual_{name}']
                for name in ('total_excluded', 'total_excluded_currency')
            }
            figures.update({
                (int(tax), name): amount
                for tax, amounts in data['manual_tax_amounts'].items()
                for name, amount in amounts.items()
            })
            origin = self.credited_line_id.move_id
            units = {key: origin._get_units(amount, key[1]) for key, amount in figures.items()}
            left.subtract(units, self._get_returned_quantity())
        if data and data != self.extra_tax_data:
            self.with_context(credit_figures=True).write({'extra_tax_data': data})

    def _is_mirrored(self):
        """Whether this line still has all that determines the amounts of the line it credits."""
        self.ensure_one()
        origin = self.sudo().credited_line_id
        return (
            self.display_type == 'product'
            and self.currency_id == origin.currency_id
            and self.tax_ids == origin.tax_ids
            and self._is_same_quantity(self.quantity, origin.quantity)
            and self._is_same_price(origin)
        )

    def _copy_data_extend_business_fields(self, values):
        # EXTENDS 'account': debit notes and re-invoices copy with business fields too, and are no
        # credits; only a mirror links its lines.
        super()._copy_data_extend_business_fields(values)
        batch = self.env.context.get('credit_mirror')
        if batch and batch.is_copying and self.move_id in batch.origins:
            values['credited_line_id'] = self.id

    def _get_credit_line_summary(self):
        """Quantity, price, discount, taxes and total of a line, in words."""
        self.ensure_one()
        parts = [f'{formatLang(self.env, self.quantity)} × {formatLang(self.env, self.price_unit)}']
        if self.discount:
            parts.append(f'−{formatLang(self.env, self.discount)} %')
        parts += self.tax_ids.mapped('name')
        parts.append(f'= {formatLang(self.env, self.price_total, currency_obj=self.currency_id)}')
        return ' '.join(parts)

    def _get_credit_line_differences(self, credit_line):
        """How a credit's line differs from this line of its invoice.

        :param credit_line: the line that credits this one, or None
        :return: list of dictionaries as of `account.move._get_credit_differences`
        """
        self.ensure_one()
        if not credit_line:
            credit_text = self.env._('not credited')
        elif self._is_same_credit_line(credit_line):
            return []
        else:
            credit_text = credit_line._get_credit_line_summary()
        return [
            {
                'name': self.name or '',
                'origin': self._get_credit_line_summary(),
                'credit': credit_text,
            }
        ]

    def _is_same_credit_line(self, credit_line):
        return (
            not self.currency_id.compare_amounts(self.price_total, credit_line.price_total)
            and not self.currency_id.compare_amounts(
                self.price_subtotal, credit_line.price_subtotal
            )
            and self._is_same_quantity(self.quantity, credit_line.quantity)
            and self.tax_ids == credit_line.tax_ids
            and self.account_id == credit_line.account_id
        )

    def _is_same_price(self, other):
        digits = self.env['decimal.precision'].precision_get('Product Price')
        return not float_compare(
            self.price_unit, other.price_unit, precision_digits=digits
        ) and not float_compare(
            self.discount,
            other.discount,
            precision_digits=self.env['decimal.precision'].precision_get('Discount'),
        )

    def _is_same_quantity(self, quantity, other):
        if self.product_uom_id:
            return not self.product_uom_id.compare(quantity, other)
        digits = self.env['decimal.precision'].precision_get('Product Unit')
        return not float_compare(quantity, other, precision_digits=digits)

    def _reconcile_plan(self, reconciliation_plan):
        # EXTENDS 'account': while credits are posted together, their matches are collected and
        # done in one plan, see `account.move._reconcile_reversed_moves`.
        collected = self.env.context.get('credit_reconcile_plan')
        if collected is None:
            return super()._reconcile_plan(reconciliation_plan)
        collected.extend(reconciliation_plan)
        return None
