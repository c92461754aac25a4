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

    # === BUSINESS METHODS === #

    @api.model
    def _is_scheduling(self, vals):
        """Whether the scheduler, which may post anything, is told to post what has these values."""
        return vals.get('auto_post', 'no') not in ('no', False)

    def _check_scheduling_rights(self, vals):
        """Refuse to let the scheduler post credits, to those who may not.

        :param dict vals: as of `write` or `create`
        :raise AccessError: if the user may not approve credits
        """
        if self._is_scheduling(vals):
            self.filtered(
                lambda move: move.move_type == 'out_refund'
            )._check_credit_approve_rights()

    def _check_undo_rights(self):
        """Refuse to undo what is posted of these credits, to those who may not post them.

        :raise AccessError: if the user may not approve credits
        """
        self.filtered(
            lambda move: move.move_type == 'out_refund' and move.state == 'posted'
        )._check_credit_approve_rights()

    def _get_credit_posting_refusal(self):
        """Why the user is not the one to post this draft.

        To be extended where more is asked of whoever posts a credit.

        :return: one sentence, or False
        """
        self.ensure_one()
        if not self._can_approve_credits():
            return self.env._('You may not post credits: ask for approval.')
        return self._get_four_eyes_refusal(self.browse())
