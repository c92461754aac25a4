from odoo import fields, models


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
    settlement_ids = fields.Many2many(
        comodel_name='credit.settlement', string='Settlements Made', readonly=True
    )

    _reference_uniq = models.UniqueIndex(
        '(company_id, move_id, reference)',
        'This reference was used for this document already: use another one.',
    )
