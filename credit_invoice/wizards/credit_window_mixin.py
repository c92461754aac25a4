from odoo import fields, models
from odoo.tools import SQL


class CreditWindowMixin(models.AbstractModel):
    """A window that does something once, however often it is submitted."""

    _name = 'credit.window.mixin'
    _description = 'Window That Is Submitted Once'

    is_done = fields.Boolean(readonly=True)

    def _lock_window(self):
        """A second submit of the same window fails here, is replayed, and finds it done."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                'UPDATE %s SET write_date = write_date WHERE id IN %s',
                SQL.identifier(self._table),
                tuple(self.ids),
            )
        )
        self.invalidate_recordset(['is_done'])
