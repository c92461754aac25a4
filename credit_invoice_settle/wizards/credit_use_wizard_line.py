from odoo import api, fields, models


class CreditUseWizardLine(models.TransientModel):
    """An open credit of the customer, and how much of it the invoice takes."""

    _name = 'credit.use.wizard.line'
    _inherit = ['credit.checked.mixin']
    _description = 'Credit to Use'
    _order = 'sequence, id'

    wizard_id = fields.Many2one(comodel_name='credit.use.wizard', required=True, ondelete='cascade')
    sequence = fields.Integer()
    credit_id = fields.Many2one(
        comodel_name='account.move', string='Credit Note', required=True, readonly=True
    )
    currency_id = fields.Many2one(related='credit_id.currency_id', related_sudo=False)
    # Who names a credit of which they may know nothing gets to know nothing.
    invoice_date = fields.Date(related='credit_id.invoice_date', related_sudo=False)
    origin_id = fields.Many2one(
        related='credit_id.reversed_entry_id', string='Origin', related_sudo=False
    )
    amount_open = fields.Monetary(
        related='credit_id.amount_residual', string='Open', related_sudo=False
    )
    amount = fields.Monetary(string='Use')
    amount_after = fields.Monetary(string='Open Afterwards', compute='_compute_amount_after')

    # === COMPUTE METHODS === #

    @api.depends('amount', 'amount_open')
    def _compute_amount_after(self):
        for row in self:
            row.amount_after = row.amount_open - row.amount
