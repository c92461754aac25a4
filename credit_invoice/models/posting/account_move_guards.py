from odoo import models
from odoo.exceptions import UserError

from ..links.account_move_line import CREDITABLE_TYPES


class AccountMove(models.Model):
    """What credits keep from being undone under them, and what undoing a credit undoes."""

    _inherit = 'account.move'

    def button_draft(self):
        # EXTENDS 'account': a credit reset to draft reopens its invoice
        if not self:
            # Each write on a journal item resets no documents at all.
            return super().button_draft()
        self._check_no_posted_credits(
            self.env._(
                '%(invoice)s cannot be reset to draft: %(credits)s credits it. Credit what is '
                'wrong, or reset the credit note first.'
            )
        )
        self._check_can_be_undone()
        self._loosen_credit_matches()
        return super().button_draft()

    def button_cancel(self):
        # EXTENDS 'account'
        self._check_no_posted_credits(
            self.env._(
                '%(invoice)s cannot be cancelled: %(credits)s credits it. Credit the rest of it, '
                'or cancel the credit note first.'
            )
        )
        self._check_can_be_undone()
        self._loosen_credit_matches()
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

    def _check_kept_under_credits(self, vals):
        """Refuse what credits keep from being written, whatever writes it.

        :param dict vals: as of `write`
        :raise UserError: names the credit and says what to do
        """
        if vals.get('partner_id'):
            self._check_credit_customer_is_kept(vals['partner_id'])
        if vals.get('state') in ('draft', 'cancel'):
            self._check_no_posted_credits(
                self.env._(
                    '%(invoice)s cannot be undone: %(credits)s credits it. Credit what is wrong, '
                    'or reset the credit note first.'
                )
            )
            self._check_can_be_undone()

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

    def _check_can_be_undone(self):
        """Refuse to reset or cancel documents that something else rests on.

        To be extended, such as where money was paid back.

        :raise UserError: names the first document, and says what to do
        """

    def _is_guarded_by_credits(self):
        """Whether posted credits keep this document from being cancelled or reset.

        To be extended where an authority cancels documents: what it has accepted is not refused.
        """
        self.ensure_one()
        return self.move_type in CREDITABLE_TYPES and self.state == 'posted'

    def _loosen_credit_matches(self):
        """Undo the matches of posted credits with invoices; those with payments stay.

        To be extended by what stands beside matches.
        """
        credits = self.filtered(lambda move: move.state == 'posted' and move._get_credit_origins())
        credits._get_credit_origins()._lock_for_credit()
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
