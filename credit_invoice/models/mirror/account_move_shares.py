from odoo import models
from odoo.tools import formatLang

from ...tools.remaining import get_untaken_shares
from ...tools.splitting import subtract


class AccountMove(models.Model):
    """Discounts and deposits that stand on an invoice as lines of their own.

    Who takes goods back at their full price and leaves the voucher behind gives more than was paid
    for them: what is left in all is then less than the lines that are left. It is said beforehand.
    """

    _inherit = 'account.move'

    def _get_alerts(self):
        # EXTENDS 'account'
        alerts = super()._get_alerts()
        if len(self) == 1 and self.move_type == 'out_refund' and self.state == 'draft':
            sentences = self.sudo()._get_draft_share_sentences()
            if sentences:
                alerts['credit_untaken_share'] = {
                    'level': 'warning',
                    'message': ' '.join(sentences),
                }
        return alerts

    def _get_draft_share_sentences(self):
        """What this draft leaves behind of each of its invoices.

        :return: list of sentences
        """
        parts = {}
        for line, taken in self._get_figures_by_line():
            if credited := line.credited_line_id:
                parts.setdefault(credited.move_id, {})[credited.id] = taken.figures
        sentences = [
            origin._get_share_sentence(figures)
            for origin, figures in parts.items()
            if origin.currency_id == self.currency_id
            and any(line.price_subtotal < 0 for line in origin.invoice_line_ids)
        ]
        return [sentence for sentence in sentences if sentence]

    def _get_untaken_shares(self, parts, remaining=None):
        """What parts leave behind of the discounts and deposits of this invoice.

        :param dict parts: of the ids of lines to the figures that are taken
        :param dict remaining: as of `_get_remaining_lines`, if it is known
        :return: dictionary of ids of lines to amounts, as the customer sees prices
        """
        self.ensure_one()
        remaining = remaining or self._get_remaining_lines()
        lines = {line_id: (left, parts.get(line_id, {})) for line_id, left in remaining.items()}
        return {
            line_id: self._get_amount(units) for line_id, units in get_untaken_shares(lines).items()
        }

    def _get_share_sentence(self, parts):
        """What is left in all after some parts, where that is less than the lines that are left.

        :param dict parts: of the ids of lines to the figures that are taken
        :return: one sentence that says what to take, too, or False
        """
        remaining = self._get_remaining_lines()
        shares = self._get_untaken_shares(parts, remaining)
        if not shares:
            return False
        rests = [
            left.get_total(subtract(left.figures, parts.get(line_id, {})))
            for line_id, left in remaining.items()
        ]

        def text(amount):
            return formatLang(self.env, amount, currency_obj=self.currency_id)

        names = {line.id: line.name or '' for line in self.invoice_line_ids}
        values = {
            'left': text(self._get_amount(sum(rests))),
            'lines': text(self._get_amount(sum(rest for rest in rests if rest > 0))),
            'shares': ', '.join(
                self.env._('%(amount)s of %(line)s', amount=text(amount), line=names[line_id])
                for line_id, amount in shares.items()
            ),
        }
        if sum(rests) < 0:
            return self.env._('That is more than is left in all: take %(shares)s, too.', **values)
        return self.env._(
            '%(left)s will be left for lines of %(lines)s: take %(shares)s, too.', **values
        )
