from odoo import api, models


class AccountPartialReconcile(models.Model):
    """What is settled here is applied over there (mp16, ts18)."""

    _inherit = 'account.partial.reconcile'

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'account'
        partials = super().create(vals_list)
        partials._queue_export_applications()
        return partials

    def _read_before_unmatch(self):
        # EXTENDS 'credit_invoice'
        records_sudo = self._find_export_applications()
        return {**super()._read_before_unmatch(), 'applications': records_sudo}

    @api.model
    def _after_unmatch(self, before):
        # EXTENDS 'credit_invoice'
        super()._after_unmatch(before)
        before['applications']._take_back_applications()

    def _queue_export_applications(self):
        """Write the outbox rows of what was matched: credits used, payments received."""
        systems = self.env['credit.export.system']
        wanted = {}
        for partial in self:
            # Who matches may not be allowed to see exports.
            source, target = partial.sudo()._get_matched_documents()
            for system in systems._get_systems(target.company_id):
                if operation := partial._get_export_operation(system, source, target):
                    wanted[system, source, operation, target] = True
        if not wanted:
            return
        for system in systems.union(*(key[0] for key in wanted)):
            targets = self.env['account.move'].union(
                *(key[3] for key in wanted if key[0] == system)
            )
            targets._ensure_export_records(is_check=True, systems=system)
        Record = self.env['credit.export.record'].sudo()
        known = {
            (record.system_id, record.move_id, record.operation, record.target_move_id): record
            for record in Record.search([
                ('move_id', 'in', [key[1].id for key in wanted]),
                ('target_move_id', 'in', [key[3].id for key in wanted]),
            ])
        }
        Record.create([
            {
                'system_id': system.id,
                'move_id': source.id,
                'operation': operation,
                'target_move_id': target.id,
            }
            for system, source, operation, target in wanted
            if (system, source, operation, target) not in known
        ])
        for key in wanted:
            if key in known:
                known[key]._queue_matched_again()
        Record._wake_worker()

    def _get_export_operation(self, system, source, target):
        """What a match is to an outside system.

        :param source: the credit or payment
        :param target: the invoice
        :return: `application`, `payment`, or False if it is nothing to it
        """
        if not system._covers(target) or target.move_type == 'out_refund':
            return False
        if target.state != 'posted':
            # It is told when that is posted.
            return False
        if source.move_type == 'out_refund' and system._covers(source):
            is_exported = source._get_export_records(system) or source.date >= system.date_start
            return 'application' if is_exported else False
        is_payment = source.origin_payment_id or source.statement_line_id
        if is_payment and system.is_exporting_payments and source.date >= system.date_start:
            return 'payment'
        return False

    def _find_export_applications(self):
        """The records of what these matches apply, with elevated rights."""
        Record = self.env['credit.export.record'].sudo()
        # What stands in a system that is archived by now does so all the same.
        if not self or not self.env['credit.export.system']._has_ever_been_used():
            return Record
        pairs = [partial.sudo()._get_matched_documents() for partial in self]
        return Record.search([
            ('move_id', 'in', [source.id for source, _target in pairs]),
            ('target_move_id', 'in', [target.id for _source, target in pairs]),
        ])
