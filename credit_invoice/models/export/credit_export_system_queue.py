from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import babel_locale_parse

from ...tools.actions import open_action
from ...tools.durations import describe_minutes
from ...tools.export_contract import BATCHES, FIND
from .credit_export_record import OPEN_STATES, PROBLEM_STATES


class CreditExportSystem(models.Model):
    """What waits for a system, for whoever looks after it."""

    _inherit = 'credit.export.system'

    waiting_count = fields.Integer(compute='_compute_queue')
    problem_count = fields.Integer(compute='_compute_queue')
    oldest_waiting = fields.Datetime(compute='_compute_queue')
    queue_age = fields.Char(string='Oldest Waits For', compute='_compute_queue')
    can_be_asked = fields.Boolean(compute='_compute_capabilities')
    takes_batches = fields.Boolean(compute='_compute_capabilities')

    # === COMPUTE METHODS === #

    def _compute_queue(self):
        Record = self.env['credit.export.record'].sudo()
        domain = Domain('system_id', 'in', self.ids)
        waiting = {
            system: (count, oldest)
            for system, count, oldest in Record._read_group(
                domain & Domain('state', 'in', OPEN_STATES),
                ['system_id'],
                ['__count', 'create_date:min'],
            )
        }
        problems = dict(
            Record._read_group(
                domain
                & Domain('state', 'in', PROBLEM_STATES)
                & Domain('accepted_user_id', '=', False),
                ['system_id'],
                ['__count'],
            )
        )
        for system in self:
            system.waiting_count, system.oldest_waiting = waiting.get(system, (0, False))
            system.problem_count = problems.get(system, 0)
            age = system.oldest_waiting and Record._get_now() - system.oldest_waiting
            system.queue_age = age and self._describe_minutes(age.total_seconds() / 60)

    @api.depends('connector')
    def _compute_capabilities(self):
        for system in self:
            system.can_be_asked = bool(system.id) and system._can(FIND)
            # A new one, too: it needs no address.
            system.takes_batches = system._can(BATCHES)

    # === ACTION METHODS === #

    def action_view_waiting(self):
        """Open what waits for this system."""
        return self._get_record_action({'search_default_waiting': 1})

    def action_view_problems(self):
        """Open what this system did not take, or what differs there."""
        return self._get_record_action({'search_default_problems': 1})

    def _get_record_action(self, context):
        self.ensure_one()
        return open_action(
            self.env,
            'credit_invoice.credit_export_record_action',
            domain=[('system_id', '=', self.id)],
            context=context,
        )

    # === BUSINESS METHODS === #

    def _check_manage_rights(self):
        """Refuse those who neither manage exports nor look after the systems.

        :raise AccessError: says what right is missing
        """
        user = self.env.user
        if not self.env.su and not (
            user.has_group('credit_invoice.group_credit_export')
            or user.has_group('base.group_system')
        ):
            raise AccessError(self.env._('Only people who manage exports can do this. Ask one.'))
        self.check_access('read')

    def _get_document_domain(self):
        """The posted documents that belong into this system, whenever they were posted."""
        self.ensure_one()
        return self._get_covered_domain() & Domain('state', '=', 'posted')

    def _work_runs(self):
        """Go on with what else is done with this system in the background.

        To be extended by whatever takes long.

        :return: whether something was done
        :rtype: bool
        """
        return False

    @api.model
    def _describe_minutes(self, minutes):
        """A duration in words of the user.

        :rtype: str
        """
        locale = babel_locale_parse(self.env.lang)
        return describe_minutes(minutes, locale) or self.env._('less than a minute')
