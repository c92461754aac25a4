from odoo import api, models


class AccountMoveLine(models.Model):
    """How journal items of credits and invoices are matched: the host's own way, extended."""

    _inherit = 'account.move.line'

    @api.model
    def _reconcile_plan(self, reconciliation_plan):
        # EXTENDS 'account': while credits are posted together, their matches are collected and
        # done in one plan, see `account.move._reconcile_reversed_moves`.
        collected = self.env.context.get('credit_reconcile_plan')
        if collected is None:
            return super()._reconcile_plan(reconciliation_plan)
        collected.extend(reconciliation_plan)
        return None

    @api.model
    def _prepare_reconciliation_amls(self, values_list, shadowed_aml_values=None):
        # EXTENDS 'account': the host matches as much as it can; a limit makes it stop before.
        limits = self.env.context.get('credit_match_limits')
        if not limits:
            return super()._prepare_reconciliation_amls(
                values_list, shadowed_aml_values=shadowed_aml_values
            )
        capped = [
            self._get_capped_residual(values, limits.get(values['aml'].id))
            for values in values_list
        ]
        before = [dict(values) for values in capped]
        results, fully = super()._prepare_reconciliation_amls(
            capped, shadowed_aml_values=shadowed_aml_values
        )
        for values, start, end in zip(values_list, before, capped, strict=True):
            for name in ('amount_residual', 'amount_residual_currency'):
                values[name] -= start[name] - end[name]
            if not values['aml'].currency_id.is_zero(values['amount_residual_currency']):
                fully.discard(values['aml'].id)
        return results, fully

    @api.model
    def _get_capped_residual(self, values, limit):
        """The residual of a journal item that a match may use.

        :param dict values: of the host: `aml`, `amount_residual` and `amount_residual_currency`
        :param float limit: in the item's currency, positive; or None for all
        """
        residual = values['amount_residual_currency']
        line = values['aml']
        if limit is None or line.currency_id.compare_amounts(abs(residual), limit) <= 0:
            return dict(values)
        share = limit / abs(residual)
        return {
            **values,
            'amount_residual_currency': limit if residual > 0 else -limit,
            'amount_residual': line.company_currency_id.round(values['amount_residual'] * share),
        }
