from odoo import models
from odoo.exceptions import UserError

from odoo.addons.credit_invoice.tools.splitting import to_units

from ..tools.allocation import allocate, cut_balance


class AccountMove(models.Model):
    """Money that is matched with an invoice and goes back all the same, without a credit: the
    invoice is open by it, and its sale and its tax stay (pc22).
    """

    _inherit = 'account.move'

    # === BUSINESS METHODS: WHAT CAN BE TAKEN OFF === #

    def _get_money_partials(self):
        """The matches of this invoice with money that can be taken off, the last first.

        Where an early-payment discount was taken, nothing can: the customer would keep it without
        having paid.

        :return: matches, with the right to read them
        """
        self.ensure_one()
        # Who refunds may not be allowed to read payments.
        move_sudo = self.sudo()
        partials = move_sudo.line_ids.filtered(
            lambda line: line.account_type == 'asset_receivable'
        ).matched_credit_ids
        if (
            not partials
            or move_sudo._get_discount_taken_amount()
            or not self._get_releasable_units()
        ):
            return partials.browse()
        return partials.filtered(
            lambda partial: (
                (
                    partial.credit_move_id.move_id.origin_payment_id
                    or partial.credit_move_id.move_id.statement_line_id
                )
                and partial.credit_currency_id == partial.debit_currency_id
            )
        ).sorted('id', reverse=True)

    def _get_releasable_units(self):
        """How much of the money that came in for this invoice did not go back yet with its credits.

        :return: in units of its currency
        :rtype: int
        """
        self.ensure_one()
        return max(self._to_units(self.sudo()._get_money_kept()), 0)

    def _get_matched_money_lines(self):
        """The journal items of the money that is matched with this invoice, the last first."""
        lines = self._get_money_partials().credit_move_id.with_env(self.env)
        return lines._filtered_access('read')

    def _get_matched_units(self, line):
        """How much of an item of money that is matched with this invoice can be taken off it, in
        units of its currency.
        """
        partials = self._get_money_partials().filtered(
            lambda partial: partial.credit_move_id == line.sudo()
        )
        matched = sum(self._to_units(partial.credit_amount_currency) for partial in partials)
        return min(matched, self._get_releasable_units())

    def _add_matched_money(self, left, lines):
        """Count what is matched with this invoice among what can be refunded.

        :param left: the `OpenItems`
        :param lines: journal items of money
        """
        rest = self._get_releasable_units()
        for partial in self._get_money_partials():
            line = partial.credit_move_id.with_env(self.env)
            matched = self._to_units(partial.credit_amount_currency)
            units = min(matched, rest)
            if line in lines and units:
                rest -= units
                balance = to_units(partial.amount, self.company_currency_id.rounding)
                left.get(line)
                left.amounts[line] += units
                left.balances[line] += cut_balance(balance, units, matched)

    # === BUSINESS METHODS: TAKING OFF === #

    def _release_money(self, amounts):
        """Take off the matches of money with this invoice what is to be refunded of it.

        :param dict amounts: journal item of the money -> amount to refund
        :return: dictionary: journal item of the money -> {id of the item of the invoice: amount}
        """
        released, again = {}, []
        for line, amount in amounts.items():
            open_units = self._to_units(abs(line.amount_residual_currency))
            missing = self._to_units(self.currency_id.round(amount)) - open_units
            partials = self._get_money_partials().filtered(
                lambda partial, line=line: partial.credit_move_id == line.sudo()
            )
            matched = [self._to_units(partial.credit_amount_currency) for partial in partials]
            for partial, units, taken in zip(
                partials, matched, allocate(max(missing, 0), matched), strict=True
            ):
                if taken:
                    item = partial.debit_move_id
                    # The same item may be matched with it several times.
                    of_line = released.setdefault(line, {})
                    before = self._to_units(of_line.get(str(item.id), 0.0))
                    of_line[str(item.id)] = self._from_units(before + taken)
                    if units > taken:
                        again.append((line.sudo(), item, self._from_units(units - taken)))
                    partial.unlink()
        self.env['account.move.line'].sudo()._reconcile_pairs(again)
        return released

    def _check_released_later(self, amounts, date):
        """Refuse to release money before it was matched."""
        for line in amounts:
            partials = self._get_money_partials().filtered(
                lambda partial, line=line: partial.credit_move_id == line.sudo()
            )
            units = self._to_units(self.currency_id.round(amounts[line]))
            if units > self._to_units(abs(line.amount_residual_currency)) and partials:
                last = max(partials.mapped('max_date'))
                if date and date < last:
                    raise UserError(
                        self.env._(
                            '%(payment)s paid %(invoice)s on %(date)s: choose that day or a later '
                            'one.',
                            payment=line.move_id.display_name,
                            invoice=self.display_name,
                            date=last,
                        )
                    )
