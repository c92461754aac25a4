from odoo import api, fields, models
from odoo.tools import formatLang


class AccountMove(models.Model):
    """The line under the totals of an invoice that says what became of it (if03)."""

    _inherit = 'account.move'

    credit_figures_html = fields.Html(
        string='What Was Credited', compute='_compute_credit_figures_html', compute_sudo=True
    )

    # === COMPUTE METHODS === #

    @api.depends(
        'state', 'amount_residual', 'credited_amount', 'credit_status', 'credit_reserved_amount'
    )
    def _compute_credit_figures_html(self):
        for move in self:
            move.credit_figures_html = (
                move.state == 'posted'
                and bool(move.credit_status or move.credit_reserved_amount)
                and self.env['ir.qweb']._render(
                    'credit_invoice.credit_figures', move._get_credit_figures_values()
                )
            )

    # === BUSINESS METHODS === #

    def _get_credit_figures(self):
        """The figures under the totals of an invoice.

        Bridges add theirs, and a label of the same name in `_get_credit_figure_labels`.

        :return: dictionary of amounts in the currency of the document
        """
        self.ensure_one()
        credits = self._find_credits('posted')
        own, others = self._get_matched_credit_amounts(credits)
        discount = self._get_discount_taken_amount()
        received = self.amount_total - self.amount_residual - own - others - discount
        unused = sum(
            credit._convert_to_origin(abs(credit.amount_residual), self)
            for credit in credits
            if credit.reversed_entry_id == self
        )
        # What is open of the invoice takes a credit; only the rest was paid.
        owed_back = max(unused - self.amount_residual, 0.0)
        return {
            'invoiced': self.amount_total,
            'credited': self.credited_amount,
            'received': self.currency_id.round(received),
            'discount_taken': discount,
            'other_credits': others,
            'open': self.amount_residual,
            'reserved': self.credit_reserved_amount,
            'open_credit': self.currency_id.round(unused - owed_back),
            'owed_back': self.currency_id.round(owed_back),
            'creditable': self.creditable_amount,
        }

    @api.model
    def _get_credit_figure_labels(self):
        """The labels of the figures, in the order in which they are shown.

        :return: dictionary: name of the figure -> (label, whether it is shown when zero)
        """
        # Total and open amount stand right above.
        return {
            'credited': (self.env._('Credited'), False),
            'received': (self.env._('Received'), False),
            'discount_taken': (self.env._('Discount taken'), False),
            'other_credits': (self.env._('Other credits used'), False),
            'open_credit': (self.env._('Not used yet'), False),
            'owed_back': (self.env._('Owed back'), False),
            'reserved': (self.env._('Reserved by drafts'), False),
            'creditable': (self.env._('Can still be credited'), False),
        }

    def _get_credit_figures_values(self):
        """The values of the template `credit_invoice.credit_figures`."""
        amounts = self._get_credit_figures()
        percentage = round(self.credited_percentage, 2)
        return {
            'figures': [
                {'name': name, 'label': label, 'text': self._format_credit_figure(amounts[name])}
                for name, (label, is_always_shown) in self._get_credit_figure_labels().items()
                if is_always_shown
                or not self.currency_id.is_zero(amounts[name])
                # What nets to zero can be credited, too.
                or (name == 'credited' and percentage)
            ],
            'percentage': bool(percentage)
            and self.env._(
                '(%s %%)',
                formatLang(self.env, percentage, digits=0 if percentage.is_integer() else 2),
            ),
        }

    def _format_credit_figure(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def _get_matched_credit_amounts(self, credits):
        """What was settled of this invoice with credits.

        :param credits: the posted credits of this invoice
        :return: (amount matched with these, amount matched with other credits), in the currency
            of the document
        """
        own = others = 0.0
        receivable = self.line_ids.filtered(lambda line: line.display_type == 'payment_term')
        for partial in receivable.matched_credit_ids:
            # An entry in between stands for the credit.
            move, _invoice = partial._get_matched_documents()
            if move in credits:
                own += partial.debit_amount_currency
            elif move.move_type == 'out_refund':
                others += partial.debit_amount_currency
        return own, others
