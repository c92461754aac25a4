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
        moves, is_limited = self.move_id, self.env['account.move']._is_limited_to_drafts()
        if is_limited and moves._is_kept_nowhere(vals, self._name):
            # As of documents: nothing of it reaches the database, so it takes no right.
            return super(AccountMoveLine, self.sudo()).write(vals)
        result = super().write(vals)
        if moves._is_edit(vals, self._name):
            (moves | self.move_id)._note_credit_edit()
        if is_limited:
            # The host asks before it writes: the line must not have gone elsewhere.
            self.check_access('write')
        return result

    def unlink(self):
        # EXTENDS 'account'
        moves = self.move_id
        result = super().unlink()
        moves._note_credit_edit()
        return result
