"""Random settlements of one customer's credits, for `test_random_settlements.py`.

What is drawn, what is done with it, and what must hold. All sums are of decimal numbers of the
currency's own precision, taken from journal items and their matches: zero means zero.
"""

from collections import Counter

from histories import CREDIT_DATE, INVOICE_DATE, set_up_currencies
from hypothesis import strategies as st
from mirror_checks import exact

from odoo import Command

PAYMENT_DATES = ('2026-01-20', '2026-02-10')
SETTLEMENT_DATE, REFUND_DATE = '2026-02-20', '2026-03-01'
CURRENCIES = ('USD', 'GBP')
WAYS = ('payment', 'entry', 'bill')
RECEIVABLE = 'asset_receivable'

permilles = st.one_of(st.integers(1, 1000), st.sampled_from((1000, 1000, 500, 333)))
choices = st.fixed_dictionaries({
    'settlement': st.sampled_from(('own', 'oldest', 'chosen', 'refund', 'keep', 'split', 'split')),
    'instalments': st.sampled_from(('earliest', 'latest', 'proportion')),
    'rest': st.sampled_from(('keep', 'keep', 'refund')),
    'uses': st.lists(st.one_of(st.just(0), permilles), min_size=3, max_size=3),
    # Now and then more than came in.
    'refund': st.one_of(permilles, permilles, st.just(1250)),
})


# === THE DATABASE === #


def set_up(env):
    """A customer's invoices, alike in each currency, open, partly paid and paid; to commit."""
    set_up_currencies(env)
    company = env.company
    company.tax_exigibility = True
    transition, receivable = env['account.account'].create([
        {'name': 'Tax to come', 'code': 'RNDS1', 'account_type': 'liability_current'},
        {'name': 'Other receivable', 'code': 'RNDS2', 'account_type': RECEIVABLE},
    ])
    transition.reconcile = True
    plain, on_payment = make_taxes(env, transition)
    term = env['account.payment.term'].create({
        'name': 'Random halves',
        'line_ids': [
            Command.create({'value': 'percent', 'value_amount': 50, 'nb_days': days})
            for days in (10, 40)
        ],
    })
    partner = env['res.partner'].create({'name': 'Settling customer'})
    for name in CURRENCIES:
        halves = make_invoice(env, name, partner, [(3, 33.35, plain), (1, 99.99, plain)], term)
        paid = make_invoice(env, name, partner, [(2, 20.01, on_payment), (1, 13.37, plain)])
        pay(halves, PAYMENT_DATES[0], amount=111.11)
        pay(paid, PAYMENT_DATES[0])
        usual = partner.property_account_receivable_id
        partner.property_account_receivable_id = receivable
        make_invoice(env, name, partner, [(7, 11.11, on_payment.browse())])
        partner.property_account_receivable_id = usual
    env['res.users'].create({
        'name': 'Clerk',
        'login': 'settling_clerk',
        'group_ids': [Command.set(env.ref('account.group_account_invoice').ids)],
    })


def make_taxes(env, transition):
    common = {'type_tax_use': 'sale', 'price_include_override': 'tax_excluded'}
    return env['account.tax'].create([
        {**common, 'name': 'Random at once', 'amount': 7.7},
        {
            **common,
            'name': 'Random on payment',
            'amount': 20,
            'tax_exigibility': 'on_payment',
            'cash_basis_transition_account_id': transition.id,
        },
    ])


def make_invoice(env, currency, partner, rows, term=None):
    invoice = env['account.move'].create({
        'move_type': 'out_invoice',
        'partner_id': partner.id,
        'invoice_date': INVOICE_DATE,
        'invoice_payment_term_id': term and term.id,
        'currency_id': env['res.currency'].search([('name', '=', currency)]).id,
        'invoice_line_ids': [
            Command.create({
                'name': f'{quantity} at {price}',
                'quantity': quantity,
                'price_unit': price,
                'tax_ids': [Command.set(tax.ids)],
            })
            for quantity, price, tax in rows
        ],
    })
    invoice.action_post()
    return invoice


