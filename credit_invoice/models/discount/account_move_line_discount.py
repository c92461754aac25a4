from odoo import api, models
from odoo.tools import frozendict


class AccountMoveLine(models.Model):
    """What is left of an early-payment discount on a receivable line."""

    _inherit = 'account.move.line'

    # === COMPUTE METHODS === #

    @api.depends('extra_tax_data', 'credited_line_id')
    def _compute_epd_needed(self):
        # EXTENDS 'account': a credit takes the discount off the base that its invoice took off;
        # the percentage of each part, rounded, does not add up to it.
        super()._compute_epd_needed()
        for line in self.filtered(lambda line: line.epd_needed and line.credited_line_id):
            amounts = line._get_folded_discount()
            if amounts:
                line.epd_needed = {
                    key: frozendict({
                        **vals,
                        **{
                            name: -amount if 'tax_ids' in key else amount
                            for name, amount in amounts.items()
                        },
                    })
                    for key, vals in line.epd_needed.items()
                }

    # === BUSINESS METHODS === #

    def _is_discount_folded(self):
        """Whether the tax figures that a credit's line brought from its invoice still hold."""
        self.ensure_one()
        base_line = self.move_id._prepare_product_base_line_for_taxes_computation(self)
        return bool(self.credited_line_id and base_line['manual_tax_amounts'])

    def _get_folded_discount(self):
        """What a mixed discount takes off the base of the taxes of a credit's line.

        :return: dictionary with `amount_currency` and `balance`, signed as this line; empty where
            the line has no figures of its invoice
        """
        if not self._is_discount_folded():
            return {}
        move = self.move_id
        base_line = move._prepare_product_base_line_for_taxes_computation(self)
        taxes = move._get_discounted_taxes(self.tax_ids)._flatten_taxes_and_sort_them()[0]
        figures = base_line['manual_tax_amounts'].get(str(taxes[:1].id), {})
        return {
            name: move.direction_sign
            * currency.round(
                base_line[f'manual_total_excluded{suffix}'] - figures[f'base_amount{suffix}']
            )
            for name, suffix, currency in (
                ('amount_currency', '_currency', self.currency_id),
                ('balance', '', self.company_currency_id),
            )
            if f'base_amount{suffix}' in figures
        }

    def _get_installments_data(
        self, payment_currency=None, payment_date=None, next_payment_date=None
    ):
        # EXTENDS 'account': the host offers the discount on the amount that was invoiced.
        installments = super()._get_installments_data(
            payment_currency=payment_currency,
            payment_date=payment_date,
            next_payment_date=next_payment_date,
        )
        for installment in installments:
            line = installment['line']
            if (
                installment['type'] == 'early_payment_discount'
                and line.move_id._is_discount_kept_by_credits()
            ):
                installment.update(line._get_reduced_installment_vals())
        return installments

    def _get_reduced_installment_vals(self):
        """The amounts of a discount's installment where credits took a share of it."""
        self.ensure_one()
        sign = self.move_id.direction_sign
        discount_currency, discount = self._get_discount_left()
        due_currency = self.currency_id.round(self.amount_residual_currency - discount_currency)
        due = self.company_currency_id.round(self.amount_residual - discount)
        return {
            'amount_residual_currency': due_currency,
            'amount_residual': due,
            'amount_residual_currency_unsigned': -sign * due_currency,
            'amount_residual_unsigned': -sign * due,
            'discount_amount_currency': discount_currency,
            'discount_amount': discount,
        }

    def _get_discount_left(self):
        """The discount on what is still open of this receivable line.

        A credit takes the discount on its own amount with it: of the discount of the whole line,
        the share of what is open is left.

        :return: (amount in the document's currency, amount in the company's), signed as the line
        """
        self.ensure_one()
        if not self.amount_currency:
            return 0.0, 0.0
        whole_currency = self.amount_currency - self.discount_amount_currency
        share = self.amount_residual_currency / self.amount_currency
        left_currency = self.currency_id.round(whole_currency * share)
        cash_rounding = self.move_id.invoice_cash_rounding_id
        if cash_rounding and whole_currency:
            # What is to pay is what exists in cash, as in the offer on the whole.
            due = self.amount_residual_currency - left_currency
            left_currency -= cash_rounding.compute_difference(self.currency_id, due)
            left_currency = self.currency_id.round(left_currency)
            share = left_currency / whole_currency
        return left_currency, self.company_currency_id.round(
            (self.balance - self.discount_balance) * share
        )
