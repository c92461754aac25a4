from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.export.credit_export_record import OPEN_STATES
from ...tools.actions import notify, open_window
from ...tools.export_contract import FIND

STAGES = [
    ('ask', 'Not recorded'),
    ('manual', 'Cannot be asked'),
    ('waiting', 'Being exported'),
    ('no_answer', 'No answer'),
    ('missing', 'Not exported'),
    ('rejected', 'Rejected'),
    ('differs', 'Differs'),
    ('duplicate', 'Duplicate'),
    ('known', 'Exported'),
]
# What a state of a record is to whoever asked about it.
STAGE_OF_STATE = {
    'to_send': 'waiting',
    'sending': 'waiting',
    'in_file': 'known',
    'sent': 'known',
    'rejected': 'rejected',
    'differs': 'differs',
    'duplicate': 'duplicate',
    'missing': 'missing',
    'cancelled': 'missing',
}


class CreditExportCheckWizard(models.TransientModel):
    """*Invoice Not Exported*: asks the other system, says what it answers, and goes on to the
    dialog of *Credit this Invoice* by itself once the invoice is known (mp12 to mp15)."""

    _name = 'credit.export.check.wizard'
    _inherit = ['credit.checked.mixin']
    _description = 'Invoice Not Exported'

    move_id = fields.Many2one('account.move', string='Invoice', required=True, readonly=True)
    is_asked = fields.Boolean(readonly=True, help='Whether the other system was asked already.')
    system_id = fields.Many2one(comodel_name='credit.export.system', compute='_compute_stage')
    record_id = fields.Many2one(
        comodel_name='credit.export.record', string='Export', compute='_compute_stage'
    )
    stage = fields.Selection(selection=STAGES, compute='_compute_stage')
    is_waiting = fields.Boolean(compute='_compute_stage')
    can_be_asked = fields.Boolean(compute='_compute_stage')
    can_be_exported = fields.Boolean(compute='_compute_stage')
    message = fields.Char(compute='_compute_message')
    answer = fields.Char(string='Last Answer', compute='_compute_message')
    support_details = fields.Text(compute='_compute_support_details')
    reason = fields.Char()

    # === COMPUTE METHODS === #

    @api.depends('move_id', 'is_asked')
    def _compute_stage(self):
        for wizard in self:
            wizard.move_id.check_access('read')
            system_sudo = wizard.move_id._get_unknown_export_systems()[:1]
            record_sudo = wizard.move_id._get_export_records(system_sudo)
            wizard.system_id = system_sudo
            wizard.record_id = record_sudo
            wizard.stage = wizard._get_stage(system_sudo, record_sudo)
            wizard.is_waiting = wizard.stage in ('waiting', 'no_answer', 'known')
            wizard.can_be_asked = bool(system_sudo) and system_sudo._can(FIND)
            wizard.can_be_exported = wizard.stage in ('missing', 'rejected') or (
                wizard.stage == 'manual'
                and (not record_sudo or record_sudo._can_go_into_next_file())
            )

    @api.depends('stage')
    def _compute_message(self):
        texts = self._get_texts()
        for wizard in self:
            record_sudo = wizard.record_id.sudo()
            values = {
                'invoice': wizard.move_id.display_name,
                'system': wizard.system_id.sudo().name,
                'status': record_sudo.status or '',
            }
            wizard.message = texts.get(wizard._get_text_name(record_sudo), '') % values
            wizard.answer = wizard._is_answer_shown(record_sudo) and record_sudo.last_answer

    @api.depends('stage')
    def _compute_support_details(self):
        for wizard in self:
            wizard.support_details = wizard._get_support_details()

    def _get_stage(self, system_sudo, record_sudo):
        """What the window has to say.

        :param system_sudo: the first system in which the invoice is not known
        :param record_sudo: its export to that system, if there is one
        :return: one of `STAGES`
        """
        if not system_sudo:
            return 'known'
        if record_sudo.state == 'sending':
            return 'waiting'
        if not system_sudo._can(FIND):
            is_waiting = record_sudo.state == 'to_send' and record_sudo._is_waited_for()
            return 'waiting' if is_waiting else 'manual'
        if not self.is_asked or not record_sudo:
            return 'ask'
        if record_sudo.state == 'unknown':
            return 'no_answer' if record_sudo.is_check else 'waiting'
        return STAGE_OF_STATE[record_sudo.state]

    def _get_text_name(self, record_sudo):
        """Which of the texts is shown: that of the stage, or what is more to the point.

        :param record_sudo: the export to the system that is asked, if there is one
        :return: a key of `_get_texts`, or one for which there is no text
        :rtype: str
        """
        self.ensure_one()
        if self.stage == 'ask' and record_sudo:
            is_new = record_sudo.state == 'unknown' and not record_sudo.lookups
            is_answered = record_sudo.state not in ('to_send', 'sending') and not is_new
            return 'ask_again' if is_answered else 'ask_first'
        if self.stage == 'waiting' and not self.can_be_asked and record_sudo.state == 'to_send':
            return 'waiting_for_file'
        if self.stage == 'manual':
            if record_sudo.state == 'rejected':
                return 'manual_rejected'
            may_confirm = self.env.user.has_group('credit_invoice.group_credit_export')
            return 'manual' if may_confirm else 'manual_without_right'
        if self.stage == 'differs' and not self.env.user.has_group(
            'credit_invoice.group_credit_export_difference'
        ):
            return 'differs_without_right'
        return self.stage

    def _is_answer_shown(self, record_sudo):
        """Whether what was answered last says more than the text."""
        if self.stage == 'manual':
            return record_sudo.state == 'rejected'
        if self.stage == 'waiting':
            # It is tried again: then it says why.
            return bool(record_sudo.next_try)
        return self.is_asked and self.stage not in ('differs', 'known', 'missing')

    def _get_texts(self):
        return {
            'ask_again': self.env._(
                'When last asked: %(status)s. Click OK to check again whether %(invoice)s is in '
                '%(system)s.'
            ),
            'ask_first': self.env._(
                '%(status)s. Click OK to check whether %(invoice)s is in %(system)s.'
            ),
            'manual': self.env._(
                '%(system)s takes files and cannot be asked. %(invoice)s is in none of its files. '
                'Put it into the next file, or confirm by hand that it is there.'
            ),
            'manual_without_right': self.env._(
                '%(system)s takes files and cannot be asked. %(invoice)s is in none of its files. '
                'Put it into the next file, or ask somebody with the right Manage exports to '
                'confirm that it is there.'
            ),
            'manual_rejected': self.env._(
                '%(system)s did not take %(invoice)s: mend what it says, and put it into the next '
                'file.'
            ),
            'waiting_for_file': self.env._(
                '%(invoice)s waits for the next file to %(system)s. Somebody with the right Manage '
                'exports makes it; you can close this window and are told when it is done.'
            ),
            'waiting': self.env._(
                '%(invoice)s is being exported to %(system)s. This window goes on by itself; if '
                'you close it, you are told when it is done.'
            ),
            'no_answer': self.env._(
                '%(system)s did not answer (%(status)s): it is asked again by itself, and this '
                'window goes on or, if you close it, you are told.'
            ),
            'missing': self.env._(
                '%(invoice)s is not in %(system)s: export it now, or enter it there and check '
                'again.'
            ),
            'rejected': self.env._(
                '%(system)s does not take %(invoice)s: mend what it says, and export it again.'
            ),
            'differs': self.env._(
                '%(invoice)s is not the same in %(system)s: make both sides equal and check again.'
            ),
            'differs_without_right': self.env._(
                '%(invoice)s is not the same in %(system)s: make both sides equal and check again, '
                'or ask somebody with the right Credit despite a difference.'
            ),
            'duplicate': self.env._(
                '%(invoice)s is in %(system)s several times: delete all but one there and check '
                'again.'
            ),
        }

    def _get_support_details(self):
        """What is copied for whoever helps, without credentials (mp22).

        :rtype: str
        """
        self.ensure_one()
        if self.record_id:
            return self.record_id._get_support_details()
        return self.env._(
            '%(invoice)s in %(system)s: not recorded.',
            invoice=self.move_id.name,
            system=self.system_id.sudo().name,
        )

    # === ACTION METHODS === #

    def action_check(self):
        """Ask the other system, and go on to the credit if the invoice is known there (mp13).

        :return: the dialog of *Credit this Invoice*, or this window with what was answered
        :rtype: dict
        :raise AccessError: if the user may not draft credits, or not read the invoice
        """
        self._check_may_use()
        self.is_asked = True
        return self._check_and_go_on()

    def action_export(self):
        """Export the invoice with the outbox, and wait for it (mp15).

        :return: this window, which goes on by itself
        :rtype: dict
        :raise AccessError: if the user may not draft credits, or not read the invoice
        """
        self._check_may_use()
        self.is_asked = True
        system_sudo = self.move_id._get_unknown_export_systems()[:1]
        if not system_sudo:
            return self._go_on()
        record_sudo = self.move_id.sudo()._ensure_export_records(
            is_check=False, systems=system_sudo
        )
        record_sudo._export_now(self.env.user)
        return self._get_action()

    def action_credit_anyway(self):
        """Take the invoice as known although it differs, and go on.

        :return: the dialog of *Credit this Invoice*, or what asks for the reason
        :rtype: dict
        :raise AccessError: if the user may not credit despite a difference
        """
        self._check_may_use()
        if not self.system_id:
            # Somebody was faster, or clicked twice.
            return self._go_on()
        may_accept = self.env.user.has_group('credit_invoice.group_credit_export_difference')
        if may_accept and not (self.reason or '').strip():
            return self._ask_for_reason(self.env._('Enter why it is credited all the same.'))
        self.record_id._accept_difference(self.reason)
        return self._check_and_go_on()

    def action_confirm_by_hand(self):
        """Record the invoice as known in a system that cannot be asked, and go on.

        :return: the dialog of *Credit this Invoice*, or what asks for the reason
        :rtype: dict
        :raise AccessError: if the user may not manage exports
        """
        self._check_may_use()
        self.env['credit.export.record']._check_manage_rights()
        if not self.system_id:
            return self._go_on()
        if not (self.reason or '').strip():
            return self._ask_for_reason(self.env._('Enter how you know that it is there.'))
        record_sudo = self.move_id.sudo()._ensure_export_records(
            is_check=False, systems=self.system_id.sudo()
        )
        record_sudo.with_env(self.env)._confirm_by_hand(self.reason)
        return self._check_and_go_on()

    def check_progress(self):
        """Whether what this window waits for has happened. Asked by the window itself.

        :return: the next action, or False as long as there is nothing new to do
        :rtype: dict | bool
        :raise AccessError: if the user may not draft credits, or not read the invoice
        """
        self._check_may_use()
        if self.stage == 'known':
            return self._go_on()
        record_sudo = self.record_id.sudo()
        if record_sudo.state in OPEN_STATES:
            return False
        if not record_sudo:
            return self._check_and_go_on()
        # It was answered: the window says it, so nobody else has to.
        record_sudo._forget_waiting_user(self.env.user)
        return self._get_action()

    def _ask_for_reason(self, message):
        """Leave the window open. The field is not required, as other buttons do without it."""
        return notify(message, kind='danger')

    def _check_may_use(self):
        self.ensure_one()
        self.move_id._check_credit_rights()
        self._check_is_posted()

    def _check_is_posted(self):
        if self.move_id.state != 'posted':
            raise UserError(
                self.env._(
                    '%s is not posted: only what is posted is exported.', self.move_id.display_name
                )
            )

    def _check_and_go_on(self):
        """Ask one system after the other, up to the first in which the invoice is not known."""
        for system_sudo in self.move_id._get_unknown_export_systems():
            if not system_sudo._can(FIND):
                return self._get_action()
            record_sudo = self.move_id.sudo()._ensure_export_records(
                is_check=True, systems=system_sudo
            )
            if not record_sudo._check_now():
                if record_sudo.state in OPEN_STATES:
                    record_sudo._add_waiting_user(self.env.user)
                return self._get_action()
        return self._go_on()

    def _go_on(self):
        self.move_id._get_export_records()._forget_waiting_user(self.env.user)
        return self.move_id.action_credit_invoice()

    def _get_action(self):
        self.ensure_one()
        return open_window(self, self.env._('Invoice Not Exported'))
