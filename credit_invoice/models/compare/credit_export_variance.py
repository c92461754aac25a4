from decimal import Decimal, InvalidOperation

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.actions import open_action, open_records
from ..export.credit_export_record import ABSENT_STATES, KNOWN_STATES

KINDS = [
    ('missing_there', 'Not in accounting system'),
    ('missing_here', 'Only in accounting system'),
    ('different', 'Different'),
    ('doubled', 'Duplicate'),
    ('unlinked', 'Not linked'),
]
KIND_OF_STATE = {
    'missing': 'missing_there',
    'rejected': 'missing_there',
    'differs': 'different',
    'duplicate': 'doubled',
}


class CreditExportVariance(models.Model):
    """Something that is not the same on both sides, open until a person closes it (mp18)."""

    _name = 'credit.export.variance'
    _description = 'Variance to an Accounting System'
    _order = 'date desc, id desc'
    _check_company_auto = True

    system_id = fields.Many2one(
        comodel_name='credit.export.system',
        required=True,
        readonly=True,
        index=True,
        ondelete='cascade',
    )
    company_id = fields.Many2one(
        comodel_name='res.company', compute='_compute_company_id', store=True, index=True
    )
    kind = fields.Selection(
        selection=KINDS, string='Type of Variance', required=True, readonly=True
    )
    is_credit = fields.Boolean(readonly=True)
    record_id = fields.Many2one(
        comodel_name='credit.export.record',
        string='Export',
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
    )
    move_id = fields.Many2one(
        comodel_name='account.move',
        string='Document',
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
    )
    number = fields.Char(related='move_id.name', string='Our Number')
    partner_id = fields.Many2one(
        related='move_id.commercial_partner_id', string='Customer', store=True
    )
    date = fields.Date(compute='_compute_date', store=True, help='Ours, or else theirs.')
    currency_id = fields.Many2one(
        comodel_name='res.currency', compute='_compute_totals', store=True, compute_sudo=True
    )
    total_here = fields.Monetary(
        string='Our Total', compute='_compute_totals', store=True, compute_sudo=True
    )
    total_there = fields.Monetary(
        string='Their Total', compute='_compute_totals', store=True, compute_sudo=True
    )
    difference = fields.Monetary(
        compute='_compute_totals', store=True, compute_sudo=True, help='Our total less theirs.'
    )
    external_id = fields.Char(string='Their ID', readonly=True)
    external_number = fields.Char(string='Their Number', readonly=True)
    external_total = fields.Char(
        string='Answered Total', readonly=True, help='As it was answered, with the currency.'
    )
    external_date = fields.Date(string='Their Date', readonly=True)
    detail = fields.Char(readonly=True, help='What is known of it now.')
    finding = fields.Char(
        string='What Was Found', readonly=True, help='Before both sides were the same again.'
    )
    content = fields.Char(
        readonly=True,
        help='What differs, or why it was refused: something else is another variance.',
    )
    run_id = fields.Many2one(
        comodel_name='credit.export.run',
        string='First Found by',
        readonly=True,
        ondelete='set null',
    )
    last_run_id = fields.Many2one(
        comodel_name='credit.export.run',
        string='Last Found by',
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
    )
    found_at = fields.Datetime(
        string='Last Found on', readonly=True, default=lambda self: self._get_now()
    )
    resolved_at = fields.Datetime(
        string='Resolved on', readonly=True, help='When both sides were found to be the same again.'
    )
    is_resolved = fields.Boolean(compute='_compute_is_resolved', search='_search_is_resolved')
    state = fields.Selection(
        selection=[('open', 'Open'), ('closed', 'Closed')],
        string='Open or Closed',
        required=True,
        readonly=True,
        default='open',
        index=True,
    )
    status = fields.Selection(
        selection=[
            ('open', 'Open'),
            ('accepted', 'Accepted'),
            ('resolved', 'Resolved'),
            ('closed', 'Closed'),
        ],
        compute='_compute_status',
        compute_sudo=True,
        help='Accepted: it differs, and is credited all the same. '
        'Resolved: both sides are the same again, and nobody has closed it yet.',
    )
    closed_reason = fields.Char(string='Reason', readonly=True)
    closed_user_id = fields.Many2one(comodel_name='res.users', string='Closed by', readonly=True)
    closed_at = fields.Datetime(string='Closed on', readonly=True)

    _open_record_uniq = models.UniqueIndex("(record_id, kind) WHERE state = 'open'")
    _open_external_uniq = models.UniqueIndex(
        "(system_id, external_id) WHERE state = 'open' AND kind = 'missing_here'"
    )

    # === COMPUTE METHODS === #

    @api.depends('move_id.company_id', 'system_id.company_id')
    def _compute_company_id(self):
        for variance in self:
            variance.company_id = variance.move_id.company_id or variance.system_id.company_id

    @api.depends('move_id', 'external_number')
    def _compute_display_name(self):
        for variance in self:
            variance.display_name = variance.move_id.name or variance.external_number or '–'

    @api.depends('move_id.invoice_date', 'move_id.date', 'external_date')
    def _compute_date(self):
        for variance in self:
            move = variance.move_id
            variance.date = move.invoice_date or move.date or variance.external_date

    @api.depends(
        'kind',
        'is_credit',
        'resolved_at',
        'move_id.amount_total',
        'move_id.currency_id',
        'external_total',
        'record_id',
    )
    def _compute_totals(self):
        for variance in self:
            amount, currency = variance._read_external_total()
            record = variance.record_id
            # What a credit takes off counts against what is invoiced, as in the lists of documents.
            sign = -1 if variance.is_credit else 1
            variance.currency_id = variance.move_id.currency_id or currency
            here = record.amount if record else variance.move_id.amount_total
            variance.total_here = sign * here
            # An amount in another currency is shown as it was answered, and not calculated with;
            # of what is not there, the amount is what was told, at the most.
            is_there = variance.kind != 'missing_there' or variance.resolved_at
            is_same = is_there and amount is not None and currency == variance.currency_id
            variance.total_there = sign * float(amount) if is_same else 0.0
            if variance.resolved_at:
                if record.state in ABSENT_STATES:
                    variance.total_here = 0.0
                if not is_same or record.state not in KNOWN_STATES:
                    # Called off, gone, or something else by now, which is a variance of its own.
                    variance.total_there = variance.total_here
            # In every row, so that the sums of a list are that of each other, too.
            variance.difference = variance.total_here - variance.total_there

    @api.depends('resolved_at')
    def _compute_is_resolved(self):
        for variance in self:
            variance.is_resolved = bool(variance.resolved_at)

    @api.depends('state', 'resolved_at', 'record_id.accepted_user_id')
    def _compute_status(self):
        for variance in self:
            variance.status = variance.state
            if variance.state == 'open' and variance.resolved_at:
                variance.status = 'resolved'
            elif variance.state == 'open' and variance.record_id.accepted_user_id:
                variance.status = 'accepted'

    @api.model
    def _search_is_resolved(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return [('resolved_at', '!=' if True in value else '=', False)]

    def _read_external_total(self):
        """The total over there, as it was answered.

        :return: (amount, or None; currency, or an empty recordset)
        """
        text, _space, name = (self.external_total or '').partition(' ')
        currencies = self.env['res.currency'].with_context(active_test=False)
        try:
            amount = Decimal(text)
        except InvalidOperation:
            return None, currencies
        return amount, currencies.search([('name', '=', name)], limit=1)

    # === ACTION METHODS === #

    def action_close(self):
        """Open the window that asks why these are closed."""
        self._check_manage_rights()
        return open_action(
            self.env,
            'credit_invoice.credit_export_close_wizard_action',
            name=self.env._('Close Variances') if len(self) > 1 else self.env._('Close Variance'),
            context={'default_variance_ids': self.ids},
        )

    def action_reopen(self):
        """Open these again.

        :raise AccessError: if the user may not manage exports
        :raise UserError: if one of them is open in another variance
        """
        self._check_manage_rights()
        for variance_sudo in self.sudo().filtered(lambda variance: variance.state == 'closed'):
            if variance_sudo._find_same('open'):
                raise UserError(
                    self.env._(
                        '%s was found again and is open already.', variance_sudo.display_name
                    )
                )
            variance_sudo.write({
                'state': 'open',
                'closed_reason': False,
                'closed_user_id': False,
                'closed_at': False,
            })

    def action_send_again(self):
        """Export these documents again: looked for first, sent only if not there (mp19).

        :raise AccessError: if the user may not manage exports
        :raise UserError: names the first that cannot be sent
        """
        self._check_manage_rights()
        for variance in self.filtered(lambda variance: not variance.move_id):
            raise UserError(
                self.env._(
                    '%s is in the accounting system only: enter it in Odoo, or delete it there.',
                    variance.display_name,
                )
            )
        if records := self.record_id:
            others = self.move_id - records.move_id
            action = records.action_send_again()
            return others.action_send_again() if others else action
        return self.move_id.action_send_again()

    def action_open_document(self):
        """Open the document of this variance."""
        self.ensure_one()
        return open_records(self.move_id, self.env._('Document'))

    # === BUSINESS METHODS === #

    @api.model
    def _get_now(self):
        return self.env['credit.export.record']._get_now()

    def _check_manage_rights(self):
        self.env['credit.export.record']._check_manage_rights()
        self.check_access('read')

    def _close(self, reason):
        """Close these for good, unless something else is found of them.

        :param str reason: why
        :raise AccessError: if the user may not manage exports
        :raise UserError: without a reason
        """
        self._check_manage_rights()
        if not (reason or '').strip():
            raise UserError(self.env._('Enter why they are closed.'))
        self.sudo().filtered(lambda variance: variance.state == 'open')._mark_closed(reason)

    def _mark_closed(self, reason):
        self.write({
            'state': 'closed',
            'closed_reason': reason.strip(),
            'closed_user_id': self.env.uid,
            'closed_at': self._get_now(),
        })
