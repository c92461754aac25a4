import re

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.credit_invoice.models.links.account_move_line import CREDITABLE_TYPES
from odoo.addons.credit_invoice.tools.actions import open_window

from ..tools.allocation import allocate
from .settlement_choice import OpenItems, SettlementChoice, SettlementChoices, SettlementPart


class AccountMove(models.Model):
    """Invoices that were paid more than once, or too much: what is too much goes back, without a
    credit (pc22).

    Nothing is written on the invoice itself: the refund is matched with the money, and the
    settlement stands on the invoice.
    """

    _inherit = 'account.move'

    has_open_money = fields.Boolean(
        compute='_compute_has_open_money',
        help='Nothing is open of this invoice, but its customer paid money that is not matched.',
    )

    # === COMPUTE METHODS === #

    @api.depends('state', 'move_type', 'amount_residual', 'commercial_partner_id', 'currency_id')
    @api.depends_context('uid')
    def _compute_has_open_money(self):
        settled = self.filtered(
            lambda move: (
                move.move_type in CREDITABLE_TYPES
                and move.state == 'posted'
                and move.currency_id.is_zero(move.amount_residual)
            )
        )
        found = settled and {
            (company, partner.commercial_partner_id, currency)
            for company, partner, currency in self.env['account.move.line']._read_group(
                settled._get_open_money_domain(), ['company_id', 'partner_id', 'currency_id']
            )
        }
        for move in self:
            move.has_open_money = (
                move in settled
                and (move.company_id, move.commercial_partner_id, move.currency_id) in found
            )

    # === ACTION METHODS === #

    def action_refund_overpayment(self):
        """Open the window of *Refund overpayment*.

        :return: the action of the window
        :rtype: dict
        :raise AccessError: if the user may not approve credits
        :raise UserError: if nothing of the customer's money is open
        """
        self.ensure_one()
        self._check_can_refund_overpayment()
        return open_window(
            self.env['credit.overpayment.wizard'],
            self.env._('Refund Overpayment'),
            context={'default_move_id': self.id, 'dialog_size': 'extra-large'},
        )

    def refund_overpayment(
        self, amount=None, *, items=None, date=None, description=None, refund=None, reference=None
    ):
        """Pay back what was paid too much for this invoice, in one transaction or not at all.

        The same as the window of *Refund overpayment*, for callers over RPC. The refund is matched
        with the money it pays back; *Undo Settlement* undoes it.

        :param float amount: in the currency of the invoice, of the money that was paid for it;
            by default all that is open of that
        :param items: instead of an amount, also of other money of the customer: list of (id of
            the journal item of a payment or bank statement line, amount)
        :param str date: of the refund (`2026-01-31`); by default today
        :param str description: on settlement and payment; by default the invoice's number
        :param dict refund: how it is paid back: `way` (`payment`, `entry` or `bill`),
            `journal_id`, `payment_method_line_id`, `partner_bank_id`
        :param str reference: of the caller; what was refunded under it is not refunded again
        :return: True
        :raise AccessError: if the user may not approve credits
        :raise UserError: if less is open, and what else is to be changed
        """
        self.ensure_one()

        def pay_back(invoice):
            invoice._check_can_refund_overpayment()
            invoice._check_description(description)
            choice = SettlementChoice(
                date=invoice._read_date(date),
                description=description,
                refund=refund or {},
            )
            invoice._check_refund_choice(choice.refund)
            if items is None:
                amounts = invoice._get_surplus_amounts(amount)
            else:
                read = invoice._read_amounts(items)
                lines = invoice.env['account.move.line']
                amounts = {lines.browse(line_id): value for line_id, value in read.items()}
            return invoice._refund_overpayment(amounts, choice)

        self._do_once('refund_overpayment', reference, pay_back)
        return True

    # === BUSINESS METHODS: WHAT WAS PAID TOO MUCH === #

    def _get_open_money_domain(self):
        """The journal items of money that these invoices' customers paid and that is open.

        To be extended where some of it is spoken for, such as deposits.
        """
        return [
            ('company_id', 'in', self.company_id.ids),
            ('partner_id.commercial_partner_id', 'in', self.commercial_partner_id.ids),
            ('currency_id', 'in', self.currency_id.ids),
            ('parent_state', '=', 'posted'),
            ('account_type', '=', 'asset_receivable'),
            ('reconciled', '=', False),
            ('amount_residual_currency', '<', 0),
            '|',
            ('move_id.origin_payment_id', '!=', False),
            ('move_id.statement_line_id', '!=', False),
        ]

    def _get_open_money_lines(self):
        """The open money of the customer, what was paid for this invoice first, then the oldest.

        :return: journal items
        """
        self.ensure_one()
        lines = self.env['account.move.line'].search(
            self._get_open_money_domain(), order='date, id'
        )
        surplus = lines.filtered(self._is_paid_by)
        return surplus | lines

    def _get_refundable_money_lines(self):
        """The open money of the customer, and what is matched with this invoice."""
        open_lines = self._get_open_money_lines()
        if not self.currency_id.is_zero(self.amount_residual):
            # Open money belongs on the open invoice first.
            open_lines = open_lines.browse()
        return open_lines | self._get_matched_money_lines()

    def _get_surplus_lines(self):
        """The open money that was paid for this invoice."""
        return self._get_open_money_lines().filtered(self._is_paid_by)

    def _is_paid_by(self, line):
        """Whether money was paid for this invoice: registered for it, matched with it in part, or
        the customer named its number or payment reference.

        :param line: the journal item of a payment or a bank statement line
        """
        # Who refunds may not be allowed to read payments.
        line_sudo = line.sudo()
        payment_sudo = line_sudo.move_id.origin_payment_id
        if self in payment_sudo.invoice_ids:
            return True
        if self in line_sudo.matched_debit_ids.debit_move_id.move_id:
            return True
        texts = (
            line_sudo.name,
            line_sudo.move_id.ref,
            line_sudo.move_id.statement_line_id.payment_ref,
            payment_sudo.memo,
        )
        return any(self._is_named_in(text) for text in texts if text)

    def _is_named_in(self, text):
        """Whether a text has the number or the payment reference of this invoice as a word."""
        return any(
            re.search(rf'(?<![\w/-]){re.escape(number)}(?![\w/-]*\w)', text, re.IGNORECASE)
            for number in (self.name, self.payment_reference)
            if number
        )

    def _get_surplus_amounts(self, amount=None):
        """Divide an amount among the money that was paid for this invoice, the oldest first.

        What is open goes back first, then what is matched with the invoice.

        :param float amount: by default all that is open of it
        :return: dictionary: journal item -> amount
        :raise UserError: if the amount is no number above zero, or less was paid
        """
        known = self._get_refundable_money_lines()
        lines = (self._get_surplus_lines() & known) | self._get_matched_money_lines()
        left = OpenItems()
        if amount is None:
            units = sum(left.get(line) for line in lines)
            if not units:
                raise UserError(
                    self.env._(
                        'No money of %(customer)s is open for %(invoice)s: enter how much of what '
                        'was paid is refunded.',
                        customer=self.commercial_partner_id.name,
                        invoice=self.display_name,
                    )
                )
        else:
            self._check_amounts_above_zero([amount])
            units = self._to_units(self.currency_id.round(amount))
            self._add_matched_money(left, lines)
        residuals = [left.get(line) for line in lines]
        if units > sum(residuals) or not units:
            raise UserError(
                self.env._(
                    '%(amount)s can be refunded of %(invoice)s: enter an amount up to that, or '
                    'choose other payments of the customer.',
                    amount=self._format_amount(sum(residuals)),
                    invoice=self.display_name,
                )
            )
        parts = zip(lines, allocate(units, residuals), strict=True)
        return {line: self._from_units(part) for line, part in parts if part}

    # === BUSINESS METHODS: REFUNDING === #

    def _refund_overpayment(self, amounts, choice):
        """Pay money of the customer back, and match the refund with it.

        :param dict amounts: journal item of the money -> amount in the invoice's currency
        :param choice: a `SettlementChoice`
        :return: the settlement
        """
        self._check_can_refund_overpayment()
        choice.date = choice.date or fields.Date.context_today(self)
        self._get_overpayment_parts(amounts, choice)
        lines = self.env['account.move.line'].union(*amounts)
        (self | lines.sudo().move_id.with_env(self.env))._lock_for_credit()
        lines.invalidate_recordset()
        # Nothing that was read before the lock counts.
        self._check_can_refund_overpayment()
        self._get_overpayment_parts(amounts, choice)
        released = self._release_money(amounts)
        parts = self._divide_overpayment(amounts)
        for part in parts:
            part.values['released_amounts'] = released.get(part.source, False)
        choices = SettlementChoices({self.id: choice})
        self._create_refunds(parts, choices)
        settlement = self._record_and_match(parts, choices)
        settlement._log_settlement()
        return settlement

    def _get_overpayment_parts(self, amounts, choice):
        """What goes back of which payment; nothing is written.

        :param dict amounts: journal item of the money -> amount in the invoice's currency
        :param choice: a `SettlementChoice`
        :return: list of `SettlementPart`
        :raise UserError: if it cannot be had
        """
        self._check_amounts_above_zero(amounts.values())
        self._check_money_items(amounts, choice)
        self._check_released_later(amounts, choice.date)
        return self._divide_overpayment(amounts)

    def _divide_overpayment(self, amounts):
        """The parts of a refund, as far as the money is open or matched with this invoice.

        :param dict amounts: journal item of the money -> amount in the invoice's currency
        :return: list of `SettlementPart`
        :raise UserError: if less was paid
        """
        left, parts = OpenItems(), []
        self._add_matched_money(left, list(amounts))
        for line, amount in amounts.items():
            units = self._to_units(self.currency_id.round(amount))
            if units > left.get(line):
                raise UserError(
                    self.env._(
                        '%(amount)s of %(payment)s cannot be refunded: enter an amount up to '
                        '%(open)s.',
                        amount=self._format_amount(units),
                        payment=line.move_id.display_name,
                        open=self._format_amount(left.get(line)),
                    )
                )
            balance = left.take(line, units)
            value = self._from_units(units)
            parts.append(SettlementPart(self, 'refund', value, balance, line))
        return parts

    def _check_money_items(self, lines, choice):
        """Refuse what is no open money of the customer, and a refund before the money came in."""
        known = self._get_refundable_money_lines()
        for line in lines:
            if line not in known:
                raise UserError(
                    self.env._(
                        'The journal item %(id)s cannot be refunded: choose payments of this '
                        'invoice, or open ones of %(customer)s, in %(currency)s, in the company of '
                        'the invoice.',
                        id=line.id,
                        customer=self.commercial_partner_id.name,
                        currency=self.currency_id.name,
                    )
                )
            if choice.date and choice.date < line.date:
                raise UserError(
                    self.env._(
                        '%(payment)s cannot be refunded before it came in: choose %(date)s or a '
                        'later day.',
                        payment=line.move_id.display_name,
                        date=line.date,
                    )
                )

    def _check_can_refund_overpayment(self):
        """Refuse what cannot be refunded, before anything is done.

        :raise AccessError: if the user may not approve credits
        :raise UserError: says why, and what to do
        """
        self._require_approve_right(
            self.env._('Only people who may approve credits can do this. Ask one of them.')
        )
        self.check_access('write')
        reason = self._get_overpayment_refusal()
        if reason:
            raise UserError(reason)

    def _get_overpayment_refusal(self):
        """Why no overpayment of this document can be refunded.

        To be extended where more is required.

        :return: one sentence, or False
        """
        self.ensure_one()
        if self.move_type not in CREDITABLE_TYPES or self.state != 'posted':
            return self.env._(
                '%s is no posted customer invoice: only of those an overpayment is refunded.',
                self.display_name,
            )
        if self._get_refundable_money_lines():
            return False
        if not self.currency_id.is_zero(self.amount_residual) and self._get_open_money_lines():
            return self.env._(
                '%(invoice)s is still open: match the payments with it, then refund what is too '
                'much.',
                invoice=self.display_name,
            )
        return self.env._(
            '%(customer)s paid nothing for %(invoice)s that can be refunded without a credit note.',
            customer=self.commercial_partner_id.name,
            invoice=self.display_name,
        )