def pay(records, day, **values):
    """Pay invoices, or what refunds owe, through the host's window."""
    action = records.action_register_payment()
    register = records.env[action['res_model']].with_context(**action['context'])
    register.create({'payment_date': day, **values})._create_payments()


# === ONE HISTORY === #


class Customer:
    """A customer's invoices and credits, and what a clerk may do with them."""

    def __init__(self, env, currency, way):
        clerk = env['res.users'].search([('login', '=', 'settling_clerk')])
        self.env, self.sudo_env = env(user=clerk), env
        self.partner = env['res.partner'].search([('name', '=', 'Settling customer')])
        self.invoices = self.env['account.move'].search(
            [
                ('partner_id', '=', self.partner.id),
                ('move_type', '=', 'out_invoice'),
                ('currency_id.name', '=', currency),
            ],
            order='id',
        )
        self.currency = self.invoices.currency_id
        self.credits = self.env['account.move']
        self.received = self.get_partials(self.invoices)
        self._choose_way(way)

    def _choose_way(self, way):
        company = self.sudo_env.company
        rule = self.sudo_env['credit.posting.rule'].search([('company_id', '=', company.id)])[:1]
        journal_type = 'purchase' if way == 'bill' else 'general'
        rule.write({
            'refund_way': way,
            'refund_journal_id': rule._get_refund_journal(company, journal_type).id,
        })

    # === STEPS === #

    @property
    def drafts(self):
        return self.credits.filtered(lambda move: move.state == 'draft')

    @property
    def posted(self):
        return self.credits.filtered(lambda move: move.state == 'posted')

    @property
    def open_credits(self):
        return self.posted.filtered('amount_residual')

    @property
    def open_invoices(self):
        return self.invoices.filtered('amount_residual')

    @property
    def creditable(self):
        drafted = self.drafts.reversed_entry_id
        return self.invoices.filtered(
            lambda move: move not in drafted and not move._is_fully_credited()
        )

    @property
    def settlements(self):
        return self.credits.credit_settlement_ids.filtered(lambda each: each.state == 'done')

    @property
    def owed_refunds(self):
        refunds = self.settlements.line_ids.filtered(lambda line: line.kind == 'refund')
        return refunds.filtered(lambda line: line.refund_state == 'open')

    def pay(self, which, permille, day):
        """Receive money for an invoice, in part or in full."""
        invoice = self.open_invoices[which % len(self.open_invoices)]
        amount = self.get_part(invoice.amount_residual, permille)
        if not amount:
            return
        before = self.get_partials(invoice)
        pay(invoice, day, amount=amount)
        self.received |= self.get_partials(invoice) - before

    def draft(self, which, permille):
        """Draft a credit of all that is left of an invoice, or of a part of its first line."""
        invoice = self.creditable[which % len(self.creditable)]
        credit = invoice._reverse_moves([{'invoice_date': CREDIT_DATE, 'date': CREDIT_DATE}])
        line = credit.invoice_line_ids[0]
        price = self.get_part(line.price_unit, permille)
        if permille < 1000 and price:
            credit.write({
                'invoice_line_ids': [
                    *(Command.delete(other.id) for other in credit.invoice_line_ids - line),
                    Command.update(line.id, {'price_unit': price}),
                ]
            })
        self.credits |= credit
        return credit

    def settle(self, credit, drawn):
        """Approve a draft, or settle what is open of a posted credit.

        :return: (the settlement, what was open before)
        """
        total = credit._get_amount_to_settle()
        before = credit.credit_settlement_ids
        credit.approve_credits(**self.get_choice(credit, total, drawn))
        return credit.credit_settlement_ids - before, total

    def get_choice(self, credit, total, drawn):
        """The arguments of `approve_credits` that what was drawn comes to."""
        choice = {
            'settlement': drawn['settlement'],
            'instalments': drawn['instalments'],
            'rest': drawn['rest'],
            'date': SETTLEMENT_DATE,
        }
        if drawn['settlement'] not in ('chosen', 'split'):
            return choice
        rest, choice['uses'] = total, []
        for invoice, permille in zip(self.invoices, drawn['uses'], strict=True):
            amount = self.get_part(min(rest, invoice.amount_residual), permille)
            if amount:
                choice['uses'].append((invoice.id, amount))
                rest = self.currency.round(rest - amount)
        if drawn['settlement'] == 'split':
            refundable = min(rest, credit._get_refundable_amount())
            refund = min(rest, self.get_part(refundable, drawn['refund']))
            if drawn['refund'] > 1000 and not refundable:
                refund = rest
            choice['refund_amount'] = refund
            choice['keep_amount'] = self.currency.round(rest - refund)
        return choice

    def undo(self, which):
        self.settlements[which % len(self.settlements)].action_undo()

    def reset(self, which):
        self.posted[which % len(self.posted)].button_draft()

    def cancel(self, which):
        self.drafts[which % len(self.drafts)].button_cancel()

    def pay_refund(self, which):
        refund = self.owed_refunds[which % len(self.owed_refunds)]
        pay(refund._get_refund_items(), REFUND_DATE)

    def get_part(self, amount, permille):
        return self.currency.round(amount * permille / 1000)

    def get_partials(self, moves):
        lines = moves.sudo().line_ids
        return lines.matched_debit_ids | lines.matched_credit_ids

    # === WHAT MUST HOLD === #

    def check(self):
        """What holds after every step."""
        self.env.flush_all()
        self.env.invalidate_all()
        found = [
            *self._find_unbalanced(),
            *self._find_wrong_residuals(),
            *self._find_wrong_balance(),
            *self._find_loose_payments(),
            *self._find_wrong_settlements(),
            *self._find_wrong_credits(),
            *self._find_refunded_beyond(),
            *self._find_wrong_states(),
        ]
        assert not found, '\n'.join(found)

    def _exact(self, amount):
        return exact(amount, self.currency)

    def _get_items(self):
        """All posted items of the customer that are matched, those of exchange differences too."""
        return self.sudo_env['account.move.line'].search([
            ('partner_id', '=', self.partner.id),
            ('parent_state', '=', 'posted'),
            ('account_type', 'in', (RECEIVABLE, 'liability_payable')),
        ])

    def _find_unbalanced(self):
        company_currency = self.sudo_env.company.currency_id
        for move in self.sudo_env['account.move'].search([('state', '=', 'posted')]):
            total = sum(exact(line.balance, company_currency) for line in move.line_ids)
            if total:
                yield f'{move.name} is off by {total}'

    def _find_wrong_residuals(self):
        for line in self._get_items():
            debits, credits = line.matched_debit_ids, line.matched_credit_ids
            for name, residual, currency, matched in (
                (
                    'balance',
                    'amount_residual',
                    line.company_currency_id,
                    sum(debits.mapped('amount')) - sum(credits.mapped('amount')),
                ),
                (
                    'amount_currency',
                    'amount_residual_currency',
                    line.currency_id,
                    sum(debits.mapped('credit_amount_currency'))
                    - sum(credits.mapped('debit_amount_currency')),
                ),
            ):
                expected = exact(line[name], currency) + exact(matched, currency)
                if exact(line[residual], currency) != expected:
                    yield f'{line.move_id.name}: {residual} {line[residual]} instead of {expected}'
                if expected and (expected > 0) != (line[name] > 0):
                    yield f'{line.move_id.name}: {expected} of {line[name]}, matched too far'

    def _find_wrong_balance(self):
        items = self._get_items()
        for name, residual in (
            ('balance', 'amount_residual'),
            ('amount_currency', 'amount_residual_currency'),
        ):
            groups = items.grouped(lambda line: (line.account_id, line.currency_id))
            for (account, own), lines in groups.items():
                currency = own if name == 'amount_currency' else lines.company_currency_id
                total = sum(exact(line[name], currency) for line in lines)
                residuals = sum(exact(line[residual], currency) for line in lines)
                if total != residuals:
                    yield f'{account.name}: {name} {total}, but {residuals} is open'

    def _find_loose_payments(self):
        for partial in self.received - self.received.exists():
            yield f'the match {partial.id} of a payment came loose'

    def _find_wrong_settlements(self):
        for line in self.sudo_env['credit.settlement.line'].search([]):
            if self._exact(line.amount) <= 0:
                yield f'{line.kind} of {line.amount}'
            if line.kind == 'keep':
                continue
            matched = sum(
                self._exact(partial.credit_amount_currency)
                for partial in line.partial_ids
                if partial.credit_move_id == line.source_line_id
            )
            expected = self._exact(line.amount) if line.state == 'done' else 0
            if matched != expected:
                yield f'{line.move_id.name}: {line.kind} {expected}, but {matched} is matched'
            if line.state == 'undone' and line.settlement_id.state == 'done':
                yield f'{line.move_id.name}: a part was undone, the settlement was not'

    def _find_wrong_credits(self):
        for credit in self.posted:
            settled = sum(
                self._exact(line.amount)
                for line in credit.sudo().credit_settlement_ids.line_ids
                if line.state == 'done' and line.kind != 'keep'
            )
            rest = self._exact(credit.amount_residual)
            if settled + rest != self._exact(credit.amount_total) or rest < 0:
                yield f'{credit.name}: {credit.amount_total}, but {settled} settled, {rest} open'

    def _find_refunded_beyond(self):
        for invoice in self.invoices:
            received = sum(
                self._exact(partial.debit_amount_currency)
                for partial in self.received
                if partial.debit_move_id.move_id.id == invoice.id
            )
            refunded = sum(
                self._exact(line.amount)
                for line in self._get_refunds()
                if line.move_id.reversed_entry_id.id == invoice.id
            )
            if refunded > received:
                yield f'{invoice.name}: {refunded} refunded of {received}'

    def _get_refunds(self):
        lines = self.credits.sudo().credit_settlement_ids.line_ids
        return lines.filtered(lambda line: line.kind == 'refund' and line.state == 'done')

    def _find_wrong_states(self):
        """Only where money moved is anything paid."""
        paid = self.received.debit_move_id.move_id | self._get_refunds().move_id
        for move in (self.invoices | self.posted).sudo():
            if self._exact(move.amount_residual):
                expected = False
                if move.payment_state in ('paid', 'reversed'):
                    yield f'{move.name}: {move.payment_state}, but {move.amount_residual} is open'
            else:
                expected = move not in paid
            if move.is_settled_without_money != expected:
                yield f'{move.name}: settled without money is not {expected}'

    # === THE END === #

    def undo_all(self):
        """Undo whatever can be undone, and reset the credits.

        :return: whether everything could be
        """
        for settlement in self.settlements:
            refunds = settlement.sudo().line_ids
            if not any(refund.refund_move_id._has_paid_refund() for refund in refunds):
                settlement.action_undo()
        if not self.settlements.line_ids.filtered(lambda line: line.kind == 'refund'):
            self.posted.button_draft()
        return not self.posted

    def check_undone(self):
        """What holds once all was undone: only invoices and the money received for them count."""
        for invoice in self.invoices:
            received = sum(
                self._exact(partial.debit_amount_currency)
                for partial in self.received
                if partial.debit_move_id.move_id.id == invoice.id
            )
            assert self._exact(invoice.amount_residual) == (
                self._exact(invoice.amount_total) - received
            )
        # Whatever settlements, refunds and taxes on payments have booked there is undone.
        totals, invoices = Counter(), self.sudo_env['account.move'].browse(self.invoices.ids)
        lines = self.sudo_env['account.move.line'].search([
            ('account_id', 'in', invoices.invoice_line_ids.account_id.ids),
            ('parent_state', '=', 'posted'),
            ('move_id.move_type', '!=', 'out_invoice'),
        ])
        for line in lines:
            totals[line.account_id.name] += exact(line.balance, line.company_currency_id)
        assert not any(totals.values()), totals
