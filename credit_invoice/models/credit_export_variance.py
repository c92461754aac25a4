from odoo import api, fields, models

KINDS = [
    ('missing_there', 'Missing There'),
    ('missing_here', 'Missing Here'),
    ('different', 'Different'),
    ('doubled', 'There Twice'),
    ('unlinked', 'Not Linked'),
]
KIND_OF_STATE = {
    'missing': 'missing_there',
    'rejected': 'missing_there',
    'differs': 'different',
    'duplicate': 'doubled',
}


class CreditExportVariance(models.Model):
    """Something that is not the same on both sides, open until a person closes it (mp18)."""

    _name = 'credit.export.variance'
    _description = 'Variance to an Accounting System'
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
    kind = fields.Selection(selection=KINDS, required=True, readonly=True)
    record_id = fields.Many2one(
        comodel_name='credit.export.record',
        string='Export',
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
    )
    move_id = fields.Many2one(
        comodel_name='account.move',
        string='Document',
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
    )
    external_id = fields.Char(string='Id There', readonly=True)
    external_number = fields.Char(string='Number There', readonly=True)
    external_total = fields.Char(string='Total There', readonly=True)
    external_date = fields.Date(string='Date There', readonly=True)
    detail = fields.Char(readonly=True)
    state = fields.Selection(
        selection=[('open', 'Open'), ('closed', 'Closed')],
        required=True,
        readonly=True,
        default='open',
        index=True,
    )
    closed_reason = fields.Char(readonly=True)
    closed_user_id = fields.Many2one(comodel_name='res.users', string='Closed by', readonly=True)
    closed_at = fields.Datetime(string='Closed on', readonly=True)

    _open_record_uniq = models.UniqueIndex("(record_id, kind) WHERE state = 'open'")

    @api.model
    def _note_record(self, record):
        """Open a variance for what an answer about a record said, unless it is open already.

        :param record: a `credit.export.record` with elevated rights
        """
        kind = KIND_OF_STATE.get(record.state)
        if not kind:
            return
        variance = self.sudo().search([
            ('record_id', '=', record.id),
            ('kind', '=', kind),
            ('state', '=', 'open'),
        ])
        vals = {
            'external_id': record.external_id,
            'external_number': record.external_number,
            'external_total': record.external_total,
            'detail': record.last_answer,
        }
        if variance:
            variance.write(vals)
        else:
            variance.create({
                **vals,
                'system_id': record.system_id.id,
                'kind': kind,
                'record_id': record.id,
                'move_id': record.move_id.id,
            })
