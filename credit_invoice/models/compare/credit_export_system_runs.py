from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.actions import open_action, reload_page
from ...tools.export_contract import FIND, LIST
from ..export.credit_export_record_work import CONFLICTS
from .credit_export_run import ACTIVE_STATES


class CreditExportSystem(models.Model):
    """What can be started with a system, and what was found to differ there."""

    _inherit = 'credit.export.system'

    variance_count = fields.Integer(compute='_compute_variance_count')
    run_ids = fields.One2many(comodel_name='credit.export.run', inverse_name='system_id')
    active_run_ids = fields.One2many(
        comodel_name='credit.export.run', string='Running', compute='_compute_active_run_ids'
    )
    last_check_summary = fields.Char(string='Last Check All', compute='_compute_active_run_ids')
    can_be_compared = fields.Boolean(compute='_compute_can_be_compared')

    # === COMPUTE METHODS === #

    def _compute_variance_count(self):
        counts = dict(
            self
            .env['credit.export.variance']
            .sudo()
            ._read_group(
                [
                    ('system_id', 'in', self.ids),
                    ('state', '=', 'open'),
                    ('resolved_at', '=', False),
                ],
                ['system_id'],
                ['__count'],
            )
        )
        for system in self:
            system.variance_count = counts.get(system, 0)

    @api.depends('run_ids.state')
    def _compute_active_run_ids(self):
        for system in self:
            runs_sudo = system.sudo().run_ids
            system.active_run_ids = runs_sudo.filtered(lambda run: run.state in ACTIVE_STATES)
            checks_sudo = runs_sudo.filtered(lambda run: run.kind == 'check' and run.summary)
            system.last_check_summary = checks_sudo[:1].summary

    @api.depends('connector')
    def _compute_can_be_compared(self):
        for system in self:
            system.can_be_compared = bool(system.id) and system._can(LIST)

    # === ACTION METHODS === #

    def action_check_all(self):
        """Look for everything that was posted before the start, in the background (mp21).

        :raise AccessError: if the user may not manage exports
        :raise UserError: if the system cannot be asked, or this runs already
        """
        self.ensure_one()
        self._check_manage_rights()
        if not self._can(FIND):
            raise UserError(
                self.env._(
                    '%s takes files and cannot be asked: confirm its documents by hand.', self.name
                )
            )
        run_sudo = self._start_run({'kind': 'check'})
        run_sudo.total = self.env['account.move'].sudo().search_count(run_sudo._get_check_domain())
        return reload_page()

    def action_compare(self):
        """Open the window that asks for the period to compare (mp18)."""
        self.ensure_one()
        return open_action(
            self.env,
            'credit_invoice.credit_export_compare_wizard_action',
            context={'default_system_id': self.id},
        )

    def action_view_variances(self):
        """Open what is not the same in this system."""
        return self._get_variance_action()

    def action_view_runs(self):
        """Open what was checked and compared."""
        self.ensure_one()
        return open_action(
            self.env,
            'credit_invoice.credit_export_run_action',
            domain=[('system_id', '=', self.id)],
        )

    def _get_variance_action(self):
        self.ensure_one()
        return open_action(
            self.env,
            'credit_invoice.credit_export_variance_action',
            domain=[('system_id', '=', self.id)],
        )

    # === BUSINESS METHODS === #

    def _start_run(self, vals):
        """Start something in the background.

        :param dict vals: kind and period
        :return: the run, with elevated rights
        :raise UserError: if the same runs already
        """
        self.ensure_one()
        running = self.sudo().run_ids.filtered(
            lambda run: run.kind == vals['kind'] and run.state in ACTIVE_STATES
        )
        if running:
            raise UserError(
                self.env._(
                    'This runs already for %s: wait until it is done, or cancel it.', self.name
                )
            )
        Record = self.env['credit.export.record']
        # One that was just cancelled must not stand in the way of the new one.
        running.flush_model(['state'])
        run_sudo = running.create({
            'system_id': self.id,
            'clock_start': Record._get_now(),
            'user_id': self.env.uid,
            **vals,
        })
        Record._wake_worker()
        return run_sudo

    def _work_runs(self):
        # EXTENDS: one part of each run
        has_progress = super()._work_runs()
        now = self.env['credit.export.record']._get_now()
        domain = Domain('system_id', '=', self.id) & Domain('state', '=', 'running')
        domain &= Domain('next_try', '=', False) | Domain('next_try', '<=', now)
        for run in self.env['credit.export.run'].search(domain, order='id'):
            try:
                has_progress |= run._work()
                self._commit()
            except CONFLICTS:
                # Somebody changed what was compared: it is looked at again in the next run.
                self.env.cr.rollback()
                self.env.invalidate_all()
        return has_progress

    def _get_due_domain(self):
        # EXTENDS: what is only looked for rests while its run is paused
        is_going_on = Domain('run_id', '=', False) | Domain('run_id.state', '!=', 'paused')
        return super()._get_due_domain() & (is_going_on | Domain('is_check', '=', False))
