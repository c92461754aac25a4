from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_datetime

from ...tools.actions import open_window


class AccountMove(models.Model):
    """Sending a draft back to whoever asked for approval, with a reason."""

    _inherit = 'account.move'

    credit_reject_user_id = fields.Many2one(
        comodel_name='res.users', string='Sent Back by', copy=False, readonly=True
    )
    credit_reject_date = fields.Datetime(string='Sent Back on', copy=False, readonly=True)
    credit_reject_reason = fields.Char(string='Sent Back Because', copy=False, readonly=True)
    credit_reject_notice = fields.Char(compute='_compute_credit_reject_notice')

    # === COMPUTE METHODS === #

    @api.depends('state', 'credit_reject_user_id', 'credit_reject_date', 'credit_reject_reason')
    def _compute_credit_reject_notice(self):
        for move in self:
            is_shown = move.state == 'draft' and move.credit_reject_user_id
            move.credit_reject_notice = bool(is_shown) and self.env._(
                'Sent back by %(user)s on %(date)s: %(reason)s',
                user=move.sudo().credit_reject_user_id.name,
                date=format_datetime(self.env, move.credit_reject_date, dt_format='short'),
                reason=move.credit_reject_reason,
            )

    # === ACTION METHODS === #

    def action_reject_approval(self):
        """Open the window in which a draft that waits for approval is sent back.

        :return: the action of the window
        :rtype: dict
        :raise AccessError: if the user may not approve credits
        :raise UserError: if it waits for nobody, or not for the user
        """
        self._check_can_be_rejected()
        return open_window(
            self.env['credit.reject.wizard'],
            self.env._('Reject with a Reason'),
            context={'default_move_id': self.id, 'dialog_size': 'medium'},
        )

    def reject_approval(self, reason):
        """Send a draft back to whoever asked for approval: the request ends, and they are told.

        :param str reason: what is to be changed
        :return: True
        :raise AccessError: if the user may not approve credits
        :raise UserError: if it waits for nobody or not for the user, or without a reason
        """
        self._check_can_be_rejected()
        reason = reason.strip() if isinstance(reason, str) else ''
        if not reason:
            raise UserError(self.env._('Enter why you send it back.'))
        self._lock_for_credit()
        self._check_can_be_rejected()
        requester = self.sudo().credit_request_user_id
        self._clear_approval_request()
        # Whoever may post the draft may send it back, and changes nothing of it by that.
        self._without_credit_edit().sudo().with_context(skip_invoice_sync=True).write({
            'credit_reject_user_id': self.env.uid,
            'credit_reject_date': fields.Datetime.now(),
            'credit_reject_reason': reason,
        })
        self.message_post(
            body=self.env._(
                '%(user)s sent this credit note back: %(reason)s',
                user=self.env.user.name,
                reason=reason,
            ),
            partner_ids=requester.partner_id.ids,
            subtype_xmlid='mail.mt_note',
        )
        return True

    # === BUSINESS METHODS === #

    def _check_can_be_rejected(self):
        self.ensure_one()
        if not self._can_approve_credits():
            raise AccessError(
                self.env._('Only people who may approve credits can reject them. Ask one of them.')
            )
        self.check_access('write')
        if self.state != 'draft' or not self.credit_request_user_id:
            raise UserError(
                self.env._('%s waits for no approval: nothing is to reject.', self.display_name)
            )
        refusal = self._get_credit_posting_refusal()
        if refusal:
            raise UserError(refusal)

    def _request_approval_of(self, approvers):
        # EXTENDS 'credit_invoice': asked again, what was said before counts no more
        self._without_credit_edit().sudo().with_context(skip_invoice_sync=True).write(
            dict.fromkeys(
                ('credit_reject_user_id', 'credit_reject_date', 'credit_reject_reason'), False
            )
        )
        return super()._request_approval_of(approvers)

    @api.model
    def _get_noted_credit_fields(self):
        # EXTENDS 'credit_invoice'
        return {
            *super()._get_noted_credit_fields(),
            'credit_reject_user_id',
            'credit_reject_date',
            'credit_reject_reason',
        }
