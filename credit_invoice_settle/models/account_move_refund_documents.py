from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.credit_invoice.models.links.account_move_line import CREDITABLE_TYPES
from odoo.addons.credit_invoice.tools.splitting import from_units, split, to_units


class AccountMove(models.Model):
    """The documents that pay the money of a credit back (decision 10, pc11 to pc13)."""

    _inherit = 'account.move'

    def _create_refund_payment(self, part, choice, vals):
        """Pay a part back by an outgoing payment (decision 10)."""
        payment_vals = self._prepare_refund_payment_vals(part, choice, vals)
        Method = self.env['account.payment.method.line']
        method = Method.browse(payment_vals['payment_method_line_id'])
        # Without an entry nothing could be matched; forced, the host takes the chart's account
        # even where the payment method has one of its own.
        payment = (
            self
            .env['account.payment']
            .with_context(force_payment_move=not method.payment_account_id)
            .create(payment_vals)
        )
        payment.action_post()
        item = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == part.source.account_id
        )
        part.pairs = [(part.source, item)]
        part.values['payment_id'] = payment.id
        if self.move_type == 'out_refund':
            # The host takes payments of an invoice that is paid for confirmed by the bank.
            self.matched_payment_ids += payment

    def _prepare_refund_payment_vals(self, part, choice, vals):
        journal = self.env['account.journal'].browse(vals['journal_id'])
        if not journal.outbound_payment_method_line_ids:
            raise UserError(
                self.env._(
                    '%s cannot be refunded: choose a bank or cash journal with an outgoing payment '
                    'method.',
                    self.display_name,
                )
            )
        return {
            'payment_type': 'outbound',
            'partner_type': 'customer',
            'partner_id': self.commercial_partner_id.id,
            'amount': part.amount,
            'currency_id': self.currency_id.id,
            'date': choice.date or max(self.date, fields.Date.context_today(self)),
            'memo': choice.description or self.name,
            'journal_id': journal.id,
            'company_id': self.company_id.id,
            'payment_method_line_id': vals['payment_method_line_id'],
            'partner_bank_id': vals['partner_bank_id'],
            'destination_account_id': part.source.account_id.id,
        }

    def _create_refund_entry(self, part, choice, vals):
        """Owe a part by an entry: receivable against refunds payable (pc11 to pc13)."""
        rule = self._get_refund_rule('entry')
        rows = self._get_refund_rows(part)
        # The rule names the journal; the clerk has no right to write entries elsewhere.
        entry = (
            self
            .env['account.move']
            .sudo()
            .create({
                **self._prepare_refund_document_vals(part, choice),
                'move_type': 'entry',
                'journal_id': self._get_refund_journal(rule, 'entry').id,
                'line_ids': [
                    Command.create({
                        **self._prepare_refund_receivable_vals(part),
                    }),
                    *(
                        Command.create({
                            'name': name,
                            'account_id': rule.refund_account_id.id,
                            'partner_id': self.commercial_partner_id.id,
                            'currency_id': self.currency_id.id,
                            'amount_currency': -amount,
                            'balance': -balance,
                            'date_maturity': vals['date_maturity'],
                        })
                        for name, amount, balance in rows
                    ),
                ],
            })
        )
        entry._post(soft=False)
        item = entry.line_ids.filtered(lambda line: line.account_id == part.source.account_id)
        part.pairs = [(part.source, item)]
        part.values['refund_move_id'] = entry.id

    def _create_refund_bill(self, part, choice, vals):
        """Owe a part by a vendor bill. The host allows no receivable account on it: a settlement
        entry clears the receivable against the account of the bill's lines.
        """
        rule = self._get_refund_rule('bill')
        rows = self._get_refund_rows(part)
        clearing = rule._get_refund_clearing_account()
        entry = (
            self
            .env['account.move']
            .sudo()
            .create({
                **self._prepare_refund_document_vals(part, choice),
                'move_type': 'entry',
                'journal_id': self._get_settlement_journal().id,
                'line_ids': [
                    Command.create(self._prepare_refund_receivable_vals(part)),
                    Command.create({
                        **self._prepare_refund_receivable_vals(part),
                        'account_id': clearing.id,
                        'amount_currency': -part.amount,
                        'balance': -part.balance,
                    }),
                ],
            })
        )
        entry._post(soft=False)
        bill = (
            self
            .env['account.move']
            .sudo()
            .create({
                **self._prepare_refund_document_vals(part, choice),
                'move_type': 'in_invoice',
                'journal_id': self._get_refund_journal(rule, 'bill').id,
                'invoice_date': entry.date,
                'invoice_date_due': vals['date_maturity'],
                'invoice_payment_term_id': False,
                # That of the money that is owed, which need not be the document's.
                'invoice_currency_rate': part.amount / part.balance
                if part.balance
                else self.invoice_currency_rate,
                'partner_bank_id': vals['partner_bank_id'],
                'invoice_line_ids': [
                    Command.create({
                        'product_id': rule.refund_product_id.id,
                        'name': name,
                        'quantity': 1,
                        'price_unit': amount,
                        'tax_ids': [Command.clear()],
                        'account_id': clearing.id,
                    })
                    for name, amount, _balance in rows
                ],
            })
        )
        if rule.refund_account_id:
            bill.line_ids.filtered(
                lambda line: line.display_type == 'payment_term'
            ).account_id = rule.refund_account_id
        bill._post(soft=False)
        receivable = entry.line_ids.filtered(lambda line: line.account_id == part.source.account_id)
        part.pairs = [(part.source, receivable)]
        if clearing.reconcile:
            (
                entry.line_ids - receivable
                | bill.line_ids.filtered(lambda line: line.account_id == clearing)
            ).reconcile()
        part.values.update(refund_move_id=bill.id, entry_move_id=entry.id)

    def _get_refund_rule(self, way):
        """The posting rule with the account of a refund document.

        :param str way: `entry` or `bill`
        :raise UserError: if it names no account, or there is no journal for the way
        """
        rule = self._get_credit_posting_rule().sudo()
        if not rule.refund_account_id or not self._get_refund_journal(rule, way):
            raise UserError(
                self.env._(
                    '%s cannot be refunded this way: its posting rule names no journal or account '
                    'for refunds. Refund it by payment, or ask an administrator to complete the '
                    'rule.',
                    self.display_name,
                )
            )
        return rule

    @api.model
    def _get_refund_journal(self, rule, way):
        """The journal of a refund document: of the rule, if it fits the way that was chosen.

        :param rule: the posting rule, with the right to read it
        :param str way: `entry` or `bill`
        """
        wanted = rule._get_refund_journal_type(way)
        if rule.refund_journal_id.type == wanted:
            return rule.refund_journal_id
        return rule.refund_journal_id and rule._get_refund_journal(rule.company_id, wanted)

    def _prepare_refund_document_vals(self, part, choice):
        """What entries and bills have in common: they name invoice and credit (pc12)."""
        origins = self.sudo()._get_credit_origins()
        return {
            'partner_id': self.commercial_partner_id.id,
            'company_id': self.company_id.id,
            'currency_id': self.currency_id.id,
            'date': choice.date or max(self.date, fields.Date.context_today(self)),
            'ref': origins
            and self.env._(
                'Refund of %(credit)s for %(invoice)s',
                credit=self.name,
                invoice=', '.join(origins.mapped('name')),
            )
            or self._get_refund_label(),
        }

    def _get_refund_label(self):
        if self.move_type in CREDITABLE_TYPES:
            return self.env._('Refund of the overpayment of %s', self.name)
        return self.env._('Refund of %s', self.name)

    def _prepare_refund_receivable_vals(self, part):
        return {
            'name': self._get_refund_label(),
            'account_id': part.source.account_id.id,
            'partner_id': self.commercial_partner_id.id,
            'currency_id': self.currency_id.id,
            'amount_currency': part.amount,
            'balance': part.balance,
        }

    def _get_refund_rows(self, part):
        """The rows of a refund document: those of the credit, positive, gross, without tax (pc11).

        Of a part of the credit, each row's share; the rows add up to the part in both currencies.
        An overpayment is one row.

        :return: list of (name, amount in the credit's currency, in the company's)
        """
        if self.move_type in CREDITABLE_TYPES:
            return [(self._get_refund_label(), part.amount, part.balance)]
        lines = self._get_numbered_lines()
        total = self._to_units(part.amount)
        amounts = split(total, [self._to_units(line.price_total) for line in lines])
        unit = self.company_currency_id.rounding
        balances = split(to_units(part.balance, unit), amounts)
        return [
            (line.name, self._from_units(amount), from_units(value, unit))
            for line, amount, value in zip(lines, amounts, balances, strict=True)
            if amount
        ]
