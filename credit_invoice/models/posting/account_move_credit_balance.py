from odoo import models


class AccountMove(models.Model):
    """What became of an invoice's balance, and what a credit of all that is left would mean."""

    _inherit = 'account.move'

    def _get_balance_figures(self):
        """What became of the balance of this invoice.

        :return: dictionary of amounts in the currency of the document: `left` can still be
            credited, `received` is money, `discount`, `other_credits` and `otherwise` settled a
            part of it; `owed_back` of a credit of all that is left finds nothing open
        """
        self.ensure_one()
        currency = self.currency_id
        own, others = self._get_matched_credit_amounts(self._get_posted_credits())
        discount = self._get_discount_taken_amount()
        received = self._get_money_received()
        settled = self.amount_total - self.amount_residual
        left = max(self._get_creditable_amount(), 0.0)
        return {
            'left': left,
            'received': received,
            'discount': discount,
            'other_credits': others,
            'otherwise': currency.round(settled - own - others - discount - received),
            'owed_back': currency.round(max(left - self.amount_residual, 0.0)),
        }

    def _get_tax_left(self):
        """The tax of what can still be credited.

        :return: in the currency of the document
        :rtype: float
        """
        self.ensure_one()
        units = sum(
            left.figures.get(name, 0)
            for left in self._get_remaining_lines().values()
            for name in left.tax_names
        )
        # Discounts taken, and what was credited without a line, take some of it off.
        for vals in [*self._prepare_discount_vals(1), *self._prepare_credited_before_vals()]:
            figures = self._read_extra_tax_data(vals['extra_tax_data'])
            units += sum(
                amount for name, amount in figures.items() if name[1] == 'tax_amount_currency'
            )
        return self._get_amount(units)

    def _get_company_amount(self, amount):
        """An amount of this document in the company's currency, at its own rate."""
        self.ensure_one()
        return self.company_currency_id.round(amount / (self.invoice_currency_rate or 1.0))

    def _get_waiting_credits(self):
        """The draft credits of these invoices, also those that credit single lines of them."""
        return self._get_credits().filtered(lambda credit: credit.state == 'draft')

    def _is_reserved_in_full(self):
        """Whether the drafts that are waiting credit all that is left of this invoice."""
        self.ensure_one()
        left = self.creditable_amount
        return (
            self.currency_id.compare_amounts(left, 0.0) > 0
            and self.currency_id.compare_amounts(self.credit_reserved_amount, left) >= 0
        )

    def _get_waiting_refusal(self):
        """Why this invoice is left out of a selection, when drafts credit all that is left."""
        self.ensure_one()
        return self.env._(
            '%(invoice)s has a draft credit note of all that is left already (%(drafts)s): open it '
            'from the invoice.',
            invoice=self.display_name,
            drafts=', '.join(self._get_waiting_credits().mapped('create_uid.name')),
        )
