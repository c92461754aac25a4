from odoo import api, models
from odoo.fields import Domain

from ...tools.guarded import get_guarded
from ..export.credit_export_record import KNOWN_STATES
from .credit_export_variance import KIND_OF_STATE

# What makes a variance another one than the one that somebody closed.
CONTENT = ('external_id', 'external_number', 'external_total', 'external_date', 'content')


class CreditExportVariance(models.Model):
    """How variances are found, found again, and found to be resolved."""

    _inherit = 'credit.export.variance'

    @api.model
    def _note_record(self, record):
        """Note what an answer about a record said: a variance, or that it is none any more.

        :param record: a `credit.export.record` with elevated rights
        """
        kind = record._get_variance_kind()
        if kind:
            self._resolve([('record_id', '=', record.id), ('kind', '!=', kind)])
            self._note_kind_of_record(kind, record)
        elif record.state in (*KNOWN_STATES, 'cancelled'):
            self._resolve([('record_id', '=', record.id)])
            if record.state == 'sent':
                self._close_refused(record)

    @api.model
    def _close_refused(self, record):
        """What was refused, and was taken when it was sent again, needs nobody to close it."""
        self.sudo().search([
            ('record_id', '=', record.id),
            ('kind', '=', 'missing_there'),
            ('content', '!=', False),
            ('state', '=', 'open'),
        ])._mark_closed(self.env._('It was taken when it was sent again.'))

    @api.model
    def _note_kind_of_record(self, kind, record, **vals):
        """Open a variance of a record, unless it is open already."""
        self._note({
            'system_id': record.system_id.id,
            'kind': kind,
            'record_id': record.id,
            'move_id': record.move_id.id,
            'is_credit': record.operation == 'credit',
            'external_id': record.external_id,
            'external_number': record.external_number,
            'external_total': record.external_total,
            'external_date': record.external_date,
            'content': record.differences or (record.state == 'rejected' and record.last_answer),
            'detail': record.last_answer,
            **vals,
        })

    @api.model
    def _note(self, vals):
        """Open a variance, or note on the same one that it was found again.

        One that was closed stays closed as long as nothing else is found of it.

        :param dict vals: its values
        """
        run_id = get_guarded(self.env, 'credit_export_run_id')
        found = {'found_at': self._get_now(), 'last_run_id': run_id, 'resolved_at': False}
        wanted = self.sudo().new(vals)
        known = wanted._find_same('open') or wanted._find_same('closed')[:1].filtered(
            lambda variance: all(variance[name] == wanted[name] for name in CONTENT)
        )
        if known:
            known.write({**(vals if known.state == 'open' else {}), **found})
        else:
            self.sudo().create({**vals, **found, 'run_id': run_id})

    def _find_same(self, state):
        """Variances of the same document and kind, the newest first.

        :param str state: `open` or `closed`
        """
        self.ensure_one()
        domain = [
            ('system_id', '=', self.system_id.id),
            ('kind', '=', self.kind),
            ('state', '=', state),
        ]
        if state == 'closed':
            # What was right in between is wrong anew.
            domain.append(('resolved_at', '=', False))
        if self.record_id:
            domain.append(('record_id', '=', self.record_id.id))
        else:
            domain += [('record_id', '=', False), ('external_id', '=', self.external_id)]
        return self.sudo().search(domain, order='id desc')

    @api.model
    def _resolve(self, domain):
        """Note that both sides are the same again: a person closes what is open, and what was
        closed says nothing about what is found later.

        :param domain: of the variances
        """
        variances = self.sudo().search(Domain(domain) & Domain('resolved_at', '=', False))
        for variance in variances:
            variance.write({
                'resolved_at': self._get_now(),
                'finding': variance.detail,
                **variance._prepare_resolved_vals(),
            })
        return variances

    def _prepare_resolved_vals(self):
        """What stands there now, instead of what was found to be wrong.

        :rtype: dict
        """
        self.ensure_one()
        record = self.record_id
        if not record:
            return {
                'external_total': False,
                'detail': self.env._('It is gone there, or posted in Odoo by now.'),
            }
        return {
            'external_id': record.external_id,
            'external_number': record.external_number,
            'external_total': record.external_total,
            'external_date': record.external_date,
            'detail': record.last_answer,
        }


class CreditExportRecord(models.Model):
    _inherit = 'credit.export.record'

    def _after_answer(self):
        # EXTENDS: it becomes a variance, or is none any more
        super()._after_answer()
        for record in self:
            self.env['credit.export.variance']._note_record(record)

    def _after_taken_back(self):
        # EXTENDS: what is called off here is not missing there
        super()._after_taken_back()
        self.env['credit.export.variance']._resolve([('record_id', 'in', self.ids)])

    def _accept_difference(self, reason):
        # EXTENDS: it is credited all the same, and listed until somebody closes it
        super()._accept_difference(reason)
        self.env['credit.export.variance']._note_record(self.sudo())

    def _get_variance_kind(self):
        """As what a record in its state is listed among the variances.

        :return: a kind of variance, or False
        """
        self.ensure_one()
        if self.move_id.state != 'posted' and self._is_absent():
            return False
        if self.state == 'differs' and self.differences == 'origin':
            return 'unlinked'
        is_refused = self.operation == 'application' and self.state == 'rejected'
        if is_refused and self._read_external_total()[0]:
            # Part of it was taken before: what is missing is the rest.
            return 'different'
        return KIND_OF_STATE.get(self.state, False)
