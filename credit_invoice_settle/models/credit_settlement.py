from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from odoo.addons.credit_invoice.tools.actions import reload_page

# What is said of a settlement and its parts; what was kept is not settled yet.
SETTLEMENT_STATUSES = [
    ('settled', 'Settled'),
    ('kept', 'Kept'),
    ('replaced', 'Kept until then'),
    ('undone', 'Undone'),
]


class CreditSettlement(models.Model):
    """What was done with the money of a credit, and by whom; kept when it is undone (decision 9).

    The settlement itself is a plain match of journal items, or a payment: this record stands
    beside it.
    """

    _name = 'credit.settlement'
    _description = 'Settlement of a Credit'
    _order = 'id desc'
    _check_company_auto = True

    move_id = fields.Many2one(
        comodel_name='account.move',
        string='Document',
        required=True,
        readonly=True,
        index=True,
        ondelete='cascade',
        check_company=True,
        help='The credit note whose money this is, or the invoice that was overpaid.',
    )
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, index=True
    )
    commercial_partner_id = fields.Many2one(
        comodel_name='res.partner', string='Customer', required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(comodel_name='res.currency', required=True, readonly=True)
    date = fields.Date(required=True, readonly=True, help='The day of the settlement (pc15).')
    description = fields.Char(readonly=True, help='Shown on both documents (pc16).')
    user_id = fields.Many2one(
        comodel_name='res.users', string='Settled by', required=True, readonly=True
    )
    state = fields.Selection(
        selection=[('done', 'Settled'), ('undone', 'Undone')],
        string='Settled or Undone',
        required=True,
        readonly=True,
        default='done',
        index=True,
    )
    undone_user_id = fields.Many2one(comodel_name='res.users', string='Undone by', readonly=True)
    undone_at = fields.Datetime(string='Undone on', readonly=True)
    line_ids = fields.One2many(
        comodel_name='credit.settlement.line', inverse_name='settlement_id', readonly=True
    )

    can_be_undone = fields.Boolean(compute='_compute_can_be_undone')
    is_last = fields.Boolean(
        compute='_compute_is_last',
        compute_sudo=True,
        help='Nothing was done with the money of this document since.',
    )
    status = fields.Selection(
        selection=SETTLEMENT_STATUSES, compute='_compute_status', compute_sudo=True
    )
    undone_note = fields.Char(string='Undone by and When', compute='_compute_undone_note')
    method = fields.Char(compute='_compute_method')
    summary = fields.Char(string='What Was Done', compute='_compute_summary')

    # === COMPUTE METHODS === #

    @api.depends('state', 'line_ids.state', 'line_ids.kind')
    def _compute_can_be_undone(self):
        for settlement in self:
            settlement.can_be_undone = settlement.state == 'done' and settlement._holds()

    @api.depends('move_id.credit_settlement_ids.state')
    def _compute_is_last(self):
        for settlement in self:
            others = settlement.move_id.credit_settlement_ids.filtered(
                lambda other: other.state == 'done'
            )
            settlement.is_last = not others or settlement.id >= max(others.ids)

    @api.depends('state', 'is_last', 'line_ids.kind')
    def _compute_status(self):
        for settlement in self:
            if settlement.state == 'undone':
                settlement.status = 'undone'
            elif settlement._holds() or not settlement.line_ids:
                settlement.status = 'settled'
            else:
                settlement.status = 'kept' if settlement.is_last else 'replaced'

    @api.depends('undone_user_id', 'undone_at')
    def _compute_undone_note(self):
        for settlement in self:
            # Who may read a settlement may know who undid it.
            user_sudo = settlement.sudo().undone_user_id
            settlement.undone_note = settlement.undone_at and self.env._(
                '%(user)s, %(date)s',
                user=user_sudo.name,
                date=format_datetime(self.env, settlement.undone_at, dt_format='short'),
            )

    @api.depends('line_ids.method')
    def _compute_method(self):
        for settlement in self:
            # Who may read a settlement may know how it was made.
            names = settlement.sudo().line_ids.filtered('method').mapped('method')
            settlement.method = ', '.join(dict.fromkeys(names))

    def _compute_summary(self):
        for settlement in self:
            # Who may read a settlement may know its documents by name.
            parts = [line._get_summary() for line in settlement.sudo().line_ids]
            settlement.summary = ', '.join(parts)

    def _compute_display_name(self):
        for settlement in self:
            settlement.display_name = settlement.description or settlement.move_id.display_name

    # === ACTION METHODS === #

    def action_undo(self):
        """Undo settlements: matches, refund documents and payments of ours that the bank has not
        confirmed; the records stay (pc17).

        :return: the client action that reloads the page
        :rtype: dict
        :raise AccessError: if the user may not approve credits
        :raise UserError: if a settlement was undone before, or a refund was paid
        """
        self._check_undo_rights()
        # Payments and entries of the settlement are ours to undo, whoever made them.
        self_sudo = self.sudo()
        lines_sudo = self_sudo.line_ids
        items_sudo = lines_sudo.source_line_id | lines_sudo.target_line_id
        (self_sudo.move_id | items_sudo.move_id)._lock_for_credit()
        self_sudo.invalidate_recordset(['state', 'undone_at', 'undone_user_id'])
        for settlement in self_sudo:
            settlement._check_can_be_undone()
        lines_sudo = self_sudo.line_ids.filtered(lambda line: line.state == 'done')
        lines_sudo._check_refunds_can_be_undone()
        lines_sudo.partial_ids.unlink()
        lines_sudo._undo_documents()
        lines_sudo._mark_undone(force=True)
        lines_sudo._restore_released_money()
        for settlement in self:
            settlement._log_undo()
        return reload_page()

    def _check_undo_rights(self):
        self.env['account.move']._require_approve_right(
            self.env._('Only people who may approve credits can undo settlements. Ask one.')
        )
        self.check_access('read')
        self.move_id.check_access('write')

    def _check_can_be_undone(self):
        if self.state == 'undone':
            raise UserError(
                self.env._(
                    'The settlement of %(credit)s was undone already, by %(user)s on %(date)s.',
                    credit=self.move_id.display_name,
                    user=self.undone_user_id.name,
                    date=format_datetime(self.env, self.undone_at),
                )
            )

    def _holds(self):
        """Whether anything of this settlement is still in effect."""
        return any(line.state == 'done' and line.kind != 'keep' for line in self.line_ids)

    def _log_undo(self):
        self_sudo = self.sudo()
        for move in self_sudo.move_id | self_sudo.line_ids.target_move_id:
            move._message_log(
                body=self.env._(
                    'The settlement "%(description)s" of %(credit)s was undone by %(user)s.',
                    description=self.description,
                    credit=self_sudo.move_id.name,
                    user=self.env.user.name,
                ),
                author_id=self.env.user.partner_id.id,
            )

    def _log_settlement(self):
        """Say on the credits and the invoices what was done with the money."""
        bodies, moves = {}, self.env['account.move']
        for settlement in self:
            body = settlement._get_summary()
            for move in settlement.move_id | settlement.line_ids.target_move_id:
                moves |= move
                bodies[move.id] = bodies[move.id] + ' ' + body if move.id in bodies else body
        # Who settles a credit may say so on the invoices.
        moves.sudo()._message_log_batch(bodies, author_id=self.env.user.partner_id.id)

    def _get_summary(self):
        """What was done, in a sentence: "Credit RINV/1: 50.00 used against INV/1, 30.00 kept"."""
        self.ensure_one()
        return self.env._('%(credit)s: %(parts)s.', credit=self.move_id.name, parts=self.summary)
