from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from odoo.addons.credit_invoice.tools.actions import close_window

from ..models.credit_reason import SETTLEMENTS
from ..models.settlement_choice import SettlementChoice
from ..tools.actions import notify_with_undo

# How many customers the heading names.
SHOWN = 3


class CreditApproveWizard(models.TransientModel):
    """The window of *Approve*: what happens to credits and their money, before it does (pc07)."""

    _name = 'credit.approve.wizard'
    _inherit = ['credit.refund.mixin']
    _description = 'Approve Credits'

    move_ids = fields.Many2many(
        comodel_name='account.move',
        relation='credit_approve_wizard_move',
        string='Credit Notes',
        required=True,
    )
    next_move_ids = fields.Many2many(
        comodel_name='account.move',
        relation='credit_approve_wizard_next_move',
        string='Then',
        help='The drafts that come next, one by one.',
    )
    count = fields.Integer(help='Of how many this is one, one by one.')
    heading = fields.Char(compute='_compute_heading')
    subheading = fields.Char(compute='_compute_heading')
    move_id = fields.Many2one(
        comodel_name='account.move', string='Credit Note', compute='_compute_move_id'
    )
    is_draft = fields.Boolean(compute='_compute_move_id')
    company_id = fields.Many2one(comodel_name='res.company', compute='_compute_move_id')
    currency_id = fields.Many2one(comodel_name='res.currency', compute='_compute_move_id')
    amount_total = fields.Monetary(string='To Settle', compute='_compute_move_id')
    settlement = fields.Selection(
        selection=[
            ('proposed', 'As proposed for each'),
            *SETTLEMENTS[:2],
            ('chosen', 'Use against chosen invoices'),
            *SETTLEMENTS[2:],
            ('split', 'Split'),
        ],
        string='What Happens to the Money',
        required=True,
    )
    settlement_options = fields.Char(compute='_compute_settlement_options')
    rest = fields.Selection(
        selection=[('keep', 'Keep as customer credit'), ('refund', 'Refund')],
        string='What Is Left',
        required=True,
        default='keep',
    )
    instalments = fields.Selection(
        selection=[
            ('earliest', 'Earliest first'),
            ('latest', 'Latest first'),
            ('proportion', 'In proportion'),
        ],
        required=True,
        default='earliest',
    )
    has_instalments = fields.Boolean(compute='_compute_has_instalments')
    line_ids = fields.One2many(
        comodel_name='credit.approve.wizard.line', inverse_name='wizard_id', string='Invoices'
    )
    amount_refundable = fields.Monetary(
        string='Can Be Refunded',
        compute='_compute_amount_refundable',
        help='What was received and not yet returned.',
    )
    amount_used = fields.Monetary(string='Used', compute='_compute_amount_used')
    refund_amount = fields.Monetary(
        string='Refunded', compute='_compute_parts', store=True, readonly=False
    )
    keep_amount = fields.Monetary(
        string='Kept', compute='_compute_keep_amount', help='What is neither used nor refunded.'
    )
    is_refund_too_much = fields.Boolean(compute='_compute_keep_amount')
    is_divided_too_much = fields.Boolean(compute='_compute_keep_amount')
    description = fields.Char(help='By default the number of the credit note.')
    is_sent = fields.Boolean(string='Send to Customer')
    send_to = fields.Char(compute='_compute_send_to')
    commercial_partner_id = fields.Many2one(comodel_name='res.partner', compute='_compute_move_id')
    obstacle = fields.Text(
        readonly=True, help='Why nothing can be approved, whatever is chosen here.'
    )
    refusal = fields.Text(compute='_compute_preview')
    preview_html = fields.Html(compute='_compute_preview')
    items_html = fields.Html(compute='_compute_preview')
    amount_shown = fields.Float(
        digits=0, help='What was to be settled when the window was opened; the preview shows that.'
    )

    # === DEFAULTS === #

    @api.model
    def default_get(self, fields):
        # EXTENDS 'web'
        values = super().default_get(fields)
        moves = self._get_default_moves(values)
        if not moves:
            return values
        moves._check_can_be_approved()
        values['move_ids'] = [Command.set(moves.ids)]
        values['amount_shown'] = moves._get_amounts_to_settle()
        values['date'] = max(move._get_default_settlement_date() for move in moves)
        values['obstacle'] = moves._get_approval_obstacle()
        if len(moves) > 1:
            return {**values, 'settlement': 'proposed'}
        choice = self._get_default_choice(moves)
        return {
            'settlement': choice.settlement,
            'rest': choice.rest,
            'line_ids': self._get_default_lines(moves, choice),
            **values,
        }

    @api.model
    def _get_default_moves(self, values):
        commands = values.get('move_ids') or []
        ids = self._fields['move_ids'].convert_to_cache(commands, self.new({}), validate=False)
        # Those in the database: what is read of them in groups is keyed by them.
        return self.env['account.move'].browse(ids)._origin

    @api.model
    def _get_default_choice(self, credit):
        """What is proposed; of money that was kept, that it is used against what is open by now."""
        choice = credit._get_proposed_choice()
        is_kept = credit.state == 'posted' and choice.settlement == 'keep'
        if is_kept and credit._get_settleable_lines():
            choice.settlement = 'oldest'
        return choice

    @api.model
    def _get_default_lines(self, credit, choice):
        """A row for each open invoice of the customer, those that are credited first."""
        uses = credit._get_use_amounts(choice)
        own = credit._get_credit_origins()
        invoices = credit._get_settleable_lines().move_id
        return [
            Command.create({
                'sequence': sequence,
                'move_id': invoice.id,
                'is_own': invoice in own,
                'amount': uses.get(invoice, 0.0),
            })
            for sequence, invoice in enumerate((invoices & own) | invoices)
        ]

    # === ONCHANGE METHODS === #

    @api.onchange('settlement', 'rest', 'instalments')
    def _onchange_settlement(self):
        if self.move_id and self.settlement not in ('chosen', 'split'):
            uses = self.move_id._get_use_amounts(self._get_choice())
            for line in self.line_ids:
                line.amount = uses.get(line.move_id._origin, 0.0)

    # === COMPUTE METHODS === #

    @api.depends('move_ids')
    def _compute_move_id(self):
        for wizard in self:
            moves = wizard.move_ids._origin
            wizard.move_id = moves if len(moves) == 1 else False
            wizard.is_draft = any(move.state == 'draft' for move in moves)
            wizard.company_id = moves[:1].company_id
            wizard.commercial_partner_id = wizard.move_id.commercial_partner_id
            wizard.currency_id = moves[:1].currency_id
            wizard.amount_total = wizard.move_id and wizard.move_id._get_amount_to_settle()

    @api.depends('move_ids')
    def _compute_heading(self):
        for wizard in self:
            moves = wizard.move_ids._origin
            customers = moves.commercial_partner_id.mapped('name')
            wizard.heading = ', '.join(filter(None, customers[:SHOWN]))
            if len(customers) > SHOWN:
                wizard.heading = self.env._(
                    '%(customers)s and %(count)s more',
                    customers=wizard.heading,
                    count=len(customers) - SHOWN,
                )
            wizard.subheading = moves and wizard._get_subheading(moves)

    def _get_subheading(self, moves):
        """Which credit notes these are, of which invoices, and why."""
        if len(moves) > 1:
            return self.env._('%s credit notes', len(moves))
        # Who may approve the credit may know its invoices by name.
        invoices = ', '.join(moves.sudo()._get_credit_origins().mapped('name'))
        number = moves.name if moves.state == 'posted' else self.env._('Draft credit note')
        parts = [
            self.env._('%(credit)s of %(invoices)s', credit=number, invoices=invoices)
            if invoices
            else number,
            moves._get_credit_reason_text(),
        ]
        return ' · '.join(filter(None, parts))

    @api.depends('move_ids', 'line_ids', 'amount_refundable')
    def _compute_settlement_options(self):
        for wizard in self:
            wizard.settlement_options = ','.join(wizard._get_settlement_options())

    def _get_settlement_options(self):
        """What can happen to the money at all: keys of `settlement`."""
        if not self.move_id:
            return ['proposed', 'own', 'oldest', 'keep']
        own = any(line.is_own for line in self.line_ids)
        applies = {
            'own': own,
            'oldest': any(not line.is_own for line in self.line_ids),
            'chosen': bool(self.line_ids),
            'refund': bool(self.amount_refundable),
            'keep': True,
            'split': bool(self.line_ids) or bool(self.amount_refundable),
        }
        return [name for name, is_possible in applies.items() if is_possible]

    @api.depends('line_ids')
    def _compute_has_instalments(self):
        for wizard in self:
            wizard.has_instalments = any(
                len(line.move_id._get_open_receivable_lines()) > 1 for line in wizard.line_ids
            )

    @api.depends('move_ids')
    def _compute_amount_refundable(self):
        for wizard in self:
            credit = wizard.move_id
            wizard.amount_refundable = credit and min(
                credit._get_refundable_amount(), wizard.amount_total
            )

    @api.depends('line_ids.amount')
    def _compute_amount_used(self):
        for wizard in self:
            wizard.amount_used = sum(wizard.line_ids.mapped('amount'))

    @api.depends('settlement', 'rest', 'line_ids.amount')
    def _compute_parts(self):
        for wizard in self:
            if wizard.settlement == 'split':
                continue
            rest = wizard.amount_total - wizard.amount_used
            refunds = wizard.settlement == 'refund' or (
                wizard.rest == 'refund' and wizard.settlement != 'keep'
            )
            wizard.refund_amount = min(rest, wizard.amount_refundable) if refunds else 0.0

    @api.depends('amount_total', 'amount_used', 'refund_amount', 'amount_refundable')
    def _compute_keep_amount(self):
        for wizard in self:
            # The last part is the rest: nobody has to subtract.
            rest = wizard.amount_total - wizard.amount_used - wizard.refund_amount
            currency = wizard.currency_id or self.env.company.currency_id
            compare = currency.compare_amounts
            wizard.keep_amount = currency.round(rest) + 0.0
            wizard.is_divided_too_much = compare(rest, 0.0) < 0
            wizard.is_refund_too_much = (
                compare(wizard.refund_amount, wizard.amount_refundable) > 0
                or compare(wizard.refund_amount, 0.0) < 0
            )

    @api.depends('move_ids')
    def _compute_send_to(self):
        for wizard in self:
            partners = wizard.move_ids.partner_id
            without = partners.filtered(lambda partner: not partner.email)
            wizard.send_to = (
                self.env._('No e-mail address: %s', ', '.join(without.mapped('display_name')))
                if without
                else ', '.join(partners.mapped('email'))
            )

    @api.depends(
        'move_ids',
        'settlement',
        'rest',
        'instalments',
        'line_ids.amount',
        'refund_amount',
        'keep_amount',
        'obstacle',
        'date',
        'refund_way',
        'journal_id',
        'payment_method_line_id',
    )
    def _compute_preview(self):
        for wizard in self:
            preview, refusal = wizard._try_preview()
            wizard.refusal = refusal
            wizard.preview_html = preview.get('documents')
            wizard.items_html = preview.get('items')

    def _get_preview(self):
        """What will happen, as HTML; nothing is written.

        :return: dictionary with `documents` and `items`
        :raise UserError: if it cannot be approved, or not so
        """
        if self.obstacle:
            raise UserError(self.obstacle)
        if self.move_id and self.is_divided_too_much:
            raise UserError(
                self.env._(
                    '%(amount)s is more than the credit note has, %(total)s: lower an amount.',
                    amount=self._format(self.amount_used + self.refund_amount),
                    total=self._format(self.amount_total),
                )
            )
        return self.env['credit.approve.preview']._render_preview(self._get_choices())

    # === ACTION METHODS === #

    def action_approve(self):
        """Approve the credits, and show the page from where the window was opened.

        :return: a client action
        """
        self.ensure_one()
        settlements = self._approve()
        return notify_with_undo(
            self._get_done_message(settlements), settlements, then=close_window()
        )

    def action_approve_and_next(self):
        """Approve the credit and open the window for the next draft."""
        self.ensure_one()
        self._approve()
        return self.action_skip()

    def action_skip(self):
        """Leave this credit as it is and open the window for the next draft."""
        self.ensure_one()
        drafts = self.next_move_ids.filtered(lambda move: move.state == 'draft')
        if not drafts:
            return close_window()
        return drafts._get_approve_action(one_by_one=True, count=self.count)

    # === BUSINESS METHODS === #

    def _approve(self):
        self._lock_window()
        if self.is_done:
            return self.move_ids._get_last_settlements()
        settlements = self.move_ids._do_once('approve_credits', self.reference, self._approve_now)
        self.is_done = True
        return settlements

    def _approve_now(self, credits):
        self._check_nothing_changed()
        return credits._approve_credits(self._get_choices(), self.is_sent)

    def _check_nothing_changed(self):
        """What was previewed is what is posted.

        :raise UserError: if credits were changed or settled since the window was opened
        """
        shown, now = self.amount_shown, self.move_ids._get_amounts_to_settle()
        if shown and self.currency_id.compare_amounts(shown, now):
            raise UserError(
                self.env._(
                    '%s was changed or settled since this window was opened: open it again.',
                    ', '.join(self.move_ids.mapped('display_name')),
                )
            )

    def _get_choices(self):
        """What was chosen for each credit.

        :return: dictionary: credit -> `SettlementChoice`
        """
        moves = self.move_ids._origin
        if self.settlement != 'proposed':
            return {move: self._get_choice() for move in moves}
        choices = {move: move._get_proposed_choice() for move in moves}
        for choice in choices.values():
            choice.date, choice.description = self.date, self.description
        return choices

    def _get_choice(self):
        typed = self.settlement in ('chosen', 'split')
        return SettlementChoice(
            settlement=self.settlement,
            uses={
                line.move_id._origin.id: line.amount
                for line in self.line_ids
                if typed and not self.currency_id.is_zero(line.amount)
            },
            instalments=self.instalments,
            rest=self.rest,
            refund_amount=self.refund_amount,
            keep_amount=self.keep_amount,
            date=self.date,
            description=self.description,
            refund=self._get_refund_values(),
        )

    def _format(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def _get_done_message(self, settlements):
        if len(self.move_ids) > 1:
            return self.env._('%s credit notes approved.', len(self.move_ids))
        return ' '.join(settlement._get_summary() for settlement in settlements) or self.env._(
            '%(credit)s was posted on %(date)s.',
            credit=self.move_ids.name,
            date=format_date(self.env, self.move_ids.date),
        )
