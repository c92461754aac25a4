from odoo import models


class AccountMoveLine(models.Model):
    """What is left of an early-payment discount on a receivable line."""

    _inherit = 'account.move.line'

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
        share = self.amount_residual_currency / self.amount_currency
        return (
            self.currency_id.round((self.amount_currency - self.discount_amount_currency) * share),
            self.company_currency_id.round((self.balance - self.discount_balance) * share),
        )
