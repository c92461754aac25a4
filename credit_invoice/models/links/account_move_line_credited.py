from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain


class AccountMoveLine(models.Model):
    """What was credited of each line of an invoice (if03)."""

    _inherit = 'account.move.line'

    credited_quantity = fields.Float(
        digits='Product Unit',
        compute='_compute_credited_figures',
        compute_sudo=True,
        help='How much of this line posted credit notes took back.',
    )
    credited_subtotal = fields.Monetary(
        string='Credited Amount',
        compute='_compute_credited_figures',
        compute_sudo=True,
        help='What posted credit notes took back of this line, without tax.',
    )
    credit_reserved_quantity = fields.Float(
        string='Reserved Quantity',
        digits='Product Unit',
        compute='_compute_credited_figures',
        compute_sudo=True,
        help='How much of this line draft credit notes would take back.',
    )
    credit_reserved_subtotal = fields.Monetary(
        string='Reserved Amount',
        compute='_compute_credited_figures',
        compute_sudo=True,
        help='What draft credit notes would take back of this line, without tax.',
    )

    # === COMPUTE METHODS === #

    @api.depends(
        'credit_line_ids.parent_state',
        'credit_line_ids.quantity',
        'credit_line_ids.price_subtotal',
    )
    def _compute_credited_figures(self):
        credited = self.filtered('move_id.credit_count')
        domain = self._get_credited_quantity_domain()
        quantities = credited._get_credited_sums('quantity', domain)
        subtotals = credited._get_credited_sums('price_subtotal', Domain.TRUE)
        for line in self:
            posted, draft = (line._origin.id, 'posted'), (line._origin.id, 'draft')
            line.credited_quantity = quantities.get(posted, 0.0)
            line.credited_subtotal = subtotals.get(posted, 0.0)
            line.credit_reserved_quantity = quantities.get(draft, 0.0)
            line.credit_reserved_subtotal = subtotals.get(draft, 0.0)

    # === BUSINESS METHODS === #

    @api.model
    def _get_credited_quantity_domain(self):
        """Which lines of credits return their quantity (decision 7).

        :rtype: odoo.fields.Domain
        """
        return Domain('credit_kind', 'in', (False, 'return'))

    def _get_credited_sums(self, name, domain):
        """What the lines of credits add up to, for all of these lines at once.

        :param str name: `quantity` or `price_subtotal`
        :param domain: which lines of credits count
        :return: dictionary: (id of the credited line, state of the credit) -> sum, in the unit of
            measure and the currency of the credited line
        """
        groups = self._read_group(
            domain
            & Domain('credited_line_id', 'in', self.ids)
            & Domain('parent_state', 'in', ('posted', 'draft')),
            ['credited_line_id', 'parent_state', 'product_uom_id', 'currency_id'],
            [f'{name}:sum', 'balance:sum'],
        )
        sums = defaultdict(float)
        for line, state, uom, currency, amount, balance in groups:
            part = amount
            if name == 'quantity' and uom and line.product_uom_id:
                part = uom._compute_quantity(amount, line.product_uom_id, round=False)
            elif name == 'price_subtotal' and currency != line.currency_id:
                part = line.currency_id.round(balance * line.currency_rate)
            sums[line.id, state] += part
        return sums
