from odoo import models
from odoo.exceptions import UserError


class CreditPostingRule(models.Model):
    """Where refunds by vendor bill are cleared against receivables (decision 10)."""

    _inherit = 'credit.posting.rule'

    def _get_refund_clearing_account(self):
        """The account of the lines of a vendor bill that owes a refund: the host allows no
        receivable account there, so the settlement entry clears the two against each other.

        :return: the account of the refund product, or the company's transfer account
        :raise UserError: if there is neither
        """
        self.ensure_one()
        company = self.company_id
        product = self.refund_product_id.with_company(company)
        account = product.property_account_expense_id or company.transfer_account_id
        if not account:
            raise UserError(
                self.env._(
                    'The rule %s cannot refund by vendor bill: set an expense account on its '
                    'refund product.',
                    self.display_name,
                )
            )
        return account
