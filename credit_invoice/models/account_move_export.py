from odoo import api, fields, models
from odoo.exceptions import UserError

from .credit_export_record import STATES


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
        selection=[('none', 'Not Recorded'), *STATES],
        compute='_compute_export_state',
        compute_sudo=True,
        search='_search_export_state',
        help='Where this document stands in the outside accounting system.',
    )
    export_status = fields.Char(string='Export', compute='_compute_export_state', compute_sudo=True)
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
            move.export_status = ', '.join(
                f'{record.system_id.name}: {record.status}' for record in records
            )

    @api.depends('company_id', 'move_type', 'journal_id')
    def _compute_has_export_system(self):
        for move in self:
            move.has_export_system = bool(move._get_export_systems())

    @api.model
    def _search_export_state(self, operator, value):
        if operator != 'in':
            return NotImplemented
        domain = fields.Domain.FALSE
        states = set(value) - {'none', False}
        if states:
            domain |= fields.Domain('export_record_ids', 'any', self._get_own_domain(states))
        if 'none' in value:
            domain |= (
                fields.Domain('has_export_system', '=', True)
                & fields.Domain('state', '=', 'posted')
                & fields.Domain('export_record_ids', 'not any', self._get_own_domain(None))
            )
        if False in value:
            domain |= fields.Domain('has_export_system', '=', False)
        return domain

    @api.model
    def _get_own_domain(self, states):
        domain = fields.Domain('operation', 'in', ('invoice', 'credit'))
        return domain & fields.Domain('state', 'in', list(states)) if states else domain

    @api.model
    def _search_has_export_system(self, operator, value):
        if operator != 'in':
            return NotImplemented
        domain = fields.Domain.FALSE
        for system in self.env['credit.export.system']._get_all_systems():
            domain |= system._get_journal_domain() & fields.Domain(
                'move_type', 'in', system._get_exported_types()
            )
        return domain if True in value else ~domain

    # === CRUD METHODS === #

    def write(self, vals):
        # EXTENDS 'account'
        if vals.get('state') in ('draft', 'cancel'):
            self._check_not_exported()
        if 'name' in vals:
            self.filtered(lambda move: move.name and move.name != vals['name'])._check_number_kept()
        return super().write(vals)

    def _post(self, soft=True):
        # EXTENDS 'account': the outbox is written in the transaction that posts
        if self.env['credit.export.system']._get_all_system_ids():
            self._check_origins_exported()
        posted = super()._post(soft=soft)
        posted._queue_exports()
        return posted

    @api.ondelete(at_uninstall=False)
    def _unlink_except_exported(self):
        self._check_not_exported()

    # === ACTION METHODS === #

    def action_view_exports(self):
        """Open the exports of these documents."""
        return {
            **self.env['ir.actions.act_window']._for_xml_id(
                'credit_invoice.credit_export_record_action'
            ),
            'domain': [('move_id', 'in', self.ids)],
            'context': {'create': False},
        }

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
        order = [
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
        ]
        return min(records.mapped('state'), key=order.index)

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
                records |= documents._ensure_export_records(is_check=False, systems=system)
        records._queue_posted()
        if records:
            records._wake_worker()

    def _ensure_export_records(self, *, is_check, systems=None):
        """The records of these documents; those that are not there are made.

        :param bool is_check: whether new ones are looked for only, or sent
        :param systems: those alone; else all that cover each document
        :return: the records of all of them, with elevated rights
        """
        vals_list = []
        for move in self:
            wanted = move._get_export_systems() if systems is None else systems
            vals_list += [
                move._prepare_export_record_vals(system, is_check=is_check)
                for system in wanted - move._get_export_records().system_id
            ]
        made = self.env['credit.export.record'].sudo().create(vals_list)
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
        for origin in self._get_credit_origins():
            refusal = origin._get_export_refusal()
            if refusal:
                raise UserError(refusal)

    def _check_not_exported(self):
        """Refuse to change what may stand in an outside system; take off what does not.

        :raise UserError: says where it stands, and what to do
        """
        if not self.env['credit.export.system']._has_ever_been_used():
            return
        records_sudo = self.sudo().export_record_ids
        # Whoever sends one of them meanwhile has to look again.
        records_sudo._touch()
        for record in records_sudo:
            if not record._is_absent():
                raise UserError(record._get_undo_refusal())
        records_sudo.filtered(lambda record: record.state == 'to_send')._cancel(
            self.env._('%s was taken back.', self[:1].display_name)
        )

    def _check_number_kept(self):
        """Refuse another number for what may stand in an outside system (decision 16).

        :raise UserError: says where it stands
        """
        if not self.env['credit.export.system']._has_ever_been_used():
            return
        for record in self.sudo().export_record_ids:
            if not record._is_absent():
                raise UserError(record._get_undo_refusal())

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
