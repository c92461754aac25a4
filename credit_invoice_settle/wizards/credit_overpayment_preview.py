from odoo import api, models


class CreditApprovePreview(models.AbstractModel):
    """What *Refund overpayment* will do: before, change and after of each payment."""

    _inherit = 'credit.approve.preview'

    @api.model
    def _render_overpayment(self, invoice, choice, parts):
        """Nothing is written.

        :param invoice: what was paid too much for
        :param choice: a `SettlementChoice`
        :param list parts: of `SettlementPart`, one for each payment
        :return: dictionary of HTML: `documents` and `items`
        """
        render = self.env['ir.qweb']._render
        rows = [self._get_money_row(part) for part in parts]
        rows += self._get_released_rows(invoice, parts)
        items = self._get_items({invoice: choice}, parts)
        return {
            'documents': render(
                'credit_invoice_settle.approve_preview_documents', {'documents': rows, 'taxes': []}
            ),
            'items': render('credit_invoice_settle.approve_preview_items', {'items': items}),
        }

    @api.model
    def _get_money_row(self, part):
        before = -part.source.amount_residual_currency
        return {
            'name': part.source.move_id.display_name,
            'what': self._get_part_text(part),
            **self._format_amounts(part.credit.currency_id, before, -min(part.amount, before)),
        }

    @api.model
    def _get_released_rows(self, invoice, parts):
        """The invoice, where money is refunded that had paid it."""
        released = sum(
            max(part.amount + part.source.amount_residual_currency, 0.0) for part in parts
        )
        if invoice.currency_id.is_zero(released):
            return []
        return [
            {
                'name': invoice.name,
                'what': self.env._('Open again'),
                **self._format_amounts(invoice.currency_id, invoice.amount_residual, released),
            }
        ]
