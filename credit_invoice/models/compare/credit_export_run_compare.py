import logging
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.export_contract import CREDIT, INVOICE, ExportError, Query
from ...tools.external_number import from_external, read_replacements
from ...tools.guarded import Guarded, get_guarded
from ..export.credit_export_record import OPEN_STATES
from ..export.credit_export_record_judge import _to_places
from ..export.credit_export_record_work import CONFLICTS

_logger = logging.getLogger(__name__)

# After so many calls in a row without an answer, nobody is there.
SILENT_CALLS = 3
# So many days are compared at a time.
DAYS = 7


class CreditExportRun(models.Model):
    """A comparison of both sides for a period, both ways (mp18).

    Nothing is sent. What is found over there equal and was not recorded here is recorded, so that
    it is known; everything else is noted as a variance.
    """

    _inherit = 'credit.export.run'

    # === BUSINESS METHODS: THE STEPS === #

    def _work(self):
        # EXTENDS: compare some days, or finish
        if self.kind != 'compare':
            return super()._work()
        first = self.date_from + timedelta(days=self.begun)
        if first > self.date_to:
            self._finish(self._conclude_comparison())
            return False
        last = min(first + timedelta(days=DAYS - 1), self.date_to)
        connector = self.system_id._get_connector()
        self.system_id._commit()
        try:
            found = connector.find(Query(date_from=first, date_to=last))
            self._compare(first, last, found, connector)
        except CONFLICTS:
            raise
        except Exception as error:  # noqa: BLE001  # of any call of a connector, anything may come
            self.env.cr.rollback()
            self.env.invalidate_all()
            if not isinstance(error, ExportError):
                text = self.system_id._mask(f'{type(error).__name__}: {error}')
                _logger.warning('Comparing with %s: %s', self.system_id.name, text)
            self._note_failure(error)
            return False
        self.write({
            'begun': self.begun + (last - first).days + 1,
            'failures': 0,
            'next_try': False,
            'last_answer': False,
        })
        return True

    def _compare(self, first, last, found, connector):
        """Compare the documents of some days.

        :param found: what stands over there in these days
        """
        found = [item for item in found if item.kind in (INVOICE, CREDIT)]
        # What is noted on the way is noted as found by this run.
        run = self.with_context(
            credit_export_run_id=Guarded(self.id), credit_export_silent=Guarded([])
        )
        ours, strangers = run._assign([item for item in found if item.is_named])
        # What cannot be named is neither there nor missing.
        unnamed, nobodys = run._assign([item for item in found if not item.is_named])
        unclear = self.env['account.move'].union(*unnamed) - self.env['account.move'].union(*ours)
        domain = Domain('invoice_date', '>=', first) & Domain('invoice_date', '<=', last)
        moves = run.env['account.move'].search(self.system_id._get_document_domain() & domain)
        moves |= moves.browse([move.id for move in ours])
        run._keep_variances(unclear._get_export_records(self.system_id))
        self.unanswered += len(unclear) + len(nobodys)
        for move in moves - unclear:
            run._compare_document(move, ours[move], connector)
        for item in strangers:
            run._note_missing_here(item)
        self.compared += len(moves) + len(strangers)

    # === BUSINESS METHODS: WHICH IS WHICH === #

    def _assign(self, found):
        """Find out which of our documents each of theirs is: by its id there, our key, its number.

        :return: (our documents, with theirs; theirs that are none of ours)
        """
        Record = self.env['credit.export.record']
        domain = Domain('system_id', '=', self.system_id.id)
        domain &= Domain('operation', 'in', ('invoice', 'credit'))
        external_ids = [item.external_id for item in found if item.is_named]
        keys = [item.key for item in found if item.key]
        records = Record.search(
            domain & (Domain('external_id', 'in', external_ids) | Domain('key', 'in', keys))
        )
        # What merely looks like one of ours may be another one by its number.
        look_alikes = records.filtered_domain(Record._get_look_alike_domain())
        by_id = {record.external_id: record.move_id for record in records - look_alikes}
        looked_alike = {record.external_id: record.move_id for record in look_alikes}
        by_key = {record.key: record.move_id for record in records}
        by_number = self._get_moves_by_number(found)
        ours, strangers = defaultdict(list), []
        for item in found:
            move = by_key.get(item.key) or (item.is_named and by_id.get(item.external_id))
            move = move or by_number.get((item.kind, item.number))
            move = move or (item.is_named and looked_alike.get(item.external_id))
            if move and move.state == 'posted':
                ours[move].append(item)
            else:
                strangers.append(item)
        return ours, strangers

    def _get_moves_by_number(self, found):
        """Our documents that have these numbers over there.

        :rtype: dict
        """
        replacements = read_replacements(self.system_id.number_replacements)
        names = {from_external(item.number, replacements) for item in found if item.number}
        moves = self.env['account.move'].search(
            self.system_id._get_document_domain() & Domain('name', 'in', list(names))
        )
        numbers = {}
        for move in moves:
            try:
                number = self.system_id._get_external_number(move)
            except UserError:
                continue
            numbers[move._get_export_operation(), number] = move
        return numbers

    # === BUSINESS METHODS: ONE DOCUMENT === #

    def _compare_document(self, move, found, connector):
        """Note what a document of ours is over there.

        :param found: what stands over there of it in these days
        """
        system = self.system_id
        record = move._get_export_records(system)
        if record.state in OPEN_STATES and not record.is_check:
            # On its way: it is neither missing nor equal yet.
            return
        record = move._ensure_export_records(is_check=True, systems=system)
        try:
            document = record._prepare_document()
        except UserError as error:
            # What was never sent will not be taken; all else may stand there whatever we call it.
            state = {'state': 'rejected'} if record._is_absent() else {}
            self._write_if_changed(record, {'last_answer': str(error), **state})
            return
        # Of another day there, it is not in this list.
        found = found or self._find_elsewhere(connector, record, document)
        if found is None:
            self._keep_variances(record)
            return
        candidates = record._leave_out_others(found)
        if not candidates and record.state == 'rejected':
            record.env['credit.export.variance']._note_record(record)
            return
        # What is looked at here is not sent for it, see `_prepare_absent_vals`.
        record.is_check = True
        own = [item for item in candidates if item.external_id == record.external_id]
        is_doubled = record._is_known() and own and len(candidates) > 1
        vals = record._judge(document, own if is_doubled else candidates)
        self._write_if_changed(record, vals, is_doubled=is_doubled)
        if is_doubled:
            self._note_doubled(record, candidates)

    def _keep_variances(self, records):
        """What was not answered says nothing about the variances that are known."""
        variances = self.env['credit.export.variance'].search([
            ('record_id', 'in', records.ids),
            ('state', '=', 'open'),
        ])
        variances.last_run_id = self.id

    def _find_elsewhere(self, connector, record, document):
        """Look for one document alone.

        :return: what was found; None if that was not answered
        :raise ExportError: if one after the other is not answered: nobody is there
        """
        silent = get_guarded(self.env, 'credit_export_silent')
        try:
            found = record._check_named(connector.find(record._prepare_query(document)))
        except Exception as error:
            silent.append(error)
            if len(silent) >= SILENT_CALLS:
                raise
            record._warn(f'{type(error).__name__}: {error}')
            self.unanswered += 1
            return None
        silent.clear()
        return found

    def _write_if_changed(self, record, vals, *, is_doubled=False):
        vals = record._complete_vals(vals)
        if any(
            record[name] != vals[name] for name in vals if name not in ('last_answer', 'lookups')
        ):
            record._write_answer(vals)
        elif not is_doubled:
            self.env['credit.export.variance']._note_record(record)

    def _note_doubled(self, record, candidates):
        self.env['credit.export.variance']._note_kind_of_record(
            'doubled',
            record,
            **record._prepare_doubled_vals(candidates, 'detail'),
        )

    def _note_missing_here(self, item):
        """Something over there that is no posted document here."""
        move = self._find_unposted(item)
        self.env['credit.export.variance']._note({
            'system_id': self.system_id.id,
            'kind': 'missing_here',
            'is_credit': item.kind == CREDIT,
            'external_id': item.external_id,
            'external_number': item.number,
            'external_total': self._write_amount(item),
            'external_date': item.date,
            'detail': self.env._('%s is not posted in Odoo.', move.display_name)
            if move
            else self.env._('No document in Odoo has its number.'),
        })

    def _write_amount(self, item):
        """A total over there with its currency, and with at least as many digits as that has.

        :rtype: str
        """
        currencies = self.env['res.currency'].with_context(active_test=False)
        currency = currencies.search([('name', '=', item.currency)], limit=1)
        total = item.total
        if currency:
            total = _to_places(total, Decimal(1).scaleb(-currency.decimal_places))
        return f'{total} {item.currency}'

    def _find_unposted(self, item):
        number = from_external(item.number, read_replacements(self.system_id.number_replacements))
        return self.env['account.move'].search(
            Domain('name', '=', number or '-')
            & Domain('company_id', 'child_of', self.system_id.company_id.ids)
            & Domain('state', '!=', 'posted'),
            limit=1,
        )

    # === BUSINESS METHODS: WHAT CAME OUT === #

    def _conclude_comparison(self):
        """Note which variances of the period were not found again, and say what came out.

        :rtype: str
        """
        Variance = self.env['credit.export.variance']
        domain = Domain('system_id', '=', self.system_id.id) & Domain('state', '=', 'open')
        again = Domain('last_run_id', '=', self.id)
        Variance._resolve(
            domain
            & ~again
            & Domain('date', '>=', self.date_from)
            & Domain('date', '<=', self.date_to)
            & (
                Domain('record_id', '=', False)
                | Domain('record_id.operation', 'in', ('invoice', 'credit'))
                & Domain('record_id.state', 'not in', OPEN_STATES)
            )
        )
        resolved = Variance.search_count(domain & Domain('resolved_at', '>=', self.started_at))
        found = Variance.search(domain & again)
        new = found.filtered(lambda variance: variance.run_id == self)
        summary = self.env._(
            '%(from)s to %(to)s: %(compared)s documents compared. Open variances: %(found)s, '
            'new: %(new)s. Resolved: %(resolved)s.',
            **{'from': format_date(self.env, self.date_from)},
            to=format_date(self.env, self.date_to),
            compared=self.compared,
            found=len(found),
            new=len(new),
            resolved=resolved,
        )
        if not self.unanswered:
            return summary
        return self.env._(
            '%(summary)s Not answered: %(count)s.', summary=summary, count=self.unanswered
        )
