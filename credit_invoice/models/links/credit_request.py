from odoo import api, fields, models


class CreditRequest(models.Model):
    """What a program asked for under a reference of its own, with what was made of it.

    An answer can get lost, and the program asks again: the second time it is told what was made
    the first time. Written by `account.move._do_once` alone.
    """

    _name = 'credit.request'
    _description = 'Request of a Program'
    _order = 'id desc'
    _rec_name = 'reference'

    move_id = fields.Many2one(
        comodel_name='account.move',
        string='Document',
        required=True,
        readonly=True,
        index=True,
        ondelete='cascade',
        help='The document that something was done with.',
    )
    company_id = fields.Many2one(related='move_id.company_id', store=True, index=True)
    reference = fields.Char(required=True, readonly=True, help='As the program calls it.')
    operation = fields.Char(required=True, readonly=True, help='What it asked for.')
    made_move_ids = fields.Many2many(
        comodel_name='account.move',
        relation='credit_request_made_move_rel',
        column1='credit_request_id',
        column2='account_move_id',
        string='Documents Made',
        readonly=True,
    )

    _reference_uniq = models.UniqueIndex(
        '(company_id, move_id, reference)',
        'This reference was used for this document already: use another one.',
    )

    def _get_made(self):
        """What was made under these references. To be extended where it is no document.

        :rtype: recordset
        """
        return self.made_move_ids

    @api.model
    def _prepare_made_vals(self, made):
        """Values that keep what was made. To be extended, together with `_get_made`.

        :param made: recordset, or None where nothing is to be kept
        """
        moves = made if made is not None and made._name == 'account.move' else ()
        return {'made_move_ids': [fields.Command.set([move.id for move in moves])]}
