from odoo import api, fields, models

from odoo.addons.credit_invoice.tools.actions import close_window

from ..tools.actions import notify_with_undo
from .settlement_choice import SettlementChoice


class AccountMove(models.Model):
    """*Approve* in one click, where nothing is left to decide."""

    _inherit = 'account.move'

    is_credit_approved_at_once = fields.Boolean(compute='_compute_is_credit_approved_at_once')

    # === COMPUTE METHODS === #

    @api.depends('state', 'move_type', 'amount_total', 'credit_reason_id', 'reversed_entry_id')
    @api.depends_context('uid')
    def _compute_is_credit_approved_at_once(self):
        for move in self:
            move.is_credit_approved_at_once = bool(move._origin) and (
                move._origin._is_approval_clear()
            )

    # === ACTION METHODS === #

    def action_approve(self):
        """Approve a draft: at once where nothing is left to decide, otherwise in the window.

        :return: the client action that shows what was done, or the action of the window
        :rtype: dict
        :raise AccessError: if the user may not approve credits
        :raise UserError: says why it cannot be approved
        """
        self._check_can_be_approved()
        if not self._is_approval_clear():
            return self._get_approve_action()
        choice = self._get_proposed_choice()
        choice.date = self._get_default_settlement_date()
        settlements = self._approve_credits({self: choice})
        return notify_with_undo(
            ' '.join(settlement._get_summary() for settlement in settlements),
            settlements,
            then=close_window(),
        )

    # === BUSINESS METHODS === #

    def _get_default_settlement_date(self):
        """Today, or the later day that the credit has."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        return max(today, self.invoice_date or today)

    def _is_approval_clear(self):
        """Whether nothing is left to decide about this draft: its own unpaid invoice takes all of
        it, and no rule, reason or second person asks for anything.

        To be extended where something else is to be decided before a credit is approved.

        :rtype: bool
        """
        if len(self) != 1 or self.move_type != 'out_refund' or self.state != 'draft':
            return False
        is_asked = (
            self.credit_request_user_id
            or self.credit_excess_message
            or self._get_credit_posting_refusal()
            or self._get_four_eyes_total(self.browse()) is not None
            or self._get_proposed_settlement() not in (False, 'own')
            or self._get_posting_obstacle()
        )
        return not is_asked and self._is_taken_by_its_invoice()

    def _is_taken_by_its_invoice(self):
        """Whether the one invoice that this credit credits takes all of it, in one way only."""
        origin = self.sudo()._get_credit_origins()
        items = origin._get_open_receivable_lines()
        if len(origin) != 1 or not items or not self._get_amount_to_settle():
            return False
        amounts = self._get_use_amounts(SettlementChoice(settlement='own'))
        used, open_amount = sum(amounts.values()), sum(items.mapped('amount_residual_currency'))
        compare = self.currency_id.compare_amounts
        # Of several instalments, one could be chosen, if not all of them are settled.
        is_divided = len(items) > 1 and compare(used, open_amount) < 0
        return (
            compare(used, self._get_amount_to_settle()) == 0
            and not is_divided
            and not self._get_refundable_amount()
        )
