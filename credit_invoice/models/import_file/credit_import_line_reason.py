from odoo import models


class CreditImportLine(models.Model):
    """A text that is the name of a reason chooses that reason."""

    _inherit = 'credit.import.line'

    def _prepare_dialog_vals(self):
        # EXTENDS 'credit_invoice'
        values = super()._prepare_dialog_vals()
        return {**values, 'credit_reason_id': self._get_credit_reason().id}

    def _get_credit_reason(self):
        """The reason whose name these rows give, in the language of whoever imports them.

        :return: a record of `credit.reason`, or none
        """
        Reason, text = self.env['credit.reason'], (self[0].reason or '').strip()
        if not text:
            return Reason
        domain = [*Reason._check_company_domain(self.company_id), ('name', '=', text)]
        return Reason.search(domain, limit=1)
