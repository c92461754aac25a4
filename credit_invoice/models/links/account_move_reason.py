from odoo import models
from odoo.exceptions import UserError

from .credit_attachments import CreditAttachments


class AccountMove(models.Model):
    """Why an invoice is credited, and what proves it."""

    _inherit = 'account.move'

    # === BUSINESS METHODS === #

    def _after_credit_create(self, vals_by_move):
        # EXTENDS 'credit_invoice': what was dropped into the dialog has to be there before the host
        # posts a credit that it makes
        super()._after_credit_create(vals_by_move)
        attachments = self.env.context.get('credit_attachments')
        if isinstance(attachments, CreditAttachments):
            attachments.copy_to(self.filtered(lambda move: move._is_customer_credit()))

    def _check_credit_reason(self):
        """Refuse to post a credit without what is asked for: a reason, or an attachment.

        To be extended where a reason asks for more.

        :raise UserError: one sentence that says what to add
        """
        self.ensure_one()
        company = self.company_id._get_credit_policy_company()
        reason = self.credit_reason_id
        if company.credit_reason_required and not reason:
            raise UserError(
                self.env._('%s cannot be posted: choose a reason first.', self.display_name)
            )
        if reason.is_attachment_required and not self._has_credit_attachment():
            raise UserError(
                self.env._(
                    '%(credit)s cannot be posted: the reason "%(reason)s" asks for an attachment, '
                    "such as the customer's mail.",
                    credit=self.display_name,
                    reason=reason.name,
                )
            )

    def _has_credit_attachment(self):
        """Whether this credit has an attachment beside its own print."""
        self.ensure_one()
        domain = [
            ('res_model', '=', 'account.move'),
            ('res_id', '=', self.id),
            ('res_field', '=', False),
        ]
        # Whoever may post the credit may know that there is one.
        return bool(self.env['ir.attachment'].sudo().search_count(domain, limit=1))

    def _get_credit_reason_text(self):
        """The reason and its explanation, as they are printed.

        :return: text, or False where nothing was entered
        """
        self.ensure_one()
        # Whoever may print the credit may know why it was made.
        name = self.sudo().credit_reason_id.name or ''
        text = (self.credit_reason or '').strip()
        if text.casefold() == name.casefold():
            text = ''
        return ': '.join(filter(None, (name, text))) or False
