from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.actions import open_action
from .credit_export_record import STATES

# Of several exports of a document, the state that asks for most is shown.
WORST_FIRST = (
    'duplicate',
    'differs',
    'rejected',
    'missing',
    'unknown',
    'sending',
    'to_send',
    'in_file',
    'cancelled',
    'sent',
)


class AccountMove(models.Model):
    """Documents and outside accounting systems: the outbox, what is known, what may be undone.

    Without a system, nothing here asks the database for anything (mp17).
    """

    _inherit = 'account.move'

    export_record_ids = fields.One2many(
        comodel_name='credit.export.record', inverse_name='move_id', string='Exports'
    )
    # Not stored, unlike other states of ours (decision 13): an answer would then write the row of
    # the document, and could be lost to whoever edits it.
    export_state = fields.Selection(
        string='Export Status',
        selection=[('none', 'Not recorded'), *STATES],
        compute='_compute_export_state',
        compute_sudo=True,
        search='_search_export_state',
        help='Where this document stands in the outside accounting system.',
    )
    export_status = fields.Char(
        string='Accounting System', compute='_compute_export_state', compute_sudo=True
    )
    has_export_system = fields.Boolean(
        compute='_compute_has_export_system', search='_search_has_export_system'
    )

    # === COMPUTE METHODS === #

    @api.depends('company_id', 'export_record_ids.state', 'state')
    def _compute_export_state(self):
        for move in self:
            systems = move._get_export_systems()
            records = move._get_export_records(systems) if systems else systems.browse()
            move.export_state = bool(systems) and move._get_worst_state(systems, records)
            move.export_status = bool(systems) and move._get_export_status(systems, records)

    @api.depends('company_id', 'move_type', 'journal_id')
    def _compute_has_export_system(self):
        for move in self:
            move.has_export_system = bool(move._get_export_systems())

    @api.model
    def _search_export_state(self, operator, value):
        if operator != 'in':
            return NotImplemented
        has_system = fields.Domain('has_export_system', '=', True)
        lacks_record = self._get_unrecorded_domain()
        domain = fields.Domain.FALSE
        for position, state in enumerate(WORST_FIRST):
            if state in value:
                worse = self._get_own_domain(WORST_FIRST[:position])
                domain |= (
                    has_system
                    & ~lacks_record
                    & fields.Domain('export_record_ids', 'any', self._get_own_domain([state]))
                    & fields.Domain('export_record_ids', 'not any', worse)
                )
        is_told = fields.Domain('state', '=', 'posted') | fields.Domain(
            'export_record_ids', 'any', self._get_own_domain(WORST_FIRST)
        )
        if 'none' in value:
            domain |= has_system & lacks_record & is_told
        if False in value:
            domain |= ~has_system | ~is_told
        return domain

    @api.model
    def _get_own_domain(self, states):
        """The exports of documents themselves, in the systems in use.

        :param states: those alone
        """
        return (
            fields.Domain('operation', 'in', ('invoice', 'credit'))
            & fields.Domain('system_id.active', '=', True)
            & fields.Domain('state', 'in', list(states))
        )

    @api.model
    def _get_unrecorded_domain(self):
        """Documents that belong into a system and have no export there."""
        domain = fields.Domain.FALSE
        for system in self.env['credit.export.system']._get_all_systems():
            own = self._get_own_domain(WORST_FIRST) & fields.Domain('system_id', '=', system.id)
            domain |= system._get_covered_domain() & fields.Domain(
                'export_record_ids', 'not any', own
            )
        return domain

    @api.model
    def _search_has_export_system(self, operator, value):
        if operator != 'in':
            return NotImplemented
        domain = fields.Domain.FALSE
        for system in self.env['credit.export.system']._get_all_systems():
            domain |= system._get_covered_domain()
        return domain if True in value else ~domain

    # === CRUD METHODS === #

    @api.model
    def _get_credit_document_types(self):
        # EXTENDS 'credit_invoice': whatever is exported
        exported = self.env['credit.export.system']._get_exported_types()
        return (*super()._get_credit_document_types(), *exported)

    def _check_credit_write(self, vals):
        # EXTENDS 'credit_invoice'
        if vals.get('state') in ('draft', 'cancel'):
            self._check_not_exported()
        if 'name' in vals:
            self.filtered(
                lambda move: move.name and move.name != vals['name']
            )._check_absent_elsewhere()
        if 'move_type' in vals:
            self.filtered(lambda move: move.move_type != vals['move_type'])._check_type_kept()
        super()._check_credit_write(vals)

    def _get_before_credit_write(self, vals):
        # EXTENDS 'credit_invoice'
        is_posting = vals.get('state') == 'posted'
        to_post = self.filtered(lambda move: move.state != 'posted') if is_posting else ()
        return {**super()._get_before_credit_write(vals), 'to_post': to_post}

    def _after_credit_write(self, vals, before):
        # EXTENDS 'credit_invoice': the outbox is written in the transaction that posts, whatever
        # posts
        super()._after_credit_write(vals, before)
        if before['to_post']:
            before['to_post']._queue_exports()

    def _complete_credits(self, soft=True):
        # EXTENDS: no credit without its invoice over there, whatever route posts it
        if self.env['credit.export.system']._get_all_system_ids():
            self._check_origins_exported()
        return super()._complete_credits(soft=soft)

    def _check_posted_links(self):
        # EXTENDS: nor one that gets its invoice afterwards, which has to be told
        result = super()._check_posted_links()
        if self.env['credit.export.system']._get_all_system_ids():
            self._check_origins_exported()
            self._tell_links_again()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_exported(self):
        self._check_not_exported()
        if self.env['credit.export.system']._has_ever_been_used():
            # What was applied to it, or paid, stands there for itself.
            for record in (
                self.env['credit.export.record'].sudo().search([('target_move_id', 'in', self.ids)])
            ):
                if not record._is_absent():
                    raise UserError(record._get_undo_refusal())

    # === ACTION METHODS === #

    def action_view_exports(self):
        """Open the exports of these documents; the only one itself."""
        domain = [('move_id', 'in', self.ids)]
        action = open_action(
            self.env,
            'credit_invoice.credit_export_record_action',
            domain=domain,
            context={'create': False},
        )
        records = self.env['credit.export.record'].search(domain, limit=2)
        if len(records) == 1:
            action.update(view_mode='form', views=[(False, 'form')], res_id=records.id)
        return action

    def action_send_again(self):
        """Export these documents again (ts26, mp19): looked for first, sent only if not there.

        :raise AccessError: if the user may not manage exports
        :raise UserError: names the first that cannot be sent
        """
        self.env['credit.export.record']._check_manage_rights()
        self.check_access('read')
        for move in self:
            if move.state != 'posted' or not move._get_export_systems():
                raise UserError(
                    self.env._(
                        '%s is not exported to any system: only posted documents of its journals '
                        'are.',
                        move.display_name,
                    )
                )
        records = self.sudo()._ensure_export_records(is_check=False)
        return records.with_env(self.env).action_send_again()

    # === BUSINESS METHODS === #

    def _get_export_systems(self):
        """The systems that this document belongs into, whenever it was posted.

        :rtype: recordset with elevated rights; asks for nothing where there is none (mp17)
        """
        if not self:
            return self.env['credit.export.system']
        self.ensure_one()
        systems = self.env['credit.export.system']._get_systems(self.company_id)
        return systems.filtered(lambda system: system._covers(self))

    def _tell_links_again(self):
        """Credits that were told without their invoices are looked at again over there."""
        for company, credits in self.grouped('company_id').items():
            for system in self.env['credit.export.system']._get_systems(company):
                covered = credits.filtered(system._covers)
                origins = covered._get_credit_origins().filtered(system._covers)
                origins._ensure_export_records(is_check=True, systems=system)
                covered._get_export_records(system).filtered('done_at')._queue_check()

    def _get_export_records(self, systems=None):
        """The records of the documents themselves, not of what was applied or paid."""
        records_sudo = self.sudo().export_record_ids.filtered(
            lambda record: record.operation in ('invoice', 'credit')
        )
        if systems is not None:
            records_sudo = records_sudo.filtered(lambda record: record.system_id in systems)
        return records_sudo

    def _get_worst_state(self, systems, records):
        """Of several systems, the state that asks for most."""
        self.ensure_one()
        if self.state != 'posted' and not records:
            return False
        if systems - records.system_id:
            return 'none'
        return min(records.mapped('state'), key=WORST_FIRST.index)

    def _get_export_status(self, systems, records):
        """Where this document stands in each of its systems, those included that nobody has asked.

        :rtype: str
        """
        self.ensure_one()
        states = {record.system_id: record.status for record in records}
        if self.state == 'posted':
            labels = dict(self._fields['export_state']._description_selection(self.env))
            states = {system: states.get(system, labels['none']) for system in systems}
        return ', '.join(f'{system.name}: {status}' for system, status in states.items())

    def _get_export_operation(self):
        return 'credit' if self.move_type == 'out_refund' else 'invoice'

    def _queue_exports(self):
        """Write the outbox rows of documents that were just posted."""
        Record = self.env['credit.export.record'].sudo()
        records = Record
        for company, moves in self.grouped('company_id').items():
            for system in self.env['credit.export.system']._get_systems(company):
                documents = moves.filtered(
                    lambda move, system=system: (
                        system._covers(move) and move.date >= system.date_start
                    )
                )
                # What is credited has to be known over there, too, however old it is.
                origins = documents._get_credit_origins().filtered(system._covers)
                origins._ensure_export_records(is_check=True, systems=system)
                records |= documents._ensure_export_records(
                    is_check=False, systems=system, is_written=True
                )
        records._queue_posted()
        if records:
            records._wake_worker()
            # Payments may have been matched with drafts.
            records.move_id.line_ids.matched_credit_ids._queue_export_applications()

    def _ensure_export_records(self, *, is_check, systems=None, is_written=False):
        """The records of these documents; those that are not there are made.

        :param bool is_check: whether new ones are looked for only, or sent
        :param systems: those alone; else all that cover each document
        :param bool is_written: whether this transaction has written the documents themselves
        :return: the records of all of them, with elevated rights
        """
        missing = {}
        for move in self:
            wanted = move._get_export_systems() if systems is None else systems
            missing[move] = wanted - move._get_export_records().system_id
        if not is_written:
            # Of two that record the same at once, or take it back, the second is done again.
            self.filtered(missing.get)._lock_for_credit()
        made = (
            self
            .env['credit.export.record']
            .sudo()
            .create([
                move._prepare_export_record_vals(system, is_check=is_check)
                for move, lacking in missing.items()
                for system in lacking
            ])
        )
        if made:
            made._wake_worker()
        return self._get_export_records(systems) | made

    def _prepare_export_record_vals(self, system, *, is_check):
        self.ensure_one()
        return {
            'system_id': system.id,
            'move_id': self.id,
            'operation': self._get_export_operation(),
            'state': 'unknown' if is_check else 'to_send',
            'is_check': is_check,
        }

    def _check_origins_exported(self):
        """Refuse credits of invoices that are not known over there, whatever route they came by.

        :raise UserError: names the first invoice
        """
        origins = self._get_credit_origins()
        # What is found out about them meanwhile is looked at before.
        origins.sudo().export_record_ids._touch()
        for origin in origins:
            refusal = origin._get_export_refusal()
            if refusal:
                raise UserError(refusal)

    def _check_not_exported(self):
        """Refuse to change what may stand in an outside system; take off what does not.

        :raise UserError: says where it stands, and what to do
        """
        records_sudo = self._check_absent_elsewhere()
        if not records_sudo:
            return
        records_sudo.filtered(lambda record: record.state == 'to_send')._cancel(
            self.env._('%s was taken back.', self[:1].display_name)
        )
        records_sudo._after_taken_back()

    def _check_absent_elsewhere(self):
        """Refuse to change what may stand in an outside system, such as its number (decision 16).

        :return: what is recorded of these documents, with elevated rights
        :raise UserError: says where it stands
        """
        if not self.env['credit.export.system']._has_ever_been_used():
            return self.env['credit.export.record'].sudo()
        records_sudo = self.sudo().export_record_ids
        # Whoever sends one of them meanwhile has to look again.
        records_sudo._touch()
        for record in records_sudo:
            if not record._is_absent():
                raise UserError(record._get_undo_refusal())
        return records_sudo

    def _check_type_kept(self):
        """Refuse to turn a document that was recorded as one thing into another one.

        :raise UserError: names it
        """
        if not self.env['credit.export.system']._has_ever_been_used():
            return
        for record in self.sudo()._get_export_records():
            raise UserError(
                self.env._(
                    '%(document)s is recorded for %(system)s as what it is: enter another document '
                    'instead of changing its type.',
                    document=record.move_id.display_name,
                    system=record.system_id.name,
                )
            )

    def _get_credit_refusal(self):
        # EXTENDS: no credit without its invoice over there (mp15)
        return super()._get_credit_refusal() or self._get_export_refusal()

    def _get_export_refusal(self):
        """Why this invoice cannot be credited yet: it is not known in an outside system.

        :return: a sentence, or False
        """
        self.ensure_one()
        for system in self._get_unknown_export_systems():
            return self.env._(
                '%(invoice)s has not been recorded as exported to %(system)s: open it and use '
                'Credit this Invoice, which checks it first.',
                invoice=self.display_name,
                system=system.name,
            )
        return False

    def _get_unknown_export_systems(self):
        """The systems that this document belongs into and is not known in.

        :rtype: recordset with elevated rights
        """
        self.ensure_one()
        systems = self._get_export_systems()
        if not systems:
            return systems
        records_sudo = self._get_export_records(systems)
        return systems - records_sudo.filtered(lambda record: record._is_known()).system_id

    def _get_invalidation_refusals(self):
        # EXTENDS: what stands in an outside system has left the house
        refusals = super()._get_invalidation_refusals()
        has_systems = self.env['credit.export.system']._has_ever_been_used()
        records_sudo = self.sudo().export_record_ids if has_systems else ()
        for record in records_sudo:
            if not record._is_absent():
                refusals['exported'] = record._get_undo_refusal()
        return refusals
