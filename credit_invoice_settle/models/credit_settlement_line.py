from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from odoo.addons.credit_invoice.tools.actions import open_records
from odoo.addons.credit_invoice.tools.splitting import from_units, to_units

from .credit_posting_rule import REFUND_WAYS
from .credit_settlement import SETTLEMENT_STATUSES


class CreditSettlementLine(models.Model):
    """One part of a settlement: an amount that was used against an item, refunded or kept."""

    _name = 'credit.settlement.line'
    _description = 'Part of a Settlement'
    _order = 'settlement_id desc, id'
    _check_company_auto = True

    settlement_id = fields.Many2one(
        comodel_name='credit.settlement',
        required=True,
        readonly=True,
        index=True,
        ondelete='cascade',
    )
    company_id = fields.Many2one(related='settlement_id.company_id', store=True)
    currency_id = fields.Many2one(related='settlement_id.currency_id')
    move_id = fields.Many2one(related='settlement_id.move_id', store=True, index=True)
    commercial_partner_id = fields.Many2one(
        related='settlement_id.commercial_partner_id', store=True
    )
    date = fields.Date(related='settlement_id.date', store=True)
    description = fields.Char(related='settlement_id.description')
    user_id = fields.Many2one(related='settlement_id.user_id')
    state = fields.Selection(
        selection=[('done', 'Settled'), ('undone', 'Undone')],
        string='Settled or Undone',
        required=True,
        readonly=True,
        default='done',
        help='A part is undone with its settlement, or when its match is taken off in another way.',
    )
    partial_ids = fields.One2many(
        comodel_name='account.partial.reconcile',
        inverse_name='credit_settlement_line_id',
        string='Matches',
        readonly=True,
    )
    kind = fields.Selection(
        selection=[('use', 'Used'), ('refund', 'Refunded'), ('keep', 'Kept')],
        string='What Was Done',
        required=True,
        readonly=True,
    )
    amount = fields.Monetary(readonly=True, help='In the currency of the credit note, above zero.')
    amount_settled = fields.Monetary(
        string='Settled Amount',
        compute='_compute_amount_settled',
        store=True,
        help='What was used or refunded and still holds: nothing of what is kept, or was undone.',
    )
    status = fields.Selection(
        selection=SETTLEMENT_STATUSES, compute='_compute_status', compute_sudo=True
    )
    undone_note = fields.Char(related='settlement_id.undone_note')
    source_line_id = fields.Many2one(
        comodel_name='account.move.line',
        string='Item of the Credit',
        readonly=True,
        index='btree_not_null',
        check_company=True,
    )
    target_line_id = fields.Many2one(
        comodel_name='account.move.line',
        string='Item Settled',
        readonly=True,
        index='btree_not_null',
        check_company=True,
    )
    target_move_id = fields.Many2one(
        related='target_line_id.move_id', string='Invoice', store=True, index='btree_not_null'
    )
    refund_way = fields.Selection(selection=REFUND_WAYS, string='Way to Refund', readonly=True)
    bank_account_id = fields.Many2one(
        comodel_name='res.partner.bank', readonly=True, help='Where the refund goes.'
    )
    payment_id = fields.Many2one(
        comodel_name='account.payment', readonly=True, index='btree_not_null', check_company=True
    )
    refund_move_id = fields.Many2one(
        comodel_name='account.move',
        string='Refund Document',
        readonly=True,
        index='btree_not_null',
        check_company=True,
        help='The entry or vendor bill that owes the refund (pc11 to pc13).',
    )
    entry_move_id = fields.Many2one(
        comodel_name='account.move',
        string='Settlement Entry',
        readonly=True,
        index='btree_not_null',
        check_company=True,
        help='Moves the amount between accounts where the two items are on different ones.',
    )

    released_amounts = fields.Json(
        readonly=True,
        help='What was taken off the items of the invoice for this refund: id of the item -> '
        'amount in the currency of the invoice. Undoing puts it back.',
    )

    method = fields.Char(compute='_compute_method', compute_sudo=True)
    refund_state = fields.Selection(
        selection=[
            ('open', 'Owed'),
            ('in_process', 'To be transferred'),
            ('paid', 'Paid'),
        ],
        string='Refund Status',
        compute='_compute_refund_state',
        compute_sudo=True,
        search='_search_refund_state',
        help='Whether the money left: the bank confirmed the payment, or it was marked as '
        'transferred.',
    )
    amount_to_refund = fields.Monetary(
        string='To Refund',
        compute='_compute_refund_state',
        compute_sudo=True,
        help='What has not left yet.',
    )

    # === COMPUTE METHODS === #

    @api.depends('amount', 'kind', 'state')
    def _compute_amount_settled(self):
        for line in self:
            holds = line.state == 'done' and line.kind != 'keep'
            line.amount_settled = line.amount if holds else 0.0

    @api.depends('kind', 'state', 'settlement_id.is_last')
    def _compute_status(self):
        for line in self:
            if line.state == 'undone':
                line.status = 'undone'
            elif line.kind != 'keep':
                line.status = 'settled'
            else:
                line.status = 'kept' if line.settlement_id.is_last else 'replaced'

    @api.depends('kind', 'refund_way', 'payment_id')
    def _compute_method(self):
        ways = dict(self._fields['refund_way']._description_selection(self.env))
        for line in self:
            if line.kind == 'use':
                line.method = self.env._('Used against invoice')
            else:
                method = line.payment_id.payment_method_line_id
                line.method = method.name or ways.get(line.refund_way, False)

    @api.depends(
        'payment_id.is_matched',
        'payment_id.is_sent',
        'refund_move_id.line_ids.amount_residual_currency',
        'state',
    )
    def _compute_refund_state(self):
        for line in self:
            line.refund_state, line.amount_to_refund = line._get_refund_state()

    def _get_refund_state(self):
        self.ensure_one()
        if self.kind != 'refund' or self.state == 'undone':
            return False, 0.0
        if self.payment_id:
            # The host's *paid* of a payment says only that its documents are.
            is_paid = self.payment_id.is_matched or self.payment_id.is_sent
            return ('paid', 0.0) if is_paid else ('in_process', self.amount)
        owed = -sum(self._get_refund_items().mapped('amount_residual_currency'))
        return ('open' if self.currency_id.compare_amounts(owed, 0.0) > 0 else 'paid'), owed

    def _get_refund_items(self):
        """The journal items that owe this refund."""
        return self.refund_move_id.line_ids.filtered(
            lambda item: item.account_type == 'liability_payable'
        )

    @api.model
    def _search_refund_state(self, operator, value):
        if operator != 'in':
            return NotImplemented
        refunds_sudo = self.sudo().search([('kind', '=', 'refund'), ('state', '=', 'done')])
        found = refunds_sudo.filtered(lambda line: line.refund_state in value)
        return [('id', 'in', found.ids)]

    # === ACTION METHODS === #

    def action_open_settlement(self):
        """Open the settlement of this part."""
        self.ensure_one()
        return open_records(self.settlement_id, self.env._('Settlement'))

    def action_open_refund(self):
        """Open the payment or document of this refund."""
        self.ensure_one()
        if self.refund_move_id:
            return open_records(self.refund_move_id, self.env._('Refund'))
        return open_records(self.payment_id, self.env._('Refund'))

    def action_undo_settlement(self):
        """Undo the settlement of which this is a part."""
        return self.settlement_id.action_undo()

    def action_mark_transferred(self):
        """Note that payments left the bank account, where no bank statement will say so."""
        self.env['account.move']._require_approve_right(
            self.env._('Only people who may approve credits can do this.')
        )
        self.payment_id.filtered(lambda payment: not payment.is_sent).mark_as_sent()

    def action_mark_not_transferred(self):
        """Take back that payments left the bank account."""
        self.env['account.move']._require_approve_right(
            self.env._('Only people who may approve credits can do this.')
        )
        self.payment_id.filtered('is_sent').unmark_as_sent()

    def action_pay_refund(self):
        """Open the host's window that pays what refund documents owe."""
        items = self._get_refund_items().filtered(lambda item: not item.reconciled)
        if not items:
            raise UserError(self.env._('Nothing is owed: these refunds were paid already.'))
        return items.action_register_payment()

    # === BUSINESS METHODS === #

    def _mark_undone(self, force=False):
        """Note that these parts hold no more, and their settlements if no part of them does.

        :param bool force: also where nothing was matched; otherwise parts with matches stay
        """
        undone = self.filtered(
            lambda line: line.state == 'done' and (force or not line.partial_ids)
        )
        undone.state = 'undone'
        settlements = undone.settlement_id.filtered(
            lambda settlement: settlement.state == 'done' and not settlement._holds()
        )
        settlements.line_ids.state = 'undone'
        settlements.write({
            'state': 'undone',
            'undone_user_id': self.env.uid,
            'undone_at': fields.Datetime.now(),
        })

    def _check_refunds_can_be_undone(self):
        """Refuse to undo what the bank has confirmed, or what was paid of a refund document.

        :raise UserError: names the refund and says what to do first
        """
        for line in self:
            if line.payment_id and line.payment_id.is_matched:
                raise UserError(
                    self.env._(
                        '%(payment)s, the refund of %(credit)s, was matched with the bank: undo '
                        'that match first.',
                        payment=line.payment_id.display_name,
                        credit=line.move_id.display_name,
                    )
                )
            if line.payment_id.is_sent:
                raise UserError(
                    self.env._(
                        '%(payment)s, the refund of %(credit)s, was marked as transferred: if the '
                        'money has not left, take that back under To Refund first.',
                        payment=line.payment_id.display_name,
                        credit=line.move_id.display_name,
                    )
                )
            if line.refund_move_id._has_paid_refund():
                raise UserError(
                    self.env._(
                        '%(refund)s, which owes the refund of %(credit)s, was paid: undo that '
                        'payment first.',
                        refund=line.refund_move_id.display_name,
                        credit=line.move_id.display_name,
                    )
                )

    def _undo_documents(self):
        """Cancel payments and entries of these parts; what cannot be cancelled is reversed."""
        payments = self.payment_id.filtered(lambda payment: payment.state != 'canceled')
        # Not by way of a draft: the host deletes the entry of a draft that is cancelled.
        payments.action_cancel()
        documents = self.refund_move_id | self.entry_move_id
        documents.filtered(lambda move: move.state == 'posted')._undo_settlement_document()

    def _undo_settlement_entries(self):
        """Undo the whole of parts that hold by an entry between two accounts.

        Such a part is two matches: without the one, the other would keep half of it.
        """
        parts = self.filtered(
            lambda line: line.state == 'done' and line.kind == 'use' and line.entry_move_id
        )
        if parts.entry_move_id.filtered(lambda move: move.state == 'posted'):
            # Each is marked before its other match goes, which calls this again.
            parts._mark_undone(force=True)
            parts.partial_ids.unlink()
            parts._undo_documents()

    def _restore_released_money(self):
        """Match money with its invoice again that a refund had taken off it, as far as both are
        still open.
        """
        for line in self.filtered('released_amounts'):
            money, unit = line.source_line_id, line.currency_id.rounding
            items = line.env['account.move.line'].browse(map(int, line.released_amounts)).exists()
            for item in items.filtered(lambda item: not item.reconciled):
                amount = min(
                    to_units(line.released_amounts[str(item.id)], unit),
                    to_units(abs(item.amount_residual_currency), unit),
                    to_units(abs(money.amount_residual_currency), unit),
                )
                if amount > 0 and item.parent_state == money.parent_state == 'posted':
                    money._reconcile_pairs([(money, item, from_units(amount, unit))])

    def _get_refund_name(self):
        return (self.payment_id or self.refund_move_id).display_name

    def _get_summary(self):
        """What this part is, such as "50.00 used against INV/1"."""
        self.ensure_one()
        amount = formatLang(self.env, self.amount, currency_obj=self.currency_id)
        if self.kind == 'use':
            return self.env._(
                '%(amount)s used against %(invoice)s',
                amount=amount,
                invoice=self.target_move_id.name,
            )
        if self.kind == 'refund':
            return self.env._(
                '%(amount)s refunded by %(document)s',
                amount=amount,
                document=self._get_refund_name(),
            )
        return self.env._('%s kept as customer credit', amount)
