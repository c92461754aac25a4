from collections import defaultdict

from odoo import api, models


class AccountMove(models.Model):
    """Taxes that are credited without a base stand in rows of their own (pc31).

    "Tax 15% on 80.00: 48.00" is no sum that a customer could check.
    """

    _inherit = 'account.move'

    @api.depends('invoice_line_ids.credit_kind', 'invoice_line_ids.extra_tax_data')
    def _compute_tax_totals(self):
        # EXTENDS 'account'
        super()._compute_tax_totals()
        for move in self:
            amounts = move.move_type == 'out_refund' and move._get_tax_only_amounts()
            if amounts and move.tax_totals:
                move.tax_totals = move._split_tax_only(move.tax_totals, amounts)

    def _get_tax_only_amounts(self):
        """The taxes of lines that credit nothing else.

        :return: dictionary: id of the tax group -> (amount in the document's currency, in the
            company's)
        """
        self.ensure_one()
        amounts = defaultdict(lambda: (0.0, 0.0))
        for line in self.invoice_line_ids.filtered(lambda line: line.credit_kind == 'tax'):
            taxes = (line.extra_tax_data or {}).get('manual_tax_amounts') or {}
            for tax_id, values in taxes.items():
                group_id = self.env['account.tax'].browse(int(tax_id)).tax_group_id.id
                foreign, own = amounts[group_id]
                foreign += values.get('tax_amount_currency', 0.0)
                amounts[group_id] = (foreign, own + values.get('tax_amount', 0.0))
        return dict(amounts)

    def _split_tax_only(self, totals, amounts):
        """Totals as of the host, in which taxes without a base are apart."""
        return {
            **totals,
            'subtotals': [
                {
                    **subtotal,
                    'tax_groups': [
                        row
                        for group in subtotal['tax_groups']
                        for row in self._split_tax_group(group, amounts.get(group['id']))
                    ],
                }
                for subtotal in totals['subtotals']
            ],
        }

    def _split_tax_group(self, group, amounts):
        if not amounts:
            return [group]
        foreign, own = self.currency_id, self.company_currency_id
        alone = {
            **group,
            'group_name': self.env._('%s, tax only', group['group_name']),
            'tax_amount_currency': amounts[0],
            'tax_amount': amounts[1],
            'base_amount_currency': 0.0,
            'base_amount': 0.0,
            'display_base_amount_currency': False,
            'display_base_amount': False,
        }
        rest = {
            **group,
            'tax_amount_currency': foreign.round(group['tax_amount_currency'] - amounts[0]),
            'tax_amount': own.round(group['tax_amount'] - amounts[1]),
        }
        is_empty = foreign.is_zero(rest['tax_amount_currency']) and foreign.is_zero(
            group['base_amount_currency']
        )
        return [alone] if is_empty else [rest, alone]
