from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.splitting import get_share, is_between, is_number, split, to_units
from .account_move_reversal_part import UNTYPED


class AccountMoveReversal(models.TransientModel):
    """One percentage, or one amount with tax, for all lines of the table *Part of it*."""

    _inherit = 'account.move.reversal'

    credit_percentage = fields.Float(
        string='Percentage of All Lines',
        digits=(16, 2),
        help='Lowers the price of every line by this percentage of what was invoiced.',
    )
    credit_amount = fields.Monetary(
        string='Amount with Tax',
        currency_field='part_currency_id',
        help='Is split over all lines and their taxes, in proportion to what is left.',
    )
    # === ONCHANGE METHODS === #

    @api.onchange('credit_percentage')
    def _onchange_credit_percentage(self):
        if self.credit_percentage:
            self.credit_amount = 0.0
            self._split_percentage()

    @api.onchange('credit_amount')
    def _onchange_credit_amount(self):
        if self.credit_amount:
            self.credit_percentage = 0.0
            try:
                self._split_amount()
            except UserError as error:
                self.credit_amount = 0.0
                return {'warning': {'title': self.env._('Amount'), 'message': str(error)}}
        return None

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'credit_invoice'
        for vals in vals_list:
            self._check_all_numbers(vals)
        return super().create(vals_list)

    def write(self, vals):
        # EXTENDS 'base'
        self._check_all_numbers(vals)
        return super().write(vals)

    @api.model
    def _check_all_numbers(self, vals):
        percentage, amount = vals.get('credit_percentage') or 0, vals.get('credit_amount') or 0
        if not is_number(percentage) or not 0 <= percentage <= 100:
            raise ValidationError(
                self.env._('A percentage lies between 0 and 100, not at %s.', percentage)
            )
        if not is_number(amount) or amount < 0:
            raise ValidationError(
                self.env._('The amount must be a positive number, not %s.', amount)
            )

    # === BUSINESS METHODS === #

    def _fill_rows(self, vals):
        # EXTENDS 'credit_invoice': over RPC, it is split as in the form
        super()._fill_rows(vals)
        if vals.get('credit_percentage'):
            self._split_percentage()
        elif vals.get('credit_amount'):
            self._split_amount()

    def _split_percentage(self):
        """Take the same share of every line, as it was invoiced, rounded together.

        A share of the total would say nothing where that is zero or small beside its lines.
        """
        percentage = self.credit_percentage
        self._update_rows({
            row: {
                'amount': row._get_percentage_amount(left, percentage),
                'typed_percentage': percentage,
            }
            for row, left in self.credit_line_ids._get_lefts().items()
        })

    def _split_amount(self):
        """Split the amount with tax over the rows, in proportion to what is left of their lines.

        :raise UserError: if nothing is left in all of which the amount could be a part
        """
        lefts = self.credit_line_ids._get_lefts()
        weights = [left.get_total(left.figures) for left in lefts.values()]
        if not sum(weights):
            raise UserError(
                self.env._(
                    'The lines that are left add up to nothing, so an amount cannot be split over '
                    'them: type a percentage of all lines, or the amount of each line.'
                )
            )
        currency = self.part_currency_id
        units = to_units(currency.round(self.credit_amount), currency.rounding)
        amounts = split(units, weights)
        # More than what is left has no share in it.
        share = get_share(units, sum(weights)) if is_between(units, sum(weights)) else 0
        self._update_rows({
            row: {
                'split_total': row.move_id._origin._get_amount(amount),
                'split_share': left.get_total(left.whole) and float(100 * share * left.share),
            }
            for (row, left), amount in zip(lefts.items(), amounts, strict=True)
        })

    def _update_rows(self, vals_by_row):
        """Lower the price of rows, rounded together.

        :param dict vals_by_row: of rows to what they get
        """
        for row, vals in vals_by_row.items():
            row.update({**UNTYPED, 'kind': 'price', 'quantity': 0.0, **vals})
        all_figures = self.credit_line_ids._get_all_figures()
        for row, left in self.credit_line_ids._get_lefts().items():
            if figures := all_figures.get(row):
                row.amount = row._get_amount(figures, left.price_names)
            row.percentage = row._get_percentage(left)
