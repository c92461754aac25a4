from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import NO_ACCESS


class LineFigures(NamedTuple):
    """What the tax engine says of a line.

    :param dict figures: as of `_get_line_figures`
    :param tuple included: ids of the taxes that the price includes
    :param tuple hidden: ids of the taxes that do not change the total: reverse charge
    """

    figures: dict
    included: tuple
    hidden: tuple


class AccountMove(models.Model):
    """What a posted invoice has and a posted credit takes: its figures stay, so the tax engine is
    asked once for them and not each time somebody asks what is left of an invoice.
    """

    _inherit = 'account.move'

    credit_line_figures = fields.Binary(
        compute='_compute_credit_line_figures',
        compute_sudo=True,
        exportable=False,
        groups=NO_ACCESS,  # it is no figure to be shown, and no JSON
        help='The id of each line with its `LineFigures`.',
    )

    # === COMPUTE METHODS === #

    # Taxes and roundings that are changed: see `account.tax` and `res.company`.
    @api.depends(
        'state',
        'move_type',
        'currency_id',
        'invoice_currency_rate',
        'reversed_entry_id',
        'line_ids.balance',
        'line_ids.amount_currency',
        'line_ids.quantity',
        'line_ids.price_unit',
        'line_ids.discount',
        'line_ids.tax_ids',
        'line_ids.tax_repartition_line_id',
        'line_ids.display_type',
        'line_ids.extra_tax_data',
        'line_ids.credited_line_id',
    )
    def _compute_credit_line_figures(self):
        for move in self:
            move.credit_line_figures = {
                base_line['record'].id: move._read_base_line(base_line)
                for base_line in move._get_credit_base_lines()
            }

    # === BUSINESS METHODS === #

    def _get_figures_by_line(self):
        """The figures of the lines of this document; those of posted ones are kept in memory.

        :return: list of pairs: line, `LineFigures`
        """
        self.ensure_one()
        if self.state != 'posted' or not self.id:
            return [
                (base_line['record'], self._read_base_line(base_line))
                for base_line in self._get_credit_base_lines()
            ]
        lines = {line.id: line for line in self.line_ids}
        return [
            (lines[line_id], told._replace(figures=dict(told.figures)))
            for line_id, told in self.sudo().credit_line_figures.items()
            if line_id in lines
        ]

    def _read_base_line(self, base_line):
        taxes_data = base_line['tax_details']['taxes_data']
        return LineFigures(
            figures=self._get_line_figures(base_line),
            included=tuple(data['tax'].id for data in taxes_data if data['price_include']),
            hidden=tuple(data['tax'].id for data in taxes_data if data['is_reverse_charge']),
        )

    @api.model
    def _forget_line_figures(self):
        """Let the tax engine say anew what posted documents have: it may say something else now."""
        self.invalidate_model(['credit_line_figures'], flush=False)
