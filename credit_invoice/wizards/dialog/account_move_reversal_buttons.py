from odoo import api, fields, models
from odoo.tools import html2plaintext

from ...tools.actions import open_records


class AccountMoveReversal(models.TransientModel):
    """The buttons of the dialog: which one stands first, and which can be used at all."""

    _inherit = 'account.move.reversal'

    primary_button = fields.Selection(
        selection=[
            ('draft', 'Open Draft'),
            ('create', 'Create Credit'),
            ('ask', 'Create and Ask for Approval'),
            ('reinvoice', 'Credit and Re-invoice'),
        ],
        compute='_compute_primary_button',
        help='The button that stands first, and that Enter presses.',
    )
    is_draft_waiting = fields.Boolean(
        compute='_compute_is_draft_waiting', help='Drafts credit all that is left already.'
    )
    can_create_and_approve = fields.Boolean(compute='_compute_can_create_and_approve')
    second_person_notice = fields.Char(compute='_compute_second_person_notice')

    # === COMPUTE METHODS === #

    @api.depends('move_ids')
    def _compute_is_draft_waiting(self):
        for wizard in self:
            moves = wizard.move_ids._origin
            wizard.is_draft_waiting = wizard.is_customer_credit and all(
                move._is_reserved_in_full() for move in moves
            )

    @api.depends('move_ids', 'credit_scope', 'credit_line_ids.total')
    @api.depends_context('uid')
    def _compute_second_person_notice(self):
        for wizard in self:
            wizard.second_person_notice = wizard.is_customer_credit and (
                wizard._get_second_person_notice()
            )

    @api.depends('second_person_notice')
    def _compute_can_create_and_approve(self):
        for wizard in self:
            wizard.can_create_and_approve = wizard._can_create_and_approve()

    @api.depends('is_draft_waiting', 'can_create_and_approve', 'credit_reason_id', 'credit_scope')
    def _compute_primary_button(self):
        for wizard in self:
            wizard.primary_button = wizard.is_customer_credit and wizard._get_primary_button()

    def _get_primary_button(self):
        """Which button stands first. To be extended where another one is proposed.

        :return: a key of `primary_button`
        """
        self.ensure_one()
        if self.is_draft_waiting:
            return 'draft'
        if (
            self.credit_reason_id.treatment == 'reinvoice'
            and self.credit_scope == 'whole'
            and self.can_create_and_approve
        ):
            return 'reinvoice'
        return 'create'

    def _can_create_and_approve(self):
        """Whether the user may post what the dialog makes. To be extended where more is asked."""
        self.ensure_one()
        return self.is_customer_credit and not self.second_person_notice

    def _get_second_person_notice(self):
        """Why someone else has to approve what the dialog makes.

        :return: one sentence, or False
        """
        self.ensure_one()
        if not self.env['account.move']._can_approve_credits():
            return self.env._('You may not approve credit notes: someone else has to.')
        return self._is_second_person_needed() and self.env._(
            'Someone else has to approve a credit note of this amount.'
        )

    def _is_second_person_needed(self):
        company = self.company_id._get_credit_policy_company()
        currency, limit = company.currency_id, company.credit_four_eyes_amount
        return currency.compare_amounts(limit, 0.0) > 0 and any(
            currency.compare_amounts(self._get_credited_in_all(move), limit) >= 0
            for move in self.move_ids._origin.sudo()
        )

    def _get_credited_in_all(self, move):
        """What is credited of an invoice with what the dialog makes, in the company's currency."""
        if self.credit_scope == 'part':
            rows = self.credit_line_ids.filtered(lambda row: row.move_id._origin == move)
            amount = sum(rows.mapped('total'))
        else:
            amount = max(move._get_creditable_amount(), 0.0)
        before = sum(
            credit._get_company_amount_of_origin(move) for credit in move._get_posted_credits()
        )
        return before + move._get_company_amount(amount)

    # === ACTION METHODS === #

    def action_open_drafts(self):
        """Open the draft credits that are waiting, instead of making others.

        :return: the action that opens the draft or the list
        :rtype: dict
        """
        self.ensure_one()
        return open_records(self.move_ids._get_waiting_credits(), self.env._('Draft Credit Notes'))

    def action_create_and_request(self):
        """Create the credits and ask those for approval who may give it (ts01).

        :return: the client action that shows what was done, followed by the credit or the list
        :rtype: dict
        :raise UserError: if nobody may approve them
        """
        is_new = not self.new_move_ids
        action = self._create_credits(is_modify=False)
        credits = self.new_move_ids
        if not is_new or not credits:
            return action
        asked = credits.filtered(lambda credit: credit._get_credit_posting_refusal())
        for credit in asked:
            credit.action_request_approval()
        people = self.env['res.users'].union(*(each._get_credit_approvers() for each in asked))
        message = self._get_created_message(is_modify=False)
        if asked:
            message = self.env._(
                'Credit created, approval asked of %s.', ', '.join(people.sudo().mapped('name'))
            )
        return self._get_credit_notice(credits, message)

    def _add_notices(self, message):
        """A message, and what happened otherwise than was asked for."""
        parts = [message]
        if self.asked_date and self.asked_date != self.date:
            parts.append(self.credit_date_notice)
        if self.refused_count:
            parts.append(html2plaintext(self.refused_html))
        return ' '.join(filter(None, parts))
