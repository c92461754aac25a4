from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

from ..tools.remaining import UNTAXED
from ..tools.splitting import is_between, is_number, to_units

PART_KINDS = [
    ('return', 'Quantity'),
    ('price', 'Lower price'),
    ('commercial', 'Lower price, no tax'),
    ('tax', 'Tax only'),
]
TYPED_FIELDS = ('quantity', 'amount', 'percentage')


class AccountMoveReversalLine(models.TransientModel):
    """A row of the table *Part of it*: what is to be credited of one line of the invoice.

    Amounts are as the customer sees prices: with the taxes that the price includes. Of the kind
    *without tax* they are without any, and of *tax alone*, the amount is the tax.
    """

    _name = 'account.move.reversal.line'
    _description = 'Part of an Invoice to Credit'
    _order = 'sequence, id'

    wizard_id = fields.Many2one('account.move.reversal', required=True, ondelete='cascade')
    sequence = fields.Integer()
    move_line_id = fields.Many2one(
        comodel_name='account.move.line', string='Invoice Line', required=True, ondelete='cascade'
    )
    move_id = fields.Many2one(related='move_line_id.move_id', string='Invoice')
    name = fields.Char(related='move_line_id.name', string='Description')
    currency_id = fields.Many2one(related='move_line_id.currency_id')
    product_uom_id = fields.Many2one(related='move_line_id.product_uom_id', string='Unit')

    invoiced_quantity = fields.Float(compute='_compute_balance', digits='Product Unit')
    credited_quantity = fields.Float(compute='_compute_balance', digits='Product Unit')
    reserved_quantity = fields.Float(compute='_compute_balance', digits='Product Unit')
    remaining_quantity = fields.Float(compute='_compute_balance', digits='Product Unit')
    invoiced_amount = fields.Monetary(compute='_compute_balance')
    credited_amount = fields.Monetary(compute='_compute_balance')
    reserved_amount = fields.Monetary(compute='_compute_balance')
    remaining_amount = fields.Monetary(compute='_compute_balance')

    kind = fields.Selection(selection=PART_KINDS, required=True, default='return')
    quantity = fields.Float(digits='Product Unit')
    amount = fields.Monetary()
    percentage = fields.Float(string='%', digits=(16, 2), help='Of the line as it was invoiced.')
    is_price_typed = fields.Boolean()
    split_total = fields.Monetary(
        help='The share of this line in an amount with tax that was typed for the whole invoice.'
    )
    tax_amount = fields.Monetary(string='Tax', compute='_compute_total')
    total = fields.Monetary(compute='_compute_total')

    # === COMPUTE METHODS === #

    @api.depends('move_line_id')
    def _compute_balance(self):
        for origin, rows in self.grouped('move_id').items():
            remaining, reserved = origin._origin._get_part_balance()
            for row in rows:
                line_id = row.move_line_id._origin.id
                row.update(row._get_balance_vals(remaining.get(line_id), reserved.get(line_id)))

    def _get_balance_vals(self, left, reserved):
        if not left:
            names = ('invoiced', 'credited', 'reserved', 'remaining')
            return {f'{name}_{what}': 0.0 for name in names for what in ('quantity', 'amount')}
        whole = self._get_amount(left.whole, left.price_names)
        rest = self._get_amount(left.figures, left.price_names)
        quantity, amount = reserved or (0.0, 0.0)
        return {
            'invoiced_quantity': left.whole_quantity,
            'credited_quantity': left.whole_quantity - left.quantity,
            'reserved_quantity': quantity,
            'remaining_quantity': left.quantity,
            'invoiced_amount': whole,
            'credited_amount': self.currency_id.round(whole - rest),
            'reserved_amount': amount,
            'remaining_amount': rest,
        }

    @api.depends('move_line_id', 'kind', 'quantity', 'amount', 'is_price_typed', 'split_total')
    def _compute_total(self):
        lefts = self._get_lefts()
        for row in self:
            left = lefts.get(row)
            figures = left and row._get_figures(left)
            row.total = row._get_amount(figures, left.total_names) if figures else 0.0
            row.tax_amount = row._get_amount(figures, left.tax_names) if figures else 0.0

    # === ONCHANGE METHODS === #

    @api.onchange('kind')
    def _onchange_kind(self):
        left = self._get_lefts().get(self)
        if not left:
            return
        self.split_total = 0.0
        if self.kind == 'return':
            self.is_price_typed = False
            self.quantity = self.quantity or left.quantity
            self.amount = self._get_quantity_amount(left)
        else:
            self.quantity = 0.0
            rest = self._get_amount(left.figures, self._get_names(left))
            is_beyond = self.currency_id.compare_amounts(abs(self.amount), abs(rest)) > 0
            if self.kind == 'tax' or (self.kind == 'commercial' and is_beyond):
                self.amount = rest
        self.percentage = self._get_percentage(left)

    @api.onchange('quantity')
    def _onchange_quantity(self):
        left = self._get_lefts().get(self)
        if not left or (not self.quantity and self.kind != 'return'):
            return
        self.update({'kind': 'return', 'is_price_typed': False, 'split_total': 0.0})
        self.amount = self._get_quantity_amount(left)
        self.percentage = self._get_percentage(left)

    @api.onchange('amount')
    def _onchange_amount(self):
        left = self._get_lefts().get(self)
        if left and self._is_amount_typed(left):
            self.split_total = 0.0
            if self.kind == 'return':
                self.update({'kind': 'price', 'quantity': 0.0})
            self.percentage = self._get_percentage(left)

    @api.onchange('percentage')
    def _onchange_percentage(self):
        left = self._get_lefts().get(self)
        if left and round(self.percentage - self._get_percentage(left), 2):
            self.amount = self._get_percentage_amount(left)
            if self.kind == 'return' and self._is_amount_typed(left):
                self.update({'kind': 'price', 'quantity': 0.0})

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'base': over RPC, what was not typed follows from what was
        for vals in vals_list:
            self._check_numbers(vals)
            if not vals.get('kind'):
                vals['kind'] = 'return' if 'quantity' in vals else 'price'
        rows = super().create(vals_list)
        lefts = rows._get_lefts()
        for row, vals in zip(rows, vals_list, strict=True):
            if left := lefts.get(row):
                row.write(row._prepare_completing_vals(vals, left))
        return rows

    def write(self, vals):
        # EXTENDS 'base'
        self._check_numbers(vals)
        return super().write(vals)

    def _prepare_completing_vals(self, vals, left):
        """What follows from a quantity or a percentage alone."""
        if self.kind == 'return':
            amount = self._get_quantity_amount(left)
            is_typed = 'amount' in vals and self.currency_id.compare_amounts(self.amount, amount)
            completing = {'is_price_typed': bool(is_typed)}
            if not is_typed:
                completing['amount'] = amount
        elif 'amount' not in vals and 'percentage' in vals:
            completing = {'amount': self._get_percentage_amount(left)}
        else:
            completing = {}
        if 'percentage' not in vals:
            completing['percentage'] = self._get_percentage(left)
        return completing

    @api.model
    def _check_numbers(self, vals):
        for name in TYPED_FIELDS:
            value = vals.get(name) or 0.0
            if not is_number(value):
                raise ValidationError(
                    self.env._(
                        '%(field)s must be a number, not %(value)s.',
                        field=self._fields[name].get_description(self.env, ['string'])['string'],
                        value=value,
                    )
                )
        percentage = vals.get('percentage') or 0.0
        if not 0 <= percentage <= 100:
            raise ValidationError(
                self.env._(
                    'A percentage lies between 0 and 100, not at %s.',
                    formatLang(self.env, percentage),
                )
            )

    # === BUSINESS METHODS === #

    def _get_lefts(self):
        """What is left of the invoices' lines.

        :return: dictionary of rows to `RemainingLine`; rows of no line with an amount are missing
        """
        lefts = {}
        for origin, rows in self.grouped('move_id').items():
            remaining = origin._origin._get_remaining_lines() if origin._origin else {}
            for row in rows:
                if left := remaining.get(row.move_line_id._origin.id):
                    lefts[row] = left
        return lefts

    def _get_figures(self, left):
        """The figures of this part, or None."""
        self.ensure_one()
        part = self.move_id._origin._get_part(left, **self._get_part_vals())
        return part['figures']

    def _get_part_vals(self):
        """This row as a part of `account.move._get_parts`."""
        return {
            'kind': self.kind,
            'quantity': self.quantity,
            'amount': self.amount,
            'is_price_typed': self.is_price_typed,
            'total': self.split_total or None,
        }

    def _get_amount(self, figures, names):
        return self.move_id._origin._get_amount(sum(figures.get(name, 0) for name in names))

    def _get_quantity_amount(self, left):
        return self._get_amount(left.take_quantity(self.quantity), left.price_names)

    def _get_names(self, left):
        """The figures that the amount of this row is made of."""
        names = {'tax': left.tax_names, 'commercial': [UNTAXED]}
        return names.get(self.kind, left.price_names)

    def _is_amount_typed(self, left):
        """Whether the amount is another than that which follows from the quantity."""
        if self.split_total:
            units = to_units(self.split_total, self.currency_id.rounding)
            amount = self._get_amount(left.take_total(units) or {}, left.price_names)
        elif self.kind == 'return':
            amount = self._get_quantity_amount(left)
        else:
            return True
        return self.currency_id.compare_amounts(self.amount, amount) != 0

    def _get_percentage(self, left):
        """The amount of this row as a percentage of the line as invoiced, or of its tax."""
        whole = self._get_amount(left.whole, self._get_names(left))
        percentage = 100 * self.amount / whole if whole else 0.0
        return min(max(round(percentage, 2), 0.0), 100.0)

    def _get_percentage_amount(self, left):
        whole = self._get_amount(left.whole, self._get_names(left))
        return self.currency_id.round(whole * self.percentage / 100)

    def _is_empty(self):
        if self.kind == 'return':
            return not self.quantity
        return self.currency_id.is_zero(self.amount)

    # === CHECKS === #

    def _get_part_refusal(self, left, can_exceed):
        """Why this cannot be credited of a line.

        :param RemainingLine left: what is left of the line, or None
        :param bool can_exceed: whether more than what is left may be credited
        :return: one sentence that names the line and says what to do, or False
        """
        self.ensure_one()
        name = self.name or ''
        if self.move_id not in self.wizard_id.move_ids or not self.move_line_id:
            return self.env._(
                'The line "%(line)s" is not one of %(invoices)s: choose lines of what is credited.',
                line=name,
                invoices=', '.join(self.wizard_id.move_ids.mapped('display_name')),
            )
        if not left:
            return self.env._('"%s" cannot be credited: it is not a line with an amount.', name)
        if self.kind == 'return' and self.quantity * left.whole_quantity < 0:
            return self.env._(
                'Type the quantity of "%s" with the sign that it has on the invoice.', name
            )
        if self.kind == 'return' and not can_exceed:
            line = self.env['account.move.line'].new({'credited_line_id': self.move_line_id.id})
            if line._is_quantity_beyond(self.quantity, left):
                return self.move_id._get_quantity_sentence(line, self.quantity, left)
        return self._get_amount_refusal(left, can_exceed)

    def _get_amount_refusal(self, left, can_exceed):
        figures = self._get_figures(left)
        if figures is None:
            return self.env._(
                'Of "%s", no such amount can be credited: choose another kind.', self.name or ''
            )
        names = self._get_names(left)
        rest = sum(left.figures[name] for name in names)
        units = to_units(self.amount, self.currency_id.rounding)
        if is_between(units, rest) or (can_exceed and units * rest >= 0):
            return False
        if units * sum(left.whole[name] for name in names) < 0:
            return self.env._(
                'Type the amount of "%s" with the sign that it has on the invoice.', self.name or ''
            )
        move = self.move_id
        return self.env._(
            'Of "%(line)s", %(left)s can still be credited, not %(amount)s.',
            line=self.name or '',
            left=formatLang(self.env, move._get_amount(rest), currency_obj=self.currency_id),
            amount=formatLang(self.env, self.amount, currency_obj=self.currency_id),
        )
