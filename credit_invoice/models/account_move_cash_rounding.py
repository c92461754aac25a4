from odoo import models


class AccountMove(models.Model):
    """The cash rounding of credits: what is left of that of the invoice (decision 5)."""

    _inherit = 'account.move'

    def _recompute_cash_rounding_lines(self):
        # EXTENDS 'account': a closing credit takes the rest of the invoice's rounding; and the
        # host values a rounding at the rate of the day, and books a reversed gain as a loss.
        left = self._get_cash_rounding_left()
        move = self.with_context(credit_cash_rounding=left['amount_currency']) if left else self
        super(AccountMove, move)._recompute_cash_rounding_lines()
        if not self._is_customer_credit():
            return
        for line in self.line_ids.filtered(lambda line: line.display_type == 'rounding'):
            account, balance = self._get_credit_rounding(line, left)
            if line.account_id != account:
                line.account_id = account
            if self.company_currency_id.compare_amounts(line.balance, balance):
                line.balance = balance

    def _get_cash_rounding_left(self):
        """What a credit rounds that uses up the last of its invoice.

        :return: dictionary of `amount_currency` and `balance` of the rounding, in the document's
            and in the company's currency; None where something of the invoice is left
        """
        self.ensure_one()
        origin = self.sudo().reversed_entry_id
        if (
            not self._is_customer_credit()
            or not origin.invoice_cash_rounding_id
            or self.invoice_cash_rounding_id != origin.invoice_cash_rounding_id
            or self.currency_id != origin.currency_id
        ):
            return None
        others = origin | origin._get_other_credits(self)
        open_amount = sum((others | self)._get_unrounded_lines().mapped('amount_currency'))
        if not self.currency_id.is_zero(open_amount):
            return None
        lines = others.line_ids.filtered(lambda line: line.display_type == 'rounding')
        return {
            'amount_currency': -sum(lines.mapped('amount_currency')),
            'balance': -sum(lines.mapped('balance')),
        }

    def _get_unrounded_lines(self):
        return self.line_ids.filtered(
            lambda line: (
                line.display_type != 'rounding'
                and line.account_id.account_type not in ('asset_receivable', 'liability_payable')
            )
        )

    def _get_credit_rounding(self, line, left):
        """What holds of a cash rounding through every edit.

        :param line: the rounding line of this credit
        :param dict left: as of `_get_cash_rounding_left`, or None
        :return: (account, balance in the company's currency)
        """
        origin, rate = self.sudo().reversed_entry_id, self.invoice_currency_rate
        mirrored = origin.line_ids.filtered(
            lambda other: (
                other.display_type == 'rounding'
                and (other.amount_currency > 0) != (line.amount_currency > 0)
            )
        )[:1]
        account = line.account_id
        if mirrored and not mirrored.tax_repartition_line_id:
            account = mirrored.account_id.with_env(self.env)
        if left and rate == origin.invoice_currency_rate:
            return account, self.company_currency_id.round(left['balance'])
        if not rate or self.currency_id == self.company_currency_id:
            return account, line.balance
        return account, self.company_currency_id.round(line.amount_currency / rate)
