import base64
import binascii

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.credit_invoice.tools.actions import open_window
from odoo.addons.credit_invoice.tools.export_contract import ExportError

from ..tools.files_connector import read_acknowledgement


class CreditExportAcknowledgement(models.TransientModel):
    """Reads what the program over there answered to a file."""

    _name = 'credit.export.acknowledgement'
    _inherit = ['credit.checked.mixin']
    _description = 'Read Acknowledgement'

    batch_id = fields.Many2one(
        comodel_name='credit.export.batch', required=True, ondelete='cascade'
    )
    file = fields.Binary(
        string='Acknowledgement',
        attachment=False,
        help='A UBL ApplicationResponse, or a text file of number;status;their id;message, where '
        'the status is accepted or rejected.',
    )
    file_name = fields.Char()
    is_read = fields.Boolean(readonly=True)
    accepted_count = fields.Integer(string='Accepted', readonly=True)
    rejected_numbers = fields.Text(string='Rejected', readonly=True)
    waiting_numbers = fields.Char(string='Not Decided Yet', readonly=True)
    known_count = fields.Integer(string='Answered Before', readonly=True)
    unknown_numbers = fields.Text(string='Not in this File', readonly=True)
    problems = fields.Text(readonly=True)
    open_count = fields.Integer(string='Still Without Answer', readonly=True)
    result = fields.Char(compute='_compute_result')
    is_all_well = fields.Boolean(compute='_compute_result')

    # === COMPUTE METHODS === #

    @api.depends('is_read')
    @api.depends_context('lang')
    def _compute_result(self):
        for wizard in self:
            parts = wizard._get_result_parts()
            wizard.is_all_well = not parts
            if wizard.accepted_count == 1:
                parts.insert(0, self.env._('1 document was accepted.'))
            else:
                parts.insert(0, self.env._('%s documents were accepted.', wizard.accepted_count))
            wizard.result = ' '.join(parts)

    def _get_result_parts(self):
        """What is not as it should be after reading.

        :return: list of sentences
        """
        self.ensure_one()
        parts = []
        if self.rejected_numbers:
            parts.append(self.env._('Rejected: %s.', len(self.rejected_numbers.splitlines())))
        if self.unknown_numbers:
            parts.append(
                self.env._(
                    'The acknowledgement names documents that are not in this file: did you '
                    'choose the one that belongs to it?'
                )
            )
        if self.problems:
            parts.append(self.env._('Some answers were left out, see Problems.'))
        if self.open_count:
            parts.append(self.env._('Of this file, still without an answer: %s.', self.open_count))
        return parts

    # === ACTION METHODS === #

    def action_read(self):
        """Note what the file says, and show it.

        :return: this window again
        :rtype: dict
        :raise AccessError: if the user may not manage exports
        :raise UserError: if the file cannot be read
        """
        self.ensure_one()
        if not self.file:
            raise UserError(self.env._('Choose the file that the program over there gave you.'))
        try:
            numbers = set(self.batch_id.sudo().record_ids.mapped('external_number'))
            answers = read_acknowledgement(base64.b64decode(self.file), numbers)
        except (ExportError, binascii.Error) as error:
            raise UserError(str(error)) from error
        name = self.file_name or self.env._('without a name')
        result = self.batch_id._read_answers(answers, name)
        self.write({
            'is_read': True,
            'accepted_count': len(result.get('accepted', ())),
            'known_count': len(result.get('known', ())),
            'rejected_numbers': self._get_rejection_text(answers, result),
            'waiting_numbers': ', '.join(result.get('waiting', ())),
            'unknown_numbers': ', '.join(result.get('unknown', ())),
            'problems': '\n'.join(result.get('problems', ())),
            'open_count': len(self.batch_id._get_waiting_records()),
        })
        return open_window(self, self.env._('Read Acknowledgement'))

    def _get_rejection_text(self, answers, result):
        """Which documents were rejected, and why, one in each line.

        :param answers: list of `Answer`, as they stand in the file
        :param dict result: what `_read_answers` made of them
        :rtype: str
        """
        rejected = result.get('rejected', ())
        return '\n'.join(
            f'{answer.number}: {answer.message or self.env._("without saying why")}'
            for answer in answers
            if answer.number in rejected
        )
