from odoo import api, fields, models


class AccountMove(models.Model):
    """The invoice that replaces a credited one, also for another customer (mp20)."""

    _inherit = 'account.move'

    replacement_tax_notice = fields.Char(
        compute='_compute_replacement_tax_notice', compute_sudo=True
    )

    # === COMPUTE METHODS === #

    @api.depends('state', 'replaced_move_id', 'fiscal_position_id', 'invoice_line_ids.tax_ids')
    def _compute_replacement_tax_notice(self):
        for move in self:
            origin = move.replaced_move_id
            move.replacement_tax_notice = move._has_taxes_of_replaced_invoice() and self.env._(
                'The taxes are still those of %(invoice)s, which was for %(customer)s.',
                invoice=origin.name,
                customer=origin.partner_id.name or origin.commercial_partner_id.name,
            )

    # === BUSINESS METHODS === #

    def _has_taxes_of_replaced_invoice(self):
        """Whether *Update Taxes* would change a draft for a customer with other taxes."""
        self.ensure_one()
        origin = self.replaced_move_id
        return (
            self.state == 'draft'
            and bool(origin)
            and self.fiscal_position_id != origin.fiscal_position_id
            and any(line._would_get_other_taxes() for line in self.invoice_line_ids)
        )

    def _get_credit_figures(self):
        # EXTENDS 'credit_invoice': a payment that came loose when this invoice was replaced was
        # received all the same, and is the customer's until it is used
        figures = super()._get_credit_figures()
        loose = self._get_loose_received_amount()
        return {
            **figures,
            'received': self.currency_id.round(figures['received'] + loose),
            'owed_back': self.currency_id.round(figures['owed_back'] + loose),
        }

    def _get_loose_received_amount(self):
        """What was paid for this replaced invoice alone and is not used elsewhere yet."""
        self.ensure_one()
        if not self.replacement_move_ids:
            return 0.0
        payments = self.matched_payment_ids.filtered(
            lambda payment: payment.invoice_ids == self and payment.currency_id == self.currency_id
        )
        lines = payments.move_id.line_ids.filtered(
            lambda line: line.account_type == 'asset_receivable' and line.parent_state == 'posted'
        )
        return -sum(lines.mapped('amount_residual_currency'))
