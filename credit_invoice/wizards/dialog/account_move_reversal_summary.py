from odoo import api, fields, models
from odoo.tools import format_date, formatLang


class AccountMoveReversal(models.TransientModel):
    """What the dialog says under its question: whose invoice, how much, and what it means."""

    _inherit = 'account.move.reversal'

    credit_summary_html = fields.Html(compute='_compute_credit_summary_html')

    # === COMPUTE METHODS === #

    @api.depends('move_ids', 'date', 'credit_scope')
    def _compute_credit_summary_html(self):
        for wizard in self:
            wizard.credit_summary_html = wizard.is_customer_credit and self.env['ir.qweb']._render(
                'credit_invoice.credit_summary', wizard._get_credit_summary()
            )

    # === BUSINESS METHODS === #

    def _get_credit_summary(self):
        """What the dialog says under its question. Of a part, the table says what it comes to.

        :return: dictionary of values for the template `credit_invoice.credit_summary`
        """
        self.ensure_one()
        moves = self.move_ids._origin
        is_whole = self.credit_scope == 'whole'
        drafts = moves._get_waiting_credits()
        summary = {
            'names': moves.mapped('display_name'),
            'partners': moves.partner_id.mapped('name'),
            'drafts': drafts,
            'is_draft_of_all': any(move._is_reserved_in_full() for move in moves),
            'posted_credits': moves._get_posted_credits() if len(moves) == 1 else moves.browse(),
            'period': self.date and format_date(self.env, self.date, date_format='MMMM yyyy'),
            'total': False,
            'figures': [],
            'meaning': False,
        }
        if len(moves) == 1:
            summary.update(self._get_summary_of_one(moves) if is_whole else {})
        elif is_whole:
            summary.update(self._get_summary_of_several(moves))
        move = moves[:1]
        return {
            **summary,
            'credited_amount': self._format(move.credited_amount, move),
            # Of the whole, the total says it.
            'creditable_amount': not is_whole and self._format(move.creditable_amount, move),
        }

    @api.model
    def _get_summary_of_one(self, move):
        figures = move._get_balance_figures()
        is_rest = move._is_partly_credited()
        tax = move._get_tax_left() if is_rest else move.amount_tax
        return {
            'is_rest': is_rest,
            'total': self._format(figures['left'], move),
            'tax': not move.currency_id.is_zero(tax) and self._format(tax, move),
            'figures': [
                {'label': label, 'amount': self._format(figures[name], move)}
                for name, label in self._get_balance_labels().items()
                if not move.currency_id.is_zero(figures[name])
            ],
            'meaning': self._get_credit_meaning(move),
        }

    @api.model
    def _get_balance_labels(self):
        """What settled a part of an invoice's balance beside money and its own credits.

        To be extended together with `account.move._get_balance_figures`.

        :return: dictionary: name of the figure -> label
        """
        return {
            'discount': self.env._('Discount taken'),
            'other_credits': self.env._('Settled with other credits'),
            'otherwise': self.env._('Settled otherwise'),
        }

    @api.model
    def _get_credit_meaning(self, move):
        """What a full credit means for an invoice in its state.

        *Received* is money only. No amount is said that stands above already.

        :return: a sentence
        """
        currency, figures = move.currency_id, move._get_balance_figures()
        received, owed = figures['received'], figures['owed_back']
        if currency.compare_amounts(received, 0.0) <= 0:
            text = self.env._('Not paid')
        elif not currency.compare_amounts(received, move.amount_total):
            text = self.env._('Paid in full')
        else:
            text = self.env._('Paid %s', self._format(received, move))
        return f'{text}: {self._get_consequence(move, figures, owed, received)}'

    @api.model
    def _get_consequence(self, move, figures, owed, received):
        currency = move.currency_id
        is_open = not currency.is_zero(move.amount_residual)
        if currency.is_zero(owed):
            return self.env._('nothing stays open.')
        if not currency.compare_amounts(owed, received) and is_open:
            return self.env._('this much will be owed back, and nothing stays open.')
        if not currency.compare_amounts(owed, figures['left']):
            return self.env._('all of it will be owed back.')
        if not currency.compare_amounts(owed, received):
            return self.env._('this much will be owed back.')
        return self.env._('%s will be owed back, and nothing stays open.', self._format(owed, move))

    @api.model
    def _get_summary_of_several(self, moves):
        """The total of what is left, in the invoices' currency or, of several, the company's."""
        figures = {move: move._get_balance_figures() for move in moves}
        is_one_currency = len(moves.currency_id) == 1
        currency = moves.currency_id if is_one_currency else moves.company_id.currency_id

        def add_up(amounts):
            return currency.round(
                sum(
                    amount if is_one_currency else move._get_company_amount(amount)
                    for move, amount in amounts.items()
                )
            )

        total = add_up({move: each['left'] for move, each in figures.items()})
        tax = add_up({
            move: move._get_tax_left() if move._is_partly_credited() else move.amount_tax
            for move in moves
        })
        owed = add_up({move: each['owed_back'] for move, each in figures.items()})
        text = {
            name: formatLang(self.env, amount, currency_obj=currency)
            for name, amount in (('total', total), ('tax', tax), ('owed', owed))
        }
        if currency.is_zero(owed):
            meaning = self.env._('Nothing will be owed back, and nothing stays open.')
        elif not currency.compare_amounts(owed, total):
            meaning = self.env._('All of it will be owed back.')
        else:
            meaning = self.env._(
                '%s of it will be owed back, and nothing stays open.', text['owed']
            )
        return {
            'is_rest': any(move._is_partly_credited() for move in moves),
            'total': text['total']
            if is_one_currency
            else self.env._('%s at the rates of the invoices,', text['total']),
            'tax': not currency.is_zero(tax) and text['tax'],
            'meaning': meaning,
        }

    @api.model
    def _format(self, amount, move):
        return formatLang(self.env, amount, currency_obj=move.currency_id)
