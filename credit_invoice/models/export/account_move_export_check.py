from odoo import models


class AccountMove(models.Model):
    """No credit without its invoice over there: what is not known is checked first (mp12)."""

    _inherit = 'account.move'

    # === ACTION METHODS === #

    def action_credit_invoice(self):
        # EXTENDS: opens the check instead of the dialog, if that is all that is missing
        self.ensure_one()
        self._check_credit_rights()
        if self._lacks_only_export():
            return self._get_export_check_action()
        return super().action_credit_invoice()

    # === BUSINESS METHODS === #

    def _lacks_only_export(self):
        """Whether this could be credited if it were known in its systems."""
        self.ensure_one()
        refusal = self._get_export_refusal()
        return bool(refusal) and self._get_credit_refusal() == refusal

    def _get_export_check_action(self):
        """Open the window *Invoice Not Exported*.

        :rtype: dict
        """
        wizard = self.env['credit.export.check.wizard'].create({'move_id': self.id})
        return wizard._get_action()
