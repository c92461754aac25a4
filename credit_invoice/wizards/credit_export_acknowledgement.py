import base64
import binascii

from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.actions import open_window
from ..tools.export_contract import ExportError
from ..tools.files_connector import read_acknowledgement


class CreditExportAcknowledgement(models.TransientModel):
    """Reads what the program over there answered to a file."""

    _name = 'credit.export.acknowledgement'
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
    unknown_numbers = fields.Text(string='Not in This File', readonly=True)
    problems = fields.Text(readonly=True)

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
