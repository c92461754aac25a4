from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.actions import open_window
from ..links.account_move_line import CREDITABLE_TYPES


class AccountMove(models.Model):
    """Invalidating an invoice that never left the house (pc01, pc02)."""

    _inherit = 'account.move'

    invalidation_reason = fields.Char(
        string='Reason of Invalidation',
        copy=False,
        readonly=True,
        help='Why the invoice was invalidated before the customer got it.',
    )

    # === ACTION METHODS === #

    def button_draft(self):
        # EXTENDS 'account': what counts again is not invalid any more; the chatter keeps the reason
        invalidated = self.filtered(lambda move: move._is_invalidated())
        result = super().button_draft()
        invalidated.sudo().write({'invalidation_reason': False, 'credit_reason_id': False})
        return result

    def action_invalidate(self):
        """Open the dialog that invalidates this invoice, or explains why it cannot be (pc02).

        :return: the action of the wizard
        :rtype: dict
        :raise AccessError: if the user may not approve credits
        """
        self.ensure_one()
        self._check_invalidation_rights()
        return open_window(
            self.env['credit.invalidate.wizard'],
            self.env._('Invalidate'),
            context={'default_move_id': self.id},
        )

    def invalidate_invoice(
        self, reason, not_handed_over=False, credit_reason_id=False, reference=None
    ):
        """Cancel invoices that never left the house; number and papers stay (pc01).

        All of them or none. Those that are invalidated already are passed over, so that calling
        twice does no harm. *Reset to Draft* undoes it.

        :param str reason: why, in the user's words
        :param bool not_handed_over: True if the user confirms that the customer did not get them in
            any other way; needed where that cannot be told from here
        :param int credit_reason_id: id of a `credit.reason`, optional
        :param str reference: of the caller; what was invalidated under it is not invalidated again
            after it was reset to draft and posted
        :return: True
        :raise AccessError: if the user may not approve credits, or not change these invoices
        :raise UserError: names each invoice that cannot be invalidated, and all that speaks against
        """
        self._check_invalidation_rights()
        vals = self._prepare_invalidation_vals(reason, credit_reason_id)
        self._do_once(
            'invalidate_invoice',
            reference,
            lambda invoices: invoices._invalidate(vals, not_handed_over is True),
        )
        return True

    # === BUSINESS METHODS === #

    def _invalidate(self, vals, not_handed_over):
        """Cancel these invoices, those excepted that are invalidated already.

        :param dict vals: what is recorded of it
        :param bool not_handed_over: whether somebody confirms that no customer has them
        """
        # Whoever prints, pays or credits one of them meanwhile goes first, or comes too late.
        self._lock_for_credit()
        invoices = self.filtered(lambda move: not move._is_invalidated())
        invoices._check_can_be_invalidated(not_handed_over)
        doubted = invoices.filtered(lambda move: move._get_handover_doubt())
        invoices.button_cancel()
        # The reason is the server's record, see `RECORD_FIELDS`.
        invoices.sudo().write(vals)
        for invoice in invoices:
            invoice._message_log(body=invoice._get_invalidation_message(invoice in doubted))

    def _is_invalidated(self):
        self.ensure_one()
        return self.state == 'cancel' and bool(self.invalidation_reason)

    def _check_invalidation_rights(self):
        self._require_approve_right(
            self.env._('Only people who approve credits can invalidate invoices.')
        )
        self.check_access('write')

    def _prepare_invalidation_vals(self, reason, credit_reason_id):
        """
        :raise UserError: if the reason is no text, or the chosen one is not there
        """
        text = reason.strip() if isinstance(reason, str) else ''
        if not text:
            raise UserError(self.env._('Type the reason why the invoice is invalidated.'))
        chosen = self.env['credit.reason']
        if credit_reason_id:
            is_id = isinstance(credit_reason_id, int) and not isinstance(credit_reason_id, bool)
            chosen = is_id and chosen.search([('id', '=', credit_reason_id)])
            if not chosen:
                raise UserError(self.env._('Choose one of the reasons that are in use.'))
        return {'invalidation_reason': text, 'credit_reason_id': chosen.id}

    def _check_can_be_invalidated(self, not_handed_over):
        for move in self:
            refusals = list(move._get_invalidation_refusals().values())
            doubt = not refusals and not not_handed_over and move._get_handover_doubt()
            if doubt:
                confirm = self.env._('Confirm that the customer did not get it in any other way.')
                refusals = [doubt, confirm]
            if refusals:
                raise UserError(
                    self.env._(
                        '%(invoice)s cannot be invalidated: %(reasons)s',
                        invoice=move.display_name,
                        reasons=' '.join(refusals),
                    )
                )

    def _get_invalidation_message(self, is_confirmed):
        message = self.env._(
            'Invalidated: %(reason)s. Its entries are out of the ledger, its number and papers '
            'stay. Reset to Draft brings it back with the same number.',
            reason=self.invalidation_reason.rstrip('.'),
        )
        if is_confirmed:
            message += ' ' + self.env._(
                '%s confirmed that the customer did not get it in any other way.',
                self.env.user.name,
            )
        return message

    # === WHAT SPEAKS AGAINST IT === #

    def _get_invalidation_refusals(self):
        """All that keeps this invoice from being invalidated.

        To be extended: where an invoice is exported, delivered electronically, or deducted
        elsewhere, add a sentence under a key of your own.

        :return: keys and sentences that speak of the invoice as "it"; empty if nothing does
        :rtype: dict
        """
        self.ensure_one()
        refusal = self._get_invalidation_state_refusal()
        if refusal:
            return {'state': refusal}
        return {
            **self._get_handover_refusals(),
            **self._get_invalidation_money_refusals(),
            **self._get_invalidation_ledger_refusals(),
        }

    def _get_invalidation_state_refusal(self):
        if self.move_type not in CREDITABLE_TYPES:
            return self.env._('It is not a customer invoice.')
        if self.state == 'draft':
            return self.env._('It is still a draft: change, cancel or delete it.')
        return self.state != 'posted' and self.env._('It is cancelled already.')

    def _get_invalidation_money_refusals(self):
        """Payments and credits; what belongs to others is named, too."""
        move_sudo = self.sudo()
        refusals = {}
        partials_sudo = move_sudo.line_ids.matched_debit_ids | move_sudo.line_ids.matched_credit_ids
        matched_sudo = (
            partials_sudo.debit_move_id.move_id | partials_sudo.credit_move_id.move_id
        ) - move_sudo
        credits_sudo = move_sudo._get_credits()
        posted_sudo = credits_sudo.filtered(lambda credit_sudo: credit_sudo.state == 'posted')
        if matched_sudo - credits_sudo:
            refusals['paid'] = self.env._(
                'It is matched with %s.', self._join_names(matched_sudo - credits_sudo)
            )
        payments_sudo = move_sudo.matched_payment_ids.filtered(
            lambda payment_sudo: (
                payment_sudo.state not in ('canceled', 'rejected')
                and payment_sudo.move_id not in matched_sudo
            )
        )
        if payments_sudo:
            refusals['payment'] = self.env._('%s is to pay it.', self._join_names(payments_sudo))
        if posted_sudo:
            refusals['credited'] = self.env._('%s credits it.', self._join_names(posted_sudo))
        drafts_sudo = credits_sudo.filtered(lambda credit_sudo: credit_sudo.state == 'draft')
        if drafts_sudo:
            refusals['draft_credits'] = self.env._(
                '%s waits to be approved: discard it first.', self._join_names(drafts_sudo)
            )
        return refusals

    def _get_invalidation_ledger_refusals(self):
        refusals = {}
        if self.inalterable_hash:
            refusals['hashed'] = self.env._(
                'It is secured by a hash and cannot be changed any more.'
            )
        if self.need_cancel_request:
            refusals['authority'] = self.env._(
                'It was reported to an authority, which has to cancel it first: use Request Cancel.'
            )
        locks = self._get_violated_lock_dates(self.date, self._affect_tax_report())
        if locks:
            refusals['closed'] = self.env._(
                'Its date, %(date)s, is in a closed period (%(locks)s).',
                date=format_date(self.env, self.date),
                locks=self.env['res.company']._format_lock_dates(locks),
            )
        adjusting_sudo = self.sudo().adjusting_entries_move_ids.filtered(
            lambda entry_sudo: entry_sudo.state == 'posted'
        )
        if adjusting_sudo:
            refusals['adjusted'] = self.env._('%s adjusts it.', self._join_names(adjusting_sudo))
        return refusals

    def _join_names(self, records):
        return ', '.join(record.display_name for record in records)
