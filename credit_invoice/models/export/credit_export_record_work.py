import logging
from datetime import timedelta

import psycopg2.errors

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.export_contract import ExportError, ExportNotExecuted, ExportRefused, is_real_id

_logger = logging.getLogger(__name__)

# What another transaction can do to ours; the step is done again, or left to the next run.
CONFLICTS = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
)
TRIES = 5
# What follows the matches of a document here.
MATCHING = ('payment', 'application')
# What an accepted difference is made of.
JUDGED = (
    'external_id',
    'external_number',
    'external_total',
    'external_date',
    'external_customer',
    'differences',
)
# Minutes until the next try: doubled each time, up to the longest.
FIRST_PAUSE, LONGEST_PAUSE = 1, 6 * 60


class CreditExportRecord(models.Model):
    """The steps of the worker on one record."""

    _inherit = 'credit.export.record'

    # === BUSINESS METHODS: ONE STEP === #

    def _work(self):
        """Do the next thing for this record, in transactions of its own.

        :return: whether something happened that others may have waited for
        :rtype: bool
        """
        self.ensure_one()
        try:
            if not self.exists():
                return False
            if self.state == 'unknown' or (self.is_to_check and self.state != 'sending'):
                return self._resolve()
            if self.state != 'to_send':
                return False
            if self.move_id.state != 'posted':
                self._cancel(self.env._('It is not posted here any more.'))
                self.system_id._commit()
                return True
            if not self._is_ready():
                self.system_id._commit()
                return False
            return self._send()
        except CONFLICTS:
            # Somebody changed it meanwhile: it is looked at again in the next run.
            self.env.cr.rollback()
            self.env.invalidate_all()
            return False
        except Exception as error:  # noqa: BLE001  # one broken document must not stop the others
            self.env.cr.rollback()
            self.env.invalidate_all()
            self._warn(f'{type(error).__name__}: {error}')
            self._conclude({
                'last_answer': f'{type(error).__name__}: {error}',
                'next_try': self._get_next_try(LONGEST_PAUSE),
            })
            return False

    def _is_ready(self):
        """Whether everything that must stand over there first does so; else it waits, and says for
        what."""
        waits_for = self._get_predecessors().filtered(lambda record: not record._is_known())
        if waits_for:
            text = self.env._(
                'Waits for %s.',
                ', '.join(f'{record.move_id.name} ({record.status})' for record in waits_for),
            )
            if self.last_answer != text:
                self.last_answer = text
            # What it waits for releases it, see `_release_followers`.
            self.next_try = self._get_now() + timedelta(minutes=LONGEST_PAUSE)
        return not waits_for

    def _get_predecessors(self):
        """What has to stand over there before this can be sent (invoice, payment, credit,
        application).

        :rtype: recordset
        """
        self.ensure_one()
        if self.operation == 'credit':
            return self._find_siblings(self.move_id._get_credit_origins(), ('invoice',))
        if self.operation == 'payment':
            return self._find_siblings(self.target_move_id, ('invoice', 'credit'))
        if self.operation == 'application':
            documents = self.move_id | self.target_move_id
            return self._find_siblings(documents, ('invoice', 'credit'))
        return self.browse()

    def _release_followers(self):
        """Let those go on that wait for this one."""
        moves = self.move_id
        self.search(
            Domain('system_id', '=', self.system_id.id)
            & Domain('state', '=', 'to_send')
            & (
                Domain('move_id', 'in', (moves | moves._get_credits()).ids)
                | Domain('target_move_id', 'in', moves.ids)
            )
        ).next_try = False

    def _find_siblings(self, moves, operations):
        return self.search([
            ('system_id', '=', self.system_id.id),
            ('move_id', 'in', moves.ids),
            ('operation', 'in', operations),
            ('target_move_id', '=', False),
        ])

    def _send(self):
        """Send it: `sending` is committed, then the other side is called, then the answer is."""
        system = self.system_id
        try:
            connector = system._get_connector()
            call, digest = self._prepare_call(connector)
        except UserError as error:
            self._conclude({'state': 'rejected', 'last_answer': str(error)})
            return True
        self.write({
            'state': 'sending',
            'attempts': self.attempts + 1,
            'lookups': 0,
            'last_attempt': self._get_now(),
            'digest': digest,
            'next_try': False,
            'last_answer': self.env._('Being sent.'),
        })
        system._commit()
        vals = self._call(call)
        self._conclude(vals)
        return True

    def _resolve(self):
        """Look for it over there before anything is sent again."""
        try:
            connector = self.system_id._get_connector()
            document, call = self._prepare_lookup(connector)
        except UserError as error:
            # It may stand there all the same, as it did.
            vals = {}
            if self.operation == 'application':
                # One of its documents is not there: what was never sent waits for that, and of all
                # else nobody knows any more.
                vals['state'] = 'unknown' if self.attempts else 'to_send'
            self._conclude({
                **vals,
                'last_answer': str(error),
                'lookups': self.lookups + 1,
                'next_try': self._get_next_try(self.lookups + 1),
            })
            return False
        seen = self._get_version()
        self.system_id._commit()
        vals = self._look(call, document)
        self._conclude(vals, seen)
        return self.state != 'unknown' and not self.is_to_check

    def _call(self, call):
        """Call the other side, and sort what comes back.

        :param call: function that answers with the values to write
        :return: the values to write on this record
        :rtype: dict
        """
        try:
            return call()
        except ExportRefused as error:
            return {'state': 'rejected', 'last_answer': str(error)}
        except ExportNotExecuted as error:
            return {
                'state': 'to_send',
                'is_silent': True,
                'last_answer': str(error),
                'next_try': self._get_next_try(self.attempts),
            }
        except ExportError as error:
            text = str(error)
        except Exception as error:  # noqa: BLE001  # anything else means that nobody knows
            text = f'{type(error).__name__}: {error}'
            self._warn(text)
        return {
            'state': 'unknown',
            'is_silent': True,
            'unclear_since': self.last_attempt,
            'last_answer': text,
            'next_try': self._get_next_try(0),
        }

    def _look(self, call, document):
        """Look over there; no answer changes nothing but the time of the next try."""
        try:
            found = call()
        except Exception as error:  # noqa: BLE001  # whatever it is, nothing is known
            if not isinstance(error, ExportError):
                self._warn(f'{type(error).__name__}: {error}')
            return {
                'is_silent': True,
                'last_answer': str(error) or type(error).__name__,
                'lookups': self.lookups + 1,
                'next_try': self._get_next_try(self.lookups + 1),
            }
        return self._judge(document, found)

    def _warn(self, text):
        _logger.warning(
            'Exporting %s to %s: %s',
            self.move_id.name,
            self.system_id.name,
            self.system_id._mask(text),
        )

    def _get_version(self):
        """What changes when anybody else writes this record."""
        return self.state, self.write_date

    def _conclude(self, vals, seen=None):
        """Write an answer, in a transaction of its own: what was answered is never lost to somebody
        else's writing.

        :param dict vals: the values to write
        :param seen: the record as it was when it was looked for; if somebody has written it since,
            what was found is out of date. What was sent has no such: only its sender ends that.
        """
        for attempt in range(TRIES):
            try:
                if seen and self._get_version() != seen:
                    return
                self._write_answer(self._complete_vals(vals))
                self.system_id._commit()
                return
            except CONFLICTS:
                self.env.cr.rollback()
                self.env.invalidate_all()
                if attempt == TRIES - 1:
                    # Still `sending`: it is looked for in the next run.
                    raise

    def _write_answer(self, vals):
        """Write an answer, and what follows from it here.

        :param dict vals: as completed by `_complete_vals`
        """
        is_silent = vals.get('is_silent', False)
        vals = {name: value for name, value in vals.items() if name != 'is_silent'}
        self.write(vals)
        self.system_id._note_answer(vals, is_silent=is_silent)
        self._follow_matches()
        self._after_answer()
        if self._is_known():
            self._release_followers()

    def _after_answer(self):
        """What follows from an answer, or from what was found without asking.

        To be extended where more becomes of it; called with elevated rights, with the state
        written.
        """

    def _after_taken_back(self):
        """What follows when documents are called off here. To be extended."""

    def _follow_matches(self):
        """Compare what is applied or paid over there with what is matched here now, which may have
        changed since that was told: more of a credit is applied, all else is shown, as nothing
        over there is undone by itself."""
        if self.operation not in MATCHING or self.state not in ('sent', 'differs'):
            return
        there, here = self._read_external_total()[0], self._get_application_amount()
        if there is None:
            return
        if there == here:
            if self.state == 'differs' and self.differences == 'total':
                answer = self.env._('The same is matched here again.')
                self.write({'state': 'sent', 'differences': False, 'last_answer': answer})
        elif there < here and self.operation == 'application':
            if self.state == 'sent':
                self.write({
                    'state': 'to_send',
                    'is_check': False,
                    'last_answer': self.env._('Another amount is applied here.'),
                })
        else:
            answer = self.env._(
                '%(there)s is applied there, %(here)s here.', there=there, here=here
            )
            self.write({'state': 'differs', 'differences': 'total', 'last_answer': answer})

    def _complete_vals(self, vals):
        vals = {'next_try': False, **vals}
        if 'state' in vals:
            vals['is_to_check'] = False
        if vals.get('state', 'unknown') != 'unknown':
            vals.setdefault('unclear_since', False)
        if self.accepted_user_id and any(
            vals.get(name, self[name]) != self[name] for name in JUDGED
        ):
            # What was accepted was another difference.
            vals.update({'accepted_user_id': False, 'accepted_reason': False})
        if 'last_answer' in vals:
            vals['last_answer'] = self.system_id._mask(vals['last_answer'])[:1000]
        if 'external_id' in vals and not is_real_id(vals['external_id']):
            vals['external_id'] = False
        owner = self._find_owner(vals.get('external_id'))
        if vals.get('external_id') and not owner:
            vals = self._settle_look_alikes(vals)
        elif owner:
            vals.update(
                state='differs',
                external_id=False,
                last_answer=self.env._(
                    '%(number)s is what stands there, and belongs to %(document)s.',
                    number=vals.get('external_number') or vals.get('external_id'),
                    document=owner.move_id.display_name,
                ),
            )
        if vals.get('state') == 'sent' and not self.done_at:
            vals['done_at'] = self._get_now()
        return vals

    def _settle_look_alikes(self, vals):
        """Of what others took for theirs because of its number, one is named by one record only:
        the one whose it is.

        :param dict vals: to write on this record, with an id that no other document owns
        :return: the values to write
        :rtype: dict
        """
        others = self.search(
            self._get_others_domain([vals['external_id']]) & self._get_look_alike_domain()
        )
        if not others:
            return vals
        if vals.get('state') == 'differs' and not vals.get('is_ours'):
            return {**vals, 'external_id': False}
        others.write({
            'external_id': False,
            'last_answer': self.env._(
                '%(number)s is what stands there, and belongs to %(document)s.',
                number=vals.get('external_number') or vals['external_id'],
                document=self.move_id.display_name,
            ),
        })
        others._queue_check()
        # The unique index is asked row by row.
        others.flush_recordset()
        return vals

    def _get_next_try(self, tries):
        """When to try again: pauses grow.

        :rtype: datetime.datetime
        """
        minutes = min(FIRST_PAUSE * 2 ** min(max(tries - 1, 0), 20), LONGEST_PAUSE)
        return self._get_now() + timedelta(minutes=minutes)
