from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from odoo.addons.credit_invoice.models.links.account_move_line import CREDITABLE_TYPES
from odoo.addons.credit_invoice.tools.actions import open_window, reload_page

from .settlement_choice import SettlementChoice


class AccountMove(models.Model):
    """Using a customer's open credits, seen from the new invoice (pc20, pc20b, pc21)."""

    _inherit = 'account.move'

    open_credit_amount = fields.Monetary(
        string='Open Credits',
        compute='_compute_open_credit_amount',
        help='What is open of credits that this invoice could take, of those that you may see.',
    )
    planned_credit_amount = fields.Monetary(
        string='Credits to Be Used Amount',
        compute='_compute_open_credit_message',
        help='What of open credits is used when this invoice is posted.',
    )
    open_credit_message = fields.Char(compute='_compute_open_credit_message')
    is_open_credit_left = fields.Boolean(
        string='Leave Open Credits',
        copy=False,
        help='Somebody chose to leave the open credits of the customer for other invoices.',
    )

    # === COMPUTE METHODS === #

    @api.depends('state', 'move_type', 'amount_residual', 'partner_id', 'currency_id', 'company_id')
    @api.depends_context('uid')
    def _compute_open_credit_amount(self):
        taking = self.filtered(lambda move: move._can_take_credits())
        found = taking and {
            (company, partner, currency): amount
            for company, partner, currency, amount in self._read_group(
                taking._get_open_credit_domain(),
                ['company_id', 'commercial_partner_id', 'currency_id'],
                ['amount_residual:sum'],
            )
        }
        for move in self:
            key = (move.company_id, move.commercial_partner_id._origin, move.currency_id)
            move.open_credit_amount = found.get(key, 0.0) if move in taking else 0.0

    @api.depends(
        'open_credit_amount',
        'credit_planned_use_ids.amount',
        'is_open_credit_left',
        'partner_id',
        'currency_id',
        'state',
    )
    @api.depends_context('uid')
    def _compute_open_credit_message(self):
        for move in self:
            # What is planned for an invoice is known to whoever sees the invoice.
            planned = sum(move.sudo()._get_planned_uses().mapped('amount'))
            move.planned_credit_amount = planned
            if planned:
                move.open_credit_message = self.env._(
                    '%s of open credits will be used when this is posted.',
                    formatLang(self.env, planned, currency_obj=move.currency_id),
                )
            elif move.open_credit_amount and not move.is_open_credit_left:
                move.open_credit_message = self.env._(
                    '%(customer)s has open credits of %(amount)s.',
                    customer=move.commercial_partner_id.name,
                    amount=formatLang(
                        self.env, move.open_credit_amount, currency_obj=move.currency_id
                    ),
                )
            else:
                move.open_credit_message = False

    # === ACTION METHODS === #

    def action_use_credits(self):
        """Open the window in which the customer's open credits are used for this invoice.

        :return: the action of the window
        :rtype: dict
        :raise AccessError: if the user may not approve credits
        :raise UserError: if the invoice takes none, or the customer has none
        """
        self.ensure_one()
        self._check_can_use_credits()
        return open_window(
            self.env['credit.use.wizard'],
            self.env._('Use Open Credits'),
            context={'default_move_id': self.id, 'dialog_size': 'large'},
        )

    def action_leave_credits(self):
        """Leave the customer's open credits for other invoices: nothing is said of them any more.

        What was to be used is used no more; *Use Open Credits* in the menu brings it back.

        :return: the client action that reloads the page
        :rtype: dict
        """
        # Who may change the invoice may leave the credits.
        self.write({'is_open_credit_left': True})
        self.sudo().credit_planned_use_ids.unlink()
        return reload_page()

    def use_credits(self, uses=None, *, date=None, description=None, reference=None):
        """Use the customer's open credits for this invoice: now, or if it is a draft, when it is
        posted.

        The same as the window of *Use now*, for callers over RPC.

        :param uses: list of (id of a credit, amount), in the currency of the invoice; by default
            the oldest credits first, as much as the invoice takes
        :param str date: of the settlement (`2026-01-31`); by default today; of a draft, the day on
            which it is posted
        :param str description: on the settlement; by default the number of the credit
        :param str reference: of the caller; what was used under it is not used again
        :return: True
        :raise AccessError: if the user may not approve credits
        :raise UserError: if less is open, and what else is to be changed
        """
        self.ensure_one()

        def use(invoice):
            invoice._check_can_use_credits()
            if uses is None:
                amounts = invoice._get_proposed_uses()
            else:
                read = invoice._read_amounts(uses)
                amounts = {invoice.browse(credit_id): amount for credit_id, amount in read.items()}
            invoice._check_description(description)
            return invoice._use_credits(amounts, invoice._read_date(date), description)

        self._do_once('use_credits', reference, use)
        return True

    # === BUSINESS METHODS: WHAT CAN BE USED === #

    def _can_take_credits(self):
        """Whether anything of this document is open, or will be when it is posted."""
        self.ensure_one()
        if self.move_type not in CREDITABLE_TYPES:
            return False
        is_open = self.state == 'posted' and self.amount_residual > 0
        return self.state == 'draft' or is_open

    def _get_open_credit_domain(self):
        """The open credits that these invoices could take.

        To be extended where some credits are not to be used.
        """
        return [
            ('move_type', '=', 'out_refund'),
            ('state', '=', 'posted'),
            ('amount_residual', '>', 0),
            ('company_id', 'in', self.company_id.ids),
            ('commercial_partner_id', 'in', self.commercial_partner_id.ids),
            ('currency_id', 'in', self.currency_id.ids),
        ]

    def _get_open_credits(self):
        """The open credits that this invoice could take, the oldest first."""
        self.ensure_one()
        return self.search(self._get_open_credit_domain(), order='invoice_date, date, id')

    def _get_amount_to_take(self):
        """How much of credits this invoice takes: what is open, or all of a draft.

        :rtype: float
        """
        self.ensure_one()
        return self.amount_total if self.state == 'draft' else self.amount_residual

    def _get_proposed_uses(self):
        """The oldest credits first, as much as the invoice takes.

        :return: dictionary: credit -> amount
        """
        amounts, left = {}, self._to_units(self._get_amount_to_take())
        for credit in self._get_open_credits():
            units = min(left, self._to_units(credit.amount_residual))
            if units > 0:
                amounts[credit] = self._from_units(units)
                left -= units
        return amounts

    # === BUSINESS METHODS: USING === #

    def _use_credits(self, amounts, date=None, description=None):
        """Use credits for this invoice, or plan it if that is a draft.

        :param dict amounts: credit -> amount
        :param date: of the settlement; by default today
        :param str description: by default the number of the credit
        :return: the settlements; none of a draft
        """
        self._check_can_use_credits()
        self._check_uses(amounts)
        credits = self.browse().union(*amounts)
        (self | credits)._lock_for_credit()
        self._check_can_use_credits()
        self._check_uses(amounts)
        credits._check_can_be_approved()
        self.is_open_credit_left = False
        if self.state == 'draft':
            self._plan_uses(amounts)
            return self.env['credit.settlement']
        date = date or fields.Date.context_today(self)
        choices = {
            credit: SettlementChoice(
                settlement='chosen', uses={self.id: amount}, date=date, description=description
            )
            for credit, amount in amounts.items()
        }
        for choice in choices.values():
            self._check_settlement_date(choice)
        return credits._approve_credits(choices)

    def _check_uses(self, amounts):
        """Refuse amounts that cannot be had.

        :param dict amounts: credit -> amount
        :raise UserError: names the first credit, and says what to do
        """
        self._check_amounts_above_zero(amounts.values())
        known, used = self._get_open_credits(), 0
        for credit, amount in amounts.items():
            if credit not in known:
                raise UserError(
                    self.env._(
                        'The document %(id)s cannot be used: choose open credits of %(customer)s '
                        'in %(currency)s, in the company of the invoice.',
                        id=credit.id,
                        customer=self.commercial_partner_id.name,
                        currency=self.currency_id.name,
                    )
                )
            units = self._to_units(self.currency_id.round(amount))
            used += units
            if units > self._to_units(credit.amount_residual):
                raise UserError(
                    self.env._(
                        '%(amount)s of %(credit)s cannot be used: %(open)s of it is open. Enter '
                        'an amount up to that.',
                        amount=self._format_amount(units),
                        credit=credit.display_name,
                        open=self._format_amount(self._to_units(credit.amount_residual)),
                    )
                )
        takes = self._to_units(self._get_amount_to_take())
        if used > takes:
            raise UserError(
                self.env._(
                    '%(used)s cannot be used for %(invoice)s, which takes %(takes)s. Lower the '
                    'amounts.',
                    used=self._format_amount(used),
                    invoice=self.display_name,
                    takes=self._format_amount(takes),
                )
            )

    def _check_can_use_credits(self):
        """Refuse what takes no credits, before anything is done.

        :raise AccessError: if the user may not approve credits
        :raise UserError: says why, and what to do
        """
        self._require_approve_right(
            self.env._('Only people who may approve credits can use them. Ask one of them.')
        )
        self.check_access('write')
        reason = self._get_use_refusal()
        if reason:
            raise UserError(reason)

    def _get_use_refusal(self):
        """Why no credits can be used for this document.

        To be extended where more is required.

        :return: one sentence, or False
        """
        self.ensure_one()
        if not self._can_take_credits():
            return self.env._(
                '%s takes no credits: choose a customer invoice that is a draft or open.',
                self.display_name,
            )
        return not self._get_open_credits() and self.env._(
            '%(customer)s has no open credits in %(currency)s.',
            customer=self.commercial_partner_id.name or self.env._('Nobody'),
            currency=self.currency_id.name,
        )
