from odoo import Command, api, models
from odoo.tools import float_compare

from ...tools.splitting import from_units, split, to_units
from ..links.account_move_line import DOCUMENT_LINE_TYPES
from .mirror_batch import get_batch


class CreditMirrorMixin(models.AbstractModel):
    """The mirror of invoices, as the innermost part of `account.move`.

    Every override of `copy`, `copy_data` and `create`, of modules loaded before or after this
    one, runs as it does when invoices are copied one by one.
    """

    _name = 'credit.mirror.mixin'
    _description = 'Mirror of an Invoice'

    def copy(self, default=None):
        # OVERRIDE 'base': the default values differ from record to record, which super cannot do.
        batch = get_batch(self.env)
        if not batch:
            return super().copy(default)
        moves = self.with_context(active_test=False)
        vals_list = [move.copy_data(batch.get_default(move, default))[0] for move in moves]
        credits = self.create(vals_list)
        for move, credit in zip(self, credits, strict=True):
            move.copy_translations(credit, excluded=batch.get_default(move, default))
        return credits

    # === MIRROR OF ONE INVOICE === #

    def _mirror_credit_vals(self, vals, parts=None):
        """Give the values of a credit the amounts of its origin (decision 4).

        All lines keep the origin's amounts, tax by tax and in both currencies, through
        `extra_tax_data`, which holds through later edits. Where nothing was added to the copy or
        taken from it, the journal items are complete and balanced, too, and the host needs not
        derive them.

        :param dict vals: values of a credit as `copy_data` made them; changed in place
        :param dict parts: what is credited of each line, as of `_get_parts`, or None for all
        :return: True if the journal items are complete
        """
        self.ensure_one()
        by_origin_line = {
            line_vals['credited_line_id']: line_vals
            for command, _id, line_vals in vals['line_ids']
            if command == Command.CREATE and line_vals.get('credited_line_id')
        }
        is_complete = self._is_pure_mirror(vals, by_origin_line)
        base_lines = self._get_credit_base_lines()
        if parts or self._is_partly_credited():
            is_complete = False
            self._mirror_parts(vals, by_origin_line, parts)
        else:
            tax_data = self._get_credit_tax_data(base_lines)
            for line_id, line_vals in by_origin_line.items():
                if line_vals.get('display_type') == 'product':
                    line_vals['credit_kind'] = 'return'
                if line_id in tax_data:
                    line_vals['extra_tax_data'] = tax_data[line_id]
        if not is_complete:
            self._unlink_derived_credit_lines(vals)
            return False
        line_vals_list = self._get_credit_line_vals(vals, by_origin_line, base_lines)
        if not self._is_balanced(line_vals_list):
            self._unlink_derived_credit_lines(vals)
            return False
        vals['line_ids'] = [Command.create(line_vals) for line_vals in line_vals_list]
        vals.setdefault('invoice_currency_rate', self._get_credit_currency_rate(vals))
        # The receivable lines have it.
        vals.pop('no_followup', None)
        return True

    def _get_credit_currency_rate(self, vals):
        return self.invoice_currency_rate

    def _is_pure_mirror(self, vals, by_origin_line):
        """Whether the values still say the same as the origin, line by line.

        A term with a discount gives a credit due dates of its own, which the host derives. In
        another currency, or at another rate, nothing can be mirrored.
        """
        same = {
            'currency_id': self.currency_id.id,
            'company_id': self.company_id.id,
            'fiscal_position_id': self.fiscal_position_id.id,
            'invoice_cash_rounding_id': self.invoice_cash_rounding_id.id,
        }
        if any(vals.get(name, value) != value for name, value in same.items()):
            return False
        if vals.get('invoice_payment_term_id') or not self._is_at_origin_rate(vals):
            return False
        if len(vals['line_ids']) != len(by_origin_line):
            return False
        expected = self.line_ids.filtered(lambda line: line.display_type != 'cogs')
        return set(expected.ids) <= set(by_origin_line) and all(
            self._is_pure_line_mirror(line, by_origin_line[line.id]) for line in expected
        )

    def _is_at_origin_rate(self, vals):
        company = self.company_id._get_credit_policy_company()
        return self.currency_id == self.company_currency_id or company.credit_rate == 'origin'

    def _is_pure_line_mirror(self, line, line_vals):
        if line.display_type != 'product':
            return True
        return (
            line_vals.get('price_unit') == line.price_unit
            and line_vals.get('quantity') == line.quantity
            and line_vals.get('discount') == line.discount
            and line_vals.get('tax_ids') == [Command.set(line.tax_ids.ids)]
            and line_vals.get('account_id') == line.account_id.id
        )

    @api.model
    def _unlink_derived_credit_lines(self, vals):
        """Leave what the host derives (taxes, terms, rounding) to the host."""
        for _command, _id, line_vals in vals['line_ids']:
            if line_vals and line_vals.get('display_type') not in DOCUMENT_LINE_TYPES:
                line_vals.pop('credited_line_id', None)

    # === FIGURES OF THE ORIGIN === #

    def _get_credit_tax_data(self, base_lines=None):
        """The exact amounts of each line that has taxes.

        :param base_lines: as of `_get_credit_base_lines`, which is their default
        :return: dictionary of the line's id to a value for `extra_tax_data`
        """
        AccountTax = self.env['account.tax']
        base_lines = base_lines or self._get_credit_base_lines()
        AccountTax._fix_base_lines_tax_details_on_manual_tax_amounts(base_lines, self.company_id)
        is_foreign = self.currency_id != self.company_currency_id
        return {
            base_line['record'].id: AccountTax._export_base_line_extra_tax_data(base_line)
            if base_line['manual_tax_amounts']
            else self._get_untaxed_tax_data(base_line)
            for base_line in base_lines
            if base_line['manual_tax_amounts'] or (is_foreign and not base_line['tax_ids'])
        }

    def _get_untaxed_tax_data(self, base_line):
        """The exact amounts of a line without taxes, which the host does not export."""
        vals = {name: base_line[name] for name in ('price_unit', 'discount', 'quantity')}
        return self._prepare_extra_tax_data(
            base_line['record'], self._get_line_figures(base_line), vals
        )

    def _get_credit_base_lines(self):
        """The origin's lines for the host's tax engine, with the amounts that the ledger holds.

        :return: list of base lines with rounded tax details
        """
        self.ensure_one()
        AccountTax = self.env['account.tax']
        lines = self.line_ids
        base_lines = [
            self._prepare_product_base_line_for_taxes_computation(line)
            for line in lines.filtered(lambda line: line.display_type == 'product')
        ]
        base_lines += [
            self._prepare_epd_base_line_for_taxes_computation(line)
            for line in lines.filtered(lambda line: line.display_type == 'epd')
        ]
        AccountTax._add_tax_details_in_base_lines(base_lines, self.company_id)
        tax_lines = [
            self._prepare_tax_line_for_taxes_computation(line)
            for line in lines.filtered(
                lambda line: line.tax_repartition_line_id and line.display_type == 'tax'
            )
        ]
        AccountTax._round_base_lines_tax_details(base_lines, self.company_id, tax_lines=tax_lines)
        self._restore_ledger_bases(base_lines)
        self._restore_ledger_taxes(base_lines, tax_lines)
        return base_lines

    def _restore_ledger_bases(self, base_lines):
        """Where a tax was changed since, the engine splits a price otherwise: the ledger wins."""
        for base_line in base_lines:
            line, details = base_line['record'], base_line['tax_details']
            for suffix, currency, balance in (
                ('_currency', self.currency_id, line.amount_currency),
                ('', self.company_currency_id, line.balance),
            ):
                delta = details[f'delta_total_excluded{suffix}']
                amount = currency.round(base_line['sign'] * balance)
                difference = amount - details[f'total_excluded{suffix}'] - delta
                if not currency.is_zero(difference):
                    details[f'total_excluded{suffix}'] = amount - delta
                    for tax_data in details['taxes_data']:
                        tax_data[f'base_amount{suffix}'] += difference

    def _restore_ledger_taxes(self, base_lines, tax_lines):
        """Give each tax the total that its journal items have, whatever its rate is today."""
        ledger, computed = {}, {}
        for tax_line in tax_lines:
            repartition = tax_line['tax_repartition_line_id']
            key = repartition.tax_id, repartition.factor < 0
            totals = ledger.setdefault(key, {}).setdefault(tax_line['tax_ids'], [0.0, 0.0])
            totals[0] += tax_line['sign'] * tax_line['amount_currency']
            totals[1] += tax_line['sign'] * tax_line['balance']
        for base_line in base_lines:
            for tax_data in base_line['tax_details']['taxes_data']:
                key = tax_data['tax'], tax_data['is_reverse_charge']
                # By the taxes whose base holds it: each such has a journal item of its own.
                computed.setdefault(key, {}).setdefault(tax_data['taxes'], []).append(tax_data)
        for key, groups in computed.items():
            if not self._is_whole_repartition(*key):
                continue
            totals = ledger.get(key, {})
            pairs = [(groups[affected], totals.get(affected)) for affected in groups]
            if groups.keys() != totals.keys():
                # What the tax affects was changed since: only the whole is known.
                both = [sum(each) for each in zip(*totals.values(), strict=True)] or [0.0, 0.0]
                pairs = [([data for group in groups.values() for data in group], both)]
            for taxes_data, both in pairs:
                for total, suffix, currency in (
                    (both[0], '_currency', self.currency_id),
                    (both[1], '', self.company_currency_id),
                ):
                    self._distribute_ledger_tax(taxes_data, suffix, currency, total)

    @api.model
    def _distribute_ledger_tax(self, taxes_data, suffix, currency, total):
        """Give the lines their shares of the total of a tax.

        In proportion, so that the shares stay the same however often the tax is changed.
        """
        name = f'tax_amount{suffix}'
        if currency.is_zero(total - sum(tax_data[name] for tax_data in taxes_data)):
            return
        for weight in (f'raw_{name}', f'base_amount{suffix}'):
            weights = [round(tax_data[weight] * 10**6) for tax_data in taxes_data]
            if sum(weights):
                break
        else:
            weights = [1] * len(taxes_data)
        parts = split(to_units(total, currency.rounding), weights)
        for tax_data, part in zip(taxes_data, parts, strict=True):
            tax_data[name] = from_units(part, currency.rounding)

    @api.model
    def _is_whole_repartition(self, tax, is_reverse_charge):
        """Whether the journal items of one side of a tax add up to its whole amount."""
        factors = [
            line.factor
            for line in tax.invoice_repartition_line_ids
            if line.repartition_type == 'tax' and (line.factor < 0) == is_reverse_charge
        ]
        return not float_compare(abs(sum(factors)), 1.0, precision_digits=6)

    # === JOURNAL ITEMS OF THE CREDIT === #

    def _get_credit_line_vals(self, vals, by_origin_line, base_lines):
        """All journal items of the credit.

        :return: list of dictionaries of values; their balances add up to zero
        """
        results = self._get_credit_tax_results(base_lines)
        amounts = {
            base_line['record'].id: to_update
            for base_line, to_update in results['base_lines_to_update']
        }
        line_vals_list, terms = [], {}
        for line in self.line_ids.sorted('id'):
            line_vals = by_origin_line.get(line.id)
            if line.display_type == 'payment_term':
                term = terms.setdefault(line.account_id.id, [0.0, 0.0])
                term[0] -= line.amount_currency
                term[1] -= line.balance
            elif line_vals is not None and line.display_type != 'tax':
                # The receivable lines decide on follow-ups for the whole document, and whether
                # a journal item is storno follows from the kind of document.
                derived = ('no_followup', 'is_storno')
                line_vals_list.append({
                    **{name: value for name, value in line_vals.items() if name not in derived},
                    **self._get_mirrored_amounts(line, amounts),
                })
        line_vals_list += [
            {**tax_vals, 'display_type': 'tax'} for tax_vals in results['tax_lines_to_add']
        ]
        line_vals_list += self._get_credit_term_vals(vals, terms)
        return line_vals_list

    def _is_balanced(self, line_vals_list):
        """Whether journal items add up: they do not where a tax got other parts since."""
        balance = sum(line_vals.get('balance') or 0.0 for line_vals in line_vals_list)
        return self.company_currency_id.is_zero(balance)

    def _get_credit_tax_results(self, base_lines):
        """The origin's figures on the refund side of each tax: accounts, tags and repartition."""
        AccountTax = self.env['account.tax']
        for base_line in base_lines:
            base_line['is_refund'] = True
            base_line['sign'] = -base_line['sign']
        AccountTax._add_accounting_data_in_base_lines_tax_details(
            base_lines, self.company_id, include_caba_tags=self.always_tax_exigible
        )
        return AccountTax._prepare_tax_lines(base_lines, self.company_id)

    def _get_mirrored_amounts(self, line, amounts):
        """The reversed amounts of one journal item that is neither a tax nor a payment term."""
        if line.display_type in ('line_section', 'line_subsection', 'line_note'):
            return {}
        if line.display_type == 'cogs':
            # The host reverses these by itself, after copying.
            return {'credited_line_id': False}
        values = {'amount_currency': -line.amount_currency, 'balance': -line.balance}
        if line.display_type != 'product':
            values['credited_line_id'] = False
        if line.id in amounts:
            values['tax_tag_ids'] = amounts[line.id]['tax_tag_ids']
        elif line.tax_repartition_line_id:
            refund_line = self._get_refund_repartition_line(line.tax_repartition_line_id)
            values.update({
                'tax_repartition_line_id': refund_line.id,
                'tax_tag_ids': [Command.set(refund_line.tag_ids.ids)],
                'account_id': refund_line._get_aml_target_tax_account(
                    force_caba_exigibility=self.always_tax_exigible
                ).id
                or line.account_id.id,
            })
        return values

    @api.model
    def _get_refund_repartition_line(self, repartition_line):
        """The line at the same place on the refund side of a tax."""
        place = self._get_repartition_place(repartition_line)
        return repartition_line.tax_id.refund_repartition_line_ids[place]

    @api.model
    def _get_repartition_place(self, repartition_line):
        """The place of a line on its side of a tax's repartition, invoices or refunds."""
        tax = repartition_line.tax_id
        side = tax[f'{repartition_line.document_type}_repartition_line_ids']
        return side.ids.index(repartition_line.id)

    def _get_credit_term_vals(self, vals, terms):
        """One receivable line per account: a credit is due as a whole, on its own date."""
        return [
            {
                'display_type': 'payment_term',
                'account_id': account_id,
                'currency_id': self.currency_id.id,
                'amount_currency': self.currency_id.round(amount_currency),
                'balance': self.company_currency_id.round(balance),
                'date_maturity': vals.get('invoice_date_due') or vals.get('invoice_date'),
                **({'no_followup': True} if self.no_followup else {}),
            }
            for account_id, (amount_currency, balance) in terms.items()
        ]
