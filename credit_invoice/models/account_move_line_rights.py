from odoo import api, models


class AccountMoveLine(models.Model):
    """Lines of drafts: who changed them, and that they stay lines of drafts."""

    _inherit = 'account.move.line'

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'account'
        lines = super().create(vals_list)
        lines.move_id._note_credit_edit()
        return lines

    def write(self, vals):
        # EXTENDS 'account'
        moves = self.move_id
        result = super().write(vals)
        if moves._is_edit(vals, self._name):
            (moves | self.move_id)._note_credit_edit()
        if self.env['account.move']._is_limited_to_drafts():
            # The host asks before it writes: the line must not have gone elsewhere.
            self.check_access('write')
        return result

    def unlink(self):
        # EXTENDS 'account'
        moves = self.move_id
        result = super().unlink()
        moves._note_credit_edit()
        return result
