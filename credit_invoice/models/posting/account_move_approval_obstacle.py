from contextlib import closing

from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """Why a draft credit cannot be approved, said before anybody tries."""

    _inherit = 'account.move'

    credit_approval_obstacle = fields.Char(
        compute='_compute_credit_approval_obstacle',
        help='Why this draft cannot be approved as it is.',
    )

    # === COMPUTE METHODS === #

    @api.depends(
        'state',
        'move_type',
        'invoice_date',
        'amount_total',
        'partner_id',
        'currency_id',
        'credit_reason_id',
        'credit_exceed_reason',
        'reversed_entry_id',
    )
    @api.depends_context('uid')
    def _compute_credit_approval_obstacle(self):
        for move in self:
            # What is not saved yet cannot be approved yet.
            credit = move._origin
            move.credit_approval_obstacle = (
                credit.move_type == 'out_refund'
                and credit.state == 'draft'
                and not credit.is_credit_post_hidden
                and (credit._get_posting_obstacle() or credit._get_certain_excess_obstacle())
            )

    # === BUSINESS METHODS === #

    def _get_approval_refusal(self):
        """Why this document cannot be approved, or what is left of it settled.

        To be extended where more is required.

        :return: one sentence, or False
        """
        self.ensure_one()
        if self.move_type != 'out_refund':
            return self.env._('%s is no credit note: confirm it instead.', self.display_name)
        if self.state == 'cancel':
            return self.env._(
                '%s is cancelled: reset it to draft before you approve it.', self.display_name
            )
        if self.state == 'posted' and self.currency_id.is_zero(self.amount_residual):
            return self.env._(
                '%s is posted and settled already: nothing of it is open.', self.display_name
            )
        return False

    def _get_posting_obstacle(self):
        """Why nobody can post this draft as it is: its invoice, date, reason or attachment.

        :return: one sentence, or False
        """
        self.ensure_one()
        refusal = self._get_approval_refusal()
        if refusal or self.state != 'draft':
            return refusal
        checks = [self._check_credit_without_origin]
        if self._get_credit_origins():
            checks = [lambda: self._check_credit_document(self), self._check_credit_reason]
        for check in checks:
            try:
                check()
            except UserError as error:
                return str(error)
        return False

    def _get_certain_excess_obstacle(self):
        """Why the user cannot credit as much, where that is certain before posting: no other credit
        has its part of the cents.

        :return: one text, or False
        """
        others = self.browse().union(
            *(origin._get_other_credits(self) for origin in self.sudo()._get_credit_origins())
        )
        return not others and self._get_excess_refusal(self._get_credit_excess(self.browse()))

    def _get_approval_obstacle(self):
        """Why the user cannot post these drafts, all together and as they are.

        To be called before anything of a window is filled in: nothing that is only shown survives.

        :return: one text about the first of them, or False
        """
        accepted = self.browse()
        for credit in self.filtered(lambda move: move.state == 'draft'):
            obstacle = (
                credit._get_posting_obstacle()
                or credit._get_four_eyes_refusal(accepted)
                or credit._get_excess_obstacle(accepted)
            )
            if obstacle:
                return obstacle
            accepted |= credit
        return False

    def _get_excess_obstacle(self, accepted):
        """Why the user cannot credit as much beside others.

        :param accepted: credits that count as if they were posted
        :return: one text, or False
        """
        if not self._get_excess_refusal(self._get_credit_excess(accepted)):
            return False
        # It may be no more than the cents that posting cuts anew: that is tried, and taken back.
        with closing(self.env.cr.savepoint()):
            self._without_credit_edit()._refresh_credit_figures(accepted)
            return self._get_excess_refusal(self._get_credit_excess(accepted))
