from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.credit_invoice.tools.checking import check_values

from ..tools.allocation import ORDERS
from .settlement_choice import SettlementChoice

# Beyond it, an amount of cents is no exact number any more, and no id fits into the database.
AMOUNT_LIMIT = 1e13
ID_LIMIT = 2**31


class AccountMove(models.Model):
    """What callers over RPC send for *Approve*, refunds and uses: read, and refused in one
    sentence.
    """

    _inherit = 'account.move'

    def _read_settlement_choice(self, values):
        """A choice that came over RPC; what it leaves open is proposed.

        :param dict values: see `approve_credits`
        :raise UserError: names the first value that is wrong
        """
        choice = self._get_proposed_choice()
        known = set(SettlementChoice.__dataclass_fields__)
        for name, value in values.items():
            if name not in known:
                raise UserError(
                    self.env._(
                        '%(name)s is not known. Use: %(known)s.',
                        name=name,
                        known=', '.join(sorted(known | {'reference', 'send'})),
                    )
                )
            setattr(choice, name, value)
        choice.uses = self._read_amounts(choice.uses)
        choice.date = self._read_date(choice.date)
        self._check_choice(choice)
        self._check_refund_choice(choice.refund)
        return choice

    @api.model
    def _read_amounts(self, values):
        """What a caller over RPC sends as a list of (id, amount).

        :rtype: dict
        :raise UserError: if it is something else, or names one twice
        """
        try:
            pairs = values.items() if isinstance(values, dict) else list(values)
            amounts = {int(record_id): amount for record_id, amount in pairs}
        except (TypeError, ValueError, OverflowError) as error:
            raise UserError(self.env._('Enter a list of (id, amount), not %s.', values)) from error
        if len(amounts) != len(pairs):
            raise UserError(self.env._('Name each document once.'))
        return amounts

    @api.model
    def _read_date(self, date):
        try:
            return self.env['credit.settlement']._fields['date'].to_date(date)
        except (TypeError, ValueError) as error:
            raise UserError(self.env._('Enter the date like 2026-01-31, not %s.', date)) from error

    def _check_choice(self, choice):
        allowed = {
            'settlement': ('own', 'oldest', 'chosen', 'refund', 'keep', 'split'),
            'instalments': ORDERS,
            'rest': ('keep', 'refund'),
        }
        for name, values in allowed.items():
            self._check_value(name, getattr(choice, name), values)
        amounts = [*choice.uses.values(), choice.refund_amount or 0, choice.keep_amount or 0]
        for amount in amounts:
            if not self._is_amount(amount) or (amount and self._is_nothing(amount)):
                raise UserError(
                    self.env._('Amounts must be numbers of zero or more, not %s.', amount)
                )
        self._check_description(choice.description)

    @api.model
    def _check_description(self, description):
        if description and not isinstance(description, str):
            raise UserError(self.env._('The description must be a text, not %s.', description))
        # As what is typed in the window.
        check_values(self.env['credit.approve.wizard'], {'description': description})

    @api.model
    def _is_amount(self, value):
        """Whether what a caller sent is an amount: a number of zero or more."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and 0 <= value < AMOUNT_LIMIT

    def _is_nothing(self, amount):
        """Whether an amount rounds to nothing in the currencies of these documents."""
        return any(currency.is_zero(amount) for currency in self.currency_id)

    def _check_amounts_above_zero(self, amounts):
        """Check amounts in the currency of this document: what rounds to nothing is nothing."""
        for amount in amounts:
            if not self._is_amount(amount) or self._is_nothing(amount):
                raise UserError(self.env._('Amounts must be numbers above zero, not %s.', amount))
        if not amounts:
            raise UserError(self.env._('Enter an amount.'))

    @api.model
    def _check_value(self, name, value, allowed):
        if value not in allowed:
            raise UserError(
                self.env._(
                    '%(value)s is no value of %(name)s. Use one of: %(values)s.',
                    value=value,
                    name=name,
                    values=', '.join(allowed),
                )
            )

    def _check_refund_choice(self, refund):
        """Check how a credit is to be paid back, of which no window has made the choice.

        :raise UserError: names the first value that is wrong
        """
        models_by_name = {
            'journal_id': 'account.journal',
            'payment_method_line_id': 'account.payment.method.line',
            'partner_bank_id': 'res.partner.bank',
        }
        if not isinstance(refund, dict):
            raise UserError(self.env._('Enter how to refund by names and values, not %s.', refund))
        for name, value in refund.items():
            self._check_value('refund', name, ('way', *models_by_name))
            if name == 'way':
                ways = self.env['credit.settlement.line']._fields['refund_way']
                self._check_value('way', value or 'payment', ways.get_values(self.env))
            elif value and not self._is_there(models_by_name[name], value):
                raise UserError(
                    self.env._('There is no %(name)s %(value)s.', name=name, value=value)
                )

    @api.model
    def _is_there(self, model, value):
        is_id = isinstance(value, int) and not isinstance(value, bool) and 0 < value < ID_LIMIT
        return is_id and self.env[model].search_count([('id', '=', value)])
