from odoo import api, models
from odoo.tools import formatLang

from ...tools.splitting import is_between, to_units
from .account_move_reversal_line import PART_FIELDS


class AccountMoveReversalLine(models.TransientModel):
    """Why a row cannot be credited, and what belongs to it: said while it is typed."""

    _inherit = 'account.move.reversal.line'

    # === COMPUTE METHODS === #

    @api.depends(*PART_FIELDS, 'wizard_id')
    def _compute_refusal(self):
        self.refusal = False
        for wizard, rows in (
            self.filtered(lambda row: not row._is_empty()).grouped('wizard_id').items()
        ):
            can_exceed, lefts = wizard._can_exceed(), rows._get_lefts()
            for row in rows:
                row.refusal = row._get_part_refusal(lefts.get(row), can_exceed)

    @api.depends('wizard_id.credit_line_ids.total')
    def _compute_share_notice(self):
        self.share_notice = False
        for origin, rows in self.grouped('move_id').items():
            siblings = rows._get_siblings(origin)
            shares = origin._origin._get_untaken_shares(siblings._get_parts_by_line())
            for row in rows:
                if share := shares.get(row.move_line_id._origin.id):
                    row.share_notice = self.env._(
                        'Its share of the other lines: %s',
                        formatLang(self.env, share, currency_obj=row.currency_id),
                    )

    def _get_parts_by_line(self):
        """The figures that these rows take of their lines.

        :return: dictionary of ids of lines of the invoice to figures
        """
        return {
            row.move_line_id._origin.id: figures
            for row, figures in self._get_all_figures().items()
            if figures
        }

    # === CHECKS === #

    def _get_part_refusal(self, left, can_exceed):
        """Why this cannot be credited of a line.

        :param RemainingLine left: what is left of the line, or None
        :param bool can_exceed: whether more than what is left may be credited
        :return: one sentence that names the line and says what to do, or False
        """
        self.ensure_one()
        name = self.name or ''
        moves = self.wizard_id.move_ids._origin
        if self.move_id._origin not in moves or not self.move_line_id:
            return self.env._(
                'The line "%(line)s" is not one of %(invoices)s: choose lines of what is credited.',
                line=name,
                invoices=', '.join(moves.mapped('display_name')),
            )
        if not left:
            return self.env._('"%s" cannot be credited: it is not a line with an amount.', name)
        if self.tax_id and (self.kind != 'tax' or not left.get_tax_names(self.tax_id._origin.ids)):
            return self.env._(
                '"%(line)s" has no tax "%(tax)s" to credit: choose one of its taxes, or none.',
                line=name,
                tax=self.tax_id.name,
            )
        if self.kind == 'return' and self.quantity * left.whole_quantity < 0:
            if self.quantity < 0:
                return self.env._('The quantity of "%s" cannot be negative.', name)
            return self.env._(
                'The quantity of "%s" is negative on the invoice: type it with a minus sign.', name
            )
        if self.kind == 'return' and not can_exceed:
            line = self.env['account.move.line'].new({
                'credited_line_id': self.move_line_id._origin.id
            })
            if line._is_quantity_beyond(self.quantity, left):
                return self.move_id._get_quantity_sentence(line, self.quantity, left)
        return self._get_amount_refusal(left, can_exceed)

    def _get_amount_refusal(self, left, can_exceed):
        figures = self._get_figures(left)
        if figures is None:
            return self.env._(
                'Of "%s", no such amount can be credited: choose another line type.',
                self.name or '',
            )
        names = self._get_names(left)
        rest = sum(left.figures[name] for name in names)
        units = to_units(self.amount, self.currency_id.rounding)
        if is_between(units, rest) or (can_exceed and units * rest >= 0):
            return False
        if units * sum(left.whole[name] for name in names) < 0:
            if units < 0:
                return self.env._('The amount of "%s" cannot be negative.', self.name or '')
            return self.env._(
                'The amount of "%s" is negative on the invoice: type it with a minus sign.',
                self.name or '',
            )
        move = self.move_id._origin
        return self.env._(
            'Of "%(line)s", %(left)s can still be credited, not %(amount)s.',
            line=self.name or '',
            left=formatLang(self.env, move._get_amount(rest), currency_obj=self.currency_id),
            amount=formatLang(self.env, self.amount, currency_obj=self.currency_id),
        )
