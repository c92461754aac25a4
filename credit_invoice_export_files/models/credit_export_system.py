from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.credit_invoice.tools.actions import open_action
from odoo.addons.credit_invoice.tools.export_contract import BATCHES, PAYMENTS, Tax

from ..tools.files_connector import FilesConnector
from ..tools.formats import FORMATS

ZERO = Decimal(0)
# In one file at most; what is left waits for the next.
BATCH_LIMIT = 2000
# What can stand in a file, in the order in which it has to be read.
FILE_OPERATIONS = ('invoice', 'payment', 'credit')


class CreditExportSystem(models.Model):
    """Programs that take files: what waits is written into a batch when somebody asks for it."""

    _inherit = 'credit.export.system'

    connector = fields.Selection(
        selection_add=[('files', 'Files')],
        ondelete={'files': lambda systems: systems._give_up_files()},
    )
    file_format = fields.Selection(
        selection=lambda self: self._get_file_formats(),
        default='ubl',
        tracking=True,
        help='What the program over there reads.',
    )
    is_day_first = fields.Boolean(
        string='Day Before Month',
        help='Dates in the files begin with the day, as the computer over there is set up.',
    )
    last_batch_number = fields.Integer(readonly=True, copy=False)
    batch_ids = fields.One2many(comodel_name='credit.export.batch', inverse_name='system_id')
    batch_count = fields.Integer(string='Batches', compute='_compute_batch_count')
    batch_waiting_count = fields.Integer(
        string='Waiting for a File', compute='_compute_batch_waiting_count'
    )

    mapping_hint = fields.Char(compute='_compute_mapping_hint')
    mapping_gap = fields.Char(compute='_compute_mapping_gap')

    # === COMPUTE METHODS === #

    @api.depends('connector', 'file_format')
    @api.depends_context('lang')
    def _compute_mapping_hint(self):
        hints = self._get_mapping_hints()
        for system in self:
            system.mapping_hint = system.connector == 'files' and hints.get(system.file_format)

    @api.model
    def _get_mapping_hints(self):
        """What each format wants of accounts and taxes, said before anything is refused.

        :rtype: dict
        """
        return {
            'ubl': self.env._(
                'Taxes of 0 % need a line under Accounts and Taxes that says why: Z, E, AE, K, G '
                'or O.'
            ),
            'beancount': self.env._(
                'Each tax needs a line under Accounts and Taxes with the account that it is booked '
                'on, such as Liabilities:VAT; so do accounts whose code is no part of a name.'
            ),
            'iif': self.env._(
                'Each account and tax needs a line under Accounts and Taxes with the account as '
                'it is called over there.'
            ),
            'myob': self.env._(
                'Each account and tax needs a line under Accounts and Taxes: accounts such as '
                '4-1000, taxes with up to three characters, such as GST.'
            ),
        }

    @api.depends('connector', 'file_format', 'mapping_ids.code')
    @api.depends_context('lang')
    def _compute_mapping_gap(self):
        for system in self:
            saved = system._origin
            unknown = ()
            if saved.connector == 'files' and saved._can(BATCHES):
                unknown = saved._get_unknown_codes(*saved._get_used_codes())
            system.mapping_gap = bool(unknown) and saved._get_unknown_text(unknown)

    @api.model
    def _get_file_formats(self):
        """The formats to choose from. To be extended, with the connector's `_get_format`."""
        return [(code, file_format.NAME) for code, file_format in FORMATS.items()]

    @api.depends('batch_ids')
    def _compute_batch_count(self):
        groups = self.env['credit.export.batch']._read_group(
            [('system_id', 'in', self.ids)], ['system_id'], ['__count']
        )
        counts = {system.id: count for system, count in groups}
        for system in self:
            system.batch_count = counts.get(system.id, 0)

    def _compute_batch_waiting_count(self):
        groups = self.env['credit.export.record']._read_group(
            [
                ('system_id', 'in', self.filtered(lambda system: system.connector == 'files').ids),
                ('state', '=', 'to_send'),
                ('operation', 'in', FILE_OPERATIONS),
            ],
            ['system_id'],
            ['__count'],
        )
        counts = {system.id: count for system, count in groups}
        for system in self:
            system.batch_waiting_count = counts.get(system.id, 0)

    # === ACTION METHODS === #

    def action_make_batch(self):
        """Write what waits for this system into a file.

        :return: the action that shows the batch, or says why there is none
        :rtype: dict
        :raise AccessError: if the user may not manage exports
        :raise UserError: if nothing waits
        """
        self.ensure_one()
        self._check_batch_rights()
        records = self.env['credit.export.record'].search([
            ('system_id', '=', self.id),
            ('state', '=', 'to_send'),
        ])
        return self._make_batches(records)._get_made_action(records)

    def action_view_batches(self):
        """The batches of this system.

        :rtype: dict
        """
        self.ensure_one()
        return open_action(
            self.env,
            'credit_invoice_export_files.credit_export_batch_action',
            domain=[('system_id', '=', self.id)],
        )

    # === BUSINESS METHODS === #

    def _get_connector_class(self):
        # EXTENDS 'credit_invoice'
        return FilesConnector if self.connector == 'files' else super()._get_connector_class()

    def _give_up_files(self):
        """Archive these until the add-on is installed again: nobody makes or confirms files.

        What was in a file without an answer waits for a person, as the files are gone.
        """
        self.action_archive()
        records_sudo = (
            self
            .env['credit.export.record']
            .sudo()
            .search([
                ('system_id', 'in', self.ids),
                ('state', '=', 'in_file'),
            ])
        )
        records_sudo.write({
            'state': 'unknown',
            'last_answer': self.env._(
                'The file that it was in is gone: confirm it, or send it again.'
            ),
        })

    def _get_unknown_codes(self, accounts, taxes):
        # EXTENDS 'credit_invoice': nobody is asked; the format says what it can write
        connector = self._get_connector()
        if BATCHES not in connector.capabilities():
            return super()._get_unknown_codes(accounts, taxes)
        used = [
            Tax(self._get_code(tax), self._get_name(tax), self._get_rate(tax), ZERO, ZERO)
            for tax in self._get_used_records()[1]
        ]
        unfit = connector.get_unfit(accounts, used)
        return [code for codes in unfit for code in codes]

    def _prepare_connection_options(self):
        # EXTENDS 'credit_invoice'
        return {
            **super()._prepare_connection_options(),
            'file_format': self.file_format,
            'day_first': self.is_day_first,
            'currency': self.company_id.currency_id.name,
        }

    def _check_batch_rights(self):
        """Refuse those who may not make files.

        :raise AccessError: says what right is missing
        """
        self.check_access('read')
        if not self.env.su and not self.env.user.has_group('credit_invoice.group_credit_export'):
            raise AccessError(self.env._('Only people who manage exports can make files. Ask one.'))

    def _make_batches(self, records):
        """Write records that wait into files, one for each company.

        :param records: of this system
        :return: the batches
        """
        batches = self.env['credit.export.batch']
        return batches.union(*map(self._make_batch, records.grouped('company_id').values()))

    def _make_batch(self, records):
        """Write records that wait into one file, as far as it can carry them: they are in the file,
        or refused, or go on waiting for others, in one transaction.

        :param records: of this system and one company; what does not wait is left alone
        :return: the batch; empty if nothing could be written
        """
        self.ensure_one()
        connector = self._get_connector()
        if BATCHES not in connector.capabilities():
            raise UserError(
                self.env._('%s takes no files: it is sent to by itself.', self.display_name)
            )
        records_sudo = records.sudo().filtered(lambda record: record.state == 'to_send')
        documents = self.sudo()._collect_batch(connector, records_sudo)
        if not documents:
            return self.env['credit.export.batch']
        # Two at the same time: the second is done again, and finds nothing that waits.
        self_sudo = self.sudo()
        self_sudo.last_batch_number += 1
        self_sudo.flush_recordset(['last_batch_number'])
        batch_sudo = self_sudo.env['credit.export.batch'].create(
            self_sudo._prepare_batch_vals(connector.render(), records_sudo.filtered(documents.get))
        )
        for record, document in documents.items():
            record._take_into_batch(batch_sudo, document)
        return batch_sudo.sudo(False)

    def _collect_batch(self, connector, records):
        """Give the connector what can be written, invoices before what refers to them.

        :param records: waiting, with elevated rights
        :return: dictionary of record: document, in the order of the file
        """
        carried = [
            operation
            for operation in FILE_OPERATIONS
            if operation != 'payment' or PAYMENTS in connector.capabilities()
        ]
        for record in records.filtered(lambda record: record.operation not in carried):
            record._cancel(self.env._('Files for %s do not carry this: do it there.', self.name))
        documents = {}
        for operation in carried:
            for record in records.filtered(lambda r, o=operation: r.operation == o).sorted('id'):
                if len(documents) < BATCH_LIMIT and record._is_ready_for_batch(documents):
                    record._collect(connector, documents)
        return documents

    def _prepare_batch_vals(self, batch, records):
        """The values of a batch.

        :param Batch batch: see `tools/files_connector.py`
        :param records: what is in it
        """
        number = f'{self.last_batch_number:05}'
        title = f'{self.name} {number}'
        slug = '-'.join(''.join(c if c.isalnum() else ' ' for c in title).split())
        return {
            'name': self.env._('File %s', number),
            'system_id': self.id,
            'number': self.last_batch_number,
            'company_id': records.company_id.id,
            'file_format': dict(self._get_file_formats())[self.file_format],
            'user_id': self.env.uid,
            'count': batch.count,
            'totals': ', '.join(f'{amount} {currency}' for currency, amount in batch.totals),
            'digest': batch.digest,
            'file': self.env['credit.export.batch']._encode(batch.content),
            'file_name': f'{slug}.{batch.extension}',
            'record_ids': [fields.Command.set(records.ids)],
        }
