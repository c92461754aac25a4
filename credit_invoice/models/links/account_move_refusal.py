from odoo import models
from odoo.exceptions import UserError

from .account_move_line import CREDITABLE_TYPES


class AccountMove(models.Model):
    """What can be credited, and why not (mp02)."""

    _inherit = 'account.move'

    def _check_can_be_credited(self):
        """Refuse what cannot be credited, before anything is done.

        :raise AccessError: if the user may not make invoices
        :raise UserError: names the first document that cannot be credited, and says why
        """
        self._check_credit_rights()
        self._check_no_credit_refusal()

    def _check_no_credit_refusal(self):
        """Refuse what cannot be credited, to whoever has the right to credit.

        :raise UserError: as of `_check_can_be_credited`
        """
        for move in self:
            reason = move._get_credit_refusal()
            if reason:
                raise UserError(reason)

    def _get_refusal_action(self, refusal):
        """What *Credit this Invoice* does where that is refused.

        To be extended where the reason can be removed at once.

        :param str refusal: as of `_get_credit_refusal`
        :return: an action
        :raise UserError: with the reason
        """
        raise UserError(refusal)

    def _get_credit_refusal(self):
        """Why this document cannot be credited.

        To be extended where more is required of an invoice before it may be credited.

        :return: one sentence that names the document and says what to do, or False
        """
        self.ensure_one()
        name = self.display_name
        if self.move_type == 'out_refund':
            return self.env._(
                '%s is a credit note itself, and a credit note is never credited. If it was a '
                'mistake, reset it to draft and cancel it.',
                name,
            )
        if self.move_type not in CREDITABLE_TYPES:
            return self.env._('%s is not a customer invoice: reverse it with its own button.', name)
        if self.state == 'draft':
            return self.env._(
                '%s is still a draft: change or delete it instead of crediting it.', name
            )
        if self.state != 'posted':
            return self.env._('%s is cancelled: there is nothing to credit.', name)
        if not self.journal_id.active:
            return self.env._(
                '%(journal)s, the journal of %(invoice)s, is archived: unarchive it first.',
                journal=self.journal_id.display_name,
                invoice=name,
            )
        return self._is_fully_credited() and self.env._(
            '%(invoice)s has been credited in full by %(credits)s.',
            invoice=name,
            credits=', '.join(self._get_posted_credits().mapped('name')),
        )
