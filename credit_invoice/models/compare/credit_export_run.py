from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.actions import open_action
from ..export.credit_export_record import PROBLEM_STATES

KINDS = [('check', 'Check all'), ('compare', 'Comparison')]
STATES = [
    ('running', 'Running'),
    ('paused', 'Paused'),
    ('done', 'Done'),
    ('cancelled', 'Cancelled'),
]
# One at a time is in them.
ACTIVE_STATES = ('running', 'paused')


class CreditExportRun(models.Model):
    """Something long that is done with an outside system in the background, with its progress:
    all older documents are looked for (mp21), or both sides are compared (mp18)."""

    _name = 'credit.export.run'
    _description = 'Check of an Accounting System'
    _order = 'id desc'
    _check_company_auto = True

    system_id = fields.Many2one(
        comodel_name='credit.export.system',
        required=True,
        readonly=True,
        index=True,
        ondelete='cascade',
    )
    company_id = fields.Many2one(related='system_id.company_id', store=True, index=True)
    kind = fields.Selection(selection=KINDS, string='Type of Check', required=True, readonly=True)
    state = fields.Selection(
        selection=STATES,
        string='Status',
        required=True,
        readonly=True,
        default='running',
        index=True,
    )
    date_from = fields.Date(string='From', readonly=True)
    date_to = fields.Date(string='To', readonly=True)
    total = fields.Integer(readonly=True, help='Documents to look for, or days to compare.')
    begun = fields.Integer(readonly=True, help='How many of them were begun.')
    compared = fields.Integer(readonly=True, help='How many documents were compared.')
    unanswered = fields.Integer(
        readonly=True,
        help='How many of them the other side gave no answer about.',
    )
    position = fields.Integer(readonly=True, help='The last document that was begun.')
    done = fields.Integer(compute='_compute_progress')
    percentage = fields.Float(string='Progress', compute='_compute_progress')
    rest = fields.Char(string='Estimated Rest', compute='_compute_progress')
    started_at = fields.Datetime(
        string='Started on', readonly=True, default=lambda self: self._get_now()
    )
    clock_start = fields.Datetime(readonly=True, help='When it began, without its pauses.')
    paused_at = fields.Datetime(string='Paused on', readonly=True)
    finished_at = fields.Datetime(string='Finished on', readonly=True)
    next_try = fields.Datetime(readonly=True)
    failures = fields.Integer(readonly=True, help='How often it was not answered, in a row.')
    last_answer = fields.Char(readonly=True, help='What went wrong last.')
    summary = fields.Char(readonly=True)
    user_id = fields.Many2one(comodel_name='res.users', string='Started by', readonly=True)
    record_ids = fields.One2many(comodel_name='credit.export.record', inverse_name='run_id')
    record_count = fields.Integer(compute='_compute_record_count')
    problem_count = fields.Integer(compute='_compute_record_count')

    _active_uniq = models.UniqueIndex(
        "(system_id, kind) WHERE state IN ('running', 'paused')",
        'This runs already: wait until it is done, or cancel it.',
    )

    # === COMPUTE METHODS === #

    @api.depends('kind', 'system_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        labels = dict(self._fields['kind']._description_selection(self.env))
        for run in self:
            run.display_name = f'{labels.get(run.kind, "")}: {run.system_id.name}'

    @api.depends('kind', 'state', 'total', 'begun', 'record_ids.state', 'clock_start', 'paused_at')
    def _compute_progress(self):
        for run in self:
            run.done = run._get_done()
            run.percentage = 100.0 * run.done / run.total if run.total else 100.0
            run.rest = run.state == 'running' and run._get_rest()

    @api.depends('record_ids.state')
    def _compute_record_count(self):
        Record = self.env['credit.export.record']
        counts = {}
        for run, state, count in Record._read_group(
            [('run_id', 'in', self.ids)], ['run_id', 'state'], ['__count']
        ):
            counts.setdefault(run, {})[state] = count
        for run in self:
            of_run = counts.get(run, {})
            run.record_count = sum(of_run.values())
            run.problem_count = sum(of_run.get(state, 0) for state in PROBLEM_STATES)

    def _get_done(self):
        """How many of the documents, or days, are done. To be extended by each kind."""
        self.ensure_one()
        return self.total if self.state == 'done' else self.begun

    def _get_rest(self):
        """How long it may still take, by the time that was needed so far.

        :rtype: str, or False as long as nobody can tell
        """
        if not self.done or not self.clock_start:
            return False
        elapsed = (self._get_now() - self.clock_start).total_seconds()
        return self.system_id._describe_minutes(elapsed / self.done * (self.total - self.done) / 60)

    # === ACTION METHODS === #

    def action_pause(self):
        """Stop for a while. What is being asked is still answered."""
        for run in self._check_is('running'):
            run.write({'state': 'paused', 'paused_at': run._get_now()})

    def action_resume(self):
        """Go on where it was paused."""
        for run in self._check_is('paused'):
            pause = run._get_now() - run.paused_at
            run.write({
                'state': 'running',
                'paused_at': False,
                'clock_start': run.clock_start + pause,
                'next_try': False,
            })
        self.env['credit.export.record']._wake_worker()

    def action_cancel(self):
        """Stop for good. What was found stays."""
        for run in self._check_is(*ACTIVE_STATES):
            run.write({'state': 'cancelled', 'finished_at': run._get_now()})

    def action_open_variances(self):
        """Open what the two sides differ in."""
        return self.system_id._get_variance_action()

    def action_open_records(self):
        """Open what was looked for."""
        return self._get_record_action({})

    def action_open_problems(self):
        """Open what was looked for, and is not there or not the same."""
        return self._get_record_action({'search_default_problems': 1})

    def _get_record_action(self, context):
        self.ensure_one()
        return open_action(
            self.env,
            'credit_invoice.credit_export_record_action',
            domain=[('run_id', '=', self.id)],
            context={'create': False, **context},
        )

    def _check_is(self, *states):
        """These runs, with elevated rights, if the user may change them and they are in a state.

        :raise AccessError: if the user may not manage exports
        :raise UserError: names the first that is in another state
        """
        self.system_id._check_manage_rights()
        for run in self:
            if run.state not in states:
                labels = dict(self._fields['state']._description_selection(self.env))
                raise UserError(
                    self.env._('This is %s: reload the page.', labels[run.state].lower())
                )
        return self.sudo()

    # === BUSINESS METHODS === #

    @api.model
    def _get_now(self):
        return self.env['credit.export.record']._get_now()

    def _work(self):
        """Do the next part. Called by the worker of the system, and committed there.

        To be extended by each kind.

        :return: whether something was done
        :rtype: bool
        """
        self.ensure_one()
        return False

    def _finish(self, summary):
        """Note that all is done, and tell whoever started it.

        :param str summary: what came out
        """
        self.write({
            'state': 'done',
            'finished_at': self._get_now(),
            'last_answer': False,
            'summary': summary,
        })
        self.system_id.message_post(
            body=summary,
            subject=self.system_id.name,
            partner_ids=self.user_id.partner_id.ids,
            message_type='notification',
        )

    def _note_failure(self, error):
        """The other side did not answer: try again after a growing pause."""
        failures = self.failures + 1
        self.write({
            'failures': failures,
            'last_answer': self.system_id._mask(str(error))[:500],
            'next_try': self._get_now() + timedelta(minutes=min(2 ** (failures - 1), 60)),
        })
