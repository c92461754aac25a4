from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.actions import open_records

OPERATION = 'credit'


class AccountMoveReversal(models.TransientModel):
    """A program that asks twice, because it lost the first answer, gets the first credit."""

    _inherit = 'account.move.reversal'

    reference = fields.Char(
        string="Caller's Reference",
        help='Of a program: what it asks for twice under the same reference is made once for an '
        'invoice.',
    )

    # === ACTION METHODS === #

    def refund_moves(self):
        # EXTENDS 'account'
        if made := self._get_made_before():
            return open_records(made, self.env._('Credit Notes'))
        action = super().refund_moves()
        self._note_request(self.move_ids)
        return action

    def modify_moves(self):
        # EXTENDS 'account'
        if made := self._get_made_before():
            return open_records(made, self.env._('Credit Notes'))
        action = super().modify_moves()
        self._note_request(self.move_ids)
        return action

    # === BUSINESS METHODS === #

    def _create_credits(self, is_modify):
        # EXTENDS
        if made := self._get_made_before():
            return self._get_credit_notice(made, self.env._('This was already done.'))
        # What is left out now is no second request later.
        origins = self.move_ids
        action = super()._create_credits(is_modify)
        self._note_request(origins)
        return action

    def _get_made_before(self):
        """The documents that were made under the same reference, which are those of this dialog.

        :rtype: recordset
        :raise UserError: if they are gone
        """
        if not self.reference:
            return self.env['account.move']
        self.ensure_one()
        self.move_ids._check_credit_rights()
        requests_sudo = self.move_ids._find_requests(OPERATION, self.reference)
        made = requests_sudo.made_move_ids.sudo(False)
        if requests_sudo and not made:
            raise UserError(
                self.env._(
                    'What was made under the reference %s was discarded: use another one.',
                    self.reference,
                )
            )
        self.new_move_ids |= made
        return made

    def _note_request(self, origins):
        if self.reference and self.new_move_ids:
            origins._note_requests(OPERATION, self.reference, self.new_move_ids)
