from odoo import models

from ...tools.remaining import get_credited_share, is_anything_left

# A figure in the currency of the document.
UNITS = 'price_total_currency'


class AccountMove(models.Model):
    """How much of an invoice was credited, by what is left of its lines and not of its total."""

    _inherit = 'account.move'

    def _get_credited_part(self, status, *, is_balanced):
        # EXTENDS 'credit_invoice': where lines come to nothing, their total says nothing
        if not is_balanced or status != 'partial':
            return super()._get_credited_part(status, is_balanced=is_balanced)
        credits = self._get_posted_credits()
        lines = self._get_remaining_lines(credits).values()
        return float(get_credited_share(lines, self._get_free_totals(credits)))

    def _is_any_line_left(self, credits):
        # EXTENDS 'credit_invoice'
        lines = self._get_remaining_lines(credits).values()
        return super()._is_any_line_left(credits) or is_anything_left(
            lines, self._get_free_totals(credits)
        )

    def _get_free_totals(self, credits):
        """What some credits take of this document without crediting a line of it.

        :return: list of totals in units of the currency of this document
        """
        lines = credits.invoice_line_ids.filtered(
            lambda line: (
                line.display_type == 'product'
                and not line.credited_line_id
                and line.credit_kind != 'discount'
                and line.move_id.reversed_entry_id == self
            )
        )
        return [
            self._get_units(line.move_id._convert_to_origin(line.price_total, self), UNITS)
            for line in lines
        ]
