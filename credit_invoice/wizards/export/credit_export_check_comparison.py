from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ...models.export.credit_export_record_judge import describe_customer

# What the rows of the table show; other differences are said in words.
IN_ROWS = frozenset({'number', 'total', 'currency', 'date', 'customer'})


class CreditExportCheckWizard(models.TransientModel):
    """Both sides of a document that differs, side by side (mp14)."""

    _inherit = 'credit.export.check.wizard'

    comparison_html = fields.Html(string='Both Sides', compute='_compute_comparison_html')

    # === COMPUTE METHODS === #

    @api.depends('stage')
    def _compute_comparison_html(self):
        for wizard in self:
            is_shown = wizard.stage == 'differs'
            wizard.comparison_html = is_shown and self.env['ir.qweb']._render(
                'credit_invoice.export_comparison', wizard._get_comparison()
            )

    # === BUSINESS METHODS === #

    def _get_comparison(self):
        """Both sides of a document that differs, for the template `export_comparison`.

        :rtype: dict
        """
        record_sudo = self.record_id.sudo()
        document = record_sudo._prepare_document()
        differences = set((record_sudo.differences or '').split(',')) - {''}
        rows = [
            {
                'name': name,
                'here': here,
                'there': there,
                'is_equal': not differences & names,
                'difference': 'total' in names and self._get_difference(record_sudo, document),
            }
            for name, here, there, names in self._get_compared(record_sudo, document)
            # Not every system says all of it.
            if there
        ]
        return {
            'system': record_sudo.system_id.name,
            'rows': rows,
            'differences': (not differences or differences - IN_ROWS) and record_sudo.last_answer,
        }

    def _get_compared(self, record_sudo, document):
        """What is compared: (label, ours, theirs, names of the differences that it may show)."""
        date_there = record_sudo.external_date
        total_there, code = record_sudo._read_external_total()
        return [
            (self.env._('Number'), document.number, record_sudo.external_number, {'number'}),
            (
                self.env._('Total'),
                self._format_total(document.total, document.currency),
                record_sudo.external_total and self._format_total(total_there, code),
                {'total', 'currency'},
            ),
            (
                self.env._('Date'),
                format_date(self.env, document.date),
                date_there and format_date(self.env, date_there),
                {'date'},
            ),
            (
                self.env._('Customer'),
                describe_customer(document.customer),
                record_sudo.external_customer,
                {'customer'},
            ),
        ]

    def _get_difference(self, record_sudo, document):
        """By how much the totals differ, ours less theirs, as far as that is one amount.

        :return: a text, or False
        """
        total, code = record_sudo._read_external_total()
        if total is None or code != document.currency or total == document.total:
            return False
        return self._format_total(document.total - total, code)

    def _format_total(self, amount, code):
        """An amount of money as people read it.

        :param Decimal amount: None where the other side did not say one
        :param str code: the name of its currency
        """
        currencies = self.env['res.currency'].with_context(active_test=False)
        currency = currencies.search([('name', '=', code)], limit=1)
        # Digits that the currency does not have are not rounded away.
        if amount is None or not currency or round(amount, currency.decimal_places) != amount:
            return ' '.join(str(part) for part in (amount, code) if part)
        text = formatLang(self.env, float(amount), currency_obj=currency)
        # Several currencies share a symbol.
        return text if currency == self.move_id.currency_id else f'{text} ({code})'
