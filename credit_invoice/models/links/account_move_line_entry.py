from odoo import api, models

from ...tools.nowhere import write_nowhere


class AccountMoveLine(models.Model):
    """How journal items are made and changed: our only `create`, `write` and `unlink` of them.

    As of documents (see `account.move`): lists of steps, which items of other documents pass by.
    """

    _inherit = 'account.move.line'

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'account': see above
        for vals in vals_list:
            self._clean_credit_line_create_vals(vals)
        lines = super().create(vals_list)
        credit_lines = lines._get_credit_lines()
        if credit_lines:
            credit_lines._after_credit_line_create()
        return lines

    def write(self, vals):
        # EXTENDS 'account': see above
        credit_lines = self._get_written_credit_lines(vals)
        if not credit_lines:
            return super().write(vals)
        is_limited = self.env['account.move']._is_limited_to_drafts()
        if is_limited and self.env['account.move']._is_kept_nowhere(vals, self._name):
            return write_nowhere(self, vals)
        moves, others, kept_vals = self.move_id, self, self._clean_credit_line_write_vals(vals)
        credit_lines._check_credit_line_write(kept_vals)
        for line, line_vals in credit_lines._iterate_own_writes(kept_vals):
            super(AccountMoveLine, line).write(line_vals)
            others -= line
        result = super(AccountMoveLine, others).write(kept_vals)
        credit_lines._after_credit_line_write(vals, moves)
        if is_limited:
            # The host asks before it writes: the line must not have gone elsewhere.
            credit_lines.check_access('write')
        return result

    def unlink(self):
        # EXTENDS 'account': see above
        moves = self._get_credit_lines().move_id
        result = super().unlink()
        if moves:
            moves._after_credit_line_unlink()
        return result

    # === WHICH ITEMS ARE CONCERNED === #

    def _get_credit_lines(self):
        """Those of these items that are of customer invoices and credits."""
        types, _names = self.env['account.move']._get_credit_scope()
        return self.filtered(lambda line: line.move_type in types)

    def _get_written_credit_lines(self, vals):
        meant = {'move_id', 'credited_line_id', 'credit_kind'}
        return self._get_credit_lines() if meant.isdisjoint(vals) else self

    # === STEPS OF MAKING AND CHANGING === #

    @api.model
    def _clean_credit_line_create_vals(self, vals):
        """Take off values what comes from nobody but the server. To be extended.

        :param dict vals: of any journal item; changed in place
        """

    def _after_credit_line_create(self):
        """What follows for lines that were made. To be extended, super first."""

    @api.model
    def _clean_credit_line_write_vals(self, vals):
        """The values without those that come from nobody but the server. To be extended.

        :param dict vals: as of `write`; not changed
        """
        return vals

    def _check_credit_line_write(self, vals):
        """What is refused before these lines are changed. To be extended, super last.

        :param dict vals: as of `write`
        :raise UserError: if it is refused
        """
        if 'credited_line_id' in vals:
            self._check_credited_line_is_kept(vals['credited_line_id'])

    def _iterate_own_writes(self, vals):
        """Those of these lines that get values of their own, one after the other.

        To be extended. Each is written before the next is asked for, and the last before this
        ends; all others are written together afterwards.

        :param dict vals: as of `write`
        :return: iterator of (line, dictionary of its values)
        """
        return iter(())

    def _after_credit_line_write(self, vals, moves):
        """What follows for lines that were changed. To be extended, super first.

        :param dict vals: as of `write`
        :param moves: the documents that they were of
        """
