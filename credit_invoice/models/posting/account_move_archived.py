from odoo import api, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """What was archived since an invoice was posted: its credit is posted as the invoice was."""

    _inherit = 'account.move'

    # === COMPUTE METHODS === #

    @api.depends('reversed_entry_id')
    def _compute_display_inactive_currency_warning(self):
        # EXTENDS 'account': the host refuses to post what has this warning
        super()._compute_display_inactive_currency_warning()
        for move in self.filtered('display_inactive_currency_warning'):
            if move._is_customer_credit():
                origin = move.sudo().reversed_entry_id
                move.display_inactive_currency_warning = origin.currency_id != move.currency_id

    # === BUSINESS METHODS === #

    def _with_archived_accounts(self):
        """These documents, in such a way that credits are posted on the accounts of their invoices.

        :return: the same documents
        :raise UserError: if a line was put on an archived account by somebody; names the credit,
            the line and what to do
        """
        archived = self.filtered(lambda move: not all(move.line_ids.account_id.mapped('active')))
        if not archived or any(not move._get_credit_origins() for move in archived):
            return self
        for credit in archived:
            credit._check_archived_accounts()
        return self.with_context(skip_account_deprecation_check=True)

    def _check_archived_accounts(self):
        for line in self.invoice_line_ids:
            account = line.account_id
            is_credited = account == line.sudo().credited_line_id.account_id
            # What unwinds a discount is on the account that the discount was given on.
            is_derived = line.credit_kind in ('discount', 'deduction')
            if account and not account.active and not is_credited and not is_derived:
                raise UserError(
                    self.env._(
                        '%(credit)s cannot be posted: %(account)s, the account of "%(line)s", is '
                        'archived. Choose another account, or unarchive it.',
                        credit=self.display_name,
                        account=account.display_name,
                        line=line.name or '',
                    )
                )
