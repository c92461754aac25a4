from datetime import timedelta
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.export_contract import (
    APPLY,
    FIND,
    PAYMENTS,
    ExportRefused,
    ExportUnclear,
    Query,
)
from .credit_export_record import ABSENT_STATES

# What is known of a document over there when it is not there.
NOTHING_THERE = {
    'is_ours': False,
    'external_id': False,
    'external_number': False,
    'external_total': False,
    'external_date': False,
    'external_customer': False,
}


class CreditExportRecord(models.Model):
    """What the other side said, and what it means: found, found twice, different, or not there."""

    _inherit = 'credit.export.record'

    # === BUSINESS METHODS: WHAT TO CALL === #

    def _prepare_call(self, connector):
        """What to send, as a function that needs no database any more.

        :return: (function that answers with values to write, digest of what is sent)
        :raise UserError: if it cannot be expressed for this system
        """
        self.ensure_one()
        if self.operation == 'application':
            return self._prepare_application_call(connector)
        document = self._prepare_document()
        if self.operation == 'payment' and PAYMENTS not in connector.capabilities():
            refusal = self.env._('%s takes no payments.', self.system_id.name)
            return self._refuse_later(refusal), document.digest
        judge = self._get_judge(document)
        return (lambda: judge(self._check_named([connector.create(document)])[0])), document.digest

    def _refuse_later(self, text):
        def refuse():
            raise ExportRefused(text)

        return refuse

    def _prepare_application_call(self, connector):
        credit, invoice = self._get_application_ids()
        amount = self._get_application_amount()
        if self.move_id.currency_id != self.target_move_id.currency_id:
            raise UserError(
                self.env._(
                    '%(credit)s and %(invoice)s are in two currencies: apply it there by hand.',
                    credit=self.move_id.name,
                    invoice=self.target_move_id.name,
                )
            )
        if APPLY not in connector.capabilities():
            refusal = self.env._('%s applies no credits: do it there.', self.system_id.name)
            return self._refuse_later(refusal), False
        digest = f'{credit}:{invoice}:{amount}'
        return (
            lambda: self._prepare_applied_vals(connector.apply(credit, invoice, amount), amount)
        ), digest

    def _prepare_lookup(self, connector):
        """How to look for it.

        :return: (document or None for an application, function that answers with what was found)
        """
        if self.operation == 'application':
            credit = self._get_application_ids()[0]
            return None, lambda: connector.read(credit)
        document = self._prepare_document()
        query = self._prepare_query(document)
        return document, lambda: self._check_named(connector.find(query))

    @api.model
    def _check_named(self, found):
        """Take what has no id over there as no answer: success is what can be found again.

        :param found: list of `Found`
        :return: the same
        :raise ExportUnclear: names the first
        """
        for item in found:
            if not item.is_named:
                raise ExportUnclear(
                    self.env._(
                        '%s was answered without an ID: whether it is there is not known.',
                        item.number or '–',
                    )
                )
        return found

    def _prepare_query(self, document):
        """What to look for: our key, the id over there, the number with type and customer.

        :rtype: Query
        """
        return Query(
            key=document.key,
            external_id=self.external_id or '',
            number=document.number,
            kind=document.kind,
            customer=document.customer.code,
        )

    # === BUSINESS METHODS: WHAT WAS FOUND === #

    def _judge(self, document, found):
        """What it means that these were found.

        :param document: what should be there, or None for an application
        :param found: list of `Found`, or one of them (or None) for an application
        :return: the values to write
        :rtype: dict
        """
        if self.operation == 'application':
            return self._judge_application(found)
        candidates = self._leave_out_others(found)
        if not candidates:
            return self._prepare_absent_vals()
        if len(candidates) > 1:
            return {
                'state': 'duplicate',
                'unclear_since': self.unclear_since,
                **self._prepare_doubled_vals(candidates, 'last_answer'),
            }
        if not candidates[0].is_complete and candidates[0].key == document.key:
            return self._prepare_absent_vals(is_half_done=True)
        return self._get_judge(document)(candidates[0])

    def _prepare_doubled_vals(self, candidates, name):
        """What is known of a document that is there several times: all of them, and their sum.

        :param candidates: list of `Found`
        :param str name: of the field that names them
        :rtype: dict
        """
        names = ', '.join(f'{item.number} ({item.external_id})' for item in candidates)
        vals = {name: self.env._('It is there several times: %s', names)}
        if len({item.currency for item in candidates}) == 1:
            total = sum(item.total for item in candidates)
            vals['external_total'] = f'{total} {candidates[0].currency}'
        return vals

    def _judge_application(self, found):
        amount = self._get_application_amount()
        applied = found and found.get_applied(self._get_application_ids()[1])
        if applied and not (applied < amount and not self.is_check and not self.is_to_check):
            return self._prepare_applied_vals(found, amount)
        vals = self._prepare_absent_vals(is_half_done=bool(applied))
        if not amount and 'state' in vals:
            return {'state': 'cancelled', 'last_answer': self.env._('It is matched here no more.')}
        if applied and 'state' in vals:
            # More was matched here since: applying sets what is applied in all.
            vals['external_total'] = f'{applied} {found.currency}'
            vals['last_answer'] = self.env._('Another amount is applied here.')
        return vals

    def _find_owner(self, external_id):
        """The record of another document here that stands there under this id."""
        return external_id and self.search(
            self._get_others_domain([external_id]) & ~self._get_look_alike_domain()
        )

    def _get_others_domain(self, external_ids):
        """Records of other documents here that name one of these ids."""
        return (
            Domain('system_id', '=', self.system_id.id)
            & Domain('external_id', 'in', external_ids)
            & Domain('id', '!=', self.id)
        )

    @api.model
    def _get_look_alike_domain(self):
        """What has the number of a document here, but neither our key nor its content, is none
        of ours until a person says so."""
        return (
            Domain('state', '=', 'differs')
            & Domain('is_ours', '=', False)
            & Domain('accepted_user_id', '=', False)
        )

    def _leave_out_others(self, found):
        """Of what was found, what belongs to no other document here."""
        own = {item.external_id: item for item in found}
        others = self.search(self._get_others_domain(list(own)) & ~self._get_look_alike_domain())
        for other in others:
            own.pop(other.external_id)
        # Under the key of another one it is that one, though it has the same number.
        keys = [item.key for item in own.values() if item.key and item.key != self.key]
        strangers = set(self.search([('key', 'in', keys)]).mapped('key'))
        return [item for item in own.values() if item.key not in strangers]

    def _prepare_absent_vals(self, *, is_half_done=False):
        """What it means that it is not there: whoever was only looked for is not exported; what was
        sent goes again once the other side must have finished what it may have begun."""
        quiet_until = self._get_quiet_until()
        if quiet_until and quiet_until > self._get_now():
            return {
                'lookups': self.lookups + 1,
                'next_try': min(quiet_until, self._get_next_try(self.lookups + 1)),
                'last_answer': self.env._('Not found yet.'),
            }
        # A draft over there is something, too: nobody may change the document under it.
        done_at = self._get_now() if is_half_done else False
        if self.is_check:
            return {
                'state': 'missing',
                'done_at': done_at,
                **NOTHING_THERE,
                'last_answer': self.env._('It is there as a draft only.')
                if is_half_done
                else self.env._('It is not there.'),
            }
        if self.move_id.state != 'posted':
            return {
                'state': 'cancelled',
                'done_at': done_at,
                'last_answer': self.env._('It is not posted here any more.'),
            }
        return {
            'state': 'to_send',
            'done_at': done_at,
            **({} if is_half_done else NOTHING_THERE),
            'last_answer': self.env._('Half done there: it is completed.')
            if is_half_done
            else self.env._('It is not there: it is sent again.'),
        }

    def _get_quiet_until(self):
        """Until when a call that was given up may still do something over there."""
        if not self.unclear_since:
            return None
        return self.unclear_since + timedelta(minutes=self.system_id.quiet_minutes)

    def _get_judge(self, document):
        """A function that says what one answer means, without the database.

        :param document: what should be there
        """
        texts = self._get_difference_texts()
        origin_id = document.origin and document.origin.external_id
        unclear_since = self.unclear_since

        def judge(found):
            differences = list(_get_differences(document, found, origin_id))
            sentences = [
                texts[name] % {'here': here, 'there': there} for name, here, there in differences
            ]
            return {
                # Somebody else entered it: what was begun under our key may still arrive.
                'unclear_since': False if found.key == document.key else unclear_since,
                'is_ours': found.key == document.key,
                'state': 'differs' if differences else 'sent',
                'differences': ','.join(name for name, _here, _there in differences),
                'external_id': found.external_id,
                'external_number': found.number,
                'external_total': f'{_to_places(found.total, document.total)} {found.currency}',
                'external_date': found.date,
                'external_customer': found.customer,
                'last_answer': ' '.join(sentences) or texts['equal'],
            }

        return judge

    def _get_difference_texts(self):
        return {
            'equal': self.env._('It is there, and equal.'),
            'kind': self.env._('It is of another kind: %(there)s.'),
            'number': self.env._('Its number is %(there)s there, %(here)s here.'),
            'total': self.env._('Its total is %(there)s there, %(here)s here.'),
            'currency': self.env._('Its currency is %(there)s there, %(here)s here.'),
            'date': self.env._('Its date is %(there)s there, %(here)s here.'),
            'customer': self.env._('Its customer is %(there)s there, %(here)s here.'),
            'origin': self.env._('It is not linked to its invoice %(here)s there.'),
            'draft': self.env._('It is a draft there.'),
        }

    # === BUSINESS METHODS: APPLICATIONS === #

    def _get_application_ids(self):
        records = self._get_predecessors()
        credit = records.filtered(lambda record: record.move_id == self.move_id)
        target = records.filtered(lambda record: record.move_id == self.target_move_id)
        if not credit.external_id or not target.external_id:
            raise UserError(
                self.env._(
                    '%(credit)s and %(invoice)s do not both stand in %(system)s: apply it by hand.',
                    credit=self.move_id.name,
                    invoice=self.target_move_id.name,
                    system=self.system_id.name,
                )
            )
        return credit.external_id, target.external_id

    def _get_application_amount(self):
        amount, currency = self._get_matched_amount(), self.target_move_id.currency_id
        return self.move_id._to_export_amount(amount, currency)

    def _get_matched_amount(self):
        """How much of a credit or payment is matched with its target here, now.

        :return: positive, in the currency of the target
        :rtype: float
        """
        self.ensure_one()
        targets = self.target_move_id.line_ids
        debits = self.move_id.line_ids.matched_debit_ids.filtered(
            lambda partial: partial.debit_move_id in targets
        )
        through = self.move_id._get_amount_used_through_entries(self.target_move_id)
        return sum(debits.mapped('debit_amount_currency')) + through

    def _take_back_applications(self):
        """What is matched here no more: not sent yet, it is not sent; else it differs, as nothing
        over there is undone by itself."""
        for record in self:
            # The worker may be reading the amount right now.
            record._touch()
            if record.state not in ABSENT_STATES:
                record._follow_or_check()
            elif record._get_matched_amount():
                continue
            elif record._is_absent():
                record._cancel(self.env._('It is matched here no more.'))
            else:
                # More was to be applied, and what was applied before stands there.
                record.write({
                    'state': 'unknown',
                    'is_check': True,
                    'next_try': False,
                    'last_answer': self.env._('It is matched here no more.'),
                })
                record._wake_worker()

    def _queue_matched_again(self):
        """Tell what was matched again, or otherwise, after it had been told before."""
        self.ensure_one()
        # The worker may be reading the amount right now.
        self._touch()
        is_applied_anew = self.operation == 'application' and self.state in (
            *ABSENT_STATES,
            'sent',
            'differs',
        )
        if is_applied_anew:
            # Applying sets what is applied in all: it can be done again.
            self.write({
                'state': 'to_send',
                'is_check': False,
                'is_to_check': False,
                'next_try': False,
                'last_answer': self.env._('Another amount is applied here.'),
            })
        elif self._is_absent() and self.state != 'to_send':
            self._queue_posted()
        elif self.state not in ('to_send', 'sending'):
            self._follow_or_check()

    def _follow_or_check(self):
        """It is matched otherwise here now: ask what is there, or go by what was told where nobody
        can be asked."""
        self.ensure_one()
        if self.system_id._can(FIND):
            self._queue_check()
            return
        self._follow_matches()
        self._after_answer()

    def _prepare_applied_vals(self, found, amount):
        """What was applied over there, which need not be what was asked for."""
        applied = found.get_applied(self._get_application_ids()[1])
        vals = {'external_total': f'{applied} {found.currency}', 'differences': False}
        if applied == Decimal(amount):
            return {**vals, 'state': 'sent', 'last_answer': self.env._('It is applied there.')}
        return {
            **vals,
            'state': 'differs',
            'differences': 'total',
            'last_answer': self.env._(
                '%(there)s is applied there, %(here)s here.', there=applied, here=amount
            ),
        }


