import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...tools.actions import notify, reload_page
from ...tools.export_contract import FIND
from ...tools.locking import lock_rows

OPERATIONS = [
    ('invoice', 'Invoice'),
    ('payment', 'Payment'),
    ('credit', 'Credit note'),
    ('application', 'Credit applied'),
]
STATES = [
    ('to_send', 'To send'),
    ('sending', 'Sending'),
    ('in_file', 'In file'),
    ('sent', 'Exported'),
    ('rejected', 'Rejected'),
    ('unknown', 'Waiting for confirmation'),
    ('differs', 'Differs'),
    ('duplicate', 'Duplicate'),
    ('missing', 'Not exported'),
    ('cancelled', 'Cancelled'),
]
# The document stands over there, or is in the file that goes there.
KNOWN_STATES = ('sent', 'in_file')
# Certainly nothing of it is there, and nothing is on its way.
ABSENT_STATES = ('to_send', 'rejected', 'missing', 'cancelled')
# What waits for a person.
PROBLEM_STATES = ('rejected', 'differs', 'duplicate', 'missing')
# What the worker has to do something with.
OPEN_STATES = ('to_send', 'sending', 'unknown')
# So many of those that were left out are named.
SHOWN = 5


class CreditExportRecord(models.Model):
    """Where one operation on one document stands in one outside system.

    It is the outbox row, written in the transaction that posts the document, and afterwards the
    record that the document is known over there (decision 19). Nobody writes it but the suite.
    """

    _name = 'credit.export.record'
    _description = 'Export of a Document'
    _order = 'id desc'
    _rec_name = 'move_id'
    _check_company_auto = True

    system_id = fields.Many2one(
        comodel_name='credit.export.system',
        required=True,
        readonly=True,
        index=True,
        ondelete='restrict',
    )
    company_id = fields.Many2one(related='move_id.company_id', store=True, index=True)
    move_id = fields.Many2one(
        comodel_name='account.move',
        string='Document',
        required=True,
        readonly=True,
        index=True,
        ondelete='cascade',
        help='The invoice or credit, or the entry of the payment.',
    )
    number = fields.Char(related='move_id.name', string='Document Number')
    partner_id = fields.Many2one(related='move_id.commercial_partner_id', string='Customer')
    operation = fields.Selection(selection=OPERATIONS, required=True, readonly=True)
    target_move_id = fields.Many2one(
        comodel_name='account.move',
        string='Against',
        readonly=True,
        index='btree_not_null',
        ondelete='cascade',
        help='The invoice that a credit note is applied to, or that a payment pays.',
    )
    currency_id = fields.Many2one(related='move_id.currency_id')
    amount = fields.Monetary(
        compute='_compute_amount',
        compute_sudo=True,
        help='What is to stand over there, as far as it is known here.',
    )
    state = fields.Selection(
        selection=STATES,
        string='Status',
        required=True,
        readonly=True,
        default='to_send',
        index=True,
    )
    status = fields.Char(
        string='Status in Words', compute='_compute_status', help='With what is next.'
    )
    key = fields.Char(
        string='Document Key',
        required=True,
        readonly=True,
        help='Goes over there with the document and is never given twice.',
    )
    is_check = fields.Boolean(
        string='Checked, not Sent',
        readonly=True,
        help='Nobody asked to export it: it is looked for, and not sent.',
    )
    is_to_check = fields.Boolean(
        string='To Be Checked',
        readonly=True,
        help='It is looked for; until that is answered, its status is what was known before.',
    )
    can_be_asked = fields.Boolean(related='system_id.can_be_asked')
    external_id = fields.Char(string='Their ID', readonly=True)
    is_ours = fields.Boolean(
        string='Made from Odoo', readonly=True, help='It was found there under our document key.'
    )
    external_number = fields.Char(string='Their Number', readonly=True)
    external_total = fields.Char(
        string='Their Total', readonly=True, help='As it was answered, with the currency.'
    )
    external_date = fields.Date(string='Their Date', readonly=True)
    external_customer = fields.Char(string='Their Customer', readonly=True)
    differences = fields.Char(
        readonly=True, help='The names of what differs, such as "number,total".'
    )
    digest = fields.Char(readonly=True, help='The SHA-256 of what was sent.')
    attempts = fields.Integer(readonly=True, help='How often it was sent.')
    lookups = fields.Integer(readonly=True, help='How often it was looked for since then.')
    last_answer = fields.Char(readonly=True)
    last_attempt = fields.Datetime(string='Last Sent', readonly=True)
    unclear_since = fields.Datetime(
        readonly=True,
        help='When a call was made of which nobody knows what it did: it may still do it.',
    )
    next_try = fields.Datetime(readonly=True)
    done_at = fields.Datetime(string='Exported on', readonly=True)
    user_id = fields.Many2one(comodel_name='res.users', string='Asked for by', readonly=True)
    waiting_user_ids = fields.Many2many(
        comodel_name='res.users',
        string='Will Be Notified',
        readonly=True,
        help='Who is notified when it is known over there, or turns out not to be.',
    )
    accepted_user_id = fields.Many2one(
        comodel_name='res.users', string='Difference Accepted by', readonly=True
    )
    accepted_reason = fields.Char(readonly=True)
    history_ids = fields.One2many(comodel_name='credit.export.history', inverse_name='record_id')

    _operation_uniq = models.UniqueIndex(
        '(system_id, move_id, operation, COALESCE(target_move_id, 0))',
        'Each operation on a document is exported once to a system.',
    )
    _external_uniq = models.UniqueIndex(
        '(system_id, external_id) WHERE external_id IS NOT NULL',
        'A document of another system belongs to one document here.',
    )
    _key_uniq = models.UniqueIndex('(key)')
    _due = models.Index(
        "(system_id, next_try) WHERE state IN ('to_send', 'sending', 'unknown') OR is_to_check"
    )

    # === COMPUTE METHODS === #

    @api.depends('move_id.amount_total', 'operation', 'target_move_id')
    def _compute_amount(self):
        for record in self:
            if record.target_move_id:
                record.amount = record._get_matched_amount()
            else:
                record.amount = record.move_id.amount_total

    @api.depends('state', 'next_try', 'is_to_check', 'is_check', 'accepted_user_id', 'lookups')
    @api.depends_context('lang', 'tz')
    def _compute_status(self):
        labels = dict(self._fields['state']._description_selection(self.env))
        for record in self:
            status = labels[record.state]
            if record.is_to_check:
                status = self.env._('%s, being checked', status)
            elif record.state == 'unknown' and record.is_check and not record.lookups:
                status = self.env._('To Be Checked')
            elif record.state == 'differs' and record.accepted_user_id:
                status = self.env._('%s, accepted', status)
            if record.next_try and (record.is_to_check or record.state in ('unknown', 'to_send')):
                moment = fields.Datetime.context_timestamp(record, record.next_try)
                status = self.env._(
                    '%(state)s, next try %(time)s', state=status, time=moment.strftime('%H:%M')
                )
            record.status = status

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'base'
        for vals in vals_list:
            vals['key'] = self._prepare_key(vals)
            vals.setdefault('user_id', self.env.uid)
        records = super().create(vals_list)
        records._note_history({})
        return records

    def write(self, vals):
        # EXTENDS 'base': every state is kept, with what was said
        if 'state' not in vals and 'last_answer' not in vals:
            return super().write(vals)
        before = {record.id: record.state for record in self}
        result = super().write(vals)
        self._note_history(before)
        return result

    @api.model
    def _prepare_key(self, vals):
        """A key of its own for each operation, the same again if the row were lost and made anew.

        :rtype: str
        """
        database = self.env['ir.config_parameter'].sudo().get_param('database.uuid')
        what = [vals[name] for name in ('system_id', 'move_id', 'operation')]
        what.append(vals.get('target_move_id') or 0)
        return uuid.uuid5(uuid.UUID(database), '-'.join(map(str, what))).hex

    def _note_history(self, before):
        self.env['credit.export.history'].sudo().create([
            {
                'record_id': record.id,
                'state_before': before.get(record.id),
                'state': record.state,
                'answer': record.last_answer,
                'external_id': record.external_id,
                'digest': record.digest,
            }
            for record in self
        ])

    @api.ondelete(at_uninstall=False)
    def _unlink_except_known(self):
        for record in self:
            if not record._is_absent():
                raise UserError(
                    self.env._(
                        '%(document)s may stand in %(system)s: its export cannot be deleted.',
                        document=record.move_id.display_name,
                        system=record.system_id.display_name,
                    )
                )

    # === ACTION METHODS === #

    def action_send_again(self):
        """Export these documents again (ts26, mp19): each is looked for first, and sent only if
        it is not there.

        :return: the client action that says what happens now, and what was left out
        :rtype: dict
        :raise AccessError: if the user may not manage exports
        :raise UserError: if none can be sent; names the first and says why
        """
        self._check_manage_rights()
        refusals = {record: record._get_send_again_refusal() for record in self.sudo()}
        to_send = self.sudo().filtered(lambda record: not refusals[record])
        if not to_send and self:
            raise UserError(refusals[self.sudo()[0]])
        to_send._queue_again()
        left_out = [refusal for refusal in refusals.values() if refusal]
        sentences = [
            self.env._('%s documents are sent again.', len(to_send))
            if len(to_send) != 1
            else self.env._('1 document is sent again.')
        ]
        if left_out:
            sentences.append(self.env._('Left out: %s.', len(left_out)))
            sentences += left_out[:SHOWN]
        return notify(
            ' '.join(sentences),
            kind='warning' if left_out else 'success',
            is_sticky=bool(left_out),
            then=reload_page(),
        )

    def _get_send_again_refusal(self):
        """Why this cannot be sent again now.

        :return: a sentence, or False
        """
        self.ensure_one()
        values = {'document': self.move_id.display_name, 'system': self.system_id.name}
        if self.state == 'sending':
            return self.env._(
                '%(document)s is being exported to %(system)s: wait for the answer.', **values
            )
        if self.state == 'in_file':
            return self.env._(
                '%(document)s is in a file for %(system)s: confirm that file, or withdraw it.',
                **values,
            )
        if self.move_id.state != 'posted':
            return self.env._(
                '%(document)s is not posted: only what is posted is exported.', **values
            )
        return False

    def action_check(self):
        """Look these documents up in their system, soon and by itself (mp13).

        :return: the client action that says so
        :rtype: dict
        :raise AccessError: if the user may not draft credits
        :raise UserError: names the first whose system cannot be asked
        """
        self.env['account.move']._check_credit_rights()
        self.check_access('read')
        for record in self.sudo():
            if not record.system_id._can(FIND):
                raise UserError(
                    self.env._(
                        '%(system)s takes files and cannot be asked about %(document)s: confirm it '
                        'by hand.',
                        system=record.system_id.name,
                        document=record.move_id.display_name,
                    )
                )
        self.sudo()._queue_check()
        return notify(
            self.env._('%s documents are being checked.', len(self))
            if len(self) > 1
            else self.env._('1 document is being checked.'),
            then=reload_page(),
        )

    # === BUSINESS METHODS === #

    @api.model
    def _get_now(self):
        """The time by which exports wait and try again."""
        return fields.Datetime.now()

    @api.model
    def _get_unanswered_domain(self):
        """What is to be sent or looked for, and not answered yet."""
        return Domain('state', 'in', OPEN_STATES) | Domain('is_to_check', '=', True)

    def _check_manage_rights(self):
        """Refuse those who may not manage exports.

        :raise AccessError: says what right is missing
        """
        if not self.env.su and not self.env.user.has_group('credit_invoice.group_credit_export'):
            raise AccessError(self.env._('Only people who manage exports can do this. Ask one.'))
        self.check_access('read')

    def _queue_again(self):
        """Look for these, and send what is not there."""
        self.write({
            'state': 'unknown',
            'is_check': False,
            'is_to_check': False,
            'next_try': False,
            'lookups': 0,
            'run_id': False,
            'last_answer': self.env._('To be sent again.'),
            'user_id': self.env.uid,
        })
        self._wake_worker()

    def _queue_posted(self):
        """Export documents that were just posted: new ones are sent; those that were tried, taken
        back or looked for before are looked for first, as somebody may have entered them there."""
        for record in self:
            before = record.state
            can_be_asked = record.system_id._can(FIND)
            if (
                before in ('cancelled', 'rejected', 'missing')
                or (before == 'unknown' and record.is_check)
                # It was a draft meanwhile, and need not be the same any more.
                or (before in ('sent', 'differs', 'duplicate') and can_be_asked)
            ):
                record.write({
                    'state': 'unknown' if can_be_asked else 'to_send',
                    'is_to_check': False,
                    'is_check': False,
                    'next_try': False,
                    'last_answer': self.env._('Posted.'),
                })

    def _queue_check(self):
        """Look for these now; what was sent is not sent again for it."""
        can_be_asked = {system: system._can(FIND) for system in self.system_id}
        records = self.filtered(
            # What is changed here now is looked for when it is posted.
            lambda record: can_be_asked[record.system_id] and record.move_id.state == 'posted'
        )
        # Whoever asks for it does not wait for a run that may be paused.
        waiting = records.filtered(lambda record: record.state in ('to_send', 'unknown'))
        waiting.write({'next_try': False, 'run_id': False})
        known = records.filtered(lambda record: record.state not in (*OPEN_STATES, 'in_file'))
        known.write({
            'is_to_check': True,
            'is_check': True,
            'next_try': False,
            'lookups': 0,
            'run_id': False,
        })
        self._wake_worker()

    def _cancel(self, answer):
        """What is not there is not to be sent any more."""
        self.write({
            'state': 'cancelled',
            'is_to_check': False,
            'last_answer': answer,
            'next_try': False,
        })
        self._after_answer()

    @api.model
    def _wake_worker(self, at=None):
        self.env.ref('credit_invoice.ir_cron_credit_export').sudo()._trigger(at)

    def _is_absent(self):
        """Whether certainly nothing of it is over there, and nothing on its way.

        What once stood there is absent only when it was looked for since.
        """
        self.ensure_one()
        return self.state in ABSENT_STATES and not self.done_at

    def _touch(self):
        """Make any transaction that writes these meanwhile fail, and be replayed."""
        lock_rows(self)

    def _is_known(self):
        """Whether the document may be taken as standing over there."""
        self.ensure_one()
        return self.state in KNOWN_STATES or (
            self.state == 'differs' and bool(self.accepted_user_id)
        )

    def _get_undo_refusal(self):
        """Why the document may not be changed or taken back here.

        :rtype: str
        """
        self.ensure_one()
        values = {
            'document': self.move_id.display_name,
            'system': self.system_id.name,
            'number': self.external_number or self.external_id,
        }
        if self.state == 'in_file':
            return self.env._(
                '%(document)s is in a file for %(system)s: withdraw that file first, or credit the '
                'document.',
                **values,
            )
        if self.state in ('sending', 'unknown'):
            return self.env._(
                '%(document)s may stand in %(system)s already: wait until that is known.', **values
            )
        return self.env._(
            '%(document)s stands in %(system)s as %(number)s: credit it instead of changing it.',
            **values,
        )
