from odoo import api, fields, models


class CreditApproveWizardLine(models.TransientModel):
    """An open invoice of the customer, and how much of the credit is used against it."""

    _name = 'credit.approve.wizard.line'
    _inherit = ['credit.checked.mixin']
    _description = 'Invoice to Use a Credit Against'
    _order = 'sequence, id'

    wizard_id = fields.Many2one(
        comodel_name='credit.approve.wizard', required=True, ondelete='cascade'
    )
    sequence = fields.Integer()
    move_id = fields.Many2one(comodel_name='account.move', string='Invoice', required=True)
    currency_id = fields.Many2one(related='wizard_id.currency_id')
    invoice_date = fields.Date(related='move_id.invoice_date', related_sudo=False)
    invoice_date_due = fields.Date(related='move_id.invoice_date_due', related_sudo=False)
    is_own = fields.Boolean(string='Credited', help='The invoice that is credited.')
    amount_open = fields.Monetary(string='Open', compute='_compute_amount_open')
    amount = fields.Monetary(string='Use')
    amount_after = fields.Monetary(string='Open Afterwards', compute='_compute_amount_after')

    is_too_much = fields.Boolean(compute='_compute_amount_after')

    @api.depends('move_id')
    def _compute_amount_open(self):
        for line in self:
            lines = line.move_id._get_open_receivable_lines()
            line.amount_open = sum(lines.mapped('amount_residual_currency'))

    @api.depends('amount', 'amount_open')
    def _compute_amount_after(self):
        for line in self:
            line.amount_after = line.amount_open - line.amount
            compare = (line.currency_id or self.env.company.currency_id).compare_amounts
            line.is_too_much = (
                compare(line.amount, line.amount_open) > 0 or compare(line.amount, 0.0) < 0
            )
