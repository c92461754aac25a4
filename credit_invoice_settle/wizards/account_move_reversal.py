from odoo import fields, models

from ..tools.actions import notify_with_undo

# How many settlements the notice names.
SHOWN = 5


class AccountMoveReversal(models.TransientModel):
    """*Create and Approve*: the dialog posts and settles what it makes."""

    _inherit = 'account.move.reversal'

    primary_button = fields.Selection(selection_add=[('approve', 'Create and Approve')])

    # === ACTION METHODS === #

    def action_create_and_approve(self):
        """Create the credits, post them and settle them as proposed, in one go (pc07).

        :return: the client action that shows the credit or the list, and what can be undone
        :rtype: dict
        :raise AccessError: if the user may not approve credits
        """
        if made := self._get_made_before():
            # What was made before was approved before.
            return self._get_credit_notice(made, self.env._('This was already done.'))
        is_new = not self.new_move_ids
        action = self._create_credits(is_modify=False)
        credits = self.new_move_ids
        if not is_new or not credits:
            return action
        credits.approve_credits()
        settlements = credits._get_last_settlements()
        message = ' '.join(settlement._get_summary() for settlement in settlements[:SHOWN])
        if len(settlements) > SHOWN:
            message = self.env._(
                '%(message)s And %(count)s others.',
                message=message,
                count=len(settlements) - SHOWN,
            )
        return notify_with_undo(
            self._add_notices(message), settlements, **self._get_notice_options(credits)
        )

    # === BUSINESS METHODS === #

    def _get_primary_button(self):
        # EXTENDS 'credit_invoice': as the company wants it
        button = super()._get_primary_button()
        company = self.company_id._get_credit_policy_company()
        if button != 'create' or company.credit_primary_button != 'approve':
            return button
        if self.can_create_and_approve:
            return 'approve'
        return 'ask' if self.second_person_notice else button
