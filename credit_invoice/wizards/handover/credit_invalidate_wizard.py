from markupsafe import Markup

from odoo import api, fields, models


class CreditInvalidateWizard(models.TransientModel):
    """Asks for the reason, or explains why the invoice cannot be invalidated (pc01, pc02)."""

    _name = 'credit.invalidate.wizard'
    _inherit = ['credit.checked.mixin']
    _description = 'Invalidate an Invoice'

    move_id = fields.Many2one('account.move', string='Invoice', required=True, readonly=True)
    company_id = fields.Many2one(related='move_id.company_id', related_sudo=False)
    refusal_html = fields.Html(string='What Speaks Against', compute='_compute_refusals')
    can_be_credited = fields.Boolean(compute='_compute_refusals')
    handover_doubt = fields.Char(string='What Is Unknown', compute='_compute_refusals')
    credit_reason_id = fields.Many2one(
        comodel_name='credit.reason',
        string='Reason',
        check_company=True,
        # Goods come back, or get cheaper, on an invoice that the customer has.
        domain="[('treatment', '!=', 'part')]",
    )
    reason = fields.Char(
        string='Note',
        compute='_compute_reason',
        store=True,
        readonly=False,
        precompute=True,
        help='Why it is invalidated. It stands on the invoice; the customer does not read it.',
    )
    is_not_handed_over = fields.Boolean(
        string='It was not handed over to the customer in any other way'
    )

    # === COMPUTE METHODS === #

    @api.depends('move_id')
    def _compute_refusals(self):
        for wizard in self:
            invoice = wizard.move_id
            refusals = invoice._get_invalidation_refusals().values()
            items = Markup().join(Markup('<li>%s</li>') % refusal for refusal in refusals)
            wizard.refusal_html = items and Markup('<ul class="mb-0">%s</ul>') % items
            wizard.can_be_credited = bool(refusals) and not invoice._get_credit_refusal()
            wizard.handover_doubt = not refusals and invoice._get_handover_doubt()

    @api.depends('credit_reason_id')
    def _compute_reason(self):
        for wizard in self:
            wizard.reason = wizard.reason or wizard.credit_reason_id.name

    # === ACTION METHODS === #

    def action_invalidate(self):
        """Invalidate the invoice, see `account.move.invalidate_invoice`.

        :return: the action that closes the dialog
        :rtype: dict
        """
        self.ensure_one()
        self.move_id.invalidate_invoice(
            self.reason,
            not_handed_over=self.is_not_handed_over,
            credit_reason_id=self.credit_reason_id.id,
        )
        return {'type': 'ir.actions.act_window_close'}

    def action_credit_invoice(self):
        """Open the dialog of *Credit this Invoice* instead."""
        self.ensure_one()
        return self.move_id.action_credit_invoice()
