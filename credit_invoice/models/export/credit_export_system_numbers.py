from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.external_number import NumberError, read_alphabet, read_replacements, to_external


class CreditExportSystem(models.Model):
    """The form of document numbers in a system: distinct and reversible, or refused."""

    _inherit = 'credit.export.system'

    number_length = fields.Integer(
        string='Longest Number', help='How many characters a number has over there. 0: any.'
    )
    number_alphabet = fields.Char(
        string='Characters', help='What numbers over there consist of, such as A-Z0-9-. Empty: any.'
    )
    number_replacements = fields.Text(
        string='Replacements',
        help='How our numbers become theirs: one replacement in each line, such as "INV/ = I" and '
        '"/ = -". A number that could not be read back is refused.',
    )
    number_example = fields.Char(string='Example', compute='_compute_number_example')

    # === COMPUTE METHODS === #

    @api.depends('number_length', 'number_alphabet', 'number_replacements', 'journal_ids')
    def _compute_number_example(self):
        for system in self:
            move = self.env['account.move'].search(
                system._get_document_domain(), order='id desc', limit=1
            )
            try:
                external = move and system._get_external_number(move)
                system.number_example = external and f'{move.name} → {external}'
            except (UserError, ValidationError) as error:
                system.number_example = str(error)

    # === CONSTRAINTS === #

    @api.constrains('number_length', 'number_alphabet', 'number_replacements')
    def _check_number_form(self):
        for system in self:
            try:
                read_replacements(system.number_replacements)
                read_alphabet(system.number_alphabet or '')
            except NumberError as error:
                raise ValidationError(system._explain_number_error(error)) from error
            if system.number_length < 0:
                raise ValidationError(self.env._('Enter 0 or more as the longest number.'))

    # === BUSINESS METHODS === #

    def _get_external_number(self, move):
        """The number of a document in the form that is used over there.

        :raise UserError: if it does not fit, or could not be read back
        """
        self.ensure_one()
        try:
            return to_external(
                move.name,
                read_replacements(self.number_replacements),
                self.number_length,
                self.number_alphabet or '',
            )
        except NumberError as error:
            raise UserError(self._explain_number_error(error)) from error

    def _explain_number_error(self, error):
        texts = {
            'line': self.env._('Write each replacement as "old = new", not as "%s".', error.text),
            'twice': self.env._(
                'Replace each text once and by something of its own: see "%s".', error.text
            ),
            'length': self.env._(
                '%(number)s has more than %(length)s characters: add a replacement that shortens '
                'it.',
                number=error.text,
                length=self.number_length,
            ),
            'alphabet': self.env._(
                '%(number)s does not fit the characters %(alphabet)s: add a replacement for what '
                'is not allowed.',
                number=error.text,
                alphabet=self.number_alphabet,
            ),
            'ambiguous': self.env._(
                '%s could be another number, too, when it is read back: change the replacements.',
                error.text,
            ),
        }
        return texts[error.reason]
