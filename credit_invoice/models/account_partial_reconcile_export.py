from odoo import api, models

from .credit_export_record import ABSENT_STATES


class AccountPartialReconcile(models.Model):
    """What is settled here is applied over there (mp16, ts18)."""

    _inherit = 'account.partial.reconcile'

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'account'
        partials = super().create(vals_list)
        partials._queue_export_applications()
        return partials

    def unlink(self):
        # EXTENDS 'account'
        records_sudo = self._find_export_applications()
        result = super().unlink()
        records_sudo._take_back_applications()
        return result

    def _queue_export_applications(self):
        """Write the outbox rows of what was matched: credits used, payments received."""
        systems = self.env['credit.export.system']
        for partial in self:
            # Who matches may not be allowed to see exports.
            source = partial.sudo().credit_move_id.move_id
            target = partial.sudo().debit_move_id.move_id
            for system in systems._get_systems(target.company_id):
                if operation := partial._get_export_operation(system, source, target):
                    target._ensure_export_records(is_check=True, systems=system)
                    partial._queue_export_application(system, operation, source, target)

    def _get_export_operation(self, system, source, target):
        """What a match is to an outside system.

        :param source: the credit or payment
        :param target: the invoice
        :return: `application`, `payment`, or False if it is nothing to it
        """
        if not system._covers(target) or target.move_type == 'out_refund':
            return False
        if source.move_type == 'out_refund' and system._covers(source):
            is_exported = source.export_record_ids or source.date >= system.date_start
            return 'application' if is_exported else False
        is_payment = source.origin_payment_id or source.statement_line_id
        if is_payment and system.is_exporting_payments and source.date >= system.date_start:
            return 'payment'
        return False

    def _queue_export_application(self, system, operation, source, target):
        key = {
            'system_id': system.id,
            'move_id': source.id,
            'operation': operation,
            'target_move_id': target.id,
        }
        Record = self.env['credit.export.record'].sudo()
        record = Record.search([(name, '=', value) for name, value in key.items()])
        if not record:
            record = Record.create(key)
            record._wake_worker()
            return
        # The worker may be reading the amount right now.
        record._touch()
        if record.state in (*ABSENT_STATES, 'sent', 'differs') and operation == 'application':
            # Applying sets what is applied in all: it can be done again.
            record.write({
                'state': 'to_send',
                'is_check': False,
                'next_try': False,
                'last_answer': self.env._('Another amount is applied here.'),
            })
        elif record.state not in ('to_send', 'sending'):
            record._follow_or_check()
        record._wake_worker()

    def _find_export_applications(self):
        """The records of what these matches apply, with elevated rights."""
        Record = self.env['credit.export.record'].sudo()
        systems = self.env['credit.export.system']
        partials = self.filtered(lambda partial: systems._get_systems(partial.company_id))
        if not partials:
            return Record
        return Record.search([
            ('move_id', 'in', partials.credit_move_id.move_id.ids),
            ('target_move_id', 'in', partials.debit_move_id.move_id.ids),
        ])
