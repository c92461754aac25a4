from odoo import models

from ...tools.locking import lock_rows


class AccountMove(models.Model):
    """One transaction at a time makes or undoes documents of an invoice (decision 14)."""

    _inherit = 'account.move'

    def _lock_for_credit(self):
        """Let one transaction at a time make or undo documents of these invoices.

        To be called first by whatever begins to do so, with all that it is about; further calls in
        the same transaction cost nothing.

        :raise psycopg2.errors.SerializationFailure: as of `lock_rows`
        """
        lock_rows(self)
