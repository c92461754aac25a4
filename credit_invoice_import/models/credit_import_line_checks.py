from odoo import api, fields, models
from odoo.tools import float_compare, float_round, format_date, formatLang

from odoo.addons.credit_invoice.models.links.account_move_line import CREDITABLE_TYPES
from odoo.addons.credit_invoice.tools.checking import get_value_refusal
from odoo.addons.credit_invoice.tools.splitting import is_number

from .credit_import_line import FILE_FIELDS

FIGURES = ('quantity', 'amount', 'percentage')
# More than any currency or unit needs, and less than what the database keeps exactly.
LARGEST_NUMBER = 1e12
# Further ones tell what somebody typed from what a spreadsheet made of it: 0.1 + 0.2.
SPARE_DIGITS = 4


class CreditImportLine(models.Model):
    """What a row has to say before the dialog is asked: one sentence where it does not."""

    _inherit = 'credit.import.line'

    @api.model
    def _prepare_import_vals(self, vals_list):
        """Find the invoices of rows, and refuse rows that make no sense.

        :param list vals_list: dictionaries with `FILE_FIELDS`; others are ignored
        :return: (values of rows by their position, sentences by the position of refused rows)
        """
        accepted, refusals, seen = {}, {}, {}
        for position, row in enumerate(vals_list):
            if reason := self._get_value_refusal(row):
                refusals[position] = reason
        rows = {
            position: self._clean_row(row)
            for position, row in enumerate(vals_list)
            if position not in refusals
        }
        moves = self._get_moves_by_number({vals['number'] for vals in rows.values()})
        for position, vals in rows.items():
            invoice = moves.get(vals['number'], self.env['account.move'])
            reason = self._get_invoice_refusal(vals, invoice)
            reason = reason or self._get_row_refusal(vals, invoice)
            if not reason:
                vals.update(self._prepare_invoice_vals(vals, invoice))
                reason = self._get_date_refusal(vals, invoice)
                reason = reason or self._get_double_refusal(vals, seen)
            if reason:
                refusals[position] = reason
            else:
                accepted[position] = vals
        return accepted, refusals

    @api.model
    def _get_value_refusal(self, vals):
        """What a program sent that no column can keep; figures have sentences of their own."""
        names = ('number', 'reason', 'kind', 'date')
        refusals = (get_value_refusal(self, name, vals.get(name) or False) for name in names)
        return next(filter(None, refusals), False)

    @api.model
    def _clean_row(self, vals):
        row = {name: vals[name] for name in FILE_FIELDS if name in vals}
        for name in ('number', 'reason'):
            row[name] = str(row.get(name) or '').strip()
        return row

    @api.model
    def _prepare_invoice_vals(self, vals, invoice):
        date = fields.Date.to_date(vals.get('date'))
        return {
            'date': date or invoice._get_first_open_credit_day(),
            'invoice_id': invoice.id,
            'company_id': invoice.company_id.id,
            'currency_id': invoice.currency_id.id,
        }

    # === THE INVOICE === #

    @api.model
    def _get_moves_by_number(self, numbers):
        """The documents with these numbers in the companies that the user works in.

        :param set numbers: exact numbers
        :return: dictionary of numbers to invoices, or where there is none, to other documents
        """
        moves = self.env['account.move'].search([
            ('name', 'in', list(numbers - {'', '/'})),
            ('company_id', 'in', self.env.companies.ids),
        ])
        return {
            name: found.filtered(lambda move: move.move_type in CREDITABLE_TYPES) or found
            for name, found in moves.grouped('name').items()
        }

    @api.model
    def _get_invoice_refusal(self, vals, invoice):
        number = vals['number']
        if not number:
            return self.env._('Enter the number of the invoice that is to be credited.')
        if not invoice:
            return self.env._(
                'No invoice has the number "%(number)s" in %(companies)s: check the number, or '
                'choose the company of the invoice.',
                number=number,
                companies=', '.join(self.env.companies.mapped('name')),
            )
        if len(invoice) > 1:
            return self.env._(
                '%(count)s documents have the number %(number)s (%(places)s): choose one company, '
                'or credit the invoice from its form.',
                count=len(invoice),
                number=number,
                places=', '.join(
                    f'{move.company_id.name}, {move.journal_id.name}' for move in invoice
                ),
            )
        return invoice._get_credit_refusal()

    # === THE FIGURES === #

    @api.model
    def _get_row_refusal(self, vals, invoice):
        return (
            self._get_number_refusal(vals)
            or self._get_digits_refusal(vals, invoice)
            or self._get_range_refusal(vals)
            or self._get_combination_refusal(vals)
            or self._get_kind_refusal(vals)
            or self._get_line_refusal(vals, invoice)
        )

    @api.model
    def _get_typed(self, vals):
        """The columns of figures that are not empty; a zero is not empty."""
        return [name for name in FIGURES if self._is_typed(vals.get(name))]

    @api.model
    def _is_typed(self, value):
        return value is not None and value is not False and value != ''

    @api.model
    def _get_number_refusal(self, vals):
        for name in self._get_typed(vals):
            value, values = vals[name], {'invoice': vals['number'], 'column': self._get_label(name)}
            if isinstance(value, bool) or not is_number(value):
                return self.env._(
                    '%(invoice)s: "%(value)s" in the column %(column)s is not a number. Type '
                    'digits only.',
                    value=value,
                    **values,
                )
            if not value:
                return self.env._(
                    '%(invoice)s: the column %(column)s is zero, so there is nothing to credit. '
                    'Type a number, or leave the row out.',
                    **values,
                )
            if abs(value) > LARGEST_NUMBER:
                return self.env._(
                    '%(invoice)s: the number in the column %(column)s is too large. Check it.',
                    **values,
                )
        return False

    @api.model
    def _get_digits_refusal(self, vals, invoice):
        """Refuse what would be rounded: 0.001 % is not the same as nothing typed."""
        line = vals.get('line_number')
        if self._is_typed(line) and (isinstance(line, bool) or not isinstance(line, int)):
            return self.env._(
                '%(invoice)s: the number of a line is a whole number, not %(line)s.',
                invoice=vals['number'],
                line=line,
            )
        for name in self._get_typed(vals):
            value, digits = vals[name], invoice.currency_id.decimal_places
            if name != 'amount':
                digits = self._fields[name].get_digits(self.env)[1]
            rounded = float_round(value, precision_digits=digits)
            if float_compare(value, rounded, precision_digits=digits + SPARE_DIGITS):
                return self.env._(
                    '%(invoice)s: %(value)s in the column %(column)s has more than %(digits)s '
                    'decimals. Round it.',
                    invoice=vals['number'],
                    value=value,
                    column=self._get_label(name),
                    digits=digits,
                )
        return False

    @api.model
    def _get_range_refusal(self, vals):
        amount = vals.get('amount') or 0.0
        if not self._has_line(vals) and amount < 0:
            return self.env._('%s: type the amount as a positive number.', vals['number'])
        percentage = vals.get('percentage') or 0.0
        if not 0 <= percentage <= 100:
            return self.env._(
                '%(invoice)s: a percentage lies between 0 and 100, not at %(percentage)s.',
                invoice=vals['number'],
                percentage=formatLang(self.env, percentage),
            )
        return False

    @api.model
    def _get_combination_refusal(self, vals):
        typed = self._get_typed(vals)
        if len(typed) > 1:
            return self.env._(
                '%(invoice)s: the row has a value for %(columns)s. Keep one of them.',
                invoice=vals['number'],
                columns=self.env._(' and ').join(self._get_label(name) for name in typed),
            )
        if self._has_line(vals) and not typed:
            return self.env._(
                '%(invoice)s, line %(line)s: type a quantity, an amount or a percentage.',
                invoice=vals['number'],
                line=vals['line_number'],
            )
        if not self._has_line(vals) and 'quantity' in typed:
            return self.env._(
                '%s: a quantity needs the number of its line. Type it, or give an amount.',
                vals['number'],
            )
        return False

    @api.model
    def _get_kind_refusal(self, vals):
        kind = vals.get('kind')
        if not kind:
            return False
        values = {'invoice': vals['number'], 'kind': self._get_kind_label(kind)}
        if not self._has_line(vals):
            return self.env._(
                '%(invoice)s: the line type "%(kind)s" needs the number of a line. Type it, or '
                'leave the line type empty.',
                **values,
            )
        if (kind == 'return') != ('quantity' in self._get_typed(vals)):
            if kind == 'return':
                return self.env._(
                    '%(invoice)s: the line type "%(kind)s" needs a quantity, not an amount.',
                    **values,
                )
            return self.env._(
                '%(invoice)s: the line type "%(kind)s" needs an amount or a percentage, not a '
                'quantity.',
                **values,
            )
        return False

    @api.model
    def _get_line_refusal(self, vals, invoice):
        if not self._has_line(vals):
            return self._get_total_refusal(vals, invoice)
        if invoice._get_line_of_number(vals['line_number']):
            return False
        return self.env._(
            '%(invoice)s has no line %(line)s: its lines are numbered from 1 to %(count)s, without '
            'sections and notes.',
            invoice=vals['number'],
            line=vals['line_number'],
            count=len(invoice._get_numbered_lines()),
        )

    @api.model
    def _get_total_refusal(self, vals, invoice):
        """Say of the invoice, and not of its first line, that an amount is too much."""
        amount = vals.get('amount')
        company = invoice.company_id._get_credit_policy_company()
        if not amount or company.credit_limit_policy != 'block':
            return False
        excess = invoice._get_total_excess(invoice, invoice._get_posted_credits(), amount)
        return ' '.join(excess)

    # === THE DATE, AND OTHER ROWS === #

    @api.model
    def _get_date_refusal(self, vals, invoice):
        """Refuse a closed day; the dialog refuses the other dates that no credit can have."""
        locks = invoice._get_violated_lock_dates(vals['date'], bool(invoice.line_ids.tax_ids))
        return locks and self.env._(
            '%(invoice)s: %(date)s is in a closed period (%(locks)s). Choose a later date.',
            invoice=vals['number'],
            date=format_date(self.env, vals['date']),
            locks=self.env['res.company']._format_lock_dates(locks),
        )

    @api.model
    def _get_double_refusal(self, vals, seen):
        """Refuse rows that cannot stand in one credit.

        :param dict seen: the lines of earlier rows by credit; this row is added
        """
        lines = seen.setdefault((vals['invoice_id'], vals['date'], vals['reason']), set())
        line = self._has_line(vals) and vals['line_number']
        is_double = line in lines
        is_mixed = bool(lines) and not is_double and (not line or False in lines)
        lines.add(line)
        if is_double and line:
            return self.env._(
                '%(invoice)s, line %(line)s stands in an earlier row, too: put both in one row.',
                invoice=vals['number'],
                line=line,
            )
        if is_double or is_mixed:
            return self.env._(
                '%s stands in an earlier row, too: credit the whole invoice in one row, or give '
                'each row its line.',
                vals['number'],
            )
        return False

    # === HELPERS === #

    @api.model
    def _has_line(self, vals):
        return self._is_typed(vals.get('line_number'))

    @api.model
    def _get_label(self, name):
        return self._fields[name].get_description(self.env, ['string'])['string']

    @api.model
    def _get_kind_label(self, kind):
        return dict(self._fields['kind']._description_selection(self.env)).get(kind, kind)
