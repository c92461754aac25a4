from odoo import models

from ...tools.guarded import Guarded, get_guarded


class AccountMove(models.Model):
    """The cash rounding of credits: what is left of that of the invoice (decision 5)."""

    _inherit = 'account.move'

    def _recompute_cash_rounding_lines(self):
        # EXTENDS 'account': a closing credit takes the rest of the invoice's rounding; and the
        # host values a rounding at the rate of the day, and books a reversed gain as a loss.
        left = self._get_cash_rounding_left()
        move = self
        if left:
            fixed = Guarded(left['amount_currency'])
            move = self.with_context(credit_cash_rounding=fixed)
        super(AccountMove, move)._recompute_cash_rounding_lines()
        if not self._is_customer_credit():
            return
        self._place_cash_rounding(left)
        for line in self._get_cash_rounding_lines():
            account, balance = self._get_credit_rounding(line, left)
            if self._are_of_two_sides({
                'amount_currency': line.amount_currency,
                'balance': balance,
            }):
                # The host allows no such item; what is missing is an exchange difference.
                balance = 0.0
            if line.account_id != account:
                line.account_id = account
            if self.company_currency_id.compare_amounts(line.balance, balance):
                line.balance = balance

    def _place_cash_rounding(self, left):
        """Round in the tax in which the invoice rounds, whichever is the biggest of this credit.

        Otherwise the roundings of several credits would not add up to zero, tax by tax.

        :param dict left: as of `_get_cash_rounding_left`, or None
        """
        origin = self.sudo().reversed_entry_id
        carrier = origin._get_rounded_tax_item()
        if not carrier or self.invoice_cash_rounding_id.strategy != 'biggest_tax':
            return
        lines = self._get_cash_rounding_lines()
        vals = origin._prepare_mirrored_tax_item(carrier)
        if not lines and left and left['amount_currency']:
            self.env['account.move.line'].create({
                **vals,
                **left,
                'display_type': 'rounding',
                'move_id': self.id,
            })
        for line in lines:
            repartition_line = line.tax_repartition_line_id
            if repartition_line.id != vals['tax_repartition_line_id']:
                line.write({
                    name: vals[name]
                    for name in ('tax_repartition_line_id', 'tax_tag_ids', 'tax_ids', 'account_id')
                })

    def _get_rounded_tax_item(self):
        """The journal item that shows in which tax this invoice rounds, if it does."""
        items = self._get_cash_rounding_lines().filtered('tax_repartition_line_id')
        items = items or self._get_tax_items()
        return items.sorted(lambda line: -abs(line.balance))[:1]

    def _get_cash_rounding_lines(self):
        return self.line_ids.filtered(lambda line: line.display_type == 'rounding')

    def _get_rounded_base_and_tax_lines(self, round_from_tax_lines=True):
        # EXTENDS 'account': the host takes a rounding in the biggest tax for an item of that tax,
        # and gives it the amount of the tax.
        lines = self._get_cash_rounding_lines().filtered('tax_repartition_line_id')
        if not lines or not self._is_customer_credit():
            return super()._get_rounded_base_and_tax_lines(round_from_tax_lines)
        base_lines, tax_lines = super()._get_rounded_base_and_tax_lines(False)
        return base_lines, [each for each in tax_lines if each['record'] not in lines]

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
        accepted = self.browse(get_guarded(self.env, 'credit_accepted_ids', ()))
        others = origin | origin._get_other_credits(self, accepted)
        open_amount = sum((others | self)._get_unrounded_lines().mapped('amount_currency'))
        if not self.currency_id.is_zero(open_amount):
            return None
        lines = others._get_cash_rounding_lines()
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
        account = line.account_id
        # Wherever the first rounding was booked: gains and losses are to add up to zero.
        others = origin | origin._get_other_credits(self)
        first = others._get_cash_rounding_lines().sorted('id')[:1]
        if first and not first.tax_repartition_line_id:
            account = first.account_id.with_env(self.env)
        if left and rate == origin.invoice_currency_rate:
            return account, self.company_currency_id.round(left['balance'])
        if not rate or self.currency_id == self.company_currency_id:
            return account, line.balance
        owed = self._get_owed_after_rounding(line)
        if owed is not None:
            unrounded = sum(self._get_unrounded_lines().mapped('balance'))
            return account, self.company_currency_id.round(owed - unrounded)
        return account, self.company_currency_id.round(line.amount_currency / rate)

    def _get_owed_after_rounding(self, line):
        """What a credit that rounds must come to in the company's currency: nothing where it comes
        to nothing in its own, and all that is open where it takes all of that. What a rate makes
        of lines and rounding one by one may miss it, and would stay open for ever.

        :param line: the rounding line of this credit
        :rtype: float, or None for other totals
        """
        lines = self._get_unrounded_lines() | line
        total = sum(lines.mapped('amount_currency'))
        if self.currency_id.is_zero(total):
            return 0.0
        origin = self.sudo().reversed_entry_id
        if not origin or self.invoice_currency_rate != origin.invoice_currency_rate:
            return None
        accepted = self.browse(get_guarded(self.env, 'credit_accepted_ids', ()))
        others = origin | origin._get_other_credits(self, accepted)
        items = others.line_ids.filtered(lambda item: item.account_type == 'asset_receivable')
        if self.currency_id.compare_amounts(total, sum(items.mapped('amount_currency'))):
            return None
        return sum(items.mapped('balance'))
