from odoo import api, models


class AccountTax(models.Model):
    _inherit = 'account.tax'

    def write(self, vals):
        # EXTENDS 'account': what was figured with the tax as it was is figured anew
        result = super().write(vals)
        self.env['account.move']._forget_line_figures()
        return result

    @api.model
    def _import_base_line_extra_tax_data(self, base_line, extra_tax_data):
        # EXTENDS 'account': the host takes exact amounts only of lines that have taxes. The parts
        # of a line without tax must add up in both currencies, too.
        results = super()._import_base_line_extra_tax_data(base_line, extra_tax_data)
        if (
            extra_tax_data
            and extra_tax_data.get('is_credit')
            and not base_line['tax_ids']
            and self._is_extra_tax_data_valid(base_line, extra_tax_data)
        ):
            ratio = base_line['rate'] / extra_tax_data['rate'] if extra_tax_data['rate'] else 1.0
            results.update({
                'price_unit': extra_tax_data['price_unit'],
                'manual_total_excluded_currency': extra_tax_data['manual_total_excluded_currency'],
                'manual_total_excluded': extra_tax_data['manual_total_excluded'] / (ratio or 1.0),
            })
        return results

    @api.model
    def _is_extra_tax_data_valid(self, base_line, extra_tax_data):
        currency = base_line['currency_id']
        return currency.id == extra_tax_data['currency_id'] and not any(
            currency.compare_amounts(base_line[name], extra_tax_data[name])
            for name in ('price_unit', 'discount', 'quantity')
        )
