from odoo import models


class AccountMove(models.Model):
    """What money came in for a document, and went back: matches with credits are none."""

    _inherit = 'account.move'

    def _get_money_received(self):
        """The money that came in for this invoice, net of early-payment discounts taken.

        :rtype: float
        """
        self.ensure_one()
        return self._get_money_moved() - self._get_discount_taken_amount()

    def _get_money_moved(self):
        """The money matched with this document, in its currency: above zero where it came in.

        :rtype: float
        """
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
        discounted = bool(self._get_discount_taken_amount())
        came_in = sum(
            partial.debit_amount_currency
            * (1.0 if discounted else partial.credit_move_id.move_id._get_money_share())
            for partial in lines.matched_credit_ids
            if partial.credit_move_id._is_money()
        )
        went_out = sum(
            partial.credit_amount_currency
            for partial in lines.matched_debit_ids
            if partial.debit_move_id._is_money()
        )
        return self.currency_id.round(came_in - went_out)

    def _get_money_share(self):
        """How much of what this entry pays came in as money: the rest was written off with it.

        Early-payment discounts are known by themselves, see `_get_money_received`.

        :return: from 0 to 1
        :rtype: float
        """
        self.ensure_one()
        paying = self.origin_payment_id or self.statement_line_id
        if not paying:
            return 1.0
        liquidity = abs(sum(paying._seek_for_lines()[0].mapped('balance')))
        receivable = abs(
            sum(line.balance for line in self.line_ids if line.account_type == 'asset_receivable')
        )
        company_currency = self.company_currency_id
        if company_currency.compare_amounts(liquidity, receivable) >= 0:
            return 1.0
        return liquidity / receivable
