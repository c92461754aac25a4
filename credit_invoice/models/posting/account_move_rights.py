from odoo import api, fields, models


class AccountMove(models.Model):
    """Who may draft credits, and who may post them (decision 18, ts01, ts28)."""

    _inherit = 'account.move'

    is_credit_post_hidden = fields.Boolean(compute='_compute_is_credit_post_hidden')
    is_credit_undo_hidden = fields.Boolean(compute='_compute_is_credit_undo_hidden')

    # === COMPUTE METHODS === #

    @api.depends('state', 'move_type', 'amount_total', 'reversed_entry_id', 'partner_bank_id')
    @api.depends_context('uid')
    def _compute_is_credit_post_hidden(self):
        for move in self:
            move.is_credit_post_hidden = (
                move.state == 'draft'
                and move.move_type == 'out_refund'
                and bool(move._get_credit_posting_refusal())
            )

    @api.depends('state', 'move_type')
    @api.depends_context('uid')
    def _compute_is_credit_undo_hidden(self):
        for move in self:
            move.is_credit_undo_hidden = (
                move.state == 'posted'
                and move.move_type == 'out_refund'
                and not move._can_approve_credits()
            )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'account'
        moves = super().create(vals_list)
        scheduled = [
            move.id
            for move, vals in zip(moves, vals_list, strict=True)
            if self._is_scheduling(vals) and move.move_type == 'out_refund'
        ]
        moves.browse(scheduled)._check_credit_approve_rights()
        return moves

    def write(self, vals):
        # EXTENDS 'account'
        is_limited = self._is_limited_to_drafts()
        if is_limited and self._is_kept_nowhere(vals):
            # The host notes on the invoice, too, what is to be derived anew. Nothing of it reaches
            # the database, so it takes no right.
            return super(AccountMove, self.sudo()).write(vals)
        credits = self.filtered(lambda move: move.move_type == 'out_refund')
        if self._is_scheduling(vals):
            credits._check_credit_approve_rights()
        if vals.get('state') in ('draft', 'cancel'):
            posted = credits.filtered(lambda move: move.state == 'posted')
            posted._check_credit_approve_rights()
        result = super().write(vals)
        if is_limited:
            # The host asks before it writes: what was a draft credit must still be one.
            self.check_access('write')
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _is_scheduling(self, vals):
        """Whether the scheduler, which may post anything, is told to post what has these values."""
        return vals.get('auto_post', 'no') not in ('no', False)

    def _get_credit_posting_refusal(self):
        """Why the user is not the one to post this draft.

        To be extended where more is asked of whoever posts a credit.

        :return: one sentence, or False
        """
        self.ensure_one()
        if not self._can_approve_credits():
            return self.env._('You may not post credits: ask for approval.')
        return self._get_four_eyes_refusal(self.browse())
