from odoo import models

from ...tools.early_discount import fit_with_rest, fold_figures
from ...tools.remaining import TAX_FIGURES
from ..links.account_move_line import CREDITABLE_TYPES


class AccountMove(models.Model):
    """Early-payment discounts on customer invoices of which a part was credited."""

    _inherit = 'account.move'

    # === BUSINESS METHODS: THE OFFER === #

    def _is_eligible_for_early_payment_discount(self, currency, reference_date):
        # EXTENDS 'account': for the host any match ends the offer; a credit leaves it open for
        # what is not credited. The conditions are the host's, without that of the matches.
        if super()._is_eligible_for_early_payment_discount(currency, reference_date):
            return True
        if not self._is_discount_kept_by_credits() or self.currency_id != currency:
            return False
        discount_date = self._get_discount_term_lines()[:1].discount_date
        is_in_time = not reference_date or not self.invoice_date
        return is_in_time or bool(discount_date and reference_date <= discount_date)

    def _get_discount_term_lines(self):
        return self.line_ids.filtered(lambda line: line.display_type == 'payment_term')

    def _is_discount_kept_by_credits(self):
        """Whether something is open of this invoice that only credits were matched with."""
        self.ensure_one()
        if (
            self.move_type not in CREDITABLE_TYPES
            or not self.invoice_payment_term_id.early_discount
        ):
            return False
        matches = self._get_discount_matches()
        return bool(matches) and all(
            self._is_match_keeping_discount(counterpart, matches)
            for counterpart in matches.values()
        )

    def _get_discount_matches(self):
        """The matches of the open receivable lines.

        :return: dictionary of `account.partial.reconcile` to the journal item on its other side
        """
        # Who may pay an invoice may not be allowed to read what else it was matched with.
        lines_sudo = self._get_discount_term_lines().sudo()
        lines_sudo = lines_sudo.filtered(lambda line: not line.reconciled)
        return {
            **{match: match.debit_move_id for match in lines_sudo.matched_debit_ids},
            **{match: match.credit_move_id for match in lines_sudo.matched_credit_ids},
        }

    def _is_match_keeping_discount(self, counterpart, matches):
        """Whether a match leaves the offer of a discount as it is.

        To be extended where credits reach an invoice through other entries.

        :param counterpart: the journal item on the other side
        :param matches: all matches, as of `_get_discount_matches`
        """
        move = counterpart.move_id
        # Exchange differences of matches with credits count with these.
        return move.move_type == 'out_refund' or any(
            match.exchange_move_id == move for match in matches
        )

    # === BUSINESS METHODS: JOURNAL ITEMS OF THE PAYMENT === #

    def _get_invoice_counterpart_amls_for_early_payment_discount_per_payment_term_line(self):
        # EXTENDS 'account': the host books the discount of all that was invoiced.
        res = (
            super()._get_invoice_counterpart_amls_for_early_payment_discount_per_payment_term_line()
        )
        if self._is_discount_kept_by_credits():
            for line in self._get_discount_term_lines():
                self._reduce_discount_items(res, line)
        return res

    def _reduce_discount_items(self, res, line):
        """Leave the discount on what is open in the values of journal items.

        :param dict res: as of the host's method; changed in place
        :param line: the receivable line that is paid
        """
        left = line._get_discount_left()
        if not res['base_lines'][line]:
            for vals in res['term_lines'][line].values():
                vals['amount_currency'], vals['balance'] = left
            return
        remaining = self._get_remaining_discount_bases()
        items = {**res['base_lines'][line], **res['tax_lines'][line]}
        for position, (name, currency) in enumerate((
            ('amount_currency', self.currency_id),
            ('balance', self.company_currency_id),
        )):
            wanted = self._get_wanted_discounts(items, remaining, name)
            bases = range(len(res['base_lines'][line]))
            largest = max(bases, key=lambda place: abs(wanted[place]))
            parts = fit_with_rest(left[position], wanted, largest, currency.round)
            for vals, part in zip(items.values(), parts, strict=True):
                vals[name] = part

    def _get_wanted_discounts(self, items, remaining, name):
        """The discount on what credits left, for each journal item of a discount, not rounded.

        Items with the same taxes share what is left of these as the host made them.
        """
        percentage = self.invoice_payment_term_id.discount_percentage / 100
        keys = [
            key.get('tax_repartition_line_id') or frozenset(key['tax_ids'][0][2]) for key in items
        ]
        totals = {}
        for key, vals in zip(keys, items.values(), strict=True):
            totals[key] = totals.get(key, 0.0) + vals[name]
        return [
            percentage * remaining.get(key, {}).get(name, 0.0) * vals[name] / totals[key]
            if totals[key]
            else 0.0
            for key, vals in zip(keys, items.values(), strict=True)
        ]

    def _get_remaining_discount_bases(self):
        """What the matched credits left of bases and taxes, with the sign of a discount.

        :return: dictionary of a frozen set of the ids of a line's taxes, or of the id of a refund
            repartition line, to a dictionary with `amount_currency` and `balance`
        """
        shares = {self: -1.0}
        for match, counterpart in self._get_discount_matches().items():
            move = counterpart.move_id
            balance = abs(sum(move._get_discount_term_lines().mapped('balance')))
            if move.move_type == 'out_refund' and move.currency_id == self.currency_id and balance:
                shares[move] = shares.get(move, 0.0) - match.amount / balance
        remaining = {}
        for move, share in shares.items():
            for line in move.line_ids:
                key = move._get_discount_key(line)
                if key is not None:
                    amounts = remaining.setdefault(key, {'amount_currency': 0.0, 'balance': 0.0})
                    for name in amounts:
                        amounts[name] += share * line[name]
        return remaining

    def _get_discount_key(self, line):
        """What the host groups the discount of a journal item by, or None if it gives none."""
        repartition_line = line.tax_repartition_line_id
        if repartition_line.document_type == 'invoice':
            return self._get_refund_repartition_line(repartition_line).id
        if repartition_line:
            return repartition_line.id
        if line.display_type != 'product':
            return None
        return frozenset(self._get_discounted_taxes(line.tax_ids).ids)

    def _get_discounted_taxes(self, taxes):
        """The taxes that a discount lowers: not those that are a fixed amount."""
        return taxes.filtered(lambda tax: tax.amount_type != 'fixed')

    # === BUSINESS METHODS: THE LOWERED TAX OF A MIXED DISCOUNT === #

    def _get_credit_base_lines(self):
        # EXTENDS 'credit_invoice': see `_fold_early_discount`
        base_lines = super()._get_credit_base_lines()
        self._fold_early_discount(base_lines)
        return base_lines

    def _fold_early_discount(self, base_lines):
        """Give the lines of this document the tax that a mixed discount left of it.

        The host lowers the tax by journal items of its own (`epd`), which credits derive again
        from their own lines. So that parts add up, the lines of a credit bring the lowered tax
        with them, and those items none.

        :param base_lines: with rounded tax details, which are changed; the totals stay
        """
        rounds = {name: self._get_discount_currency(name).round for name in TAX_FIGURES}
        lines, discounts = {}, {}
        for base_line in base_lines:
            is_discount = base_line['special_type'] == 'early_payment'
            for tax_data in base_line['tax_details']['taxes_data']:
                key = tax_data['tax'].id, tax_data['is_reverse_charge']
                (discounts if is_discount else lines).setdefault(key, []).append(tax_data)
        for key, discounts_data in discounts.items():
            lines_data = lines.get(key)
            if not lines_data:
                continue
            folded = fold_figures(lines_data, discounts_data, rounds)
            for tax_data, figures in zip(lines_data, folded, strict=True):
                tax_data.update(figures)
            for tax_data in discounts_data:
                tax_data.update(dict.fromkeys(TAX_FIGURES, 0.0))

    def _get_discount_currency(self, name):
        return self.currency_id if name.endswith('_currency') else self.company_currency_id

    def _prepare_epd_base_line_for_taxes_computation(self, epd_line):
        # EXTENDS 'account': see `_fold_early_discount`
        base_line = super()._prepare_epd_base_line_for_taxes_computation(epd_line)
        return self._without_folded_tax(base_line)

    def _prepare_epd_base_lines_for_taxes_computation_from_base_lines(self, base_lines):
        # EXTENDS 'account': the same, while a form is edited
        epd_lines = super()._prepare_epd_base_lines_for_taxes_computation_from_base_lines(
            base_lines
        )
        return [self._without_folded_tax(base_line) for base_line in epd_lines]

    def _without_folded_tax(self, base_line):
        """Leave a discount's base line the tax of those lines only that do not bring it along.

        :param base_line: of a journal item `epd`, not yet computed; changed and returned
        """
        if not base_line['tax_ids'] or not self._is_customer_credit():
            return base_line
        share = self._get_unfolded_share(base_line)
        if share == 1.0:
            return base_line
        AccountTax = self.env['account.tax']
        AccountTax._add_tax_details_in_base_line(base_line, self.company_id)
        base_line['manual_tax_amounts'] = {
            str(tax_data['tax'].id): {
                name: self._get_discount_currency(name).round(tax_data[f'raw_{name}'] * share)
                for name in TAX_FIGURES
            }
            for tax_data in base_line['tax_details']['taxes_data']
            if not tax_data['is_reverse_charge']
        }
        return base_line

    def _get_unfolded_share(self, base_line):
        """The share of a discount's base line that comes from lines without fixed tax figures.

        :return: number between 0 and 1; 1 where there are no such lines
        """
        lines = (self.line_ids | self.invoice_line_ids).filtered(
            lambda line: (
                line.display_type == 'product'
                and line.account_id == base_line['account_id']
                and self._get_discounted_taxes(line.tax_ids)._origin == base_line['tax_ids']._origin
            )
        )
        total = sum(lines.mapped('price_subtotal'))
        unfolded = lines.filtered(lambda line: not line._is_discount_folded())
        return sum(unfolded.mapped('price_subtotal')) / total if total else 1.0
