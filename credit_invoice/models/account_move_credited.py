import operator as operators
from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import formatLang

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
        help='The total of the posted credits of this invoice.',
    )
    credited_percentage = fields.Float(
        string='Credited %',
        compute='_compute_credit_status',
        store=True,
        aggregator=None,
        help='The posted credits in percent of the total of this invoice.',
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
        help='The total of the draft credits of this invoice. They keep nobody from crediting.',
    )
    creditable_amount = fields.Monetary(
        string='Can Still Be Credited',
        compute='_compute_creditable_amount',
        compute_sudo=True,
        search='_search_creditable_amount',
        help='The total of this invoice less what was credited and less the discount taken.',
    )
    credit_figures_html = fields.Html(
        string='What Was Credited', compute='_compute_credit_figures_html', compute_sudo=True
    )

    # === COMPUTE METHODS === #

    @api.depends(
        'reversal_move_ids.state',
        'reversal_move_ids.move_type',
        'reversal_move_ids.amount_total',
        'line_ids.credit_line_ids.parent_state',
    )
    def _compute_credited_amount(self):
        # A value that is in memory is not written again: drafts neither write nor lock an invoice.
        self.fetch(STORED_FIGURES)
        amounts = self._get_credited_amounts('posted')
        for move in self:
            move.credited_amount = amounts.get(move._origin.id, 0.0)

    @api.depends('credited_amount', 'amount_total')
    def _compute_credit_status(self):
        self.fetch(STORED_FIGURES)
        for move in self:
            total, credited = move.amount_total, move.credited_amount
            move.credited_percentage = 100.0 * credited / total if total else 0.0
            move.credit_status = move._get_credit_status()

    @api.depends(
        'reversal_move_ids.state',
        'reversal_move_ids.move_type',
        'reversal_move_ids.amount_total',
        'line_ids.credit_line_ids.parent_state',
        'line_ids.credit_line_ids.price_total',
    )
    def _compute_credit_reserved_amount(self):
        amounts = self._get_credited_amounts('draft')
        for move in self:
            move.credit_reserved_amount = amounts.get(move._origin.id, 0.0)

    @api.depends('move_type', 'state', 'amount_total', 'credited_amount')
    def _compute_creditable_amount(self):
        for move in self:
            move.creditable_amount = move._get_creditable_amount()

    @api.depends('state', 'amount_residual', 'credited_amount', 'credit_reserved_amount')
    def _compute_credit_figures_html(self):
        for move in self:
            move.credit_figures_html = (
                move.state == 'posted'
                and bool(move.credited_amount or move.credit_reserved_amount)
                and self.env['ir.qweb']._render(
                    'credit_invoice.credit_figures', move._get_credit_figures_values()
                )
            )

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

    # === BUSINESS METHODS: FIGURES === #

    def _get_discount_taken_amount(self):
        """The early-payment discount that the customer took of this invoice.

        To be extended where such discounts are known. An override that depends on other fields
        than those of `_compute_credit_status` adds them there.

        :return: amount in the currency of the document, tax included
        :rtype: float
        """
        self.ensure_one()
        return 0.0

    def _get_credit_status(self):
        """How much of this document was credited.

        :return: a key of `credit_status`, or False where nothing was
        """
        self.ensure_one()
        if not self.credited_amount:
            return False
        used = self.credited_amount + self._get_discount_taken_amount()
        comparison = self.currency_id.compare_amounts(used, self.amount_total)
        return {-1: 'partial', 0: 'full', 1: 'over'}[comparison]

    def _get_creditable_amount(self):
        """What can still be credited of this document, drafts left aside.

        :return: amount in the currency of the document, tax included, never below zero
        :rtype: float
        """
        self.ensure_one()
        if self.move_type not in CREDITABLE_TYPES or self.state != 'posted':
            return 0.0
        used = self.credited_amount + self._get_discount_taken_amount()
        return max(self.currency_id.round(self.amount_total - used), 0.0)

    def _get_credit_figures(self):
        """The figures under the totals of an invoice.

        Bridges add theirs, and a label of the same name in `_get_credit_figure_labels`.

        :return: dictionary of amounts in the currency of the document
        """
        self.ensure_one()
        credits = self._find_credits('posted')
        own, others = self._get_matched_credit_amounts(credits)
        discount = self._get_discount_taken_amount()
        received = self.amount_total - self.amount_residual - own - others - discount
        return {
            'invoiced': self.amount_total,
            'credited': self.credited_amount,
            'received': self.currency_id.round(received),
            'discount_taken': discount,
            'other_credits': others,
            'open': self.amount_residual,
            'reserved': self.credit_reserved_amount,
            'owed_back': sum(
                credit._convert_to_origin(abs(credit.amount_residual), self)
                for credit in credits
                if credit.reversed_entry_id == self
            ),
            'creditable': self.creditable_amount,
        }

    @api.model
    def _get_credit_figure_labels(self):
        """The labels of the figures, in the order in which they are shown.

        :return: dictionary: name of the figure -> (label, whether it is shown when zero)
        """
        return {
            'invoiced': (self.env._('Invoiced'), True),
            'credited': (self.env._('Credited'), True),
            'received': (self.env._('Received'), True),
            'discount_taken': (self.env._('Discount taken'), False),
            'other_credits': (self.env._('Other credits used'), False),
            'open': (self.env._('Open'), True),
            'owed_back': (self.env._('Owed back'), False),
            'reserved': (self.env._('Reserved by drafts'), False),
            'creditable': (self.env._('Can still be credited'), True),
        }

    def _get_credit_figures_values(self):
        """The values of the template `credit_invoice.credit_figures`."""
        amounts = self._get_credit_figures()
        percentage = round(self.credited_percentage, 2)
        return {
            'figures': [
                {'name': name, 'label': label, 'text': self._format_credit_figure(amounts[name])}
                for name, (label, is_always_shown) in self._get_credit_figure_labels().items()
                if is_always_shown or not self.currency_id.is_zero(amounts[name])
            ],
            'percentage': formatLang(
                self.env, percentage, digits=0 if percentage.is_integer() else 2
            ),
        }

    def _format_credit_figure(self, amount):
        return formatLang(self.env, amount, digits=self.currency_id.decimal_places)

    def _get_matched_credit_amounts(self, credits):
        """What was settled of this invoice with credits.

        :param credits: the posted credits of this invoice
        :return: (amount matched with these, amount matched with other credits), in the currency
            of the document
        """
        own = others = 0.0
        receivable = self.line_ids.filtered(lambda line: line.display_type == 'payment_term')
        for partial in receivable.matched_credit_ids:
            move = partial.credit_move_id.move_id
            if move in credits:
                own += partial.debit_amount_currency
            elif move.move_type == 'out_refund':
                others += partial.debit_amount_currency
        return own, others

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
