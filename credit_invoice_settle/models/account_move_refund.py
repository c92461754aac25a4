from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.base.models.res_bank import sanitize_account_number
from odoo.addons.credit_invoice.models.links.account_move_line import CREDITABLE_TYPES
from odoo.addons.credit_invoice.tools.locking import lock_rows

from .settlement_choice import SettlementChoice

# Days for which a bank account that was entered or changed is pointed out.
BANK_ACCOUNT_IS_NEW = 30


class AccountMove(models.Model):
    """Paying the money of a credit back: how much, and by which documents (decision 10)."""

    _inherit = 'account.move'

    # === BUSINESS METHODS: HOW MUCH === #

    def _get_refundable_amount(self):
        """What can be paid back of this credit: money that came in and was not returned (pc10).

        Of a credit that names an invoice, the money that came in for it, net of discounts taken,
        as far as it was not returned by a free credit; of a free one, the money of the customer.

        :return: amount in the currency of the credit, at least zero
        :rtype: float
        """
        self.ensure_one()
        # Who settles the credit may not be allowed to read payments.
        credit_sudo = self.sudo()
        origins = credit_sudo._get_credit_origins().filtered(
            lambda origin: origin.currency_id == self.currency_id
        )
        rest = origins._get_money_kept() if origins else credit_sudo._get_customer_money()
        rest = self.currency_id.round(rest)
        if origins and credit_sudo._is_paid_by_customer():
            rest = min(rest, self.currency_id.round(credit_sudo._get_customer_money()))
        return max(rest, 0.0)

    def _is_paid_by_customer(self):
        """Whether the customer paid the invoices of this credit, and in its currency."""
        lines = self._get_origin_money_lines()
        customer = self.commercial_partner_id
        return lines.partner_id == customer and lines.currency_id == self.currency_id

    def _get_refundable_units(self, left):
        """What can be paid back of this credit beside others that are settled at once with it.

        :param left: the `OpenItems`, which know what is paid back of the others
        :return: in units of the currency
        :rtype: int
        """
        refundable = self._to_units(self._get_refundable_amount())
        others = [
            units
            for credit, units in left.refunded.items()
            if credit != self and credit._shares_money_with(self)
        ]
        return max(refundable - sum(others), 0)

    def _shares_money_with(self, other):
        """Whether what is paid back of this credit can no longer be paid back of another one."""
        self.ensure_one()
        origins = other._get_credit_origins()
        if origins:
            return bool(origins & self._get_credit_origins())
        names = ('company_id', 'commercial_partner_id', 'currency_id')
        return all(self[name] == other[name] for name in names)

    def _get_money_kept(self):
        """The money that came in for these invoices, less what went back with their credits.

        :return: amount in their currency
        :rtype: float
        """
        received = sum(invoice._get_money_received() for invoice in self)
        returned = -sum(credit._get_money_moved() for credit in self._get_posted_credits())
        return received - returned - self._get_credits()._get_loose_refunds_amount()

    def _get_loose_refunds_amount(self):
        """What refunds of these credits hold that are in effect, but matched with nothing.

        Whoever takes such a match off does not take the money back.

        :rtype: float
        """
        parts = self.credit_settlement_ids.line_ids.filtered(lambda line: line.kind == 'refund')
        items = (parts.payment_id.move_id | parts.refund_move_id | parts.entry_move_id).line_ids
        return sum(
            item.amount_residual_currency
            for item in items
            if item.account_type == 'asset_receivable'
            and item.parent_state == 'posted'
            and item.currency_id.compare_amounts(item.amount_residual_currency, 0.0) > 0
        )

    def _get_customer_money(self):
        """The money that came in from the customer of this credit, less what went back."""
        domain = [
            ('company_id', '=', self.company_id.id),
            ('partner_id', '=', self.commercial_partner_id.id),
            ('currency_id', '=', self.currency_id.id),
            ('parent_state', '=', 'posted'),
            ('account_type', '=', 'asset_receivable'),
            *self.env['account.move.line']._get_money_domain(),
        ]
        groups = self.env['account.move.line']._read_group(
            domain, ['move_id'], ['amount_currency:sum']
        )
        return -sum(
            amount * entry._get_money_share() if amount < 0 else amount for entry, amount in groups
        )

    def _get_refund_bank_accounts(self):
        # EXTENDS 'credit_invoice': the one that was chosen, too
        choice = self._get_settlement_choices().get(self.id)
        chosen = choice and choice.refund.get('partner_bank_id')
        return super()._get_refund_bank_accounts() | self.env['res.partner.bank'].browse(
            chosen or []
        )

    # === BUSINESS METHODS: BY WHICH DOCUMENTS === #

    def _create_refunds(self, parts, choices):
        """Make and post the documents that pay parts of credits back.

        :param parts: list of `SettlementPart`; gets the items to match, and the documents
        :param choices: the `SettlementChoices`
        """
        self._lock_customer_money(parts)
        for part in parts:
            choice = choices.get(part.credit.id) or SettlementChoice()
            vals = part.credit._prepare_refund_vals(choice)
            part.credit._check_refund_way(vals['way'])
            paid = sum(other.amount for other in parts if other.credit == part.credit)
            part.credit._check_refund_account(vals['partner_bank_id'], paid)
            getattr(part.credit, f'_create_refund_{vals["way"]}')(part, choice, vals)
            part.values.update(refund_way=vals['way'], bank_account_id=vals['partner_bank_id'])

    @api.model
    def _lock_customer_money(self, parts):
        """Let one transaction at a time pay back the money of a customer: free credits have no
        invoice in common whose lock would do it (decision 14).

        :param parts: list of `SettlementPart`
        """
        credits = self.browse().union(*(part.credit for part in parts))
        lock_rows(credits.commercial_partner_id)

    def _check_refund_account(self, account_id, paid):
        """Refuse to pay to an account that the user changed, where a second person is needed.

        :param account_id: id of a `res.partner.bank`, or False
        :param float paid: what is paid back, in the document's currency
        """
        account = self.env['res.partner.bank'].browse(account_id or [])
        owner = account.sudo().partner_id.commercial_partner_id
        if account and owner != self.commercial_partner_id:
            raise UserError(
                self.env._(
                    '%(account)s belongs to %(owner)s, not to %(customer)s: choose an account of '
                    'the customer.',
                    account=account.sudo().acc_number,
                    owner=owner.display_name,
                    customer=self.commercial_partner_id.name,
                )
            )
        editors = self._get_bank_account_editors(account)
        if self.env.user in editors and self._is_second_person_needed_to_refund(paid):
            raise UserError(
                self.env._(
                    '%(credit)s cannot be refunded to %(account)s by you, as you entered or '
                    'changed that account: ask someone else to approve it.',
                    credit=self.display_name,
                    account=account.sudo().acc_number,
                )
            )

    def _is_second_person_needed_to_refund(self, paid):
        """Whether the document, or all the money that is paid back of it, comes to so much.

        :param float paid: what is paid back now, in the document's currency
        """
        if self._get_four_eyes_total(self.browse()) is not None:
            return True
        company = self.company_id._get_credit_policy_company()
        limit, currency = company.credit_four_eyes_amount, company.currency_id
        before = self.sudo().credit_settlement_ids.line_ids.filtered(
            lambda line: line.kind == 'refund' and line.state == 'done'
        )
        total = self._get_company_amount(paid + sum(before.mapped('amount')))
        return (
            currency.compare_amounts(limit, 0.0) > 0 and currency.compare_amounts(total, limit) >= 0
        )

    def _check_refundable(self, units, left):
        """Refuse to pay back more than came in.

        :param int units: in units of the currency
        :param left: the `OpenItems`
        """
        refundable = self._get_refundable_units(left)
        if units > refundable:
            raise UserError(
                self.env._(
                    '%(amount)s of %(credit)s cannot be refunded: %(refundable)s was received and '
                    'not yet returned. Enter an amount up to that.',
                    amount=self._format_amount(units),
                    credit=self.display_name,
                    refundable=self._format_amount(refundable),
                )
            )

    def _prepare_refund_vals(self, choice=None):
        """How this credit is paid back.

        To be extended with further ways: a method `_create_refund_<way>` makes the documents.

        :param choice: a `SettlementChoice`; what it leaves open is proposed
        :return: dictionary with `way` (a key of `REFUND_WAYS`), and ids or False of `journal_id`
            (of payments: bank or cash), `payment_method_line_id`, `partner_bank_id`, and
            `date_maturity` of what a refund document owes
        """
        self.ensure_one()
        chosen = {name: value for name, value in (choice and choice.refund or {}).items() if value}
        rule = self._get_credit_posting_rule()
        vals = {
            'way': rule.refund_way or 'payment',
            'partner_bank_id': self._get_refund_bank_account().id,
            'date_maturity': choice and choice.date or self.date,
            'journal_id': self._get_refund_payment_journal().id,
            'payment_method_line_id': False,
            **chosen,
        }
        journal = self.env['account.journal'].browse(vals['journal_id'])
        methods = journal.outbound_payment_method_line_ids
        if vals['payment_method_line_id'] not in methods.ids:
            vals['payment_method_line_id'] = methods[:1].id
        return vals

    def _check_refund_way(self, way):
        """Refuse a way that there is not.

        :param str way: what should be a value of `refund_way`
        """
        ways = self.env['credit.settlement.line']._fields['refund_way'].get_values(self.env)
        if way not in ways:
            raise UserError(
                self.env._(
                    '%(way)s is no way to refund. Use one of: %(ways)s.',
                    way=way,
                    ways=', '.join(ways),
                )
            )

    def _get_origin_money_lines(self):
        """The journal items of the money that came in for the invoices of this credit, or for this
        invoice: then what was paid too much comes first.
        """
        move_sudo = self.sudo()
        surplus = move_sudo.browse().line_ids
        if self.move_type in CREDITABLE_TYPES:
            surplus = move_sudo._get_surplus_lines()
        lines = (move_sudo._get_credit_origins() or move_sudo).line_ids
        matched = lines.matched_credit_ids.credit_move_id
        return surplus | matched.filtered(lambda line: line._is_money())

    def _get_refund_payment_journal(self):
        """The bank or cash journal that pays back: the one in which the money came in."""
        journals = self._get_origin_money_lines().journal_id.filtered(
            lambda journal: journal.active and journal.type in ('bank', 'cash', 'credit')
        )
        domain = [
            *self.env['account.journal']._check_company_domain(self.company_id),
            ('type', 'in', ('bank', 'cash')),
        ]
        return journals[:1] or self.env['account.journal'].search(domain, limit=1)

    def _get_refund_bank_account(self):
        """The customer's bank account that is proposed: the one from which the money came."""
        accounts = self._get_origin_bank_accounts().filtered('active')
        if self.move_type == 'out_refund':
            # On an invoice, it is the account of the company.
            accounts = accounts or self.partner_bank_id
        return (accounts or self.commercial_partner_id.bank_ids)[:1]

    def _get_origin_bank_accounts(self, money_lines=None):
        """The customer's bank accounts from which the money came.

        :param money_lines: see `_get_origin_account_numbers`
        """
        numbers = self._get_origin_account_numbers(money_lines)
        return self.env['res.partner.bank'].search([
            ('partner_id.commercial_partner_id', '=', self.commercial_partner_id.id),
            ('sanitized_acc_number', 'in', [sanitize_account_number(one) for one in numbers]),
        ])

    def _get_origin_account_numbers(self, money_lines=None):
        """The numbers of the bank accounts from which the money came, as the bank says.

        The account on a statement line's entry is the host's guess: the customer's first one.

        :param money_lines: journal items of money; by default of what this document is about
        :return: list of texts
        """
        if money_lines is None:
            money_lines = self._get_origin_money_lines()
        moves_sudo = money_lines.sudo().move_id
        bank_lines_sudo = moves_sudo.statement_line_id
        bank_lines_sudo |= moves_sudo.origin_payment_id.reconciled_statement_line_ids
        return [number for number in bank_lines_sudo.mapped('account_number') if number]

    def _get_bank_account_warning(self, account, money_lines=None):
        """What is unusual about the bank account that a refund goes to (pc10).

        :param account: a record of `res.partner.bank`, or none
        :param money_lines: journal items of the money that goes back, see
            `_get_origin_account_numbers`
        :return: a sentence, or False
        """
        self.ensure_one()
        if not account:
            return False
        numbers = self._get_origin_account_numbers(money_lines)
        if numbers and account.sanitized_acc_number not in map(sanitize_account_number, numbers):
            return self.env._(
                'The money came from %s: make sure that the other account is right.',
                ', '.join(dict.fromkeys(numbers)),
            )
        changed = fields.Datetime.now() - account.sudo().write_date
        if changed.days < BANK_ACCOUNT_IS_NEW:
            return self.env._(
                'This account was entered or changed on %(date)s by %(user)s: make sure that it is '
                "the customer's.",
                date=format_date(self.env, account.sudo().write_date),
                user=account.sudo().write_uid.name,
            )
        return False

    def _get_refund_counterpart(self, choice):
        """The account that a refund is posted to, for the preview.

        :param choice: a `SettlementChoice`
        :return: a record of `account.account`
        """
        vals = self._prepare_refund_vals(choice)
        if vals['way'] != 'payment':
            return self._get_refund_rule(vals['way']).refund_account_id
        Method = self.env['account.payment.method.line']
        method = Method.browse(vals['payment_method_line_id'])
        payment = self.env['account.payment'].new({'company_id': self.company_id.id})
        return method.payment_account_id or payment._get_outstanding_account('outbound')
