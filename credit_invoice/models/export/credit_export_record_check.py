from decimal import Decimal, InvalidOperation

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang, plaintext2html

from ...tools.export_contract import FIND
from .credit_export_record import OPEN_STATES

# Somebody waits for the answer: so many seconds, and not the time-out of the system.
CHECK_TIMEOUT = 10


class CreditExportRecord(models.Model):
    """One record and people: asked for now, sent now, told, confirmed by hand, accepted."""

    _inherit = 'credit.export.record'

    support_details = fields.Text(compute='_compute_support_details', exportable=False)
    external_total_text = fields.Char(
        string='Their Total in Figures', compute='_compute_external_total_text'
    )

    # === COMPUTE METHODS === #

    @api.depends('state', 'last_answer')
    def _compute_support_details(self):
        for record in self:
            record.support_details = record._get_support_details()

    @api.depends('external_total')
    @api.depends_context('lang')
    def _compute_external_total_text(self):
        for record in self:
            record.external_total_text = self._format_totals(record.external_total)

    @api.model
    def _format_totals(self, text):
        """Amounts that are kept as texts, as people read them.

        :param str text: such as `230.05 USD, -7.00 EUR`
        :return: the same with the signs of the currencies; what is none stays as it is
        """
        currencies = self.env['res.currency'].with_context(active_test=False)
        parts = []
        for part in (text or '').split(', '):
            amount, _space, name = part.partition(' ')
            currency = name and currencies.search([('name', '=', name)], limit=1)
            try:
                is_exact = currency and Decimal(amount) == round(
                    Decimal(amount), currency.decimal_places
                )
            except InvalidOperation:
                is_exact = False
            parts.append(
                formatLang(self.env, float(amount), currency_obj=currency) if is_exact else part
            )
        return ', '.join(parts)

    # === BUSINESS METHODS: ASKING === #

    def _can_be_looked_for(self):
        """Whether its system can be asked, and may be asked now."""
        self.ensure_one()
        return self.state not in ('sending', 'in_file') and self.system_id._can(FIND)

    def _check_now(self, timeout=CHECK_TIMEOUT):
        """Ask the other system about this document in the request, and note the answer (mp13).

        Only looks: nothing is sent. What is being sent right now is left to the worker. Without an
        answer, the worker goes on asking.

        :param float timeout: for how many seconds an answer is waited for
        :return: whether the document is known over there now
        :rtype: bool
        """
        self.ensure_one()
        if self._can_be_looked_for():
            if self.run_id:
                # Whoever waits does not wait for a run that may be paused.
                self.run_id = False
            vals = self._ask(timeout)
            if vals:
                self._write_answer(self._complete_vals(vals))
            self._wake_worker()
        return self._is_known()

    def _ask(self, timeout):
        """Look it up, and say what that means for a record that nobody has asked to send again.

        :return: the values to write
        :rtype: dict
        """
        before = self.state
        try:
            document, call = self._prepare_lookup(self.system_id._get_connector(timeout))
        except UserError as error:
            # What may stand there does so whatever our settings are now.
            vals = {'last_answer': str(error)}
            return {**vals, 'state': 'rejected'} if self._is_absent() else vals
        if before not in OPEN_STATES:
            # Whatever is found or not: it is not sent for having been looked for.
            self.is_check = True
        vals = self._look(call, document)
        if 'state' not in vals and before in ('differs', 'duplicate'):
            raise UserError(
                self.env._(
                    '%(system)s does not answer now (%(error)s): try again later.',
                    system=self.system_id.name,
                    error=self.system_id._mask(vals['last_answer']),
                )
            )
        if 'state' not in vals and before not in OPEN_STATES:
            return {**vals, 'state': 'unknown'}
        is_absent = vals.get('state') in (None, 'missing', 'to_send')
        if is_absent and before in ('to_send', 'rejected'):
            # The worker sends what is to be sent; why it was refused is not forgotten.
            return {}
        return vals

    # === BUSINESS METHODS: SENDING === #

    def _export_now(self, user):
        """Have the worker export this document as soon as it can (mp15): looked for, and sent if
        it is not there.

        :param user: who is told when it is done
        """
        for record in self.filtered(lambda record: record.state not in ('sending', 'in_file')):
            record._check_is_posted()
            if record.system_id._can(FIND):
                record._queue_again()
            elif record._can_go_into_next_file():
                record.write({
                    'state': 'to_send',
                    'is_check': False,
                    'next_try': False,
                    'last_answer': self.env._('To go into the next file.'),
                })
        self._add_waiting_user(user)
        self._wake_worker()

    def _check_is_posted(self):
        """Refuse to export what may still change.

        :raise UserError: names it
        """
        for record in self:
            if record.move_id.state != 'posted':
                raise UserError(
                    self.env._(
                        '%s is not posted: only what is posted is exported.',
                        record.move_id.display_name,
                    )
                )

    def _can_go_into_next_file(self):
        """Whether nobody can have read it over there. To be extended by what makes files."""
        self.ensure_one()
        return self._is_absent() or (self.state == 'unknown' and self.is_check)

    def _is_waited_for(self):
        """Whether the user waits for this."""
        return self.env.user in self.waiting_user_ids

    def _add_waiting_user(self, user):
        self.waiting_user_ids |= user

    def _forget_waiting_user(self, user):
        """The user has seen it: nobody has to tell them any more."""
        for record in self.filtered(lambda record: user in record.waiting_user_ids):
            record.waiting_user_ids -= user
        activities = ['credit_invoice.mail_activity_type_credit_export']
        self.move_id.activity_unlink(activities, user_id=user.id)

    def _tell_waiting_users(self):
        """Leave a to-do with everybody who waits for this, on the document."""
        for record in self:
            users = record.waiting_user_ids
            record.waiting_user_ids = False
            for user in users.filtered('active'):
                record.with_context(lang=user.lang)._tell(user)

    def _tell(self, user):
        values = {'document': self.move_id.name, 'system': self.system_id.name}
        if self._is_known():
            summary = self.env._(
                '%(document)s is known in %(system)s: it can be credited now.', **values
            )
        else:
            summary = self.env._(
                '%(document)s in %(system)s: %(state)s', state=self.status, **values
            )
        self.move_id.activity_schedule(
            'credit_invoice.mail_activity_type_credit_export',
            user_id=user.id,
            summary=summary,
            # The other side's own words, which are no HTML.
            note=plaintext2html(self.last_answer or ''),
        )

    # === BUSINESS METHODS: DECIDED BY A PERSON === #

    def _accept_difference(self, reason):
        """Take a document that differs as the one that it is here.

        :param str reason: why
        :raise AccessError: if the user may not
        :raise UserError: if there is none, or no reason is given
        """
        self.ensure_one()
        if not self.env.user.has_group('credit_invoice.group_credit_export_difference'):
            raise AccessError(
                self.env._(
                    'Only people who may credit despite a difference can do this. Ask one of them.'
                )
            )
        self.check_access('read')
        if not (reason or '').strip():
            raise UserError(self.env._('Enter why the difference is accepted.'))
        self_sudo = self.sudo()
        if self_sudo.state != 'differs':
            raise UserError(
                self.env._('%s does not differ any more: start again.', self.move_id.display_name)
            )
        self_sudo.write({
            'accepted_user_id': self.env.uid,
            'accepted_reason': reason.strip(),
            'last_answer': self.env._(
                '%(difference)s Accepted by %(user)s: %(reason)s',
                difference=self_sudo.last_answer or '',
                user=self.env.user.name,
                reason=reason.strip(),
            ).strip(),
        })
        self_sudo._release_followers()
        self_sudo._wake_worker()
        self.move_id.sudo()._message_log(
            author_id=self.env.user.partner_id.id,
            body=self.env._(
                'The difference to %(system)s (%(total)s there) was accepted: %(reason)s',
                system=self_sudo.system_id.name,
                total=self_sudo.external_total,
                reason=reason.strip(),
            ),
        )

    def _confirm_by_hand(self, reason):
        """Take a document as known in a system that cannot be asked.

        :param str reason: how the user knows
        :raise AccessError: if the user may not manage exports
        :raise UserError: if the system can be asked, or no reason is given
        """
        self.ensure_one()
        self._check_manage_rights()
        if not (reason or '').strip():
            raise UserError(self.env._('Enter how you know that it stands there.'))
        self_sudo = self.sudo()
        if self_sudo.state == 'sending' or self_sudo.system_id._can(FIND):
            raise UserError(
                self.env._(
                    '%s can be asked: check the document there instead of confirming it by hand.',
                    self_sudo.system_id.name,
                )
            )
        answer = self.env._(
            'Confirmed by %(user)s: %(reason)s', user=self.env.user.name, reason=reason.strip()
        )
        self_sudo.write(self._complete_vals({'state': 'sent', 'last_answer': answer}))
        self.move_id.sudo()._message_log(
            author_id=self.env.user.partner_id.id,
            body=self.env._(
                'Recorded as exported to %(system)s by hand: %(reason)s',
                system=self_sudo.system_id.name,
                reason=reason.strip(),
            ),
        )

    # === BUSINESS METHODS: BOTH SIDES === #

    def _read_external_total(self):
        """The total over there, as it was answered.

        :return: (amount, or None; name of the currency, or an empty text)
        :rtype: tuple[Decimal | None, str]
        """
        amount, _space, currency = (self.external_total or '').partition(' ')
        try:
            return Decimal(amount), currency
        except InvalidOperation:
            return None, ''

    def _get_support_details(self):
        """What to send to whoever helps: number, state, last answer, no credentials (mp22).

        :rtype: str
        """
        rows = []
        labels = {name: self._fields[name]._description_string(self.env) for name in self._fields}
        for record in self.sudo():
            system = record.system_id
            values = {
                labels['move_id']: record.move_id.name,
                labels['system_id']: f'{system.name} ({system.connector})',
                labels['operation']: record.operation,
                labels['state']: record.status,
                labels['key']: record.key,
                labels['external_id']: record.external_id,
                labels['external_number']: record.external_number,
                labels['external_total']: record.external_total,
                labels['digest']: record.digest,
                labels['attempts']: record.attempts,
                labels['last_attempt']: record.last_attempt,
                labels['last_answer']: record.last_answer,
            }
            rows.append('\n'.join(f'{name}: {value or "–"}' for name, value in values.items()))
        text = '\n\n'.join(rows)
        for system in self.sudo().system_id:
            text = system._mask(text)
        return text
