from collections import defaultdict

from odoo import api, models
from odoo.tools import format_date, formatLang

from ..models.settlement_choice import OpenItems


class CreditApprovePreview(models.AbstractModel):
    """What *Approve* will do, as a person reads it: before, change and after of each document, the
    journal items, and the tax."""

    _name = 'credit.approve.preview'
    _description = 'Preview of Approving Credits'

    @api.model
    def _render_preview(self, choices):
        """Nothing is written.

        :param dict choices: credit -> `SettlementChoice`
        :return: dictionary of HTML: `documents` and `items`
        :raise UserError: if the choice cannot be had
        """
        left, parts = OpenItems(), []
        for credit, choice in choices.items():
            parts += credit._get_settlement_parts(choice, left)
        documents = self._get_documents(choices, parts)
        values = {'documents': documents, 'taxes': self._get_taxes(choices)}
        render = self.env['ir.qweb']._render
        items = self._get_items(choices, parts) if len(choices) == 1 else []
        return {
            'documents': render('credit_invoice_settle.approve_preview_documents', values),
            'items': items
            and render('credit_invoice_settle.approve_preview_items', {**values, 'items': items}),
        }

    # === DOCUMENTS === #

    @api.model
    def _get_documents(self, choices, parts):
        """Rows of before, change and after.

        :return: list of dictionaries with `name`, `kind`, `before`, `change` and `after`
        """
        used, taken = defaultdict(float), defaultdict(list)
        for part in parts:
            taken[part.credit].append(part)
            if part.target:
                used[part.target.move_id] += part.amount
        rows = []
        for credit, choice in choices.items():
            rows.append(self._get_credit_row(credit, taken[credit]))
            rows += [
                self._get_refund_row(part, choice)
                for part in taken[credit]
                if part.kind == 'refund'
            ]
        # What was credited and is paid stands there, too: that is why nothing is used against it.
        for credit in choices:
            for origin in credit._get_credit_origins():
                used.setdefault(origin, 0.0)
        rows += [self._get_invoice_row(invoice, amount) for invoice, amount in used.items()]
        return rows

    @api.model
    def _get_credit_row(self, credit, parts):
        before = credit._get_amount_to_settle()
        change = -sum(part.amount for part in parts if part.kind != 'keep')
        # The amount of the only part is the change.
        texts = [self._get_part_text(part, with_amount=len(parts) > 1) for part in parts]
        return {
            'name': credit.display_name,
            'what': '; '.join(texts) or self.env._('Posted; the money stays open'),
            **self._format_amounts(credit.currency_id, before, change),
        }

    @api.model
    def _get_part_text(self, part, with_amount=False):
        values = {'amount': self._format(part.amount, part.credit.currency_id)}
        if part.kind == 'use':
            values['invoice'] = part.target.move_id.name
            if with_amount:
                return self.env._('%(amount)s used against %(invoice)s', **values)
            return self.env._('Used against %(invoice)s', **values)
        if part.kind == 'refund':
            if with_amount:
                return self.env._('%(amount)s refunded', **values)
            return self.env._('Refunded')
        if with_amount:
            return self.env._('%(amount)s kept as customer credit', **values)
        return self.env._('Kept as customer credit')

    @api.model
    def _get_refund_row(self, part, choice):
        """The document that pays a part back: it is new, and the money leaves with it."""
        vals = part.credit._prepare_refund_vals(choice)
        ways = dict(
            self
            .env['credit.settlement.line']
            ._fields['refund_way']
            ._description_selection(self.env)
        )
        account = self.env['res.partner.bank'].browse(vals['partner_bank_id'] or [])
        what = self.env._('To %s', part.credit.commercial_partner_id.name)
        if vals['way'] == 'payment':
            journal = self.env['account.journal'].browse(vals['journal_id'])
            what = self.env._(
                'From %(journal)s to %(receiver)s',
                journal=journal.name,
                receiver=account.sudo().acc_number or part.credit.commercial_partner_id.name,
            )
        return {
            'name': ways.get(vals['way'], vals['way']),
            'what': what,
            'before': '',
            'change': self._format(part.amount, part.credit.currency_id),
            'after': '',
        }

    @api.model
    def _get_invoice_row(self, invoice, amount):
        lines = invoice._get_open_receivable_lines()
        before = sum(lines.mapped('amount_residual_currency'))
        due = format_date(self.env, invoice.invoice_date_due)
        return {
            'name': invoice.display_name,
            'what': self.env._('Due %s', due) if lines else self.env._('Nothing is open of it'),
            **self._format_amounts(invoice.currency_id, before, -amount),
        }

    @api.model
    def _format_amounts(self, currency, before, change):
        return {
            'before': self._format(before, currency),
            'change': self._format(change, currency),
            'after': self._format(before + change, currency),
        }

    @api.model
    def _format(self, amount, currency):
        # No negative zero.
        return formatLang(self.env, currency.round(amount) + 0.0, currency_obj=currency)

    # === TAX === #

    @api.model
    def _get_taxes(self, choices):
        """The tax that posting corrects, by period.

        :return: list of dictionaries with `period`, `name`, `base` and `amount`
        """
        sums = defaultdict(lambda: [0.0, 0.0])
        for credit in choices:
            if credit.state != 'draft':
                continue
            period = format_date(self.env, credit.date, date_format='MMMM yyyy')
            for line in credit.line_ids.filtered('tax_line_id'):
                key = (period, line.tax_line_id, line.company_currency_id)
                sums[key][0] += line.tax_base_amount
                sums[key][1] += line.balance
        return [
            {
                'period': period,
                'name': tax.name,
                'base': self._format(-abs(base), currency),
                'amount': self._format(-amount, currency),
                'is_due_on_payment': tax.tax_exigibility == 'on_payment',
            }
            for (period, tax, currency), (base, amount) in sums.items()
        ]

    # === JOURNAL ITEMS === #

    @api.model
    def _get_items(self, choices, parts):
        """The journal items that will be posted, document by document.

        Exchange differences and the tax that becomes due by payment are left to the host, which
        posts them with the match.

        :return: list of dictionaries with `name`, `rows`, `debit` and `credit`
        """
        groups = [
            self._get_item_group(credit.display_name, self._get_credit_items(credit), credit)
            for credit in choices
            if credit.state == 'draft'
        ]
        for part in parts:
            if part.target and part.credit._needs_settlement_entry(part, choices.get(part.credit)):
                accounts = part.source.account_id, part.target.account_id
                groups.append(
                    self._get_item_group(
                        self.env._('Settlement entry'),
                        self._get_move_items(part, *accounts),
                        part.credit,
                    )
                )
            if part.kind == 'refund':
                account = part.credit._get_refund_counterpart(choices[part.credit])
                groups.append(
                    self._get_item_group(
                        self.env._('Refund'),
                        self._get_move_items(part, part.source.account_id, account),
                        part.credit,
                    )
                )
        return groups

    @api.model
    def _get_item_group(self, name, items, credit):
        """The journal items of one document, with their sums.

        :param items: list of (account, balance), in the currency of the company
        """
        currency, company = credit.company_currency_id, credit.company_id
        sums = [sum(max(sign * balance, 0.0) for _account, balance in items) for sign in (1, -1)]
        debit, credited = (self._format(amount, currency) for amount in sums)
        partner = credit.commercial_partner_id.name
        return {
            'name': name,
            'rows': [
                self._get_item(account.with_company(company), balance, currency, partner)
                for account, balance in items
            ],
            'debit': debit,
            'credit': credited,
        }

    @api.model
    def _get_credit_items(self, credit):
        lines = credit.line_ids.filtered(
            lambda line: line.account_id and line.display_type not in ('line_section', 'line_note')
        )
        groups = lines.grouped('account_id').items()
        sums = [(account, sum(items.mapped('balance'))) for account, items in groups]
        return sorted(sums, key=lambda pair: -pair[1])

    @api.model
    def _get_move_items(self, part, debit_account, credit_account):
        return [(debit_account, part.balance), (credit_account, -part.balance)]

    @api.model
    def _get_item(self, account, balance, currency, partner):
        return {
            'account': f'{account.code or ""} {account.name or ""}'.strip(),
            'partner': partner,
            'debit': balance > 0 and self._format(balance, currency) or '',
            'credit': balance < 0 and self._format(-balance, currency) or '',
        }
