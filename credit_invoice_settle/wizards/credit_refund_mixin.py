from odoo import api, fields, models

from ..models.credit_posting_rule import REFUND_WAYS


class CreditRefundMixin(models.AbstractModel):
    """How money goes back, as the windows of *Approve* and *Refund overpayment* ask for it."""

    _name = 'credit.refund.mixin'
    _inherit = ['credit.window.mixin']
    _description = 'Window That Refunds'

    move_id = fields.Many2one(comodel_name='account.move')
    company_id = fields.Many2one(comodel_name='res.company')
    commercial_partner_id = fields.Many2one(comodel_name='res.partner')
    date = fields.Date(
        string='Date of Settlement',
        required=True,
        default=fields.Date.context_today,
        help='Also the date of the payment.',
    )
    refund_way = fields.Selection(
        selection=REFUND_WAYS,
        string='Way to Refund',
        compute='_compute_refund',
        store=True,
        readonly=False,
    )
    journal_id = fields.Many2one(
        comodel_name='account.journal',
        string='Pay From',
        compute='_compute_refund',
        store=True,
        readonly=False,
        check_company=True,
        domain="[('type', 'in', ('bank', 'cash', 'credit'))]",
    )
    available_method_ids = fields.Many2many(
        comodel_name='account.payment.method.line', compute='_compute_available_methods'
    )
    payment_method_line_id = fields.Many2one(
        comodel_name='account.payment.method.line',
        string='Payment Method',
        compute='_compute_payment_method_line_id',
        store=True,
        readonly=False,
        domain="[('id', 'in', available_method_ids)]",
    )
    partner_bank_id = fields.Many2one(
        comodel_name='res.partner.bank',
        string='Pay To',
        compute='_compute_refund',
        store=True,
        readonly=False,
        domain="[('partner_id.commercial_partner_id', '=', commercial_partner_id)]",
    )
    bank_warning = fields.Char(compute='_compute_bank_warning')

    # === COMPUTE METHODS === #

    @api.depends('move_id', 'date')
    def _compute_refund(self):
        for wizard in self:
            vals = wizard.move_id and wizard.move_id._prepare_refund_vals() or {}
            wizard.refund_way = vals.get('way')
            wizard.journal_id = vals.get('journal_id')
            wizard.partner_bank_id = vals.get('partner_bank_id')

    @api.depends('journal_id')
    def _compute_available_methods(self):
        for wizard in self:
            wizard.available_method_ids = wizard.journal_id.outbound_payment_method_line_ids

    @api.depends('journal_id')
    def _compute_payment_method_line_id(self):
        for wizard in self:
            wizard.payment_method_line_id = wizard.available_method_ids[:1]._origin

    @api.depends('partner_bank_id', 'move_id')
    def _compute_bank_warning(self):
        for wizard in self:
            wizard.bank_warning = wizard.move_id and wizard.move_id._get_bank_account_warning(
                wizard.partner_bank_id._origin, wizard._get_refunded_lines()
            )

    def _get_refunded_lines(self):
        """The journal items of the money that goes back, or None for all of the document."""
        return

    # === BUSINESS METHODS === #

    def _get_refund_values(self):
        """How the money goes back, as `SettlementChoice.refund`."""
        names = ('journal_id', 'payment_method_line_id', 'partner_bank_id')
        return {'way': self.refund_way, **{name: self[name]._origin.id for name in names}}
