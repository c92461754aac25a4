from odoo import models
from odoo.tools import formatLang


class AccountMoveLine(models.Model):
    """How the line of a credit differs from the one of its invoice, or from what was made."""

    _inherit = 'account.move.line'

    def _get_credit_facts(self):
        """What two lines are compared by, as it can be kept.

        :rtype: dict
        """
        self.ensure_one()
        return {
            'product': self.product_id._origin.id,
            'quantity': self.quantity,
            'uom': self.product_uom_id._origin.id,
            'price_unit': self.price_unit,
            'discount': self.discount,
            'taxes': sorted(self.tax_ids._origin.ids),
            'account': self.account_id._origin.id,
            'price_subtotal': self.price_subtotal,
            'price_total': self.price_total,
        }

    def _get_credit_line_differences(self, before, credit_line):
        """How a credit's line differs from what was credited of this line of its invoice before.

        :param dict before: facts of this line, or of what was made of it
        :param credit_line: the line that credits this one now, or None
        :return: list of dictionaries as of `account.move._get_credit_differences`
        """
        self.ensure_one()
        if not credit_line:
            credit_text = self.env._('not credited')
        else:
            after = credit_line._get_credit_facts()
            if self._is_same_credit(before, after):
                return []
            credit_text = self._get_credit_summary(after, before['account'] != after['account'])
            if before['product'] != after['product']:
                product = credit_line.product_id.display_name or credit_line.name or ''
                credit_text = f'{product}: {credit_text}'
            if self._is_beyond(after):
                credit_text = self.env._('%s: more than invoiced', credit_text)
        shows_account = bool(credit_line) and before['account'] != after['account']
        return [
            {
                'name': self.name or '',
                'origin': self._get_credit_summary(before, shows_account),
                'credit': credit_text,
            }
        ]

    def _get_added_difference(self):
        """A line of a credit that was not there when it was made."""
        self.ensure_one()
        return {
            'name': self.name or '',
            'origin': '',
            'credit': self._get_credit_summary(self._get_credit_facts()),
        }

    def _is_same_credit(self, before, after):
        compare = self.currency_id.compare_amounts
        return (
            all(before[name] == after[name] for name in ('product', 'uom', 'taxes', 'account'))
            and self._is_same_quantity(before['quantity'], after['quantity'])
            and not compare(before['price_total'], after['price_total'])
            and not compare(before['price_subtotal'], after['price_subtotal'])
        )

    def _is_beyond(self, facts):
        """Whether a credit takes more than was invoiced with this line."""
        sign = -1 if self.price_total < 0 else 1
        more = sign * facts['price_total'], sign * self.price_total
        is_more = facts['uom'] == self.product_uom_id.id and facts['quantity'] > self.quantity
        return self.currency_id.compare_amounts(*more) > 0 or (
            is_more and not self._is_same_quantity(facts['quantity'], self.quantity)
        )

    def _get_credit_summary(self, facts, shows_account=False):
        """Quantity, price, discount, taxes and total, as "2.00 × 33.35 + 15% = $ 76.71"."""
        total = formatLang(self.env, facts['price_total'], currency_obj=self.currency_id)
        if self.currency_id.is_zero(facts['price_subtotal']) and facts['price_total']:
            return self.env._('Tax only: %s', total)
        unit = self.env['uom.uom'].browse(facts['uom'])
        quantity = formatLang(self.env, facts['quantity'])
        if unit and unit != self.product_uom_id:
            quantity += f' {unit.name}'
        text = f'{quantity} × {formatLang(self.env, facts["price_unit"])}'
        if facts['discount']:
            text += f' − {formatLang(self.env, facts["discount"])} %'
        taxes = self.env['account.tax'].browse(facts['taxes'])
        if taxes:
            text += f' + {", ".join(taxes.mapped("name"))}'
        text += f' = {total}'
        if shows_account:
            account = self.env['account.account'].browse(facts['account'])
            text += f' · {account.display_name}'
        return text

    def _would_get_other_taxes(self):
        """Whether the host would give this line other taxes for its customer and product.

        It leaves those alone that follow from neither a product nor an account.
        """
        self.ensure_one()
        follows = self.product_id or self.account_id.tax_ids or not self.tax_ids
        return (
            self.display_type == 'product'
            and bool(follows)
            and (self._get_computed_taxes() or self.tax_ids.browse())._origin
            != self.tax_ids._origin
        )
