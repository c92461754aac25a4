from odoo import api, models
from odoo.exceptions import AccessError

APPROVE_GROUP = 'credit_invoice.group_credit_approve'
DRAFT_GROUP = 'credit_invoice.group_credit_draft'
# In the context of what posts a credit, and changes nothing of it; no client can send it.
NO_EDIT = object()


class AccountMove(models.Model):
    """Who may draft credits, and who may approve them (decision 18, ts01, ts28)."""

    _inherit = 'account.move'

    @api.model
    def _is_kept_nowhere(self, vals, model='account.move'):
        """Whether nothing of these values is stored, neither there nor by an inverse method.

        The host writes what it only shows, and what it is to derive anew, whoever looks.

        :param str model: documents, or their lines
        """
        fields_by_name = self.env[model]._fields
        return not any(fields_by_name[name].store or fields_by_name[name].inverse for name in vals)

    @api.model
    def _is_limited_to_drafts(self):
        """Whether the user may draft credits, and change no other document."""
        return (
            not self.env.su
            and not self.env.user.has_group('account.group_account_invoice')
            and self.env.user.has_group(DRAFT_GROUP)
        )

    @api.model
    def _can_approve_credits(self):
        """Whether the user may post credits; programs may, as they may post invoices."""
        return self.env.su or self.env.user.has_group(APPROVE_GROUP)

    @api.model
    def _require_approve_right(self, refusal):
        """Refuse a person without the right to approve credits, whatever elevated rights the
        records have.

        :param str refusal: one sentence that says who may do it
        :raise AccessError: with that sentence
        """
        if not self.env.user.has_group(APPROVE_GROUP):
            raise AccessError(refusal)

    def _check_credit_rights(self):
        """Refuse those who may not draft credits, of these invoices or at all.

        :raise AccessError: says what right is missing
        """
        if not self.env.user.has_group('credit_invoice.group_credit_draft'):
            raise AccessError(
                self.env._('Only people in billing can credit invoices. Ask one of them.')
            )
        # Who drafts a credit writes a document of their own, and reads the invoice.
        self.browse().check_access('create')
        self.check_access('read')

    def _check_credit_approve_rights(self):
        """Refuse those who may not post these credits, undo or link what is posted of them.

        :raise AccessError: names the credits and the right that is missing
        """
        if self and not self._can_approve_credits():
            raise AccessError(
                self.env._(
                    'Only people with the right "Approve credits" can post, link or undo %s: '
                    'ask for approval.',
                    ', '.join(self.mapped('display_name')),
                )
            )

    def _without_credit_edit(self):
        """These documents, in a context in which a change is none of a person's.

        To be used by what posts a credit, or completes it while it is being posted.
        """
        return self.with_context(credit_no_edit=NO_EDIT)

    @api.model
    def _is_posting_credits(self):
        return self.env.context.get('credit_no_edit') is NO_EDIT
