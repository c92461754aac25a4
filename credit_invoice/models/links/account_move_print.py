from odoo import models
from odoo.tools import format_date, formatLang


class AccountMove(models.Model):
    """What a credit says on paper, beyond what an invoice says."""

    _inherit = 'account.move'

    def _get_credit_title(self, proforma=False):
        """The title of a credit on paper, where it is not the layout's own (decision 23).

        :param bool proforma: whether a proforma is printed
        :return: the title, or False to leave the layout its own
        """
        self.ensure_one()
        if self.move_type != 'out_refund' or not self.company_id._is_credit_memo():
            return False
        if proforma:
            titles = {
                'draft': self.env._('Draft Proforma Credit Memo'),
                'posted': self.env._('Proforma Credit Memo'),
                'cancel': self.env._('Cancelled Proforma Credit Memo'),
            }
        else:
            titles = {
                'draft': self.env._('Draft Credit Memo'),
                'posted': self.env._('Credit Memo'),
                'cancel': self.env._('Cancelled Credit Memo'),
            }
        return titles[self.state]

    # === WHAT WAS CHANGED === #

    def _get_credit_line_change(self, line):
        """What a line of this credit has otherwise than the line that it credits.

        :param line: a line of this document
        :return: a sentence, or False where nothing was changed or nothing is credited
        """
        origin = line.credited_line_id
        if not self._is_customer_credit() or not origin or line._is_mirrored():
            return False
        show_taxes = line.tax_ids != origin.tax_ids
        if line._is_credit_without_quantity():
            return self._get_price_change(line, self._get_credit_line_figures(origin, False))
        return self.env._(
            'Invoiced: %(origin)s; credited: %(credit)s',
            origin=self._get_credit_line_figures(origin, show_taxes),
            credit=self._get_credit_line_figures(line, show_taxes),
        )

    def _get_price_change(self, line, invoiced):
        """What a line takes off of which nothing comes back, as a customer reads it."""
        names = {'invoiced': invoiced}
        if line.credit_kind == 'tax':
            return self.env._(
                'Tax lowered by %(amount)s (%(invoiced)s invoiced)',
                amount=self._format_print_amount(line.price_total - line.price_subtotal),
                **names,
            )
        shows_total = self.company_price_include == 'tax_included'
        names['amount'] = self._format_print_amount(
            line.price_total if shows_total else line.price_subtotal
        )
        if line.credit_kind == 'commercial':
            return self.env._(
                'Price lowered by %(amount)s, the tax stays (%(invoiced)s invoiced)', **names
            )
        return self.env._('Price lowered by %(amount)s (%(invoiced)s invoiced)', **names)

    def _format_print_amount(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def _get_credit_line_figures(self, line, show_taxes):
        """Quantity and price of a line in the language of the print, as in "3.00 × 33.35"."""
        quantity = formatLang(self.env, line.quantity, dp='Product Unit')
        price = formatLang(self.env, line.price_unit, dp='Product Price')
        figures = f'{quantity} × {price}'
        if line.discount:
            figures += f' − {formatLang(self.env, line.discount, dp="Discount")} %'
        if show_taxes:
            names = [tax.tax_label or tax.name for tax in line.with_env(self.env).tax_ids]
            figures += f' ({", ".join(names) or self.env._("no tax")})'
        return figures

    # === WHAT HAPPENS TO THE MONEY === #

    def _get_credit_uses(self):
        """What became of the money of a posted credit, as far as the ledger knows.

        :return: list of dictionaries with `text` and `amount`, in the credit's currency
        """
        self.ensure_one()
        if self.state != 'posted' or self.payment_state == 'invoicing_legacy':
            return []
        uses = [
            {'text': self._get_credit_use_text(move), 'amount': amount}
            for move, amount in self._get_credit_use_amounts().items()
        ]
        return uses + self._get_open_credit_uses()

    def _get_open_credit_uses(self):
        """Refunds that the ledger does not know before the bank confirms them, and what is left.

        Of a refund of several credits it is not known how much is this one's: nothing is said.
        """
        if self.currency_id.is_zero(self.amount_residual):
            return []
        # Whoever may print the credit may know what it was used for.
        payments_sudo = self.sudo().matched_payment_ids.filtered(
            lambda payment: not payment.move_id and payment.state in ('in_process', 'paid')
        )
        if any(
            payment.invoice_ids != self or payment.currency_id != self.currency_id
            for payment in payments_sudo
        ):
            return []
        uses = [
            {
                'text': self.env._('Refunded on %s', format_date(self.env, payment.date)),
                'amount': payment.amount,
            }
            for payment in payments_sudo
        ]
        left = self.amount_residual - sum(use['amount'] for use in uses)
        if self.currency_id.compare_amounts(left, 0.0) > 0:
            uses.append({'text': self.env._('Open balance in your favour'), 'amount': left})
        return uses

    def _get_credit_use_amounts(self):
        """How much of this credit was matched with which document or entry.

        An invoice in instalments is matched several times and named once; exchange differences
        are no use of the money.

        :return: dictionary of moves and amounts
        """
        # Whoever may print the credit may know what it was used for.
        credit_sudo = self.sudo()
        widget = credit_sudo.invoice_payments_widget
        amounts = {}
        for values in widget['content'] if widget else ():
            if not values['is_exchange']:
                move_sudo = credit_sudo.browse(values['move_id'])
                amounts[move_sudo] = amounts.get(move_sudo, 0.0) + values['amount']
        return amounts

    def _get_credit_use_text(self, move):
        if move.is_invoice(include_receipts=True):
            return self.env._('Used against %s', move.name)
        if move.origin_payment_id or move.statement_line_id:
            return self.env._('Refunded on %s', format_date(self.env, move.date))
        return self.env._('Settled by %s', move.name)
