from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ..links.account_move_rights import APPROVE_GROUP

# What a document gets from being sent, discussed, posted or approved.
TECHNICAL_FIELDS = {
    'access_token',
    'activity_ids',
    'auto_post',
    'checked',
    'credit_editor_ids',
    'credit_granted_user_id',
    'credit_reject_date',
    'credit_reject_reason',
    'credit_reject_user_id',
    'credit_request_date',
    'credit_request_user_id',
    'is_manually_modified',
    'is_move_sent',
    'made_sequence_gap',
    'message_follower_ids',
    'message_ids',
    'message_main_attachment_id',
    'posted_before',
    'sending_data',
    'state',
}


class AccountMove(models.Model):
    """From an amount on, a credit needs a second person (decision 18).

    Who made or changed the draft, or the customer's bank account, cannot post it. Whoever changes
    it later is one of the first, too.
    """

    _inherit = 'account.move'

    credit_editor_ids = fields.Many2many(
        comodel_name='res.users',
        relation='account_move_credit_editor_rel',
        string='Changed by',
        copy=False,
        readonly=True,
        help='Who changed this credit note while it was a draft, beside whoever made it.',
    )
    credit_granted_user_id = fields.Many2one(
        comodel_name='res.users',
        string='Posting Granted by',
        copy=False,
        readonly=True,
        help='Who let the scheduler post this credit note on its date.',
    )

    # === BUSINESS METHODS: WHO CHANGED IT === #

    @api.model
    def _get_noted_credit_fields(self):
        # EXTENDS 'credit_invoice'
        return {
            *super()._get_noted_credit_fields(),
            'credit_editor_ids',
            'credit_exceed_user_id',
            'credit_granted_user_id',
            'credit_made_values',
        }

    @api.model
    def _is_edit(self, vals, model='account.move'):
        """Whether values change anything of a document, or of its lines."""
        return not self._is_kept_nowhere(vals.keys() - TECHNICAL_FIELDS, model)

    def _note_credit_edit(self):
        """Note who changes drafts; what was granted or asked for before is void."""
        if self._is_posting_credits():
            return
        for credit in self:
            if credit.move_type != 'out_refund' or credit.state != 'draft':
                continue
            # Who may write the credit may not be allowed to read all its fields.
            credit_sudo = credit._without_credit_edit().sudo()
            vals = credit_sudo._prepare_credit_edit_vals()
            if vals:
                # Nothing of the amounts is written: nothing is to be derived.
                credit_sudo.with_context(skip_invoice_sync=True).write(vals)
            credit._void_approval_request()

    def _after_credit_line_unlink(self):
        # EXTENDS 'credit_invoice'
        super()._after_credit_line_unlink()
        self._note_credit_edit()

    def _prepare_credit_edit_vals(self):
        self.ensure_one()
        user, vals = self.env.user, {}
        if user != self.create_uid and user not in self.credit_editor_ids:
            vals['credit_editor_ids'] = [Command.link(user.id)]
        if self.credit_granted_user_id:
            vals['credit_granted_user_id'] = False
        if self.credit_exceed_user_id and self.credit_exceed_user_id != user:
            # Whoever gave the reason did not know of the change.
            vals['credit_exceed_user_id'] = False
        if self.auto_post != 'no' and not user.has_group(APPROVE_GROUP):
            # Whoever scheduled it did not know of the change.
            vals['auto_post'] = 'no'
        return vals

    def _get_four_eyes_excluded_users(self):
        """Who cannot be the second person.

        To be extended where more people are involved, such as by the account that a refund goes to.

        :return: a recordset of `res.users`
        """
        self.ensure_one()
        credit_sudo = self.sudo()
        return (
            credit_sudo.create_uid
            | credit_sudo.credit_editor_ids
            | self._get_bank_account_editors(credit_sudo._get_refund_bank_accounts())
        )

    def _get_refund_bank_accounts(self):
        """The bank accounts of the customer to which the money of this credit could go.

        To be extended where another one can be chosen.

        :return: a recordset of `res.partner.bank`
        """
        self.ensure_one()
        return self.partner_bank_id

    @api.model
    def _get_bank_account_editors(self, accounts):
        """Who made bank accounts, or ever changed anything of them."""
        accounts_sudo = accounts.sudo()
        return accounts_sudo.create_uid | accounts_sudo.write_uid | accounts_sudo.credit_editor_ids

    # === BUSINESS METHODS: WHETHER A SECOND PERSON IS NEEDED === #

    def _check_four_eyes(self, accepted):
        """Refuse a person who cannot be the second one.

        The scheduler posts what a second person has granted.

        :param accepted: credits that count as if they were posted
        :raise UserError: says what to do
        """
        reason = self._get_four_eyes_refusal(accepted)
        if reason:
            raise UserError(reason)

    def _get_four_eyes_refusal(self, accepted):
        """Why the user cannot be the second person, where one is needed.

        :param accepted: credits that count as if they were posted
        :return: one sentence, or False
        """
        self.ensure_one()
        total = self._get_four_eyes_total(accepted)
        if total is None:
            return False
        user = self.env.user
        if user == self.env.ref('base.user_root'):
            user = self.sudo().credit_granted_user_id
        if user and user not in self._get_four_eyes_excluded_users():
            return False
        return self.env._(
            '%(credit)s needs a second person, as %(total)s are credited with it: someone who '
            'changed neither it nor the bank account of the customer has to post it. Ask for '
            'approval.',
            credit=self.display_name,
            total=formatLang(self.env, total, currency_obj=self.company_id.currency_id),
        )

    def _get_four_eyes_total(self, accepted):
        """What is credited of an invoice with this credit, where that needs a second person.

        A credit that names no invoice counts by itself.

        :param accepted: credits that count as if they were posted
        :return: amount in the company's currency, or None where one person is enough
        """
        self.ensure_one()
        credit_sudo = self.sudo()
        company = credit_sudo.company_id._get_credit_policy_company()
        amount = company.credit_four_eyes_amount
        if company.currency_id.compare_amounts(amount, 0.0) <= 0:
            return None
        totals = [
            sum(
                credit._get_company_amount_of_origin(origin)
                for credit in origin._get_other_credits(credit_sudo, accepted.sudo()) | credit_sudo
            )
            for origin in credit_sudo._get_credit_origins()
        ]
        total = max(totals, default=credit_sudo._get_weighed_amount())
        is_reached = company.currency_id.compare_amounts(total, amount) >= 0
        return company.currency_id.round(total) if is_reached else None

    def _get_company_amount_of_origin(self, origin):
        """What this credit takes from one of its invoices, in the company's currency."""
        amounts = self._get_credited_amount_by_origin()
        whole, amount = sum(amounts.values()), amounts.get(origin, 0.0)
        if len(amounts) == 1 or not whole:
            return self._get_weighed_amount()
        return self._get_weighed_amount() * amount / whole

    def _get_weighed_amount(self):
        """What this credit is worth in the company's currency: at its own rate, which can be
        typed, or at that of its day, whichever is more."""
        company = self.company_id
        at_date = self.currency_id._convert(
            self.amount_total,
            company.currency_id,
            company,
            self.invoice_date or fields.Date.context_today(self),
        )
        return max(abs(self.amount_total_signed), abs(at_date))

    def _note_scheduling(self):
        """Who schedules a credit lets it be posted, if it is one who may post it."""
        for credit in self:
            is_draft = credit.move_type == 'out_refund' and credit.state == 'draft'
            if is_draft and not credit._get_four_eyes_refusal(credit.browse()):
                credit._grant_scheduled_posting(credit.browse())

    def _grant_scheduled_posting(self, accepted):
        """Let the scheduler post a credit on its date, in the name of whoever says so now.

        :param accepted: credits that count as if they were posted
        :raise UserError: if that is not a second person where one is needed
        """
        if self.env.user != self.env.ref('base.user_root'):
            self._check_four_eyes(accepted)
            self._without_credit_edit().credit_granted_user_id = self.env.user
