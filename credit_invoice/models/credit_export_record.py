from odoo import fields, models

OPERATIONS = [
    ('invoice', 'Invoice'),
    ('payment', 'Payment'),
    ('credit', 'Credit'),
    ('application', 'Application'),
]
STATES = [
    ('to_send', 'To Send'),
    ('sending', 'Sending'),
    ('in_file', 'In File'),
    ('sent', 'Exported'),
    ('rejected', 'Rejected'),
    ('unknown', 'Waiting for Confirmation'),
    ('differs', 'Differs'),
    ('duplicate', 'There Twice'),
    ('missing', 'Not Exported'),
    ('cancelled', 'Cancelled'),
]


class CreditExportRecord(models.Model):
    """Where one operation on one document stands in one outside system.

    It is the outbox row, written in the transaction that posts the document, and afterwards the
    record that the document is known over there (decision 19).
    """

    _name = 'credit.export.record'
    _description = 'Export of a Document'
    _order = 'id desc'
    _check_company_auto = True

    system_id = fields.Many2one(
        comodel_name='credit.export.system',
        required=True,
        readonly=True,
        index=True,
        ondelete='restrict',
    )
    company_id = fields.Many2one(related='system_id.company_id', store=True, index=True)
    move_id = fields.Many2one(
        comodel_name='account.move',
        string='Document',
        required=True,
        readonly=True,
        index=True,
        ondelete='cascade',
        help='The invoice or credit, or the entry of the payment.',
    )
    operation = fields.Selection(selection=OPERATIONS, required=True, readonly=True)
    state = fields.Selection(
        selection=STATES, required=True, readonly=True, default='to_send', index=True
    )
