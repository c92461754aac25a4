from odoo import Command, api, fields, models

from odoo.addons.credit_invoice.tools.actions import reload_page

from ..models.settlement_choice import SettlementChoice


class CreditUseWizard(models.TransientModel):
    """The window of *Use now*: how much of which open credit an invoice takes (pc20b)."""

    _name = 'credit.use.wizard'
    _inherit = ['credit.window.mixin']
    _description = 'Use Open Credits'

    move_id = fields.Many2one(
        comodel_name='account.move', string='Invoice', required=True, readonly=True
    )
    company_id = fields.Many2one(related='move_id.company_id', related_sudo=False)
    currency_id = fields.Many2one(related='move_id.currency_id', related_sudo=False)
    state = fields.Selection(related='move_id.state', related_sudo=False)
    line_ids = fields.One2many(
        comodel_name='credit.use.wizard.line', inverse_name='wizard_id', string='Credits'
    )
    amount_open = fields.Monetary(string='Open', compute='_compute_amount_open')
    amount = fields.Monetary(string='Used', compute='_compute_amount')
    amount_after = fields.Monetary(string='Open Afterwards', compute='_compute_amount')
    date = fields.Date(
        string='Date of Settlement', required=True, default=fields.Date.context_today
    )
    description = fields.Char(help='By default the number of the credit note.')
    refusal = fields.Text(compute='_compute_refusal')
    preview_html = fields.Html(compute='_compute_refusal')

    # === DEFAULTS === #

    @api.model
    def default_get(self, fields):
        # EXTENDS 'web'
        values = super().default_get(fields)
        invoice = self.env['account.move'].browse(values.get('move_id') or ())
        if not invoice:
            return values
        invoice._check_can_use_credits()
        return {'line_ids': self._get_default_lines(invoice), **values}

    @api.model
    def _get_default_lines(self, invoice):
        """A row for each open credit, with what is planned or else proposed."""
        planned = {use.credit_id: use.amount for use in invoice._get_planned_uses()}
        amounts = planned or invoice._get_proposed_uses()
        return [
            Command.create({
                'sequence': sequence,
                'credit_id': credit.id,
                'amount': amounts.get(credit, 0.0),
            })
            for sequence, credit in enumerate(invoice._get_open_credits())
        ]

    # === COMPUTE METHODS === #

    @api.depends('move_id')
    def _compute_amount_open(self):
        for wizard in self:
            wizard.amount_open = wizard.move_id and wizard.move_id._get_amount_to_take()

    @api.depends('line_ids.amount', 'amount_open')
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = sum(wizard.line_ids.mapped('amount'))
            wizard.amount_after = wizard.amount_open - wizard.amount

    @api.depends('line_ids.amount', 'date')
    def _compute_refusal(self):
        for wizard in self:
            preview, refusal = {}, False
            if wizard.line_ids.filtered('amount') and not wizard.is_done:
                preview, refusal = wizard._try_preview()
            wizard.refusal = refusal
            wizard.preview_html = preview.get('documents')

    def _get_preview(self):
        """What will happen, as HTML; nothing is written.

        :return: dictionary with `documents`; nothing of a draft
        """
        invoice, amounts = self.move_id._origin, self._get_amounts()
        invoice._check_uses(amounts)
        if invoice.state == 'draft':
            return {}
        choices = {
            credit: SettlementChoice(settlement='chosen', uses={invoice.id: amount}, date=self.date)
            for credit, amount in amounts.items()
        }
        return self.env['credit.approve.preview']._render_preview(choices)

    # === ACTION METHODS === #

    def action_use(self):
        """Use what was chosen, now or when the draft is posted.

        :return: the client action that reloads the page
        """
        self.ensure_one()
        self._lock_window()
        if not self.is_done:
            clean = self._without_defaults()
            clean.move_id._do_once(
                'use_credits',
                clean.reference,
                lambda invoice: invoice._use_credits(
                    clean._get_amounts(), clean.date, clean.description
                ),
            )
            self.is_done = True
        return reload_page()

    def action_leave(self):
        """Leave the credits for other invoices."""
        self.ensure_one()
        return self.move_id.action_leave_credits()

    # === BUSINESS METHODS === #

    def _get_amounts(self):
        """What was chosen: credit -> amount."""
        return {
            line.credit_id._origin: line.amount
            for line in self.line_ids
            if not self.currency_id.is_zero(line.amount)
        }
