from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context

from ...tools.locking import lock_rows


class CreditWindowMixin(models.AbstractModel):
    """A window that does something once, however often it is submitted."""

    _name = 'credit.window.mixin'
    _inherit = ['credit.checked.mixin']
    _description = 'Window That Is Submitted Once'

    is_done = fields.Boolean(readonly=True)
    reference = fields.Char(
        string="Caller's Reference",
        help='Of a program: what it asks for twice under the same reference is done once.',
    )

    def _lock_window(self):
        """A second submit of the same window fails here, is replayed, and finds it done."""
        self.ensure_one()
        lock_rows(self, ['is_done'])

    def _try_preview(self):
        """What will happen, or why it cannot.

        :return: (the dictionary of `_get_preview`, empty if it is refused; the refusal, or False)
        """
        try:
            return self._get_preview(), False
        except UserError as error:
            return {}, str(error)

    def _get_preview(self):
        """What will happen, as HTML; nothing is written. To be filled in by each window.

        :raise UserError: if it cannot be done
        :rtype: dict
        """
        raise NotImplementedError

    def _without_defaults(self):
        """This window, in a context without its defaults: they are none of what it makes."""
        return self.with_env(self.env(context=clean_context(self.env.context)))
