from odoo import models
from odoo.tools import SQL


class AccountMove(models.Model):
    """One transaction at a time makes or undoes documents of an invoice (decision 14)."""

    _inherit = 'account.move'

    def _lock_for_credit(self):
        """Let one transaction at a time make or undo documents of these invoices (decision 14).

        Under the host's isolation level a lock alone does not protect: with an older snapshot
        the second transaction would get the lock and still not see the first one's credit. The
        write makes it fail instead; the host then replays the request, which sees everything.

        :raise psycopg2.errors.SerializationFailure: if another transaction was faster; not to be
            caught, the host handles it
        """
        if not self.ids:
            return
        self.flush_recordset()
        ids = tuple(sorted(self.ids))
        self.env.cr.execute(SQL("SET LOCAL lock_timeout = '5s'"))
        self.env.cr.execute(
            SQL('SELECT id FROM account_move WHERE id IN %s ORDER BY id FOR NO KEY UPDATE', ids)
        )
        self.env.cr.execute(
            SQL('UPDATE account_move SET write_date = write_date WHERE id IN %s', ids)
        )
        self.invalidate_recordset()
