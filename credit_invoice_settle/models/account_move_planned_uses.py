from collections import defaultdict

from odoo import Command, fields, models
from odoo.tools import formatLang

from odoo.addons.credit_invoice.models.links.account_move_line import CREDITABLE_TYPES

from .settlement_choice import SettlementChoice, SettlementChoices


class AccountMove(models.Model):
    """Credits that are used as soon as their invoice is posted (pc20b)."""

    _inherit = 'account.move'

    credit_planned_use_ids = fields.One2many(
        comodel_name='credit.planned.use',
        inverse_name='move_id',
        string='Credits to Be Used',
        readonly=True,
        copy=False,
        help='What is used when this invoice is posted.',
    )

    # === BUSINESS METHODS: PLANNING === #

    def _plan_uses(self, amounts):
        """Keep on this draft what is to be used when it is posted, in place of what was.

        :param dict amounts: credit -> amount
        """
        # The caller checked that the user may use these credits.
        self.sudo().write({
            'credit_planned_use_ids': [
                Command.clear(),
                *(
                    Command.create({
                        'credit_id': credit.id,
                        'amount': self.currency_id.round(amount),
                    })
                    for credit, amount in amounts.items()
                ),
            ]
        })

    def _get_planned_uses(self):
        """What is planned for this draft and fits it still: of its customer, in its currency."""
        self.ensure_one()
        if self.state != 'draft' or self.move_type not in CREDITABLE_TYPES:
            return self.env['credit.planned.use']
        return self.credit_planned_use_ids.filtered(
            lambda use: (
                use.sudo().credit_id.commercial_partner_id == self.commercial_partner_id._origin
                and use.currency_id == self.currency_id
            )
        )

    # === BUSINESS METHODS: DOING IT === #

    def _post(self, soft=True):
        # EXTENDS 'account'
        uses_sudo = self._get_uses_at_posting()
        posted = super()._post(soft)
        posted._use_planned_credits(uses_sudo)
        return posted

    def _get_locked_at_posting(self):
        # EXTENDS 'credit_invoice'
        uses_sudo = self._get_uses_at_posting()
        return super()._get_locked_at_posting() | uses_sudo.move_id | uses_sudo.credit_id

    def _get_uses_at_posting(self):
        """What was planned for these invoices, with elevated rights."""
        invoices = self.filtered(lambda move: move.move_type in CREDITABLE_TYPES)
        return invoices.sudo().credit_planned_use_ids

    def _use_planned_credits(self, uses):
        """Use what was planned for these posted invoices: as much as there is.

        Whoever planned it had the right to; whoever posts the invoice only carries it out.

        :param uses: all that was planned, with the right to read it
        """
        uses = uses.filtered(lambda use: use.move_id in self)
        if not uses:
            return
        amounts = self._get_planned_amounts(uses)
        choices, today = SettlementChoices(), fields.Date.context_today(self)
        for use, amount in amounts.items():
            if amount:
                choice = choices.setdefault(
                    use.credit_id.id, SettlementChoice(settlement='chosen', date=today)
                )
                choice.uses[use.move_id.id] = amount
                days = (choice.date, use.move_id.date, use.credit_id.date)
                choice.date = max(days)
        credits = self.browse(choices).with_context(credit_settlements=choices)
        credits._settle_credits()._log_settlement()
        for use, amount in amounts.items():
            if use.currency_id.compare_amounts(amount, use.amount):
                use.move_id._log_planned_shortfall(use, amount)
        uses.unlink()

    def _get_planned_amounts(self, uses):
        """How much of what was planned can be had.

        :return: dictionary: planned use -> amount
        """
        left = defaultdict(int)
        for move in uses.move_id | uses.credit_id:
            left[move] = move._to_units(move.amount_residual)
        amounts = {}
        for use in uses:
            invoice, credit = use.move_id, use.credit_id
            units = 0
            if credit in invoice._get_open_credits():
                units = min(invoice._to_units(use.amount), left[invoice], left[credit])
            left[invoice] -= units
            left[credit] -= units
            amounts[use] = invoice._from_units(units)
        return amounts

    def _log_planned_shortfall(self, use, amount):
        """Say on the invoice why less was used than planned; a credit of somebody else stays
        unnamed.
        """
        credit = use.credit_id
        planned = formatLang(self.env, use.amount, currency_obj=use.currency_id)
        if credit.commercial_partner_id != self.commercial_partner_id:
            body = self.env._(
                'Credits of another customer were to be used before the customer was changed: '
                'nothing was used.'
            )
        elif use.currency_id != self.currency_id:
            body = self.env._(
                '%(planned)s of %(credit)s were to be used, but this invoice is in %(currency)s: '
                'nothing was used.',
                planned=planned,
                credit=credit.name,
                currency=self.currency_id.name,
            )
        else:
            body = self.env._(
                '%(planned)s of %(credit)s were to be used, but no more than %(amount)s could be.',
                planned=planned,
                credit=credit.name,
                amount=self._format_amount(self._to_units(amount)),
            )
        self._message_log(body=body)
