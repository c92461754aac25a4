from odoo import api, models
from odoo.fields import Domain

from .credit_export_record import KNOWN_STATES
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
        run_id = self.env.context.get('credit_export_run_id')
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
        variances.write({'resolved_at': self._get_now()})
        return variances


class CreditExportRecord(models.Model):
    _inherit = 'credit.export.record'

    def _accept_difference(self, reason):
        # EXTENDS: what was accepted is no open variance
        super()._accept_difference(reason)
        variances_sudo = self.env['credit.export.variance'].sudo()
        variances_sudo.search([
            ('record_id', '=', self.id),
            ('kind', 'in', ('different', 'unlinked')),
            ('state', '=', 'open'),
        ])._mark_closed(reason)

    def _get_variance_kind(self):
        """As what a record in its state is listed among the variances.

        :return: a kind of variance, or False
        """
        self.ensure_one()
        if self._is_known():
            return False
        if self.state == 'differs' and self.differences == 'origin':
            return 'unlinked'
        return KIND_OF_STATE.get(self.state, False)
