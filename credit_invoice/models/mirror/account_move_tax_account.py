from odoo import models


class AccountMove(models.Model):
    """Taxes that are taken back into another account than the one that they were invoiced on.

    Where the refund side of a tax has no account, the host books the tax on the account of its
    line, mostly income: what is owed to the tax office stays too high, and so nobody sees it.
    """

    _inherit = 'account.move'

    def _get_alerts(self):
        # EXTENDS 'account'
        alerts = super()._get_alerts()
        is_draft = len(self) == 1 and self.move_type == 'out_refund' and self.state == 'draft'
        if is_draft and (message := self.sudo()._get_tax_account_sentence()):
            alerts['credit_tax_account'] = {'level': 'warning', 'message': message}
        return alerts

    def _get_tax_account_sentence(self):
        """Which taxes of this credit go to the accounts of its lines, though invoices do not.

        :return: one sentence that says what to do, or False
        """
        items = self.line_ids.filtered(
            lambda item: (
                item.tax_repartition_line_id._is_refund_account_missing()
                and not self.company_currency_id.is_zero(item.balance)
            )
        )
        if not items:
            return False
        return self.env._(
            'No account for refunds is set on %(taxes)s, so that tax is booked on %(accounts)s: '
            'set one on the tax under "Distribution for Refunds", then make this draft again.',
            taxes=', '.join(items.tax_line_id.mapped('display_name')),
            accounts=', '.join(items.account_id.mapped('display_name')),
        )
