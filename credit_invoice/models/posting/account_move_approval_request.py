from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..links.account_move_rights import APPROVE_GROUP

REQUEST_ACTIVITY = 'credit_invoice.mail_activity_type_credit_approval'


class AccountMove(models.Model):
    """Asking others to post a credit; it lands with them as an activity."""

    _inherit = 'account.move'

    credit_request_user_id = fields.Many2one(
        comodel_name='res.users', string='Approval Asked by', copy=False, readonly=True
    )
    credit_request_date = fields.Datetime(string='Approval Asked on', copy=False, readonly=True)
    credit_request_notice = fields.Char(compute='_compute_credit_request_notice')
    is_credit_request_offered = fields.Boolean(compute='_compute_is_credit_request_offered')

    # === COMPUTE METHODS === #

    @api.depends('credit_request_user_id', 'credit_request_date')
    def _compute_credit_request_notice(self):
        for move in self:
            move.credit_request_notice = bool(move.credit_request_user_id) and self.env._(
                'Waiting for a second person: asked by %(user)s on %(date)s.',
                user=move.sudo().credit_request_user_id.name,
                date=format_datetime(self.env, move.credit_request_date, dt_format='short'),
            )

    @api.depends('is_credit_post_hidden', 'credit_request_user_id')
    @api.depends_context('uid')
    def _compute_is_credit_request_offered(self):
        for move in self:
            move.is_credit_request_offered = (
                move.is_credit_post_hidden and not move.credit_request_user_id
            )

    # === ACTION METHODS === #

    def action_request_approval(self):
        """Ask those who may post this credit to do so.

        :return: True
        :raise AccessError: if the user may not change the credit
        :raise UserError: if it is no draft, if the user may post it, or if nobody may
        """
        self.ensure_one()
        self._check_credit_rights()
        self.check_access('write')
        if self.move_type != 'out_refund' or self.state != 'draft':
            raise UserError(
                self.env._(
                    '%s is no draft of a credit note: nothing is to approve.', self.display_name
                )
            )
        if not self._get_credit_posting_refusal():
            raise UserError(
                self.env._('You can post %s yourself: nobody has to be asked.', self.display_name)
            )
        approvers = self._get_credit_approvers()
        if not approvers:
            raise UserError(
                self.env._(
                    'Nobody is left who may post %s: ask an administrator to give someone else in '
                    'the company the right "Approve credits".',
                    self.display_name,
                )
            )
        self._clear_approval_request()
        self._request_approval_of(approvers)
        return True

    def _request_approval_of(self, approvers):
        # Their list of activities is where they work it off: no mail to each of them.
        credit = self.with_context(mail_activity_quick_update=True)
        for approver in approvers:
            credit.activity_schedule(
                REQUEST_ACTIVITY,
                user_id=approver.id,
                note=self.env._(
                    '%s asks you to check and post this credit note.', self.env.user.name
                ),
            )
        self._without_credit_edit().with_context(skip_invoice_sync=True).write({
            'credit_request_user_id': self.env.uid,
            'credit_request_date': fields.Datetime.now(),
        })

    # === BUSINESS METHODS === #

    @api.model
    def _get_noted_credit_fields(self):
        # EXTENDS 'credit_invoice'
        return {
            *super()._get_noted_credit_fields(),
            'credit_request_user_id',
            'credit_request_date',
        }

    def _get_credit_approvers(self):
        """Who may post this credit: members of its company with the right, except the excluded.

        To be extended where only some of them are asked.

        :return: a recordset of `res.users`
        """
        self.ensure_one()
        users = self.env.ref(APPROVE_GROUP).sudo().all_user_ids
        company = self.company_id
        approvers = users.filtered(
            lambda user: user.active and not user.share and company in user.company_ids
        )
        if self._get_four_eyes_total(self.browse()) is not None:
            approvers -= self._get_four_eyes_excluded_users()
        return approvers.with_env(self.env)

    def _void_approval_request(self):
        """Withdraw what was asked before a change, and tell whoever asked."""
        for credit in self.filtered('credit_request_user_id'):
            requester = credit.sudo().credit_request_user_id
            credit._clear_approval_request()
            credit.message_post(
                body=self.env._(
                    '%(editor)s changed this credit note, so the request of %(requester)s is '
                    'void: ask again for approval.',
                    editor=self.env.user.name,
                    requester=requester.name,
                ),
                partner_ids=(requester - self.env.user).partner_id.ids,
                subtype_xmlid='mail.mt_note',
            )

    def _close_approval_request(self):
        """Mark the activity of whoever posted it as done, and withdraw those of the others."""
        for credit in self.filtered('credit_request_user_id'):
            if credit.state == 'posted':
                credit.activity_feedback([REQUEST_ACTIVITY], user_id=self.env.uid)
            credit._clear_approval_request()

    def _clear_approval_request(self):
        self.sudo().activity_unlink([REQUEST_ACTIVITY])
        self._without_credit_edit().sudo().with_context(skip_invoice_sync=True).write({
            'credit_request_user_id': False,
            'credit_request_date': False,
        })
