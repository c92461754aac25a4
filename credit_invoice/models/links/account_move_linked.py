from odoo import api, fields, models
from odoo.tools import SQL


class AccountMove(models.Model):
    """Whether anything of ours hangs on a document: most have nothing, and what only a credited
    invoice has is not looked for then.
    """

    _inherit = 'account.move'

    is_credit_linked = fields.Boolean(
        compute='_compute_is_credit_linked',
        compute_sudo=True,
        help='Some credit note, or an invoice that replaces it, names this document.',
    )

    # === COMPUTE METHODS === #

    @api.depends(
        'reversal_move_ids.move_type', 'replacement_move_ids', 'line_ids.credit_line_ids.move_id'
    )
    def _compute_is_credit_linked(self):
        linked = self._get_linked_ids()
        for move in self:
            move.is_credit_linked = move._origin.id in linked

    # === BUSINESS METHODS === #

    def _get_linked_ids(self):
        """Which of these documents are named by others, with one query for all.

        :return: set of ids
        """
        ids = self._origin.ids
        if not ids:
            return set()
        self.env['account.move'].flush_model(['reversed_entry_id', 'replaced_move_id'])
        self.env['account.move.line'].flush_model(['credited_line_id', 'move_id'])
        selects = self._get_linked_selects(tuple(ids))
        return {move_id for (move_id,) in self.env.execute_query(SQL(' UNION ').join(selects))}

    @api.model
    def _get_linked_selects(self, ids):
        """What names some documents: queries for their ids, each by an index.

        To be extended where other documents name them, and `_compute_is_credit_linked` with it.

        :param tuple ids: of the documents
        :return: list of `SQL`
        """
        return [
            SQL('SELECT reversed_entry_id FROM account_move WHERE reversed_entry_id IN %s', ids),
            SQL('SELECT replaced_move_id FROM account_move WHERE replaced_move_id IN %s', ids),
            SQL(
                """
                SELECT line.move_id
                  FROM account_move_line line
                  JOIN account_move_line credit_line ON credit_line.credited_line_id = line.id
                 WHERE line.move_id IN %s
                """,
                ids,
            ),
        ]

    def _get_linked_credits(self):
        """The same as `_get_credits`, for where most documents have none."""
        if self._has_credits_in_memory():
            return self._get_credits()
        return self.filtered('is_credit_linked')._get_credits()

    def _has_credits_in_memory(self):
        """Whether `_get_credits` asks the database for nothing, as of what was just made."""
        credits, lines = self._fields['reversal_move_ids'], self._fields['line_ids']
        if any(credits._cache_missing_ids(self)) or any(lines._cache_missing_ids(self)):
            return False
        credit_lines = self.line_ids._fields['credit_line_ids']
        return not any(credit_lines._cache_missing_ids(self.line_ids))
