import operator as operators
from collections import defaultdict

from odoo import api, fields, models

from .account_move_line import CREDITABLE_TYPES

STORED_FIGURES = ('credited_amount', 'credited_percentage', 'credit_status')
COMPARISONS = {
    '<': operators.lt,
    '<=': operators.le,
    '>': operators.gt,
    '>=': operators.ge,
}


class AccountMove(models.Model):
    """What was credited of an invoice, what drafts reserve of it, and what is left (if03)."""

    _inherit = 'account.move'

    credited_amount = fields.Monetary(
        compute='_compute_credited_amount',
        store=True,
        help='The total of the posted credit notes of this invoice.',
    )
    credited_percentage = fields.Float(
        string='Credited %',
        compute='_compute_credit_status',
        store=True,
        aggregator=None,
        help='How much of the lines of this invoice was credited, in percent.',
    )
    credit_status = fields.Selection(
        selection=[
            ('partial', 'Partly credited'),
            ('full', 'Fully credited'),
            ('over', 'Credited more than invoiced'),
        ],
        string='Credited',
        compute='_compute_credit_status',
        store=True,
    )
    credit_reserved_amount = fields.Monetary(
        string='Reserved by Drafts',
        compute='_compute_credit_reserved_amount',
        compute_sudo=True,
        search='_search_credit_reserved_amount',
        help='The total of the draft credit notes of this invoice. They keep nobody from '
        'crediting.',
    )
    creditable_amount = fields.Monetary(
        string='Can Still Be Credited',
        compute='_compute_creditable_amount',
        compute_sudo=True,
        search='_search_creditable_amount',
        help='The total of this invoice less what was credited and less the discount taken.',
    )
    # === COMPUTE METHODS === #

    @api.depends(
        'reversal_move_ids.state',
        'reversal_move_ids.move_type',
        'reversal_move_ids.amount_total',
        'line_ids.credit_line_ids',
    )
    def _compute_credited_amount(self):
        # The state of credits of single lines is left to `write`: as a dependency, it would cost
        # every posting a query for each line.
        # A value that is in memory is not written again: drafts neither write nor lock an invoice.
        self.fetch(STORED_FIGURES)
        amounts = self._get_credited_amounts('posted')
        for move in self:
            move.credited_amount = amounts.get(move._origin.id, 0.0)

    @api.depends('credited_amount', 'amount_total')
    def _compute_credit_status(self):
        self.fetch(STORED_FIGURES)
        credited = self._get_with_posted_credits()
        balanced = credited._get_with_balanced_lines()
        for move in self:
            share, status = 0.0, False
            if move in credited:
                status = move._get_credit_status(is_balanced=move in balanced)
                share = move._get_credited_part(status, is_balanced=move in balanced)
            move.credited_percentage = 100.0 * share
            move.credit_status = status

    @api.depends(
        'reversal_move_ids.state',
        'reversal_move_ids.move_type',
        'reversal_move_ids.amount_total',
        'line_ids.credit_line_ids',
    )
    def _compute_credit_reserved_amount(self):
        amounts = self._get_credited_amounts('draft')
        for move in self:
            move.credit_reserved_amount = amounts.get(move._origin.id, 0.0)

    @api.depends('move_type', 'state', 'amount_total', 'credited_amount')
    def _compute_creditable_amount(self):
        creditable = self.filtered(
            lambda move: move.move_type in CREDITABLE_TYPES and move.state == 'posted'
        )
        (self - creditable).creditable_amount = 0.0
        for move in creditable:
            move.creditable_amount = max(move._get_creditable_amount(), 0.0)

    # === SEARCH METHODS === #

    @api.model
    def _search_credit_reserved_amount(self, operator, value):
        if operator not in COMPARISONS:
            return NotImplemented
        drafts_sudo = self.sudo().search([
            ('move_type', '=', 'out_refund'),
            ('state', '=', 'draft'),
            '|',
            ('reversed_entry_id', '!=', False),
            ('line_ids.credited_line_id', '!=', False),
        ])
        compare = COMPARISONS[operator]
        amounts = drafts_sudo._get_credited_amount_by_origin()
        if compare(0.0, value):
            missed = [move.id for move, amount in amounts.items() if not compare(amount, value)]
            return [('id', 'not in', missed)]
        return [
            ('id', 'in', [move.id for move, amount in amounts.items() if compare(amount, value)])
        ]

    @api.model
    def _search_creditable_amount(self, operator, value):
        """Find what can still be credited at all; other amounts are in no column."""
        if operator != '>' or value:
            return NotImplemented
        return [
            ('move_type', 'in', CREDITABLE_TYPES),
            ('state', '=', 'posted'),
            ('amount_total', '>', 0),
            ('credit_status', 'not in', ('full', 'over')),
        ]

    # === BUSINESS METHODS: WHAT WAS CREDITED, AND WHAT IS LEFT === #

    def _get_with_posted_credits(self):
        """Those of these documents that have posted credits, also such as come to nothing."""
        moves = self.filtered('credited_amount')
        others = (self - moves).filtered(
            lambda move: move.state == 'posted' and move.move_type in CREDITABLE_TYPES
        )
        credits = others._find_credits('posted')
        return moves | (credits._get_credit_origins() & others)

    def _get_with_balanced_lines(self):
        """Those of these documents whose total does not say what was invoiced: with lines that
        take off others, or that come to nothing."""
        groups = self.env['account.move.line']._read_group(
            [
                ('move_id', 'in', self.ids),
                ('display_type', '=', 'product'),
                ('price_total', '<=', 0),
            ],
            ['move_id'],
        )
        return self.browse(move.id for (move,) in groups)

    def _get_credited_part(self, status, *, is_balanced):
        """How much of this document was credited, by its total.

        To be extended where the lines of a document tell it better.

        :param str status: as of `_get_credit_status`
        :param bool is_balanced: whether it is one of `_get_with_balanced_lines`
        :return: number from 0 to 1
        :rtype: float
        """
        self.ensure_one()
        if is_balanced and status != 'partial':
            return 1.0
        total, credited = self.amount_total, self.credited_amount
        return min(1.0, credited / total) if total else 0.0

    def _get_credit_status(self, *, is_balanced):
        """How much of this document, which has posted credits, was credited.

        :param bool is_balanced: whether it is one of `_get_with_balanced_lines`
        :return: a key of `credit_status`
        """
        self.ensure_one()
        used = self.credited_amount + self._get_discount_taken_amount()
        comparison = self.currency_id.compare_amounts(used, self.amount_total)
        if not comparison and is_balanced and self._is_any_line_left(self._get_posted_credits()):
            return 'partial'
        return {-1: 'partial', 0: 'full', 1: 'over'}[comparison]

    def _is_any_line_left(self, credits):
        """Whether lines are left to credit although nothing is left of the total.

        To be extended where it is known what is left of each line.

        :param credits: the credits that count
        """
        return False

    def _get_discount_taken_amount(self):
        """What of this invoice was given as a discount when it was paid, tax included.

        To be extended where discounts are given.

        :return: amount in the currency of the document
        :rtype: float
        """
        self.ensure_one()
        return 0.0

    def _get_creditable_amount(self, credits=None):
        """What can still be credited of this document (decision 6).

        To be extended where less than what was invoiced is owed.

        :param credits: the credits that count, by default those that are posted
        :return: amount in the currency of the document, tax included; below zero where more was
            credited
        :rtype: float
        """
        self.ensure_one()
        credited = self.credited_amount
        if credits is not None:
            amounts = credits._get_credited_amount_by_origin() if credits else {}
            credited = amounts.get(self, 0.0)
        used = credited + self._get_discount_taken_amount()
        return self.currency_id.round(self.amount_total - used)

    # === BUSINESS METHODS: WHAT CREDITS TAKE === #

    def _get_credited_amount_by_origin(self):
        """What these credits take from each invoice.

        A line that credits a line of another invoice counts for that one with its total; all else
        counts for the invoice that the document credits.

        :return: dictionary: invoice -> amount in the invoice's currency
        """
        groups = self.env['account.move.line']._read_group(
            [
                ('move_id', 'in', self.ids),
                ('display_type', '=', 'product'),
                ('credited_line_id', '!=', False),
            ],
            ['move_id', 'credited_line_id.move_id'],
            ['price_total:sum'],
        )
        amounts, remaining = defaultdict(float), {credit: credit.amount_total for credit in self}
        for credit, origin, amount in groups:
            if origin != credit.reversed_entry_id:
                remaining[credit] -= amount
                amounts[origin] += credit._convert_to_origin(amount, origin)
        for credit, amount in remaining.items():
            if credit.reversed_entry_id:
                origin = credit.reversed_entry_id
                amounts[origin] += credit._convert_to_origin(amount, origin)
        return {origin: origin.currency_id.round(amount) for origin, amount in amounts.items()}

    def _get_other_credit_origins(self):
        """The invoices that single lines of these credits credit, beside those of the documents."""
        credits_sudo = self.sudo().filtered(lambda move: move.move_type == 'out_refund')
        groups = (
            self
            .env['account.move.line']
            .sudo()
            ._read_group(
                [('move_id', 'in', credits_sudo.ids), ('credited_line_id', '!=', False)],
                ['move_id', 'credited_line_id.move_id'],
            )
        )
        return credits_sudo.browse().union(
            *(origin for credit, origin in groups if origin != credit.reversed_entry_id)
        )

    def _convert_to_origin(self, amount, origin):
        """An amount of this credit in the currency of an invoice, at the rates of the two."""
        if self.currency_id == origin.currency_id:
            return amount
        rate = (origin.invoice_currency_rate or 1.0) / (self.invoice_currency_rate or 1.0)
        return origin.currency_id.round(amount * rate)

    def _get_credited_amounts(self, state):
        """What credits in one state take from these invoices, read for all of them at once.

        :param str state: of the credits
        :return: dictionary: id of the invoice -> amount in its currency
        """
        amounts = self._find_credits(state)._get_credited_amount_by_origin()
        return {origin.id: amount for origin, amount in amounts.items()}

    def _find_credits(self, state):
        """The credits of these invoices in one state, without reading the invoices' lines."""
        ids = self.filtered(lambda move: move.move_type in CREDITABLE_TYPES).ids
        if not ids:
            return self.browse()
        if len(self) == 1:
            # A form shows all credits of its invoice: they are in memory.
            return self._get_linked_credits().filtered(lambda credit: credit.state == state)
        ids = self.browse(ids).filtered('is_credit_linked').ids
        if not ids:
            return self.browse()
        credits = self.search([
            ('reversed_entry_id', 'in', ids),
            ('move_type', '=', 'out_refund'),
            ('state', '=', state),
        ])
        groups = self.env['account.move.line']._read_group(
            [
                ('credited_line_id.move_id', 'in', ids),
                ('move_id.move_type', '=', 'out_refund'),
                ('parent_state', '=', state),
            ],
            ['move_id'],
        )
        return credits.union(*(credit for (credit,) in groups))
