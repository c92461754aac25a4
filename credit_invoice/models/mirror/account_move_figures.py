from dataclasses import replace

from odoo import Command, models

from ...tools.cutting import cut_parts
from ...tools.guarded import Guarded
from ...tools.remaining import get_share_of_lines
from ...tools.splitting import subtract
from .mirror_batch import FIGURES, RemainingMemo

LEDGER_FIELDS = {'amount_currency', 'balance', 'tax_base_amount'}


class AccountMove(models.Model):
    """The exact amounts of a credit that is about to be posted (decision 5)."""

    _inherit = 'account.move'

    def _with_credit_write(self, vals):
        # EXTENDS 'credit_invoice': each line of a form is written by itself; what is left of the
        # invoice is the same for all
        moves = super()._with_credit_write(vals)
        if {'invoice_line_ids', 'line_ids'} & vals.keys() and any(
            move.move_type == 'out_refund' for move in self
        ):
            return moves.with_context(credit_remaining=RemainingMemo())
        return moves

    def _refresh_credit_figures(self, accepted):
        """Cut the amounts of a draft from what is left by now (decision 5).

        Other credits may have been posted since it was made. Only what follows from quantities and
        amounts is cut anew; those themselves stay as they are.

        :param accepted: credits that count as if they were posted
        """
        self.ensure_one()
        self_sudo = self.sudo()
        refreshed = False
        for origin in self_sudo._get_credit_origins():
            others = origin._get_other_credits(self_sudo, accepted)
            has_discount = 'discount' in self_sudo.invoice_line_ids.mapped('credit_kind')
            has_shares = any(self_sudo.invoice_line_ids.mapped('credit_share'))
            if (others or has_discount or has_shares) and origin.currency_id == self.currency_id:
                self_sudo._refresh_figures_of(origin, others)
                refreshed = True
        if refreshed:
            self_sudo._recompute_credit_amounts()
        self_sudo._take_rest_of_taxes(accepted)
        if self.invoice_cash_rounding_id:
            self_sudo.with_context(
                credit_accepted_ids=Guarded(accepted.ids)
            )._recompute_cash_rounding_lines()
            # With a rounding, the host derives the taxes anew.
            self_sudo._take_rest_of_taxes(accepted)

    def _refresh_figures_of(self, origin, credits):
        remaining = origin._get_remaining_lines(credits)
        before = {line_id: replace(left) for line_id, left in remaining.items()}
        figures = self._cut_lines_together(remaining)
        # Those first that were cut from what is left by now.
        for line in [
            *figures,
            *(self.invoice_line_ids - self.env['account.move.line'].union(*figures)),
        ]:
            if left := remaining.get(line.credited_line_id.id):
                line._refresh_credit_figures(left, figures.get(line))
        parts = [
            subtract(before[line_id].figures, left.figures) for line_id, left in remaining.items()
        ]
        share = get_share_of_lines(list(before.values()), parts)
        self._refresh_discount_lines(origin, share, credits)

    def _cut_lines_together(self, remaining):
        """Cut the lines anew whose amounts follow from a share or a quantity.

        :param dict remaining: what is left of the invoice's lines
        :return: dictionary of lines of this credit to their figures
        """
        parts = {}
        for credited, lines in self.invoice_line_ids.grouped('credited_line_id').items():
            if left := remaining.get(credited.id):
                parts[lines[0]] = lines[0]._get_part_to_cut(left)
        return cut_parts(parts)

    def _recompute_credit_amounts(self):
        """Derive balances and taxes from the exact amounts of the lines, as the host does."""
        AccountTax = self.env['account.tax']
        base_lines, tax_lines = self._get_rounded_base_and_tax_lines(round_from_tax_lines=False)
        AccountTax._add_accounting_data_in_base_lines_tax_details(
            base_lines, self.company_id, include_caba_tags=self.always_tax_exigible
        )
        results = AccountTax._prepare_tax_lines(base_lines, self.company_id, tax_lines=tax_lines)
        updates = [
            (base_line['record'], values)
            for base_line, values in results['base_lines_to_update']
            # What cash is rounded by follows from the others.
            if base_line['record'] and base_line['record'].display_type != 'rounding'
        ]
        updates += [
            (tax_line['record'], values)
            for tax_line, _key, values in results['tax_lines_to_update']
        ]
        commands = [
            Command.update(line.id, values)
            for line, values in updates
            if any(line._is_changed(name, values[name]) for name in LEDGER_FIELDS & values.keys())
        ]
        commands += [Command.delete(line['record'].id) for line in results['tax_lines_to_delete']]
        commands += [
            Command.create({**values, 'display_type': 'tax'})
            for values in results['tax_lines_to_add']
        ]
        if commands:
            self._write_ledger(commands)

    def _write_ledger(self, commands):
        # Where only the amount in the document's currency changes, the host would derive the
        # other one anew.
        with self.env.protecting([self.line_ids._fields['balance']], self.line_ids):
            self.with_context(credit_figures=FIGURES, dynamic_unlink=True).write({
                'line_ids': commands
            })
