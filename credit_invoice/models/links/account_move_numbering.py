from odoo import models


class AccountMove(models.Model):
    """The lines of a document, as a person counts them."""

    _inherit = 'account.move'

    def _get_numbered_lines(self):
        """The lines with products or amounts, in their order; the first has the number 1."""
        lines = self.invoice_line_ids.filtered(lambda line: line.display_type == 'product')
        return lines.sorted(lambda line: (line.sequence, line.id))

    def _get_line_of_number(self, number):
        """One of the numbered lines, or none.

        :param int number: counted from 1
        """
        return self._get_numbered_lines()[number - 1 : number] if number > 0 else self.line_ids[:0]
