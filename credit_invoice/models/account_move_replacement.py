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
