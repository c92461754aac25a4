from odoo import models
from odoo.exceptions import UserError

from odoo.addons.credit_invoice.models.links.account_move_line import CREDITABLE_TYPES


class AccountMove(models.Model):
    """What settlements keep from being undone under them, and what undoing a credit undoes."""

    _inherit = 'account.move'

    def _check_can_be_undone(self):
        # EXTENDS 'credit_invoice'
        super()._check_can_be_undone()
        self._check_no_refund()

    def _check_no_refund(self):
        """Refuse to undo credits and payments whose money was paid back: the refund would come
        loose."""
        lines = self.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
        refunds_sudo = (
            self
            .env['credit.settlement.line']
            .sudo()
            .search([
                ('source_line_id', 'in', lines.ids),
                ('kind', '=', 'refund'),
                ('state', '=', 'done'),
            ])
        )
        for move, parts_sudo in refunds_sudo.grouped(
            lambda part: part.source_line_id.move_id
        ).items():
            raise UserError(
                self.env._(
                    '%(money)s was refunded by %(refunds)s: use Undo Settlement on %(document)s '
                    'first.',
                    money=move.display_name,
                    refunds=', '.join(part._get_refund_name() for part in parts_sudo),
                    document=parts_sudo.move_id[:1].display_name,
                )
            )

    def _loosen_credit_matches(self):
        # EXTENDS 'credit_invoice': also of those without an invoice; what was kept is so no more
        credits = self.filtered(
            lambda move: move.state == 'posted' and move.sudo().credit_settlement_ids
        )
        parts_sudo = credits.sudo().credit_settlement_ids.line_ids.filtered(
            lambda line: line.state == 'done'
        )
        (credits._get_credit_origins() | parts_sudo.target_move_id)._lock_for_credit()
        # On the way back, entries between two accounts go, too.
        parts_sudo.partial_ids.unlink()
        parts_sudo._mark_undone(force=True)
        partials = credits.line_ids.matched_debit_ids.filtered(
            lambda partial: partial.debit_move_id.move_id.move_type in CREDITABLE_TYPES
        )
        partials.unlink()
        super()._loosen_credit_matches()
