from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.credit_invoice.tools.actions import open_window

from .settlement_choice import OpenItems, SettlementChoice, SettlementChoices


class AccountMove(models.Model):
    """Approving credits: posted, settled, refunded and sent in one go, or not at all (pc07)."""

    _inherit = 'account.move'

    is_credit_approved_in_window = fields.Boolean(
        compute='_compute_is_credit_approved_in_window', compute_sudo=True
    )

    # === COMPUTE METHODS === #

    @api.depends('move_type', 'company_id')
    def _compute_is_credit_approved_in_window(self):
        for move in self:
            company = move.company_id._get_credit_policy_company()
            move.is_credit_approved_in_window = (
                move.move_type == 'out_refund' and company.credit_confirm == 'approve'
            )

    # === ACTION METHODS === #

    def action_approve_credits(self):
        """Open the window of *Approve* for draft credits, or of *Settle* for posted ones (pc25).

        :return: the action of the window
        :rtype: dict
        """
        self._check_can_be_approved()
        return self._get_approve_action()

    def action_approve_one_by_one(self):
        """Open the window of *Approve* for the first of these drafts, then for the next.

        :return: the action of the window
        :rtype: dict
        """
        drafts = self.filtered(lambda move: move.state == 'draft') or self
        # What can only be refused would stop in the middle.
        drafts = drafts.filtered(lambda move: not move._get_approval_refusal()) or drafts
        drafts[:1]._check_can_be_approved()
        return drafts._get_approve_action(one_by_one=True)

    def _get_approve_action(self, one_by_one=False, count=None):
        """The window of *Approve* or *Settle*.

        :param bool one_by_one: whether each document gets a window of its own
        :param int count: one by one: of how many, those that were shown before included
        """
        shown = self[:1] if one_by_one else self
        count = count or len(self)
        return open_window(
            self.env['credit.approve.wizard'],
            self._get_approve_title(shown, one_by_one and count),
            context={
                'default_move_ids': shown.ids,
                'default_next_move_ids': (self - shown).ids,
                'default_count': count,
                'dialog_size': 'extra-large',
            },
        )

    def _get_approve_title(self, shown, count):
        is_settling = all(move.state == 'posted' for move in shown)
        if count:
            return self.env._(
                'Approve Credit Note %(position)s of %(count)s',
                position=count - len(self - shown),
                count=count,
            )
        if len(shown) > 1:
            return (
                self.env._('Settle Credit Notes')
                if is_settling
                else (self.env._('Approve Credit Notes'))
            )
        return (
            self.env._('Settle Credit Note') if is_settling else (self.env._('Approve Credit Note'))
        )

    def approve_credits(self, **choice):
        """Post credits and do with their money what is chosen, in one transaction or not at all.

        The same as the window of *Approve*, for callers over RPC. Posted credits with something
        left are settled. Without arguments, each credit is settled as proposed: by its reason, its
        posting rule, the state of its invoice and the setting of the customer.

        :param str settlement: `own`, `oldest`, `chosen`, `refund`, `keep` or `split`
        :param uses: of `chosen` and `split`: list of (id of an invoice, amount); amounts are in
            the currency of the credit
        :param str instalments: which instalment of an invoice is settled first: `earliest`,
            `latest`, or all in `proportion`
        :param str rest: what is left after the invoices: `keep` or `refund`
        :param float refund_amount: of `split`: what is paid back
        :param float keep_amount: of `split`: what stays open; the parts must add up
        :param str date: of the settlement and of the payment (`2026-01-31`)
        :param str description: on the settlement and the payment; by default the credit's number
        :param dict refund: how it is paid back: `way` (`payment`, `entry` or `bill`),
            `journal_id`, `payment_method_line_id`, `partner_bank_id`
        :param bool send: whether the credits are sent as their customers receive invoices
        :param str reference: of the caller; what was approved under it is not approved again
        :return: True
        :raise AccessError: if the user may not approve credits
        :raise UserError: names the first credit that cannot be approved, and says what to do
        """
        send, reference = choice.pop('send', False), choice.pop('reference', None)

        def approve(credits):
            credits._check_can_be_approved()
            choices = {credit: credit._read_settlement_choice(choice) for credit in credits}
            return credits._approve_credits(choices, send)

        self._do_once('approve_credits', reference, approve)
        return True

    # === BUSINESS METHODS === #

    def _approve_credits(self, choices, send=False):
        """Post and settle credits.

        :param dict choices: credit -> `SettlementChoice`
        :param bool send: whether to send them after the transaction is done
        :return: the settlements
        """
        targets = self.browse({
            invoice_id for choice in choices.values() for invoice_id in choice.uses
        }).exists()
        (self | self._get_credit_origins() | targets)._lock_for_credit()
        self._check_can_be_approved()
        for credit, choice in choices.items():
            credit._check_settlement_date(choice)
        plans = SettlementChoices({credit.id: choice for credit, choice in choices.items()})
        credits = self.with_context(credit_settlements=plans)
        drafts = credits.filtered(lambda credit: credit.state == 'draft')
        others = credits - drafts
        before = self.credit_settlement_ids
        if drafts:
            drafts._post(soft=False)
            others |= drafts.filtered(lambda credit: not credit.reversed_entry_id)
        others._settle_credits()
        (self.credit_settlement_ids - before)._log_settlement()
        if send:
            self._send_approved_credits()
        return self._get_last_settlements()

    def _check_can_be_approved(self):
        """Refuse what cannot be approved or settled, before anything is done.

        :raise AccessError: if the user may not approve credits
        :raise UserError: names the first document that is no credit, or has nothing to settle
        """
        self._require_approve_right(
            self.env._('Only people who may approve credits can do this. Ask one of them.')
        )
        if not self:
            raise UserError(self.env._('Choose the credit notes to approve.'))
        self.check_access('write')
        for move in self:
            reason = move._get_approval_refusal()
            if reason:
                raise UserError(reason)

    def _check_settlement_date(self, choice):
        self.ensure_one()
        today = fields.Date.context_today(self)
        day = self.invoice_date or self.date
        if choice.date and day and choice.date < day:
            raise UserError(
                self.env._(
                    '%(credit)s cannot be settled before it is issued: choose %(date)s or a '
                    'later day.',
                    credit=self.display_name,
                    date=format_date(self.env, day),
                )
            )
        if choice.date and choice.date > max(day or today, today):
            raise UserError(
                self.env._(
                    '%s cannot be settled in the future: choose today or an earlier day.',
                    self.display_name,
                )
            )

    def _get_last_settlements(self):
        return self.env['credit.settlement'].union(
            *(credit.credit_settlement_ids.sorted('id')[-1:] for credit in self)
        )

    # === BUSINESS METHODS: WHAT IS PROPOSED === #

    def _get_proposed_choice(self):
        """What is proposed for the money of this credit.

        By its reason, its posting rule, or the state of its invoice: used against it as far as it
        is open; of what was paid, as the customer's setting says.

        :return: a `SettlementChoice`
        """
        self.ensure_one()
        settlement = self._get_proposed_settlement()
        rest = self.partner_id._get_credit_of_paid(self.company_id)
        if not settlement:
            is_open = self.sudo()._get_credit_origins()._get_open_receivable_lines()
            settlement = 'own' if is_open else rest
        if settlement == 'refund' and not self._get_refundable_amount():
            settlement = 'own'
        return SettlementChoice(settlement=settlement, rest=rest)

    def _get_proposed_settlement(self):
        """What the reason or the posting rule of this credit asks for.

        :return: a key of `SETTLEMENTS`, or False
        """
        self.ensure_one()
        return self.credit_reason_id.settlement or self._get_credit_posting_rule().settlement

    def _get_amount_to_settle(self):
        """What of this credit can be settled: what is open, or all of a draft.

        :return: in the currency of the credit
        :rtype: float
        """
        self.ensure_one()
        lines = self._get_open_receivable_lines()
        return self.currency_id.round(-sum(lines.mapped('amount_residual_currency')))

    def _get_amounts_to_settle(self):
        """The sum of `_get_amount_to_settle`, to be compared with an earlier one only."""
        return sum(credit._get_amount_to_settle() for credit in self)

    def _get_use_amounts(self, choice):
        """How much of this credit a choice uses against which invoice.

        :param choice: a `SettlementChoice`
        :return: dictionary: invoice -> amount
        """
        amounts = defaultdict(float)
        for part in self._get_settlement_parts(choice, OpenItems()):
            if part.target:
                amounts[part.target.move_id] += part.amount
        return amounts

    # === BUSINESS METHODS: SENDING === #

    def _send_approved_credits(self):
        """Have the credits sent as their customers receive invoices (pc14).

        The host's own scheduler sends them once this transaction is done: nothing goes out if
        anything fails before.
        """
        for credit in self:
            credit.sending_data = {
                'author_user_id': self.env.user.id,
                'author_partner_id': self.env.user.partner_id.id,
            }
        self.env.ref('account.ir_cron_account_move_send')._trigger()
