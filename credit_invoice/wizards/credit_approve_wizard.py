from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..models.credit_settlement import SETTLEMENTS
from ..models.settlement_choice import SettlementChoice
from ..tools.actions import notify, open_records, reload_page


class CreditApproveWizard(models.TransientModel):
    """The window of *Approve*: what happens to credits and their money, before it does (pc07)."""

    _name = 'credit.approve.wizard'
    _inherit = ['credit.refund.mixin']
    _description = 'Approve Credits'

    move_ids = fields.Many2many(
        comodel_name='account.move',
        relation='credit_approve_wizard_move',
        string='Credits',
        required=True,
    )
    next_move_ids = fields.Many2many(
        comodel_name='account.move',
        relation='credit_approve_wizard_next_move',
        string='Then',
        help='The drafts that come next, one by one.',
    )
    move_id = fields.Many2one(
        comodel_name='account.move', string='Credit', compute='_compute_move_id'
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
        string='Kept', compute='_compute_parts', store=True, readonly=False
    )
    amount_missing = fields.Monetary(string='Not Divided Yet', compute='_compute_amount_missing')
    description = fields.Char(help='By default the number of the credit.')
    is_sent = fields.Boolean(string='Send to Customer')
    send_to = fields.Char(compute='_compute_send_to')
    commercial_partner_id = fields.Many2one(comodel_name='res.partner', compute='_compute_move_id')
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
        if len(moves) > 1:
            return {**values, 'settlement': 'proposed'}
        choice = moves._get_proposed_choice()
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
        return self.env['account.move'].browse(ids)

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
            wizard.keep_amount = rest - wizard.refund_amount

    @api.depends('amount_total', 'amount_used', 'refund_amount', 'keep_amount')
    def _compute_amount_missing(self):
        for wizard in self:
            divided = wizard.amount_used + wizard.refund_amount + wizard.keep_amount
            wizard.amount_missing = wizard.amount_total - divided

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
        """
        return self.env['credit.approve.preview']._render_preview(self._get_choices())

    # === ACTION METHODS === #

    def action_approve(self):
        """Approve the credits and show them.

        :return: a client action
        """
        self.ensure_one()
        settlements = self._approve()
        moves = self.move_ids
        return notify(
            self._get_done_message(settlements),
            then=open_records(moves, self.env._('Credit Notes')),
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
            return reload_page()
        return drafts._get_approve_action(one_by_one=True)

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

    def _get_done_message(self, settlements):
        if len(self.move_ids) > 1:
            return self.env._('%s credits approved.', len(self.move_ids))
        return ' '.join(settlement._get_summary() for settlement in settlements) or self.env._(
            '%(credit)s was posted on %(date)s.',
            credit=self.move_ids.name,
            date=format_date(self.env, self.move_ids.date),
        )
