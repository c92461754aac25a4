from odoo import api, models

from odoo.addons.credit_invoice.models.posting.account_move_posting import RECONCILE_CHUNK
from odoo.addons.credit_invoice.tools.guarded import Guarded, get_guarded
from odoo.addons.credit_invoice.tools.splitting import from_units, to_units

from ..tools.allocation import cut_balance


class AccountMoveLine(models.Model):
    """How journal items of credits and invoices are matched: the host's own way, extended."""

    _inherit = 'account.move.line'

    @api.model
    def _prepare_reconciliation_amls(self, values_list, shadowed_aml_values=None):
        # EXTENDS 'account': the host matches as much as it can; a limit makes it stop before.
        limits = get_guarded(self.env, 'credit_match_limits', {})
        limit = limits.get(frozenset(values['aml'].id for values in values_list))
        if limit is None:
            return super()._prepare_reconciliation_amls(
                values_list, shadowed_aml_values=shadowed_aml_values
            )
        capped = [self._get_capped_residual(values, limit) for values in values_list]
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
        :param float limit: in the item's currency, positive
        """
        residual = values['amount_residual_currency']
        line = values['aml']
        if line.currency_id.compare_amounts(abs(residual), limit) <= 0:
            return dict(values)
        sign = 1 if residual > 0 else -1
        unit, company_unit = line.currency_id.rounding, line.company_currency_id.rounding
        balance = cut_balance(
            to_units(values['amount_residual'], company_unit),
            to_units(limit, unit),
            to_units(abs(residual), unit),
        )
        return {
            **values,
            'amount_residual_currency': sign * limit,
            'amount_residual': from_units(balance, company_unit),
        }

    @api.model
    def _reconcile_pairs(self, pairs):
        """Match pairs of journal items, each up to an amount, in as few plans as possible.

        No item stands twice in a plan, so that every exchange difference belongs to its own match.

        :param pairs: list of (journal item, journal item, amount in their currency)
        """
        while pairs:
            seen, now, later = set(), [], []
            for pair in pairs:
                ids = {pair[0].id, pair[1].id}
                (later if seen & ids or len(now) == RECONCILE_CHUNK else now).append(pair)
                seen |= ids
            limits = {frozenset((one.id, other.id)): amount for one, other, amount in now}
            # All moves are posted: nothing is left to derive.
            with self.env['account.move']._disable_recursion({}, 'skip_invoice_sync'):
                self.with_context(credit_match_limits=Guarded(limits))._reconcile_plan([
                    self.browse((one.id, other.id)) for one, other, _amount in now
                ])
            pairs = later

    @api.model
    def _get_money_domain(self):
        # EXTENDS 'credit_invoice'
        return [
            '|',
            '|',
            ('move_id.credit_refund_line_ids', '!=', False),
            ('move_id.credit_entry_line_ids.refund_move_id', '!=', False),
            *super()._get_money_domain(),
        ]

    def _is_money(self):
        # EXTENDS 'credit_invoice': what owes a refund stands for the money
        move = self.move_id
        return super()._is_money() or bool(
            move.credit_refund_line_ids or move.credit_entry_line_ids.refund_move_id
        )
