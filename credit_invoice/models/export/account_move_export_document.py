from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import float_repr

from ...tools.export_contract import Document, Line, Tax


class AccountMove(models.Model):
    """A document as it is told to an outside system, see `tools/export_contract.py`."""

    _inherit = 'account.move'

    def _prepare_export_document(self, record):
        """This invoice or credit for one system. To be extended where more is told.

        :param record: its `credit.export.record`
        :rtype: Document
        """
        self.ensure_one()
        system = record.system_id
        origins = self._get_credit_origins() if record.operation == 'credit' else self.browse()
        references = tuple(filter(None, map(record._get_reference, origins)))
        receivable = self.line_ids.filtered(
            lambda line: line.account_type == 'asset_receivable'
        ).account_id[:1]
        return Document(
            kind=record.operation,
            key=record.key,
            number=system._get_external_number(self),
            date=self.invoice_date,
            due_date=self.invoice_date_due or None,
            accounting_date=self.date,
            currency=self.currency_id.name,
            customer=self.commercial_partner_id._prepare_export_party(),
            seller=self.company_id.partner_id._prepare_export_party(),
            account=system._get_code(receivable) if receivable else '',
            journal=self.journal_id.code,
            untaxed=self._to_export_amount(self.amount_untaxed),
            tax=self._to_export_amount(self.amount_tax),
            total=self._to_export_amount(self.amount_total),
            lines=tuple(self._prepare_export_lines(system)),
            taxes=tuple(self._prepare_export_taxes(system)),
            origin=references[0] if references else None,
            origins=references,
            reason=self.credit_reason or '',
            note=self.ref or '',
        )

    def _prepare_payment_document(self, record):
        """What this entry pays of one invoice, for one system.

        :rtype: Document
        """
        self.ensure_one()
        invoice = record.target_move_id
        self._check_is_money_alone()
        return Document(
            kind='payment',
            key=record.key,
            number=self._get_export_payment_number(record),
            date=self.date,
            accounting_date=self.date,
            currency=invoice.currency_id.name,
            customer=invoice.commercial_partner_id._prepare_export_party(),
            total=invoice._to_export_amount(record._get_matched_amount(), invoice.currency_id),
            journal=self.journal_id.code,
            origin=record._get_reference(invoice),
            note=self.ref or '',
        )

    def _check_is_money_alone(self):
        """Refuse payments of which a part is a discount, a fee or a write-off: what is told as a
        payment stands on the bank account over there.

        :raise UserError: names it
        """
        payment = self.origin_payment_id or self.statement_line_id
        others = self.line_ids - payment._seek_for_lines()[0] if payment else self.line_ids
        if any(line.account_type != 'asset_receivable' for line in others):
            raise UserError(
                self.env._(
                    '%s has more than money on it, such as a discount or a fee: enter it over '
                    'there by hand.',
                    self.display_name,
                )
            )

    def _get_export_payment_number(self, record):
        """The number of what a payment pays of one invoice: its own, and of further invoices one
        with their place.

        :rtype: str
        """
        earlier = record.search_count([
            ('system_id', '=', record.system_id.id),
            ('move_id', '=', self.id),
            ('operation', '=', 'payment'),
            ('id', '<', record.id),
        ])
        return f'{self.name}-{earlier + 1}' if earlier else self.name

    def _prepare_export_lines(self, system):
        """The lines of this document for one system; amounts are positive as on the document.

        :rtype: list[Line]
        """
        lines = []
        # What rounds the biggest tax is part of that tax.
        shown = self.line_ids.filtered(
            lambda line: line.display_type in ('product', 'rounding') and not line.tax_line_id
        )
        for line in shown.sorted(lambda line: (line.display_type != 'product', line.sequence)):
            amount = self._to_export_amount(self.direction_sign * line.amount_currency)
            quantity = Decimal(str(line.quantity)) if line.display_type == 'product' else 0
            lines.append(
                Line(
                    name=line.name or line.product_id.display_name or '',
                    account=system._get_code(line.account_id),
                    quantity=quantity or Decimal(1),
                    price=self._to_export_price(amount, quantity or Decimal(1)),
                    amount=amount,
                    taxes=tuple(
                        system._get_code(tax) for tax in line.tax_ids.flatten_taxes_hierarchy()
                    ),
                    product_code=line.product_id.default_code or '',
                )
            )
        return lines

    def _prepare_export_taxes(self, system):
        """What each tax comes to on this document, from its journal items.

        :rtype: list[Tax]
        """
        amounts, bases = defaultdict(float), defaultdict(float)
        for line in self.line_ids:
            if line.tax_line_id:
                amounts[line.tax_line_id] += self.direction_sign * line.amount_currency
            for tax in line.tax_ids.flatten_taxes_hierarchy():
                bases[tax] += self.direction_sign * line.amount_currency
        return [
            Tax(
                code=system._get_code(tax),
                name=system._get_name(tax),
                rate=system._get_rate(tax),
                base=self._to_export_amount(bases[tax]),
                amount=self._to_export_amount(amounts[tax]),
            )
            for tax in bases | amounts
        ]

    def _to_export_price(self, amount, quantity):
        """The price of one unit, with as many digits as it takes to come to the amount.

        :rtype: Decimal
        """
        unit = Decimal(1).scaleb(-self.currency_id.decimal_places)
        for digits in range(6, 16):
            price = (amount / quantity).quantize(Decimal(1).scaleb(-digits))
            if (price * quantity).quantize(unit, ROUND_HALF_UP) == amount:
                break
        return price

    def _to_export_amount(self, amount, currency=None):
        """An amount of money, exact.

        :rtype: Decimal
        """
        currency = currency or self.currency_id
        return Decimal(float_repr(currency.round(amount), currency.decimal_places))
