from odoo import models
from odoo.exceptions import UserError

from ..links.account_move_line import CREDITABLE_TYPES


class AccountMove(models.Model):
    """What credits keep from being undone under them, and what undoing a credit undoes."""

    _inherit = 'account.move'

    def write(self, vals):
        # EXTENDS 'account'
        if vals.get('partner_id'):
            self._check_credit_customer_is_kept(vals['partner_id'])
        if vals.get('state') in ('draft', 'cancel'):
            self._check_no_posted_credits(
                self.env._(
                    '%(invoice)s cannot be undone: %(credits)s credits it. Credit what is wrong, '
                    'or reset the credit note first.'
                )
            )
            self._check_no_refund()
        return super().write(vals)

    def button_draft(self):
        # EXTENDS 'account': a credit reset to draft reopens its invoice
        self._check_no_posted_credits(
            self.env._(
                '%(invoice)s cannot be reset to draft: %(credits)s credits it. Credit what is '
                'wrong, or reset the credit note first.'
            )
        )
        self._check_no_refund()
        self._loosen_credit_settlement()
        return super().button_draft()

    def button_cancel(self):
        # EXTENDS 'account'
        self._check_no_posted_credits(
            self.env._(
                '%(invoice)s cannot be cancelled: %(credits)s credits it. Credit the rest of it, '
                'or cancel the credit note first.'
            )
        )
        self._check_no_refund()
        self._loosen_credit_settlement()
        return super().button_cancel()

    def action_switch_move_type(self):
        # EXTENDS 'account': what is no credit any more credits nothing
        credits = self.filtered(lambda move: move.move_type == 'out_refund')
        credits.reversed_entry_id = False
        credits.line_ids.filtered('credited_line_id').write({
            'credited_line_id': False,
            'credit_kind': False,
            'extra_tax_data': False,
        })
        return super().action_switch_move_type()

    def _check_no_posted_credits(self, message):
        """Refuse to undo invoices under their credits; those undone together do not count.

        :param str message: with the placeholders `invoice` and `credits`
        """
        invoices = self.filtered(lambda move: move._is_guarded_by_credits())
        if not invoices:
            return
        # A credit that is being posted meanwhile finds an invoice that is a draft, or the other
        # way round.
        invoices._lock_for_credit()
        for invoice in invoices:
            credits = invoice.sudo()._get_posted_credits() - self
            if credits:
                raise UserError(
                    message
                    % {
                        'invoice': invoice.display_name,
                        'credits': ', '.join(credits.mapped('display_name')),
                    }
                )

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

    def _is_guarded_by_credits(self):
        """Whether posted credits keep this document from being cancelled or reset.

        To be extended where an authority cancels documents: what it has accepted is not refused.
        """
        self.ensure_one()
        return self.move_type in CREDITABLE_TYPES and self.state == 'posted'

    def _loosen_credit_settlement(self):
        """Undo the matches of posted credits with invoices; those with payments stay."""
        credits = self.filtered(
            lambda move: (
                move.state == 'posted'
                and (move._get_credit_origins() or move.sudo().credit_settlement_ids)
            )
        )
        if not credits:
            return
        parts_sudo = credits.sudo().credit_settlement_ids.line_ids.filtered(
            lambda line: line.state == 'done'
        )
        (credits._get_credit_origins() | parts_sudo.target_move_id)._lock_for_credit()
        # On the way back, entries between two accounts go, too, and what was kept is so no more.
        parts_sudo.partial_ids.unlink()
        parts_sudo._mark_undone(force=True)
        partials = credits.line_ids.matched_debit_ids.filtered(
            lambda partial: partial.debit_move_id.move_id.move_type in CREDITABLE_TYPES
        )
        partials.unlink()

    def _check_credit_customer_is_kept(self, partner_id):
        customer = self.env['res.partner'].browse(partner_id).commercial_partner_id
        for move in self:
            origin = move.sudo().reversed_entry_id
            if (
                move._is_customer_credit()
                and move.partner_id
                and customer not in origin._get_credit_customers()
            ):
                raise UserError(
                    self.env._(
                        '%(credit)s credits an invoice of %(customer)s: its customer cannot be '
                        'changed. To invoice someone else, use Credit and Re-invoice on '
                        '%(invoice)s.',
                        credit=move.display_name,
                        customer=origin.partner_id.commercial_partner_id.display_name,
                        invoice=origin.display_name,
                    )
                )
