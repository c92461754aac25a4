from odoo import models


class AccountMoveReversal(models.TransientModel):
    """What the dialog made is kept, so that the draft can say what was changed afterwards."""

    _inherit = 'account.move.reversal'

    def _create_credits_of_batch(self, moves, is_modify):
        # EXTENDS 'credit_invoice'
        before = self.new_move_ids
        super()._create_credits_of_batch(moves, is_modify)
        (self.new_move_ids - before)._keep_credit_made_values()

    def _create_credit_of_parts(self):
        # EXTENDS 'credit_invoice'
        before = self.new_move_ids
        super()._create_credit_of_parts()
        (self.new_move_ids - before)._keep_credit_made_values()
