from odoo import models


class AccountTaxRepartitionLine(models.Model):
    _inherit = 'account.tax.repartition.line'

    def write(self, vals):
        # EXTENDS 'account': as of taxes
        result = super().write(vals)
        self.env['account.move']._forget_line_figures()
        return result

    def _is_refund_account_missing(self):
        """Whether this is a part of refunds without an account, of a tax that has one for invoices.

        :return: False for no record, too
        """
        return (
            self.document_type == 'refund'
            and not self._get_aml_target_tax_account()
            and any(
                part._get_aml_target_tax_account()
                for part in self.tax_id.invoice_repartition_line_ids
                if part.repartition_type == 'tax' and part.factor
            )
        )
