import logging
from contextlib import contextmanager
from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.export_contract import BATCHES
from .credit_export_record_work import CONFLICTS

_logger = logging.getLogger(__name__)

# After so many calls in a row without an answer, a system is left alone until the next run.
SILENT_CALLS = 3
# The first number of the advisory locks by which one worker at a time serves a system.
LOCK_CLASS = 1_667_458_401
CHUNK = 500
# The other side has answered, whatever it said.
ANSWERED_STATES = ('sent', 'rejected', 'differs', 'duplicate', 'missing')


class CreditExportSystem(models.Model):
    """The worker: works off the outbox, outside the transactions of users (decision 19).

    `sending` is committed before anything is called, the answer is committed alone, and between the
    two no transaction is open. Whatever is found `sending` was interrupted: nobody knows what the
    other side did, so it is looked for.
    """

    _inherit = 'credit.export.system'

    @api.model
    def _cron_export(self):
        """Work off what is due, of every system."""
        for system in self._get_all_systems():
            try:
                if not system._work_off():
                    return
            except Exception as error:  # noqa: BLE001  # one system must not stop the others
                self.env.cr.rollback()
                self.env.invalidate_all()
                text = system._mask(f'{type(error).__name__}: {error}')
                _logger.warning('Exporting to %s: %s', system.name, text)
        self._schedule_next()

    def _work_off(self):
        """Export what is due to this system, chain by chain; each step is committed.

        :return: whether there is time left for more
        :rtype: bool
        """
        self.ensure_one()
        Record = self.env['credit.export.record'].sudo()
        with self._as_only_worker() as is_alone:
            if not is_alone:
                return True
            self._recover_interrupted()
            has_progress, silent = True, 0
            while has_progress and silent < SILENT_CALLS:
                has_progress = False
                # What somebody waits for first, what is only looked for afterwards.
                ids = Record.search(self._get_due_domain(), order='is_check, id', limit=CHUNK).ids
                for done, record_id in enumerate(ids, start=1):
                    record = Record.browse(record_id)
                    before = record.attempts, record.lookups
                    has_progress |= record._work()
                    if (record.attempts, record.lookups) != before:
                        # Only what got no answer is noted on both, see `_note_answer`.
                        is_silent = self.last_answer and record.last_answer == self.last_answer
                        silent = silent + 1 if is_silent else 0
                    if silent >= SILENT_CALLS:
                        # It is left alone until the next run; others have their turn.
                        break
                    left = self.env['ir.cron']._commit_progress(1, remaining=len(ids) - done)
                    self.env.invalidate_all()
                    if left <= 0:
                        return False
            if self._work_runs():
                # One part at a time, so that other systems and what is posted have their turn.
                Record._wake_worker()
                self._commit()
        self._tell_waiting()
        return True

    @contextmanager
    def _as_only_worker(self):
        """Whether nobody else works for this system, until the block ends or the process dies.

        The lock belongs to the connection, not to a transaction.
        """
        cr = self.env.cr
        cr.execute(SQL('SELECT pg_try_advisory_lock(%s, %s)', LOCK_CLASS, self.id))
        is_alone = cr.fetchone()[0]
        self._commit()
        try:
            yield is_alone
        finally:
            if is_alone and not cr.closed:
                cr.rollback()
                cr.execute(SQL('SELECT pg_advisory_unlock(%s, %s)', LOCK_CLASS, self.id))
                cr.commit()  # pylint: disable=invalid-commit  # the worker's own transactions

    def _recover_interrupted(self):
        """Take what is found being sent as unknown: only this worker sends."""
        records = (
            self
            .env['credit.export.record']
            .sudo()
            .search([
                ('system_id', '=', self.id),
                ('state', '=', 'sending'),
            ])
        )
        for record in records:
            record.write({
                'state': 'unknown',
                'unclear_since': record.last_attempt,
                'next_try': False,
                'last_answer': self.env._('Interrupted while it was being sent.'),
            })
        if records:
            self._commit()

    def _get_due_domain(self):
        now = self.env['credit.export.record']._get_now()
        domain = Domain('system_id', '=', self.id) & (
            Domain('next_try', '=', False) | Domain('next_try', '<=', now)
        )
        states = ('unknown',) if self._can(BATCHES) else ('to_send', 'unknown')
        return domain & (Domain('state', 'in', states) | Domain('is_to_check', '=', True))

    def _tell_waiting(self):
        """Tell those who wait for an answer, once there is one."""
        Record = self.env['credit.export.record'].sudo()
        records = Record.search(
            Domain('system_id', '=', self.id)
            & Domain('waiting_user_ids', '!=', False)
            & ~Record._get_unanswered_domain()
        )
        for record in records:
            try:
                record._tell_waiting_users()
                self._commit()
            except CONFLICTS:
                # They are told in the next run.
                self.env.cr.rollback()
                self.env.invalidate_all()

    def _schedule_next(self):
        """Wake up when the next record is due."""
        Record = self.env['credit.export.record'].sudo()
        record = Record.search(
            Domain('system_id', 'in', self._get_all_system_ids())
            & Domain('next_try', '>', Record._get_now())
            & Record._get_unanswered_domain(),
            order='next_try, id',
            limit=1,
        )
        if record:
            record._wake_worker(record.next_try)

    def _note_answer(self, vals, *, is_silent=False):
        """Keep when the other side last answered, and what went wrong since.

        Written once a minute at most, as it is the row that people configure.

        :param dict vals: what is written on a record
        :param bool is_silent: whether no answer came back
        """
        now = self.env['credit.export.record']._get_now()
        if is_silent:
            if self.last_answer != vals['last_answer']:
                self.last_answer = vals['last_answer']
        elif vals.get('state') in ANSWERED_STATES:
            is_old = not self.last_contact or now - self.last_contact > timedelta(minutes=1)
            if is_old or self.last_answer:
                self.write({'last_contact': now, 'last_answer': False})

    def _commit(self):
        """Make a step of the worker last, and see what others did meanwhile."""
        self.env['ir.cron']._commit_progress()
        self.env.invalidate_all()
