import base64
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.credit_invoice.models.export.credit_export_record import KNOWN_STATES
from odoo.addons.credit_invoice.tools.actions import notify, open_records, open_window, reload_page
from odoo.addons.credit_invoice.tools.locking import lock_rows

# Under its own name, and not shown.
DOWNLOAD = 'filename_field=file_name&download=true'
STATES = [
    ('made', 'In file'),
    ('partly', 'Answered in part'),
    ('answered', 'Answered'),
    ('confirmed', 'Confirmed'),
    ('withdrawn', 'Withdrawn'),
]


class CreditExportBatch(models.Model):
    """A file for a program that takes files, and what became of it.

    It is never changed: downloading it again gives the same bytes.
    """

    _name = 'credit.export.batch'
    _description = 'File for an Accounting System'
    _inherit = ['mail.thread']
    _order = 'id desc'

    name = fields.Char(required=True, readonly=True)
    system_id = fields.Many2one(
        comodel_name='credit.export.system',
        required=True,
        readonly=True,
        index=True,
        ondelete='restrict',
    )
    number = fields.Integer(required=True, readonly=True)
    company_id = fields.Many2one(
        comodel_name='res.company',
        required=True,
        readonly=True,
        index=True,
        help='Whose documents are in it: each company has files of its own, so that nobody gets '
        'those of another.',
    )
    file_format = fields.Char(string='Format', required=True, readonly=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string='Made by', required=True, readonly=True
    )
    count = fields.Integer(string='Documents', readonly=True)
    totals = fields.Char(
        string='Total',
        readonly=True,
        help='In each currency: invoices, less credits and payments.',
    )
    totals_text = fields.Char(string='Total as Amounts', compute='_compute_totals_text')
    digest = fields.Char(
        string='SHA-256', readonly=True, help='Who received the file can compare it with theirs.'
    )
    file = fields.Binary(attachment=True, required=True, readonly=True)
    file_name = fields.Char(required=True, readonly=True)
    state = fields.Selection(
        selection=STATES,
        string='Status',
        required=True,
        readonly=True,
        default='made',
        index=True,
        tracking=True,
    )
    record_ids = fields.Many2many(
        comodel_name='credit.export.record',
        relation='credit_export_batch_record_rel',
        column1='batch_id',
        column2='record_id',
        string='Exports',
        readonly=True,
        help='What was written into it, wherever that stands by now.',
    )

    _number_uniq = models.Constraint(
        'UNIQUE (system_id, number)', 'Each batch of a system has a number of its own.'
    )

    # === COMPUTE METHODS === #

    @api.depends('totals')
    @api.depends_context('lang')
    def _compute_totals_text(self):
        Record = self.env['credit.export.record']
        for batch in self:
            batch.totals_text = Record._format_totals(batch.totals)

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_always(self):
        raise UserError(self.env._('Files that were made are kept: withdraw it instead.'))

    # === ACTION METHODS === #

    def action_confirm(self):
        """Take all that is still in these files as standing over there.

        :raise AccessError: if the user may not manage exports
        """
        for batch_sudo in self._begin_change():
            for record in batch_sudo._get_waiting_records():
                record._answer_from_file(True)
            batch_sudo._update_state()
        return self._reload()

    def action_withdraw(self):
        """Take a file that was never read over there back: its documents wait again.

        :raise AccessError: if the user may not manage exports
        :raise UserError: if anything in it was confirmed or rejected
        """
        for batch_sudo in self._begin_change():
            if batch_sudo.state == 'withdrawn':
                continue
            records = batch_sudo._get_waiting_records()
            if batch_sudo.state != 'made' or records != batch_sudo.record_ids:
                raise UserError(
                    self.env._(
                        '%s was answered: credit what is wrong in it, it cannot be withdrawn.',
                        batch_sudo.name,
                    )
                )
            batch_sudo._check_nothing_follows(records)
            records.write({
                'state': 'to_send',
                'batch_id': False,
                'last_answer': self.env._('%s was withdrawn.', batch_sudo.name),
            })
            batch_sudo.state = 'withdrawn'
        return self._reload()

    def action_read_acknowledgement(self):
        """Open the window that reads what the program over there answered.

        :rtype: dict
        """
        self.ensure_one()
        return open_window(
            self.env['credit.export.acknowledgement'],
            self.env._('Read Acknowledgement'),
            context={'default_batch_id': self.id},
        )

    def action_download(self):
        """The file, the same as ever.

        :rtype: dict
        """
        self.ensure_one()
        self.check_access('read')
        return {
            'type': 'ir.actions.act_url',
            'url': f'/web/content/{self._name}/{self.id}/file?{DOWNLOAD}',
            'target': 'download',
        }

    # === BUSINESS METHODS === #

    @api.model
    def _encode(self, content):
        """Bytes as a field takes them."""
        return base64.b64encode(content)

    def _get_made_action(self, records):
        """What to show after files were made.

        :param records: those that were asked for
        :raise UserError: if nothing waited
        """
        done = self.sudo().record_ids
        rejected = records.filtered(lambda record: record.state == 'rejected')
        left = records.filtered(lambda record: record.state == 'to_send')
        if not done and not rejected:
            raise UserError(
                self.env._('Nothing waits to be written into a file.')
                if not left
                else self.env._(
                    '%(document)s: %(why)s',
                    document=left[0].move_id.display_name,
                    why=left[0].last_answer,
                )
            )
        message = self.env._(
            '%(done)s in the file, %(rejected)s rejected, %(left)s waiting.',
            done=len(done),
            rejected=len(rejected),
            left=len(left),
        )
        return notify(
            ' '.join([message, *rejected._get_rejection_texts()]),
            kind='warning' if rejected or left else 'success',
            is_sticky=bool(rejected),
            then=open_records(self, self.name) if len(self) == 1 else reload_page(),
        )

    def _begin_change(self):
        """Check the right to change what became of these files, and lock them (decision 14).

        :return: the same, with elevated rights
        """
        self.check_access('read')
        if not self.env.su and not self.env.user.has_group('credit_invoice.group_credit_export'):
            raise AccessError(self.env._('Only people who manage exports can do this. Ask one.'))
        lock_rows(self)
        return self.sudo()

    def _check_nothing_follows(self, records):
        """Refuse to take a file back while another one refers to what is in it.

        :param records: what is in it
        :raise UserError: names the other file
        """
        moves = records.move_id
        candidates = records.search([
            ('system_id', '=', self.system_id.id),
            ('batch_id', 'not in', [False, self.id]),
            ('state', 'in', KNOWN_STATES),
            '|',
            ('move_id', 'in', moves._get_credits().ids),
            ('target_move_id', 'in', moves.ids),
        ])
        for record in candidates:
            raise UserError(
                self.env._(
                    '%(document)s in %(other)s refers to what is in %(batch)s: withdraw %(other)s '
                    'first.',
                    document=record.move_id.display_name,
                    other=record.batch_id.name,
                    batch=self.name,
                )
            )

    def _reload(self):
        return reload_page()

    def _get_waiting_records(self):
        """What is in these files and not answered yet, with elevated rights."""
        return self.sudo().record_ids.filtered(
            lambda record: record.state == 'in_file' and record.batch_id in self
        )

    def _update_state(self):
        """Say what became of these files, from what became of their documents."""
        for batch in self.filtered(lambda batch: batch.state != 'withdrawn'):
            waiting = batch._get_waiting_records()
            sent = batch.record_ids.filtered(lambda record: record.state == 'sent')
            if waiting == batch.record_ids:
                state = 'made'
            elif sent == batch.record_ids:
                state = 'confirmed'
            else:
                state = 'partly' if waiting else 'answered'
            if batch.state != state:
                batch.state = state

    def _read_answers(self, answers, file_name):
        """Note what an acknowledgement says about the documents of this file.

        :param answers: list of `Answer`, see `tools/formats/ubl_read.py`
        :param str file_name: of the acknowledgement
        :return: dictionary of lists of numbers: `accepted`, `rejected`, `waiting` (no answer yet),
            `unknown` (in no such file), `known` (answered before), `problems` (sentences)
        """
        (batch_sudo,) = self._begin_change()
        by_number = defaultdict(batch_sudo.record_ids.browse)
        for record in batch_sudo.record_ids:
            by_number[record.external_number] |= record
        result = defaultdict(list)
        for answer in answers:
            for record in by_number[answer.number]:
                name = batch_sudo._read_answer(record, answer, result, file_name)
                result[name].append(answer.number)
            if not by_number[answer.number]:
                result['unknown'].append(answer.number)
        result.pop(None, None)
        batch_sudo._update_state()
        batch_sudo._message_log(
            author_id=self.env.user.partner_id.id,
            body=self.env._(
                'The acknowledgement %(file)s was read: %(accepted)s accepted, %(rejected)s '
                'rejected.',
                file=file_name,
                accepted=len(result['accepted']),
                rejected=len(result['rejected']),
            ),
        )
        return {name: numbers for name, numbers in result.items() if numbers}

    def _read_answer(self, record, answer, result, file_name):
        """Note one answer.

        :return: the name of the list that its number belongs on, see `_read_answers`
        """
        if answer.is_accepted is None:
            return 'waiting'
        if record.state != 'in_file' or record.batch_id != self:
            same = record.state == ('sent' if answer.is_accepted else 'rejected')
            if not same:
                result['problems'].append(
                    self.env._(
                        '%(number)s is %(state)s here, and was left so.',
                        number=answer.number,
                        state=record.status,
                    )
                )
            return 'known' if same else None
        if answer.external_id and self._is_taken(answer.external_id, record):
            result['problems'].append(
                self.env._(
                    '%(number)s: another document is called %(id)s there already.',
                    number=answer.number,
                    id=answer.external_id,
                )
            )
            return None
        source = self.env._(
            'acknowledgement %(file)s, read by %(user)s', file=file_name, user=self.env.user.name
        )
        if answer.message:
            message = f'{answer.message} ({source})'
        elif answer.is_accepted:
            message = self.env._('Accepted (%s).', source)
        else:
            message = self.env._('Rejected, without saying why (%s).', source)
        record._answer_from_file(answer.is_accepted, answer.external_id, message)
        return 'accepted' if answer.is_accepted else 'rejected'

    def _is_taken(self, external_id, record):
        return bool(
            record.search_count(
                [
                    ('system_id', '=', self.system_id.id),
                    ('external_id', '=', external_id),
                    ('id', '!=', record.id),
                ],
                limit=1,
            )
        )
