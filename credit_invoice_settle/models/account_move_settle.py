from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from odoo.addons.credit_invoice.models.links.account_move_line import CREDITABLE_TYPES
from odoo.addons.credit_invoice.tools.splitting import from_units, to_units

from ..tools.allocation import allocate
from .settlement_choice import OpenItems, SettlementChoice, SettlementChoices, SettlementPart


class AccountMove(models.Model):
    """What happens to the money of posted credits: plain matches, with a record (decision 9)."""

    _inherit = 'account.move'

    credit_settlement_ids = fields.One2many(
        comodel_name='credit.settlement',
        inverse_name='move_id',
        string='Settlements',
        help='What was done with the money of this document.',
    )
    credit_settled_line_ids = fields.One2many(
        comodel_name='credit.settlement.line',
        inverse_name='target_move_id',
        string='Credit Notes Used',
        help='The credit notes that were used against this document.',
    )

    # === BUSINESS METHODS: WHAT IS WANTED === #

    @api.model
    def _get_settlement_choices(self):
        choices = self.env.context.get('credit_settlements')
        return choices if isinstance(choices, SettlementChoices) else SettlementChoices()

    def _reconcile_credits(self, plan, move_reverse_cancel):
        # OVERRIDES 'credit_invoice': what credits do with their money is a choice. Only other
        # accounts are matched as by the host.
        self._settle_credits(move_reverse_cancel)
        self._reconcile_other_accounts(self, plan, move_reverse_cancel)

    def _settle_credits(self, move_reverse_cancel=False):
        """Do with the money of these posted credits what was chosen, or use it against their own
        invoices.

        :return: the settlements, one for each credit of which anything was done
        """
        choices, parts, left = self._get_settlement_choices(), [], OpenItems()
        for credit in self:
            choice = choices.get(credit.id) or SettlementChoice()
            credit_parts = credit._get_settlement_parts(choice, left)
            if not credit._is_kept_already(credit_parts):
                parts += credit_parts
        self._check_settlement_targets(parts)
        self._create_settlement_entries(parts, choices)
        self._create_refunds([part for part in parts if part.kind == 'refund'], choices)
        return self._record_and_match(parts, choices, move_reverse_cancel)

    def _is_kept_already(self, parts):
        """Whether these parts only say again that the credit is kept."""
        last = (
            self
            .sudo()
            .credit_settlement_ids.filtered(lambda settlement: settlement.state == 'done')
            .sorted('id')[-1:]
        )
        return (
            len(parts) == 1
            and parts[0].kind == 'keep'
            and last.line_ids.mapped('kind') == ['keep']
            and self.currency_id.compare_amounts(last.line_ids.amount, parts[0].amount) == 0
        )

    # === BUSINESS METHODS: WHO GETS HOW MUCH === #

    def _get_settlement_parts(self, choice, left):
        """Divide what is open of this credit as chosen.

        :param choice: a `SettlementChoice`
        :param left: the `OpenItems`; lowered by what is taken here
        :return: list of `SettlementPart`
        :raise UserError: if amounts were chosen that cannot be had
        """
        self.ensure_one()
        sources = self._get_open_receivable_lines()
        total = sum(left.get(line) for line in sources)
        uses, refund, keep = self._get_chosen_amounts(choice, total, left)
        parts = []
        for target, amount in uses:
            parts += self._take_from_sources('use', sources, amount, left, target)
            left.take(target, amount)
        parts += self._take_from_sources('refund', sources, refund, left)
        left.refunded[self] = refund
        if keep and (parts or choice.settlement in ('keep', 'split')):
            amount = self._from_units(keep)
            parts.append(SettlementPart(self, 'keep', amount))
        return parts

    def _get_chosen_amounts(self, choice, total, left):
        """What is used against which item, what is refunded and what is kept of a credit.

        :param int total: what is open of the credit, in units
        :return: (list of (journal item, units), units to refund, units to keep)
        """
        if choice.settlement in ('chosen', 'split'):
            uses = self._allocate_chosen(choice, total, left)
        elif choice.settlement == 'oldest':
            uses = self._allocate(total, self._get_settleable_lines(), choice.instalments, left)
        elif choice.settlement == 'own':
            uses = self._allocate_own(total, choice, left)
        else:
            uses = []
        rest = total - sum(amount for _line, amount in uses)
        if choice.settlement == 'split':
            return uses, *self._check_split(choice, rest, left)
        refund = 0
        is_rest_refunded = choice.rest == 'refund' and choice.settlement != 'keep'
        if choice.settlement == 'refund' or is_rest_refunded:
            refund = min(rest, self._get_refundable_units(left))
        if choice.settlement == 'refund':
            uses = self._allocate_own(rest - refund, choice, left)
            rest -= sum(amount for _line, amount in uses)
            if not refund and not uses:
                raise UserError(
                    self.env._(
                        'Nothing of %s can be refunded: no money was received for it that was not '
                        'returned. Use it against invoices, or keep it.',
                        self.display_name,
                    )
                )
        return uses, refund, rest - refund

    def _allocate_own(self, total, choice, left):
        """Use a credit against the invoices that it credits, each as far as it credits that one."""
        uses, origins = [], self._get_credit_origins()
        amounts = self._get_credited_amount_by_origin() if len(origins) > 1 else {}
        for origin in origins:
            limit = min(total, self._to_units(amounts[origin])) if amounts else total
            part = self._allocate(
                limit, origin._get_open_receivable_lines(), choice.instalments, left
            )
            total -= sum(amount for _line, amount in part)
            uses += part
        return uses

    def _allocate_chosen(self, choice, total, left):
        uses = []
        for invoice_id, amount in choice.uses.items():
            invoice, units = self.browse(invoice_id), self._to_units(amount)
            lines = invoice._get_open_receivable_lines()
            part = self._allocate(units, lines, choice.instalments, left)
            if sum(part_units for _line, part_units in part) != units or units < 0:
                raise UserError(
                    self.env._(
                        '%(amount)s cannot be used against %(invoice)s: %(open)s is open of it. '
                        'Enter an amount up to that.',
                        amount=self._format_amount(units),
                        invoice=invoice.display_name,
                        open=self._format_amount(sum(left.get(line) for line in lines)),
                    )
                )
            uses += part
        used = sum(amount for _line, amount in uses)
        if used > total:
            raise UserError(
                self.env._(
                    '%(used)s was chosen to be used, but %(credit)s has only %(open)s. Lower the '
                    'amounts.',
                    used=self._format_amount(used),
                    credit=self.display_name,
                    open=self._format_amount(total),
                )
            )
        return uses

    def _check_split(self, choice, rest, left):
        """Check that the parts of a split add up (pc24).

        :param int rest: what is not used against invoices, in units
        :param left: the `OpenItems`
        :return: (units to refund, units to keep)
        """
        refund = self._to_units(choice.refund_amount or 0.0)
        keep = self._to_units(choice.keep_amount or 0.0)
        if refund < 0 or keep < 0 or refund + keep != rest:
            raise UserError(
                self.env._(
                    'The parts of %(credit)s must add up: after what is used, %(rest)s is left, '
                    'but %(refund)s to refund and %(keep)s to keep were entered.',
                    credit=self.display_name,
                    rest=self._format_amount(rest),
                    refund=self._format_amount(refund),
                    keep=self._format_amount(keep),
                )
            )
        self._check_refundable(refund, left)
        return refund, keep

    def _allocate(self, total, lines, order, left):
        lines = list(lines)
        amounts = allocate(total, [left.get(line) for line in lines], order)
        return [pair for pair in zip(lines, amounts, strict=True) if pair[1]]

    def _take_from_sources(self, kind, sources, amount, left, target=None):
        """Take units of this credit's items, those on the account of the target first."""
        parts = []
        account = target and target.account_id
        for source in sources.sorted(lambda line: line.account_id != account):
            taken = min(amount, left.get(source))
            if taken > 0:
                amount -= taken
                balance = left.take(source, taken)
                value = self._from_units(taken)
                parts.append(SettlementPart(self, kind, value, balance, source, target))
        return parts

    def _to_units(self, amount):
        return to_units(amount, self.currency_id.rounding)

    def _from_units(self, units):
        return from_units(units, self.currency_id.rounding)

    def _format_amount(self, units):
        return formatLang(self.env, self._from_units(units), currency_obj=self.currency_id)

    def _get_settleable_lines(self):
        """The open items of invoices that this credit can be used against, the earliest due first.

        :return: journal items
        """
        self.ensure_one()
        return self.env['account.move.line'].search(
            self._get_settleable_domain(), order='date_maturity, date, id'
        )

    def _get_settleable_domain(self):
        """To be extended where some invoices are not to be settled by credits."""
        return [
            ('company_id', '=', self.company_id.id),
            ('partner_id', 'in', self._get_settled_customers().ids),
            ('currency_id', '=', self.currency_id.id),
            ('move_id.move_type', 'in', CREDITABLE_TYPES),
            ('parent_state', '=', 'posted'),
            ('account_type', '=', 'asset_receivable'),
            ('reconciled', '=', False),
            ('amount_residual_currency', '>', 0),
        ]

    def _get_settled_customers(self):
        """The customers whose invoices this credit can be used against: its own, and the one that
        its invoice was for, if that is another one by now."""
        origins_sudo = self._get_credit_origins().sudo()
        return self.commercial_partner_id | origins_sudo._get_credit_customers()

    def _check_settlement_targets(self, parts):
        """Refuse items that a credit cannot be used against, whoever named them.

        :raise UserError: names the first credit and item
        """
        for part in parts:
            target, credit = part.target, part.credit
            if target and (
                target.move_id.move_type not in CREDITABLE_TYPES
                or target.parent_state != 'posted'
                or target.company_id != credit.company_id
                or target.partner_id not in credit._get_settled_customers()
                or target.currency_id != credit.currency_id
            ):
                raise UserError(
                    self.env._(
                        '%(credit)s cannot be used against %(invoice)s: choose posted invoices of '
                        'the same company, customer and currency.',
                        credit=credit.display_name,
                        invoice=target.move_id.display_name,
                    )
                )

    # === BUSINESS METHODS: HOW IT IS DONE === #

    def _record_and_match(self, parts, choices, move_reverse_cancel=False):
        """Match the journal items of all parts, and keep beside the matches what was done.

        :return: the settlements
        """
        # Recorded first: what is matched looks up what an entry stands for.
        settlements = self._record_settlements(parts, choices)
        self._match_settlement_parts(parts, move_reverse_cancel)
        self._link_partials(parts)
        return settlements

    def _match_settlement_parts(self, parts, move_reverse_cancel):
        """Match the journal items of all parts, in as few plans as possible."""
        pairs = []
        for part in parts:
            if part.target and not part.pairs:
                part.pairs = [(part.source, part.target)]
            pairs += [(*pair, part.amount) for pair in part.pairs]
        lines = self.env['account.move.line'].with_context(move_reverse_cancel=move_reverse_cancel)
        lines._reconcile_pairs(pairs)

    def _record_settlements(self, parts, choices):
        """Keep what is done, by whom and why, beside the matches.

        :return: the settlements
        """
        parts_by_credit = defaultdict(list)
        for part in parts:
            parts_by_credit[part.credit].append(part)
        settlements = (
            self
            .env['credit.settlement']
            .sudo()
            .create([
                credit._prepare_settlement_vals(credit_parts, choices.get(credit.id))
                for credit, credit_parts in parts_by_credit.items()
            ])
        )
        recorded = [part for credit_parts in parts_by_credit.values() for part in credit_parts]
        for part, line in zip(recorded, settlements.line_ids.sorted('id'), strict=True):
            part.line = line
        return settlements.with_env(self.env)

    def _prepare_settlement_vals(self, parts, choice):
        self.ensure_one()
        return {
            'move_id': self.id,
            'company_id': self.company_id.id,
            'commercial_partner_id': self.commercial_partner_id.id,
            'currency_id': self.currency_id.id,
            'date': choice and choice.date or self.date,
            'description': choice and choice.description or self.name,
            'user_id': self.env.uid,
            'line_ids': [
                fields.Command.create({
                    'kind': part.kind,
                    'amount': part.amount,
                    'source_line_id': part.source and part.source.id,
                    'target_line_id': part.target and part.target.id,
                    **part.values,
                })
                for part in parts
            ],
        }

    def _link_partials(self, parts):
        pairs = {
            tuple(sorted(line.id for line in pair)): part.line
            for part in parts
            for pair in part.pairs
        }
        line_ids = [line_id for pair in pairs for line_id in pair]
        partials_sudo = (
            self
            .env['account.partial.reconcile']
            .sudo()
            .search([
                ('debit_move_id', 'in', line_ids),
                ('credit_move_id', 'in', line_ids),
                ('credit_settlement_line_id', '=', False),
            ])
        )
        for partial in partials_sudo:
            key = tuple(sorted((partial.debit_move_id.id, partial.credit_move_id.id)))
            if key in pairs:
                partial.credit_settlement_line_id = pairs[key]
