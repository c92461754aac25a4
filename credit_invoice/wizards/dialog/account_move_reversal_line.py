from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

from ...tools.checking import check_numbers
from ...tools.remaining import UNTAXED

PART_KINDS = [
    ('return', 'Quantity'),
    ('price', 'Lower price'),
    ('commercial', 'Lower price, no tax'),
    ('tax', 'Tax only'),
]
# The largest percentage that is shown of what is typed beyond the line.
SHOWN_PERCENTAGE = 9999.99
TYPED_FIELDS = ('quantity', 'amount', 'percentage')
# A row that is no part of an amount that was typed for all.
UNSPLIT = {'split_total': 0.0, 'split_share': 0.0}
PART_FIELDS = (
    'move_line_id',
    'kind',
    'tax_id',
    'quantity',
    'amount',
    'is_price_typed',
    'split_total',
    'split_share',
    'typed_percentage',
)


class AccountMoveReversalLine(models.TransientModel):
    """A row of the table *Part of it*: what is to be credited of one line of the invoice.

    Amounts are as the customer sees prices: with the taxes that the price includes. Of the line
    type *lower price, no tax* they are without any, and of *tax only*, the amount is the tax. A
    quantity whose amount was typed, too, comes back for that amount.
    """

    _name = 'account.move.reversal.line'
    _inherit = ['credit.checked.mixin']
    _description = 'Part of an Invoice to Credit'
    _order = 'sequence, id'

    wizard_id = fields.Many2one('account.move.reversal', required=True, ondelete='cascade')
    sequence = fields.Integer()
    move_line_id = fields.Many2one(
        comodel_name='account.move.line', string='Invoice Line', required=True, ondelete='cascade'
    )
    move_id = fields.Many2one(related='move_line_id.move_id', related_sudo=False, string='Invoice')
    invoice_name = fields.Char(related='move_id.name', related_sudo=False, string='Invoice Number')
    is_combined = fields.Boolean(related='wizard_id.is_combined')
    name = fields.Char(related='move_line_id.name', related_sudo=False, string='Description')
    currency_id = fields.Many2one(related='move_line_id.currency_id', related_sudo=False)
    product_uom_id = fields.Many2one(
        related='move_line_id.product_uom_id', related_sudo=False, string='Unit'
    )

    invoiced_quantity = fields.Float(compute='_compute_balance', digits='Product Unit')
    credited_quantity = fields.Float(compute='_compute_balance', digits='Product Unit')
    reserved_quantity = fields.Float(compute='_compute_balance', digits='Product Unit')
    remaining_quantity = fields.Float(compute='_compute_balance', digits='Product Unit')
    invoiced_amount = fields.Monetary(compute='_compute_balance')
    credited_amount = fields.Monetary(compute='_compute_balance')
    reserved_amount = fields.Monetary(compute='_compute_balance')
    remaining_amount = fields.Monetary(compute='_compute_balance')

    kind = fields.Selection(
        selection=PART_KINDS, string='Line Type', required=True, default='return'
    )
    choosable_tax_ids = fields.Many2many('account.tax', compute='_compute_choosable_tax_ids')
    tax_id = fields.Many2one(
        comodel_name='account.tax',
        string='Only Tax',
        help='The one tax of the line that is credited. Empty: all of them, in proportion.',
    )
    quantity = fields.Float(digits='Product Unit')
    amount = fields.Monetary()
    amount_basis = fields.Selection(
        selection=[('included', 'With tax'), ('excluded', 'Without tax'), ('tax', 'Tax')],
        string='Amount Is',
        compute='_compute_total',
        help='Prices are typed as they stand on the invoice. The total is always with tax.',
    )
    percentage = fields.Float(string='%', digits=(16, 2), help='Of the line as it was invoiced.')
    is_price_typed = fields.Boolean()
    split_total = fields.Monetary(
        help='The share of this line in an amount with tax that was typed for the whole invoice.'
    )
    split_share = fields.Float(
        help='The same share as a percentage of the invoiced line, not rounded.'
    )
    typed_percentage = fields.Float(
        digits=(16, 2), help='The percentage of the invoiced line from which the amount follows.'
    )
    untaxed_amount = fields.Monetary(string='Untaxed', compute='_compute_total')
    tax_amount = fields.Monetary(string='Tax', compute='_compute_total')
    total = fields.Monetary(compute='_compute_total')
    refusal = fields.Char(
        string='Cannot Be Credited',
        compute='_compute_refusal',
        help='Why this cannot be credited, while it is typed.',
    )
    share_notice = fields.Char(
        string='Share',
        compute='_compute_share_notice',
        help='What belongs to the other lines that are credited.',
    )

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

    @api.depends('move_line_id')
    def _compute_choosable_tax_ids(self):
        lefts = self._get_lefts()
        for row in self:
            left = lefts.get(row)
            ids = [name[0] for name in left.tax_names] if left else []
            row.choosable_tax_ids = self.env['account.tax'].browse(ids if len(ids) > 1 else ())

    @api.depends(*PART_FIELDS, *(f'wizard_id.credit_line_ids.{name}' for name in PART_FIELDS))
    def _compute_total(self):
        lefts, all_figures = self._get_lefts(), self._get_all_figures()
        for row in self:
            left = lefts.get(row)
            figures = all_figures.get(row)
            row.total = row._get_amount(figures, left.total_names) if figures else 0.0
            row.tax_amount = row._get_amount(figures, left.tax_names) if figures else 0.0
            row.untaxed_amount = row._get_amount(figures, [UNTAXED]) if figures else 0.0
            row.amount_basis = row._get_amount_basis(left)

    def _get_amount_basis(self, left):
        """Whether the amount of this row is with tax; False where the line has none."""
        if not left or not left.tax_names:
            return False
        if self.kind == 'tax':
            return 'tax'
        is_included = self.kind != 'commercial' and set(left.tax_names) <= set(left.price_names)
        return 'included' if is_included else 'excluded'

    # === ONCHANGE METHODS === #

    @api.onchange('kind')
    def _onchange_kind(self):
        left = self._get_lefts().get(self)
        if not left:
            return
        self.update(UNSPLIT)
        if self.kind != 'tax':
            self.tax_id = False
        if self.kind == 'return':
            if self.quantity and self.is_price_typed:
                return
            self.is_price_typed = False
            self.quantity = self.quantity or left.quantity
            self.amount = self._get_quantity_amount(left)
        else:
            self.update({'quantity': 0.0, 'is_price_typed': False})
            rest = self._get_amount(left.figures, self._get_names(left))
            is_beyond = self.currency_id.compare_amounts(abs(self.amount), abs(rest)) > 0
            if self.kind == 'tax' or (self.kind == 'commercial' and is_beyond):
                self.amount = rest
        self.percentage = self._get_percentage(left)
        self._drop_stale_percentage(left)

    def _drop_stale_percentage(self, left):
        """A percentage counts as typed as long as the amount is what follows from it."""
        amount = self._get_percentage_amount(left, self.typed_percentage)
        if self.kind != 'price' or self.currency_id.compare_amounts(self.amount, amount):
            self.typed_percentage = 0.0

    @api.onchange('tax_id')
    def _onchange_tax_id(self):
        left = self._get_lefts().get(self)
        if left and self.tax_id:
            self.update({'kind': 'tax', 'quantity': 0.0, **UNSPLIT})
            self.amount = self._get_amount(left.figures, self._get_names(left))
            self.percentage = self._get_percentage(left)

    @api.onchange('quantity')
    def _onchange_quantity(self):
        left = self._get_lefts().get(self)
        if not left or (not self.quantity and self.kind != 'return'):
            return
        amount = self._get_quantity_amount(left)
        is_price_typed = self._is_lower_price_typed(amount)
        self.update({'kind': 'return', 'is_price_typed': is_price_typed, **UNSPLIT})
        if not is_price_typed:
            self.update({'amount': amount, 'typed_percentage': 0.0})
        self.percentage = self._get_percentage(left)

    def _is_lower_price_typed(self, worth):
        """Whether the amount was typed for less than what the quantity is worth."""
        is_typed = self.is_price_typed or (self.kind == 'price' and not self._is_split())
        return bool(is_typed and 0 < self.amount * worth < worth**2)

    @api.onchange('amount')
    def _onchange_amount(self):
        left = self._get_lefts().get(self)
        if not left:
            return
        is_typed = self._is_amount_typed(left)
        if self.kind == 'return' and self.quantity:
            self.is_price_typed = is_typed
        if is_typed:
            self.update(UNSPLIT)
            if self.kind == 'return' and not self.quantity:
                self.kind = 'price'
            self.percentage = self._get_percentage(left)
        self._drop_stale_percentage(left)

    @api.onchange('percentage')
    def _onchange_percentage(self):
        left = self._get_lefts().get(self)
        if left and round(self.percentage - self._get_percentage(left), 2):
            # The amount goes on from here: see its own method.
            self.update({**UNSPLIT, 'typed_percentage': self.percentage})
            self.amount = self._get_percentage_amount(left, self.percentage)
            if self.kind == 'return' and not self.quantity:
                # An amount of 0.00 stays as it was, and nothing goes on from it.
                self.kind = 'price'

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'base': over RPC, what was not typed follows from what was
        for vals in vals_list:
            check_numbers(self, TYPED_FIELDS, vals)
            self._check_percentage(vals)
            if not vals.get('kind'):
                vals['kind'] = 'return' if 'quantity' in vals else 'price'
        rows = super().create(vals_list)
        lefts = rows._get_lefts()
        for row, vals in zip(rows, vals_list, strict=True):
            if left := lefts.get(row):
                row.write(row._prepare_completing_vals(vals, left))
        return rows

    def _prepare_completing_vals(self, vals, left):
        """What follows from a quantity or a percentage alone."""
        if self.kind == 'return':
            amount = self._get_quantity_amount(left)
            is_typed = 'amount' in vals and self.currency_id.compare_amounts(self.amount, amount)
            completing = {'is_price_typed': bool(is_typed)}
            if not is_typed:
                completing['amount'] = amount
        elif 'amount' not in vals and 'percentage' in vals:
            percentage = vals['percentage']
            completing = {
                'amount': self._get_percentage_amount(left, percentage),
                'typed_percentage': percentage,
            }
        else:
            completing = {}
        if 'percentage' not in vals:
            completing['percentage'] = self._get_percentage(left)
        return completing

    @api.model
    def _check_percentage(self, vals):
        # Beside a quantity or an amount it follows from them, and they are checked.
        is_alone = 'quantity' not in vals and 'amount' not in vals
        percentage = vals.get('percentage') or 0.0
        if is_alone and not 0 <= percentage <= 100:
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

    def _get_all_figures(self):
        """The figures of these parts; shares of lines are rounded together with the other rows'.

        :return: dictionary of rows to figures, or None; rows of no line with an amount are missing
        """
        all_figures = {}
        for origin, rows in self.grouped('move_id').items():
            parts = {
                row.move_line_id._origin.id: row._get_part_vals()
                for row in (*rows._get_siblings(origin), *rows)
            }
            move = origin._origin
            chosen = move._get_parts(move._get_remaining_lines(), parts) if move else {}
            for row in rows:
                if part := chosen.get(row.move_line_id._origin.id):
                    all_figures[row] = part['figures']
        return all_figures

    def _get_siblings(self, origin):
        """All rows of the table that are of one invoice."""
        return self.wizard_id.credit_line_ids.filtered(lambda row: row.move_id == origin)

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
            # What all lines of such an amount come to stays, whatever becomes of their cents.
            'is_price_typed': self.is_price_typed or bool(self.split_share),
            'total': self.split_total if self._is_split() else None,
            'taxes': self.tax_id.ids,
            'percentage': self.split_share or self.typed_percentage or None,
        }

    def _get_amount(self, figures, names):
        return self.move_id._origin._get_amount(sum(figures.get(name, 0) for name in names))

    def _get_quantity_amount(self, left):
        return self._get_amount(left.take_quantity(self.quantity), left.price_names)

    def _get_names(self, left):
        """The figures that the amount of this row is made of."""
        names = {'tax': left.get_tax_names(self.tax_id.ids), 'commercial': [UNTAXED]}
        return names.get(self.kind, left.price_names)

    def _is_amount_typed(self, left):
        """Whether the amount is another than that which follows from the quantity."""
        if self.kind != 'return':
            return True
        amount = self._get_quantity_amount(left)
        return self.currency_id.compare_amounts(self.amount, amount) != 0

    def _get_percentage(self, left):
        """The amount of this row as a percentage of the line as invoiced, or of its tax."""
        whole = self._get_amount(left.whole, self._get_names(left))
        percentage = 100 * self.amount / whole if whole else 0.0
        return min(max(round(percentage, 2), -SHOWN_PERCENTAGE), SHOWN_PERCENTAGE)

    def _get_percentage_amount(self, left, percentage):
        whole = self._get_amount(left.whole, self._get_names(left))
        return self.currency_id.round(whole * percentage / 100)

    def _is_empty(self):
        if self.kind == 'return':
            return not self.quantity
        return not self._is_share_typed() and self.currency_id.is_zero(self.amount)

    def _is_share_typed(self):
        """Whether a percentage of a line that costs something was typed, or an amount for all.

        Its cents may come with another credit: a quarter of 0.03 takes part though it comes to
        0.00 today.
        """
        is_typed = self.kind == 'price' and bool(self.typed_percentage or self.split_share)
        return is_typed and not self.currency_id.is_zero(self.invoiced_amount)

    def _is_split(self):
        """Whether this row is a part of an amount that was typed for all."""
        return bool(self.split_total or self.split_share)

    def _is_worth_nothing(self):
        """Whether nothing comes of this row alone."""
        return self.kind != 'return' and self.currency_id.is_zero(self.amount)
