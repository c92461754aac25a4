from odoo import models

from ...tools.early_discount import split_cumulatively
from ..links.account_move_line import CREDITABLE_TYPES


class AccountMove(models.Model):
    """What early-payment discount the payments of a customer invoice gave, from the ledger."""

    _inherit = 'account.move'

    # === BUSINESS METHODS: OF AN INVOICE === #

    def _get_discount_taken(self):
        # EXTENDS 'credit_invoice': from the payments that are matched with this invoice
        taken = super()._get_discount_taken()
        if not self._is_discount_possible():
            return taken
        for entry_sudo in self._get_discount_entries():
            shares = entry_sudo._get_discounted_invoices()
            position = list(shares).index(self.sudo())
            parts = entry_sudo._get_discount_parts(self)
            orphaned = entry_sudo._get_orphaned_discount_ratio(parts, shares)
            for part in parts:
                weights = entry_sudo._get_discount_part_weights(part, shares)
                weights.append(sum(weights) * orphaned)
                taken.append(self._get_part_share(part, weights, position))
        return [part for part in taken if part['amount_currency'] or part['balance']]

    def _get_discount_taken_amount(self):
        # EXTENDS 'credit_invoice': see `_get_discount_taken`
        amount = super()._get_discount_taken_amount()
        if not self._is_discount_possible():
            return amount
        return amount + self._get_discount_total(self._get_discount_taken())

    def _get_discount_total(self, parts):
        return self.currency_id.round(
            sum(
                part['amount_currency']
                + sum(tax['tax_amount_currency'] for tax in part['taxes'].values())
                for part in parts
            )
        )

    def _is_discount_possible(self):
        return self.move_type in CREDITABLE_TYPES and self.invoice_payment_term_id.early_discount

    def _get_discount_entries(self):
        """The posted entries of payments and statement lines that paid this invoice, by their id.

        They come with elevated rights: who credits an invoice may not be allowed to read them.
        """
        lines_sudo = self._get_discount_term_lines().sudo()
        entries_sudo = lines_sudo.matched_credit_ids.credit_move_id.move_id
        return entries_sudo.filtered(
            lambda entry: entry.state == 'posted' and entry.move_type == 'entry'
        ).sorted('id')

    def _get_part_share(self, part, weights, position):
        """What one of several bearers has of a part of a discount.

        :param dict part: as of `_get_discount_parts`
        :param weights: of all who bear it
        :param int position: of this invoice among them
        """

        def get_share(amounts):
            return {
                name: split_cumulatively(amount, weights, self._get_discount_currency(name).round)[
                    position
                ]
                for name, amount in amounts.items()
            }

        return {
            **part,
            **get_share({name: part[name] for name in ('amount_currency', 'balance')}),
            'taxes': {tax: get_share(amounts) for tax, amounts in part['taxes'].items()},
        }

    def _get_expected_discount(self, share, day):
        """What the term grants for paying a share of this invoice on a day, tax included.

        :param float share: of the whole, between 0 and 1
        """
        line = self._get_discount_term_lines()[:1]
        if not line.discount_date or day > line.discount_date:
            return 0.0
        return self.currency_id.round(
            (line.amount_currency - line.discount_amount_currency) * share
        )

    def _get_expected_discount_base(self, tax_ids, share, day):
        """The untaxed discount that the term grants on the lines with these taxes.

        :param tax_ids: list of ids, without taxes of a fixed amount
        """
        expected = self._get_expected_discount(share, day)
        term = self.invoice_payment_term_id
        if not expected or term.early_pay_discount_computation != 'included':
            return 0.0 if tax_ids else expected
        lines = self.line_ids.filtered(
            lambda line: (
                line.display_type == 'product'
                and set(self._get_discounted_taxes(line.tax_ids).ids) == set(tax_ids)
            )
        )
        return abs(sum(lines.mapped('amount_currency'))) * share * term.discount_percentage / 100

    # === BUSINESS METHODS: OF A PAYMENT'S ENTRY === #

    def _get_discount_accounts(self):
        """The accounts on which this company books early-payment discounts of its customers.

        To be extended where discounts are booked elsewhere.
        """
        return self.company_id.account_journal_early_pay_discount_loss_account_id

    def _get_discount_parts(self, invoice):
        """The discount that this payment's entry gave as a whole.

        :param invoice: in whose currency the amounts are
        :return: as of `_get_discount_taken`
        """
        accounts = self._get_discount_accounts()
        items = self.line_ids.filtered(
            lambda line: line.account_id in accounts and not line.tax_repartition_line_id
        )
        parts = [
            {
                'account_id': account.id,
                'tax_ids': taxes.ids,
                'name': lines[0].name,
                **invoice._get_discount_amounts(lines),
                'taxes': {},
            }
            for (account, taxes), lines in items.grouped(
                lambda line: (line.account_id, line.tax_ids)
            ).items()
        ]
        self._add_discount_taxes(parts, invoice)
        return parts

    def _add_discount_taxes(self, parts, invoice):
        """Add the taxes that this entry corrected to the parts whose base they have.

        :param parts: as of `_get_discount_parts`; changed in place
        """
        tax_items = self.line_ids.filtered(
            lambda line: line.tax_repartition_line_id.document_type == 'refund'
        )
        AccountTax = self.env['account.tax']
        for tax, lines in tax_items.grouped('tax_line_id').items():
            bearers = [
                part
                for part in parts
                if tax in AccountTax.browse(part['tax_ids'])._flatten_taxes_and_sort_them()[0]
            ]
            for name, amount in invoice._get_discount_amounts(lines).items():
                suffix = '_currency' if name == 'amount_currency' else ''
                shares = split_cumulatively(
                    amount,
                    [part[name] for part in bearers],
                    invoice._get_discount_currency(name).round,
                )
                for part, share in zip(bearers, shares, strict=True):
                    part['taxes'].setdefault(tax.id, {}).update({
                        f'tax_amount{suffix}': share,
                        f'base_amount{suffix}': part[name],
                    })

    def _get_discount_amounts(self, lines):
        """The sum of journal items in the currencies of this invoice and of its company."""
        rate = self.invoice_currency_rate
        return {
            'amount_currency': self.currency_id.round(
                sum(
                    line.amount_currency
                    if line.currency_id == self.currency_id
                    else line.balance * rate
                    for line in lines
                )
            ),
            'balance': self.company_currency_id.round(sum(lines.mapped('balance'))),
        }

    def _get_discounted_invoices(self):
        """The invoices with a discount in their terms that this entry paid, by their id.

        :return: dictionary of the invoice to the share of it that this entry paid
        """
        shares = {}
        for match in self.line_ids.matched_debit_ids:
            line = match.debit_move_id
            if line.display_type == 'payment_term' and line.move_id._is_discount_possible():
                share = match.debit_amount_currency / line.amount_currency
                shares[line.move_id] = shares.get(line.move_id, 0.0) + share
        return dict(sorted(shares.items(), key=lambda item: item[0].id))

    def _get_discount_part_weights(self, part, shares):
        """How much of a part of this entry's discount each invoice bears.

        By what the terms granted on the lines with these taxes; where they granted nothing, by
        what was paid.

        :param dict shares: as of `_get_discounted_invoices`
        :return: list of numbers, one for each invoice
        """
        day = self._get_discount_day()
        weights = [
            invoice._get_expected_discount_base(part['tax_ids'], share, day)
            for invoice, share in shares.items()
        ]
        if any(weights):
            return weights
        return [abs(invoice.amount_total_signed) * share for invoice, share in shares.items()]

    def _get_orphaned_discount_ratio(self, parts, shares):
        """What of this entry's discount belongs to invoices that it no longer pays.

        :param parts: as of `_get_discount_parts`
        :param dict shares: as of `_get_discounted_invoices`
        :return: number, in proportion to the discount of the invoices that it pays
        """
        matches = self.line_ids.matched_debit_ids.filtered(
            lambda match: match.debit_move_id.move_id in shares
        )
        lines = self.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
        paid = sum(matches.mapped('credit_amount_currency'))
        invoice, day = next(iter(shares)), self._get_discount_day()
        if (
            invoice.currency_id.compare_amounts(paid, abs(sum(lines.mapped('amount_currency'))))
            >= 0
        ):
            return 0.0
        expected = sum(
            invoice._get_expected_discount(share, day) for invoice, share in shares.items()
        )
        total = invoice._get_discount_total(parts)
        return max(0.0, total - expected) / expected if expected > 0 else 0.0

    def _get_discount_day(self):
        """The day that counts for a discount: the entry may be dated after a closed period."""
        return self.origin_payment_id.date or self.date
