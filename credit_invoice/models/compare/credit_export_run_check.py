from odoo import fields, models
from odoo.fields import Domain

# As long as so many wait for an answer, no more are begun: what is posted meanwhile is not kept
# waiting, and a system that does not answer is not asked for everything.
FEW = 100
CHUNK = 200


class CreditExportRecord(models.Model):
    _inherit = 'credit.export.record'

    run_id = fields.Many2one(
        comodel_name='credit.export.run',
        string='Checked in',
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
    )


class CreditExportRun(models.Model):
    """*Check all*: what was posted before the start is looked for over there (mp21)."""

    _inherit = 'credit.export.run'

    def _get_done(self):
        # EXTENDS: what was begun is done when it is answered
        if self.kind != 'check' or self.state == 'done':
            return super()._get_done()
        return self.begun - self._count_waiting()

    def _count_waiting(self):
        return (
            self
            .env['credit.export.record']
            .sudo()
            .search_count(
                Domain('run_id', '=', self.id)
                & self.env['credit.export.record']._get_unanswered_domain()
            )
        )

    def _get_check_domain(self):
        """What is looked for: posted before the system was there, and not recorded or not found."""
        system = self.system_id
        recorded = Domain('system_id', '=', system.id) & Domain('state', '!=', 'missing')
        return system._get_document_domain() & Domain(
            'export_record_ids', 'not any', recorded & Domain('target_move_id', '=', False)
        )

    def _work(self):
        # EXTENDS: begin another chunk, or finish
        if self.kind != 'check':
            return super()._work()
        waiting = self._count_waiting()
        if waiting >= FEW:
            return False
        moves = self.env['account.move'].search(
            self._get_check_domain() & Domain('id', '>', self.position), order='id', limit=CHUNK
        )
        if moves:
            self._begin_check(moves)
            return True
        if not waiting:
            self._finish(self._get_check_summary())
        return False

    def _begin_check(self, moves):
        """Have documents looked for by the worker."""
        before = moves._get_export_records(self.system_id)
        records = moves._ensure_export_records(is_check=True, systems=self.system_id)
        before._queue_check()
        records.write({'run_id': self.id, 'user_id': self.user_id.id})
        self.write({'position': moves[-1].id, 'begun': self.begun + len(moves)})

    def _get_check_summary(self):
        """How many were found, and what of the others.

        :rtype: str
        """
        groups = self.env['credit.export.record']._read_group(
            [('run_id', '=', self.id)], ['state'], ['__count']
        )
        labels = dict(
            self.env['credit.export.record']._fields['state']._description_selection(self.env)
        )
        counts = ', '.join(f'{labels[state]}: {count}' for state, count in groups)
        return self.env._(
            'All %(total)s older documents were looked for. %(counts)s',
            total=self.begun,
            counts=counts,
        )