def _get_differences(document, found, origin_id):
    """In what a document over there is not the one here: (name, here, there)."""
    pairs = {
        'kind': (document.kind, found.kind),
        'number': (document.number, found.number),
        'total': (document.total, _to_places(found.total, document.total)),
        'currency': (document.currency, found.currency),
        'date': (document.date, found.date),
    }
    if document.kind == 'payment':
        pairs.pop('number')
    for name, (here, there) in pairs.items():
        if here != there:
            yield name, here, there
    customer = document.customer
    # Under our key it is the same, whatever the customer is called since; and whoever entered it by
    # hand need not know how it is called here.
    known_as = {customer.code, customer.name, customer.vat}
    if found.customer and found.key != document.key and found.customer not in known_as:
        yield 'customer', describe_customer(customer), found.customer
    if origin_id and document.kind == 'credit' and found.origin_id != origin_id:
        yield 'origin', document.origin.number, found.origin_id
    if not found.is_complete:
        yield 'draft', '', ''


def describe_customer(customer):
    """A customer for people: its name, and what it is called over there."""
    return f'{customer.name} ({customer.code})' if customer.name != customer.code else customer.name


def _to_places(amount, other):
    """An amount with as many decimal places as another one, where it has no more of them."""
    rounded = amount.quantize(other)
    return rounded if rounded == amount else amount
