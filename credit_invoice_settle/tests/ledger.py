"""Accounts and tax boxes of the posting tables of the design, and what is expected of them."""

from collections import Counter

from odoo import Command
from odoo.tests import Form

from odoo.addons.credit_invoice.tests.common import CreditCommon

ACCOUNTS = {
    'sales': ('3000', 'income'),
    'receivable': ('1700', 'asset_receivable'),
    'other receivable': ('1701', 'asset_receivable'),
    'bank': ('1910', 'asset_cash'),
    'in transit': ('1990', 'asset_current'),
    'refunds payable': ('2880', 'liability_payable'),
    'refunds clearing': ('2881', 'asset_current'),
    'tax': ('2200', 'liability_current'),
    'tax to come': ('2210', 'liability_current'),
    'cash basis base': ('2220', 'asset_current'),
    'exchange gain': ('7910', 'income_other'),
    'exchange loss': ('7920', 'expense'),
}
MATCHED = ('in transit', 'refunds clearing', 'tax to come')
BOXES = ('base of sales', 'tax of sales', 'base of credits', 'tax of credits')
# Euros for a pound, a month each; amounts of the stories come out to the cent.
EUROS = {
    '2026-01-01': 2.0,
    '2026-02-01': 2.5,
    '2026-03-01': 1.6,
    '2026-04-01': 1.25,
    '2026-05-01': 3.2,
    '2026-06-01': 4.0,
}


