from odoo import Command, api, fields, models

from odoo.addons.credit_invoice.tools.actions import reload_page

from ..models.settlement_choice import SettlementChoice
from ..tools.actions import notify_with_undo


class CreditOverpaymentWizard(models.TransientModel):
    """The window of *Refund overpayment*: which money goes back, and how (pc22)."""

    _name = 'credit.overpayment.wizard'
    _inherit = ['credit.refund.mixin']
    _description = 'Refund an Overpayment'

    move_id = fields.Many2one(string='Invoice', required=True, readonly=True)
    company_id = fields.Many2one(related='move_id.company_id', related_sudo=False)
    commercial_partner_id = fields.Many2one(
        related='move_id.commercial_partner_id', related_sudo=False
    )
    currency_id = fields.Many2one(related='move_id.currency_id', related_sudo=False)
    line_ids = fields.One2many(
        comodel_name='credit.overpayment.wizard.line', inverse_name='wizard_id', string='Payments'
    )
    amount = fields.Monetary(string='Refunded', compute='_compute_amount')
    amount_released = fields.Monetary(
        string='Invoice Open Again',
        compute='_compute_amount',
        help='What is refunded of money that had paid this invoice: so much of it is open again.',
    )
    description = fields.Char(help='By default the number of the invoice.')
    settlement_id = fields.Many2one(comodel_name='credit.settlement', readonly=True)
    refusal = fields.Text(compute='_compute_preview')
    preview_html = fields.Html(compute='_compute_preview')
    items_html = fields.Html(compute='_compute_preview')

    # === DEFAULTS === #

    @api.model
    def default_get(self, fields):
        # EXTENDS 'web'
        values = super().default_get(fields)
        invoice = self.env['account.move'].browse(values.get('move_id') or ())
        if not invoice:
            return values
        invoice._check_can_refund_overpayment()
        return {'line_ids': self._get_default_lines(invoice), **values}

    @api.model
    def _get_default_lines(self, invoice):
        """A row for each open payment of the customer; what was paid for the invoice is chosen.

        Where nothing was paid too much, a row for each payment of the invoice, too.
        """
        surplus = invoice._get_surplus_lines()
        # What was paid too much goes back first; without it, the invoice is opened again.
        matched = not surplus and invoice._get_matched_money_lines()
        lines = surplus and invoice._get_open_money_lines()
        lines = lines or invoice._get_refundable_money_lines()
        return [
            Command.create({
                'sequence': sequence,
                'line_id': line.id,
                'is_surplus': line in (matched or surplus),
                'amount_matched': invoice._from_units(invoice._get_matched_units(line)),
                'amount': line in surplus and -line.amount_residual_currency,
            })
            for sequence, line in enumerate(lines)
        ]

    # === COMPUTE METHODS === #

    @api.depends('line_ids.amount', 'line_ids.amount_open')
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = sum(wizard.line_ids.mapped('amount'))
            wizard.amount_released = sum(
                max(row.amount - row.amount_open, 0.0) for row in wizard.line_ids
            )

    @api.depends('line_ids.amount')
    def _compute_bank_warning(self):
        # EXTENDS 'credit_invoice'
        super()._compute_bank_warning()

    def _get_refunded_lines(self):
        # EXTENDS 'credit_invoice'
        chosen = self.line_ids.filtered('amount')
        return chosen.line_id._origin

    @api.depends(
        'line_ids.amount',
        'date',
        'refund_way',
        'journal_id',
        'payment_method_line_id',
    )
    def _compute_preview(self):
        for wizard in self:
            preview, refusal = {}, False
            if wizard.line_ids.filtered('amount') and not wizard.is_done:
                preview, refusal = wizard._try_preview()
            wizard.refusal = refusal
            wizard.preview_html = preview.get('documents')
            wizard.items_html = preview.get('items')

    def _get_preview(self):
        """What will happen, as HTML; nothing is written.

        :return: dictionary with `documents` and `items`
        """
        choice, invoice = self._get_choice(), self.move_id._origin
        parts = invoice._get_overpayment_parts(self._get_amounts(), choice)
        return self.env['credit.approve.preview']._render_overpayment(invoice, choice, parts)

    # === ACTION METHODS === #

    def action_refund(self):
        """Refund what was chosen and say so.

        :return: a client action
        """
        self.ensure_one()
        self._lock_window()
        if not self.is_done:
            clean = self._without_defaults()
            self.settlement_id = clean.move_id._do_once(
                'refund_overpayment',
                clean.reference,
                lambda invoice: invoice._refund_overpayment(
                    clean._get_amounts(), clean._get_choice()
                ),
            )
            self.is_done = True
        return notify_with_undo(
            self.settlement_id._get_summary(), self.settlement_id, then=reload_page()
        )

    # === BUSINESS METHODS === #

    def _get_amounts(self):
        """What was chosen: journal item -> amount."""
        return {
            line.line_id._origin: line.amount
            for line in self.line_ids
            if not self.currency_id.is_zero(line.amount)
        }

    def _get_choice(self):
        return SettlementChoice(
            date=self.date,
            description=self.description,
            refund=self._get_refund_values(),
        )
