from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from ...models.links.account_move_line import CREDITABLE_TYPES
from ...models.links.credit_attachments import CreditAttachments
from ...tools.guarded import Guarded, get_guarded


class AccountMoveReversal(models.TransientModel):
    """Why it is credited, what that proposes, and what proves it."""

    _inherit = 'account.move.reversal'

    credit_reason_id = fields.Many2one(
        comodel_name='credit.reason',
        string='Reason',
        check_company=True,
        help='Proposes what is credited, and how. The note below explains it to the customer.',
    )
    credit_reason_help = fields.Char(related='credit_reason_id.help_text')
    is_credit_reason_required = fields.Boolean(compute='_compute_is_credit_reason_required')
    credit_attachment_ids = fields.Many2many(
        comodel_name='ir.attachment',
        relation='account_move_reversal_credit_attachment',
        string='Attachments',
        help="The customer's mail, the return slip: every credit gets them.",
    )
    credit_attachment_notice = fields.Char(compute='_compute_credit_attachment_notice')

    # === COMPUTE METHODS === #

    @api.depends('credit_attachment_notice')
    def _compute_can_create_and_approve(self):
        # EXTENDS
        super()._compute_can_create_and_approve()

    @api.depends('company_id', 'is_customer_credit')
    def _compute_is_credit_reason_required(self):
        for wizard in self:
            company = wizard.company_id._get_credit_policy_company()
            wizard.is_credit_reason_required = (
                wizard.is_customer_credit and company.credit_reason_required
            )

    @api.depends('credit_reason_id', 'credit_attachment_ids')
    def _compute_credit_attachment_notice(self):
        for wizard in self:
            is_missing = (
                wizard.credit_reason_id.is_attachment_required and not wizard.credit_attachment_ids
            )
            wizard.credit_attachment_notice = is_missing and self.env._(
                'This reason asks for an attachment: without one, the credit note stays a draft.'
            )

    # === ONCHANGE METHODS === #

    @api.onchange('credit_reason_id')
    def _onchange_credit_reason_id(self):
        reason = self.credit_reason_id
        if not reason or not self.is_customer_credit:
            return
        is_part = reason.treatment == 'part' and self.can_choose_part
        if not is_part:
            self.credit_scope = 'whole'
        elif self.credit_scope == 'whole' or set(self.credit_line_ids.mapped('kind')) != {
            reason.kind
        }:
            self.credit_scope = 'part'
            self.credit_line_ids = [Command.clear()] + [
                Command.create(vals) for vals in self._prepare_row_vals(is_filled=False)
            ]

    # === ACTION METHODS === #

    def modify_moves(self):
        # EXTENDS 'account': the credit is posted with it
        if any(move.move_type in CREDITABLE_TYPES for move in self.move_ids):
            self._check_can_reinvoice()
        return super().modify_moves()

    def reverse_moves(self, is_modify=False):
        # EXTENDS 'account'
        dialog = self
        if self.credit_attachment_ids:
            attachments = CreditAttachments(self.credit_attachment_ids)
            dialog = self.with_context(credit_attachments=attachments)
        action = super(AccountMoveReversal, dialog).reverse_moves(is_modify)
        if not get_guarded(self.env, 'credit_dialog_is_open'):
            self._drop_attachments()
        return action

    # === BUSINESS METHODS === #

    def _create_credits(self, is_modify):
        # EXTENDS 'credit_invoice'
        dialog = self.with_context(credit_dialog_is_open=Guarded(True))
        action = super(AccountMoveReversal, dialog)._create_credits(is_modify)
        if self.new_move_ids:
            self._drop_attachments()
        return action

    def _can_create_and_approve(self):
        # EXTENDS: without the attachment that is asked for, the credit stays a draft
        return super()._can_create_and_approve() and not self.credit_attachment_notice

    def _drop_attachments(self):
        """Delete what was uploaded for this dialog only: every credit has got a copy."""
        self.credit_attachment_ids.filtered(
            lambda attachment: attachment.res_model == self._name
        ).unlink()

    def _check_customer_credit(self):
        # EXTENDS 'credit_invoice'
        super()._check_customer_credit()
        if self.is_credit_reason_required and not self.credit_reason_id:
            raise UserError(self.env._('Choose why it is credited: a reason is required.'))

    def _check_can_reinvoice(self):
        if not self.env['account.move']._can_approve_credits():
            raise AccessError(
                self.env._(
                    'Only people with the right "Approve credits" can credit and re-invoice: '
                    'create the credit note, and ask for approval.'
                )
            )

    def _prepare_default_reversal(self, move):
        # EXTENDS 'account'
        values = super()._prepare_default_reversal(move)
        if move.move_type in CREDITABLE_TYPES:
            values['credit_reason_id'] = self.credit_reason_id.id
            if not self.env['account.move']._can_approve_credits():
                # The scheduler would post what this user may not post.
                values['auto_post'] = 'no'
        return values

    def _prepare_row_part_vals(self, move, left, is_filled):
        # EXTENDS 'credit_invoice'
        values = super()._prepare_row_part_vals(move, left, is_filled)
        kind = self.credit_reason_id.kind
        if kind in (False, 'return') or values['kind'] != 'return':
            return values
        values.update({'kind': kind, 'quantity': 0.0, 'amount': 0.0, 'percentage': 0.0})
        if is_filled:
            row = self.env['account.move.reversal.line'].new({'kind': kind})
            names = row._get_names(left)
            amount, whole = (
                sum(figures[name] for name in names) for figures in (left.figures, left.whole)
            )
            values['amount'] = move._get_amount(amount)
            values['percentage'] = round(100 * amount / whole, 2) if whole else 0.0
        return values
