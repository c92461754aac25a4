from odoo import models


class AccountMove(models.Model):
    """No credit without its invoice over there: what is not known is checked first (mp12)."""

    _inherit = 'account.move'

    # === BUSINESS METHODS === #

    def _get_refusal_action(self, refusal):
        # EXTENDS 'credit_invoice': opens the check instead of the dialog, if that is all that is
        # missing
        if refusal == self._get_export_refusal():
            return self._get_export_check_action()
        return super()._get_refusal_action(refusal)

    def _get_export_check_action(self):
        """Open the window *Invoice Not Exported*.

        :rtype: dict
        """
        wizard = self.env['credit.export.check.wizard'].create({'move_id': self.id})
        return wizard._get_action()
