from odoo import api, fields, models


class CreditOverpaymentWizardLine(models.TransientModel):
    """Money of the customer, and how much of it goes back."""

    _name = 'credit.overpayment.wizard.line'
    _inherit = ['credit.checked.mixin']
    _description = 'Payment to Refund'
    _order = 'sequence, id'

    wizard_id = fields.Many2one(
        comodel_name='credit.overpayment.wizard', required=True, ondelete='cascade'
    )
    sequence = fields.Integer()
    line_id = fields.Many2one(
        comodel_name='account.move.line', string='Journal Item', required=True, readonly=True
    )
    currency_id = fields.Many2one(related='line_id.currency_id', related_sudo=False)
    payment_move_id = fields.Many2one(
        related='line_id.move_id', string='Payment', related_sudo=False
    )
    date = fields.Date(related='line_id.date', related_sudo=False)
    label = fields.Char(related='line_id.name', related_sudo=False)
    is_surplus = fields.Boolean(
        string='For this Invoice',
        readonly=True,
        help='It was registered for this invoice, or names its number or payment reference.',
    )
    amount_open = fields.Monetary(string='Open', compute='_compute_amount_open')
    amount_matched = fields.Monetary(
        string='Paid this Invoice',
        readonly=True,
        help='It is matched with this invoice: what is refunded of it opens the invoice again.',
    )
    amount = fields.Monetary(string='Refund')
    amount_after = fields.Monetary(string='Open Afterwards', compute='_compute_amount_after')

    # === COMPUTE METHODS === #

    @api.depends('line_id')
    def _compute_amount_open(self):
        for row in self:
            row.amount_open = -row.line_id.amount_residual_currency

    @api.depends('amount', 'amount_open')
    def _compute_amount_after(self):
        for row in self:
            row.amount_after = max(row.amount_open - row.amount, 0.0)
