from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.credit_invoice.tools.actions import reload_page
from odoo.addons.credit_invoice.tools.export_contract import (
    BATCHES,
    FIND,
    ExportRefused,
    is_real_id,
)

# So many of those that were rejected are named in a message.
FEW = 3
# What a person can say of it that it is over there.
CONFIRMABLE_STATES = ('in_file', 'unknown')


class CreditExportRecord(models.Model):
    """Documents in files: taken into one, confirmed, rejected, or taken back out of it."""

    _inherit = 'credit.export.record'

    batch_id = fields.Many2one(
        comodel_name='credit.export.batch',
        readonly=True,
        index='btree_not_null',
        ondelete='restrict',
        help='The file that it is in.',
    )

    # === ACTION METHODS === #

    def action_make_batch(self):
        """Write these into files, one for each system, as far as they wait.

        :return: the action that shows the batches
        :rtype: dict
        :raise AccessError: if the user may not manage exports
        """
        self._check_manage_rights()
        batches = self.env['credit.export.batch']
        for system, records in self.grouped('system_id').items():
            batches |= system._make_batches(records)
        return batches._get_made_action(self)

    def action_confirm_in_file(self):
        """Take these as standing over there, because a person says so.

        :raise AccessError: if the user may not manage exports
        :raise UserError: names the first that is in no file
        """
        self._check_manage_rights()
        for record in self:
            if record.state == 'sent':
                continue
            if record.state not in CONFIRMABLE_STATES or not record.sudo()._is_in_files():
                raise UserError(
                    self.env._(
                        '%(document)s is %(state)s: only what is in a file can be confirmed.',
                        document=record.move_id.display_name,
                        state=record.status,
                    )
                )
        records_sudo = self.sudo().filtered(lambda record: record.state != 'sent')
        for record in records_sudo:
            record._answer_from_file(True)
        records_sudo.batch_id._update_state()
        return reload_page()

    def action_take_back_confirmation(self):
        """Take these as not standing over there after all, because a person says so; they can be
        sent again then.

        :raise AccessError: if the user may not manage exports
        :raise UserError: names the first that no person has confirmed
        """
        self._check_manage_rights()
        for record in self.sudo():
            if record.state not in ('sent', 'differs') or not record._is_in_files():
                raise UserError(
                    self.env._(
                        '%(document)s is %(state)s: only what was confirmed by hand or by an '
                        'acknowledgement can be taken back.',
                        document=record.move_id.display_name,
                        state=record.status,
                    )
                )
        for record in self.sudo():
            record._touch()
            record.write({
                'state': 'missing',
                'external_id': False,
                'done_at': False,
                'last_answer': self.env._(
                    '%s says that it is not there after all.', self.env.user.name
                ),
            })
            self.env['credit.export.variance']._note_record(record)
        self.sudo().batch_id._update_state()
        return reload_page()

    # === BUSINESS METHODS === #

    def _get_send_again_refusal(self):
        # EXTENDS 'credit_invoice': what cannot be looked for would stand in two files
        refusal = super()._get_send_again_refusal()
        if refusal or not self._is_in_files() or self._is_absent() or not self.batch_id:
            return refusal
        return self.env._(
            '%(document)s was written into %(batch)s and is %(state)s: if it is not in '
            '%(system)s after all, take its confirmation back first.',
            document=self.move_id.display_name,
            batch=self.batch_id.name,
            state=self.status,
            system=self.system_id.name,
        )

    def _get_rejection_texts(self):
        """Why these were rejected: the first few, and how many more there are.

        :rtype: list[str]
        """
        texts = [
            # What the document is not called in the answer itself is put before it.
            record.last_answer
            if record.number in (record.last_answer or '')
            else f'{record.number}: {record.last_answer}'
            for record in self[:FEW]
        ]
        if len(self) > FEW:
            texts.append(self.env._('Rejected, too: %s more.', len(self) - FEW))
        return texts

    def _is_in_files(self):
        """Whether its system takes files, and cannot be asked."""
        self.ensure_one()
        return self.system_id._can(BATCHES) and not self.system_id._can(FIND)

    def _queue_again(self):
        # EXTENDS 'credit_invoice': what cannot be looked for goes into the next file
        in_files = self.filtered(lambda record: record._is_in_files())
        in_files.write({
            'state': 'to_send',
            'is_check': False,
            'batch_id': False,
            'next_try': False,
            'last_answer': self.env._('To be written into the next file.'),
            'user_id': self.env.uid,
        })
        return super(CreditExportRecord, self - in_files)._queue_again()

    def _can_go_into_next_file(self):
        # EXTENDS 'credit_invoice': one that is in a file is not looked for only
        return super()._can_go_into_next_file() and (self._is_absent() or not self.batch_id)

    def _is_ready_for_batch(self, documents):
        """Whether what it refers to stands over there, or before it in the same file.

        :param dict documents: by record, what is in the file by now
        """
        self.ensure_one()
        missing = self._get_predecessors().filtered(
            lambda record: not record._is_known() and record not in documents
        )
        if missing:
            text = self.env._(
                'Waits for %s.',
                ', '.join(f'{record.move_id.name} ({record.status})' for record in missing),
            )
            if self.last_answer != text:
                self.last_answer = text
        return not missing

    def _collect(self, connector, documents):
        """Give its document to the connector, or note why that does not want it.

        :param dict documents: by record; it is added there
        """
        self.ensure_one()
        if self.move_id.state != 'posted':
            self._cancel(self.env._('It is not posted here any more.'))
            return
        try:
            document = self._prepare_document()
            if any(document.number == other.number for other in documents.values()):
                # An acknowledgement names documents by their number.
                self.last_answer = self.env._(
                    'Waits for the next file: this one holds another document of its number.'
                )
                return
            connector.create(document)
        except (UserError, ExportRefused) as error:
            self._note_file_answer({'state': 'rejected', 'last_answer': str(error)})
        else:
            documents[self] = document

    def _take_into_batch(self, batch, document):
        self.write({
            'state': 'in_file',
            'batch_id': batch.id,
            'attempts': self.attempts + 1,
            'last_attempt': self._get_now(),
            'next_try': False,
            'digest': document.digest,
            'external_number': document.number,
            'external_total': f'{document.total} {document.currency}',
            'last_answer': self.env._('Written into %s.', batch.name),
        })
        self.env['credit.export.variance']._note_record(self)

    def _answer_from_file(self, is_accepted, external_id='', message=''):
        """Note what became of it over there.

        :param bool is_accepted: whether it stands there now
        :param str external_id: what it is called there, if that was said
        :param str message: what else was said
        """
        self.ensure_one()
        if is_accepted:
            default = self.env._('Confirmed by %s.', self.env.user.name)
            vals = {'state': 'sent', 'external_id': external_id}
            if not is_real_id(external_id):
                vals['external_id'] = self.external_id
        else:
            default = self.env._('Rejected, without saying why.')
            vals = {'state': 'rejected'}
        self._note_file_answer({**vals, 'last_answer': message or default})

    def _note_file_answer(self, vals):
        self.write(self._complete_vals(vals))
        self.system_id._note_answer(vals)
        self._follow_matches()
        self.env['credit.export.variance']._note_record(self)