class LedgerCommon(CreditCommon):
    """A company with the accounts of the posting tables; every role has an account of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        env = cls.env(su=True)
        cls.company = env.company
        cls.accounts = {
            role: env['account.account'].create({
                'name': role,
                'code': code,
                'account_type': account_type,
                'reconcile': role in MATCHED
                or account_type in ('asset_receivable', 'liability_payable'),
            })
            for role, (code, account_type) in ACCOUNTS.items()
        }
        cls.company.income_currency_exchange_account_id = cls.accounts['exchange gain']
        cls.company.expense_currency_exchange_account_id = cls.accounts['exchange loss']
        cls.company.account_cash_basis_base_account_id = cls.accounts['cash basis base']
        cls.company.tax_exigibility = True
        cls.partner_a.sudo().property_account_receivable_id = cls.accounts['receivable']
        cls._set_up_bank(env)
        cls.boxes = {
            box: env['account.account.tag'].create({
                'name': box,
                'applicability': 'taxes',
                'country_id': cls.company.account_fiscal_country_id.id,
            })
            for box in BOXES
        }
        cls.tax = cls._make_tax(env, 'Tax', tax_exigibility='on_invoice')
        cls.cash_basis_tax = cls._make_tax(
            env,
            'Tax on payment',
            tax_exigibility='on_payment',
            cash_basis_transition_account_id=cls.accounts['tax to come'].id,
        )

    @classmethod
    def _set_up_bank(cls, env):
        cls.bank = cls.company_data['default_journal_bank'].sudo()
        cls.bank.default_account_id = cls.accounts['bank']
        Method = env['account.payment.method.line']
        cls.methods = {}
        for direction in ('inbound', 'outbound'):
            lines = cls.bank[f'{direction}_payment_method_line_ids']
            lines[1:].unlink()
            lines[0].payment_account_id = cls.accounts['in transit']
            cls.methods['in transit', direction] = lines[0]
            cls.methods['bank', direction] = Method.create({
                'name': 'Straight',
                'journal_id': cls.bank.id,
                'payment_method_id': lines[0].payment_method_id.id,
                'payment_account_id': cls.accounts['bank'].id,
            })

    @classmethod
    def _make_tax(cls, env, name, **values):
        def get_repartition(document):
            return [
                Command.create({
                    'repartition_type': 'base',
                    'tag_ids': [Command.set(cls.boxes[f'base of {document}'].ids)],
                }),
                Command.create({
                    'repartition_type': 'tax',
                    'account_id': cls.accounts['tax'].id,
                    'tag_ids': [Command.set(cls.boxes[f'tax of {document}'].ids)],
                }),
            ]

        return env['account.tax'].create({
            'name': name,
            'amount': 20.0,
            'invoice_repartition_line_ids': get_repartition('sales'),
            'refund_repartition_line_ids': get_repartition('credits'),
            **values,
        })

    @classmethod
    def make_pounds(cls):
        """Pounds, with a rate that moves every month."""
        pounds = cls.env.ref('base.GBP').sudo()
        pounds.active = True
        pounds.rate_ids.unlink()
        pounds.rate_ids = [
            Command.create({'name': day, 'rate': 1 / euros, 'company_id': cls.company.id})
            for day, euros in EUROS.items()
        ]
        return pounds

    @classmethod
    def make_refund_rule(cls, way):
        """The posting rule of the company, by which refunds are owed by a document."""
        env = cls.env(su=True)
        env['credit.posting.rule'].search([('company_id', '=', cls.company.id)]).active = False
        journal = cls.company_data[f'default_journal_{"purchase" if way == "bill" else "misc"}']
        product = env['product.product'].create({'name': 'Refund', 'type': 'service'})
        product.property_account_expense_id = cls.accounts['refunds clearing']
        return env['credit.posting.rule'].create({
            'name': f'Refund by {way}',
            'company_id': cls.company.id,
            'refund_way': way,
            'refund_journal_id': journal.id,
            'refund_account_id': cls.accounts['refunds payable'].id,
            'refund_product_id': product.id,
            'settlement_journal_id': cls.company_data['default_journal_misc'].id,
        })

    # === WHAT PEOPLE DO === #

    def open_window(self, credits, day, **values):
        """The window of *Approve* or *Settle*, as a form, filled in.

        :param uses: amounts for invoices
        """
        action = credits.action_approve_credits()
        window = Form(self.env[action['res_model']].with_context(**action['context']))
        window.date = day
        uses = values.pop('uses', {})
        for name, value in values.items():
            window[name] = value
        for position in range(len(window.line_ids) if uses else 0):
            with window.line_ids.edit(position) as line:
                if line.move_id in uses:
                    line.amount = uses[line.move_id]
        return window

    def approve_in_window(self, credits, day, **values):
        """Approve or settle through the window.

        :return: the settlements
        """
        window = self.open_window(credits, day, **values)
        self.assertFalse(window.refusal)
        window.save().action_approve()
        return credits._get_last_settlements()

    def register_payment(self, records, day, through='bank', **values):
        """Register a payment of invoices, or of journal items that owe refunds.

        :param str through: the account on which it is booked: *bank* or *in transit*
        """
        action = records.action_register_payment()
        wizard = self.env[action['res_model']].with_context(**action['context'])
        direction = wizard.new({}).payment_type
        register = wizard.create({
            'payment_date': day,
            'journal_id': self.bank.id,
            'payment_method_line_id': self.methods[through, direction].id,
            **values,
        })
        return register._create_payments()

    def confirm_by_bank(self, payments, day):
        """An accountant enters the bank statement and matches it with payments in transit."""
        transit = self.accounts['in transit']
        for payment_sudo in payments.sudo():
            item = payment_sudo.move_id.line_ids.filtered(lambda line: line.account_id == transit)
            currency, amount = item.currency_id, item.amount_currency
            values = {'amount': amount}
            if currency != self.company.currency_id:
                values = {
                    'amount': currency._convert(amount, self.company.currency_id, date=day),
                    'foreign_currency_id': currency.id,
                    'amount_currency': amount,
                }
            line = payment_sudo.env['account.bank.statement.line'].create({
                'journal_id': self.bank.id,
                'date': day,
                'payment_ref': payment_sudo.name,
                'partner_id': payment_sudo.partner_id.id,
                'counterpart_account_id': transit.id,
                **values,
            })
            (
                item | line.move_id.line_ids.filtered(lambda line: line.account_id == transit)
            ).reconcile()

    # === WHAT IS EXPECTED === #

    def start_table(self):
        self.expected, self.expected_pounds, self.expected_boxes = Counter(), Counter(), Counter()

    def book(self, rate, **amounts):
        """Expect postings: amounts in the currency of the documents, by role of the account."""
        self.assertZero(sum(amounts.values()))
        for name, amount in amounts.items():
            role = name.replace('_', ' ')
            self.expected[role] += self.company.currency_id.round(amount * rate)
            self.expected_pounds[role] += amount

    def book_exchange(self, role, amount):
        """Expect that the host books what a match leaves on an account as exchange difference.

        :param float amount: in the company's currency, below zero where too little stays
        """
        self.expected[role] -= amount
        self.expected['exchange loss' if amount > 0 else 'exchange gain'] += amount

    def book_boxes(self, document, base, tax):
        self.expected_boxes[f'base of {document}'] += base
        self.expected_boxes[f'tax of {document}'] += tax

    def assertTable(self, step, states):
        """Compare all accounts, tax boxes and documents.

        :param str step: what has just been done
        :param dict states: document -> (payment state, residual)
        """
        self.assertEqual(self.get_balances(), self._drop_zeros(self.expected), step)
        self.assertEqual(self.get_boxes(), self._drop_zeros(self.expected_boxes), step)
        if self.currency != self.company.currency_id:
            expected = self._drop_zeros(self.expected_pounds)
            expected.pop('bank', None)  # It is kept in the company's currency.
            self.assertEqual(self.get_pounds(), expected, step)
        for move, (payment_state, residual) in states.items():
            self.assertEqual(move.state, 'posted', step)
            self.assertEqual(
                (move.payment_state, move.amount_residual),
                (payment_state, residual),
                f'{step}: {move.name}',
            )

    def _drop_zeros(self, amounts):
        rounded = {name: round(amount, 2) for name, amount in amounts.items()}
        return {name: amount for name, amount in rounded.items() if amount}

    def _get_sums(self, domain, groupby, field):
        rows = (
            self
            .env['account.move.line']
            .sudo()
            ._read_group(
                [('company_id', '=', self.company.id), ('parent_state', '=', 'posted'), *domain],
                [groupby],
                [f'{field}:sum'],
            )
        )
        return self._drop_zeros({record.name: amount for record, amount in rows})

    def get_balances(self):
        """The balance of every account of the company, by its name."""
        return self._get_sums([], 'account_id', 'balance')

    def get_pounds(self):
        pounds = [
            ('currency_id', '=', self.currency.id),
            ('account_id', 'not in', self.accounts['bank'].ids),
        ]
        return self._get_sums(pounds, 'account_id', 'amount_currency')

    def get_boxes(self):
        """The balance of every tax tag."""
        return self._get_sums([('tax_tag_ids', '!=', False)], 'tax_tag_ids', 'balance')
