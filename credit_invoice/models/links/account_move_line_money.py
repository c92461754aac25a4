from odoo import api, models


class AccountMoveLine(models.Model):
    """Which journal items are money: a match with another one pays nothing."""

    _inherit = 'account.move.line'

    @api.model
    def _get_money_domain(self):
        """The items that `_is_money` is true of."""
        return [
            '|',
            ('move_id.origin_payment_id', '!=', False),
            ('move_id.statement_line_id', '!=', False),
        ]

    def _is_money(self):
        """Whether this is the item of a payment or of a bank statement.

        To be extended, together with `_get_money_domain`, by what stands for money.
        """
        self.ensure_one()
        return bool(self.move_id.origin_payment_id or self.move_id.statement_line_id)
