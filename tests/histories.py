"""Random histories of an invoice and its credits, for `test_random_histories.py`.

What is drawn, what is done with it, and what must hold. All sums are of decimal numbers of the
currency's own precision, taken from journal items: zero means zero.
"""

from collections import Counter
from decimal import Decimal

from hypothesis import strategies as st
from mirror_checks import exact, get_place

from odoo import Command

from odoo.addons.credit_invoice.models.mirror.mirror_batch import Parts

RATES = {'GBP': (0.8371, 1.3713), 'JPY': (151.37, 90.91), 'KWD': (0.3071, 0.2903)}
INVOICE_DATE, RATE_DATE, CREDIT_DATE = '2026-01-15', '2026-02-01', '2026-02-15'
ROUNDINGS = ('round_per_line', 'round_globally')
TAXES = {
    'odd': {'amount': 7.7},
    'plain': {'amount': 20},
    'base of the next': {'amount': 4, 'sequence': 1, 'include_base_amount': True},
    'included': {'amount': 21, 'price_include_override': 'tax_included'},
    'also included': {'amount': 5.5, 'price_include_override': 'tax_included'},
    'fixed': {'amount': 1.37, 'amount_type': 'fixed'},
    'withheld': {'amount': -15},
    'reverse charge': {'amount': 20},
    'two accounts': {'amount': 19},
    'group': {'amount_type': 'group', 'amount': 0},
}
TAX_NAMES = tuple(TAXES)
KINDS = ('return', 'return', 'price', 'share', 'commercial', 'tax', 'typed')


# === WHAT IS DRAWN === #

permilles = st.one_of(st.integers(0, 1000), st.sampled_from((1000, 500, 333)))
quantities = st.one_of(
    st.sampled_from((1, 2, 3, 4, 7)), st.integers(1, 9999).map(lambda number: number / 1000)
)
prices = st.one_of(
    st.integers(1, 20000).map(lambda number: number / 100),
    st.integers(1, 99_999_999).map(lambda number: number / 1_000_000),
    st.just(0),
)


@st.composite
def lines(draw, taxes=TAX_NAMES):
    return {
        'quantity': draw(quantities),
        'price_unit': draw(prices),
        'discount': draw(st.sampled_from((0, 0, 0, 10, 33.33))),
        'taxes': draw(st.lists(st.sampled_from(taxes), max_size=3, unique=True)),
    }


@st.composite
def invoices(draw):
    rows = draw(st.lists(lines(), min_size=1, max_size=3))
    special = draw(st.sampled_from(('', '', 'negative', 'tiny')))
    if special == 'negative':
        row = dict(draw(lines()), quantity=rows[0]['quantity'])
        row['price_unit'] = -rows[0]['price_unit'] * draw(permilles) / 2000
        rows.append(row)
    if special == 'tiny':
        row = draw(lines())
        cents = draw(st.lists(st.integers(1, 9), min_size=4, max_size=6))
        rows += [dict(row, quantity=1, price_unit=cent / 100) for cent in cents]
        rows.append(dict(row, quantity=3, price_unit=12345.67))
    return {
        'rounding': draw(st.sampled_from(ROUNDINGS)),
        'currency': draw(st.sampled_from(('USD', 'USD', *RATES))),
        'cash_rounding': draw(st.sampled_from(('', '', 'add_invoice_line', 'biggest_tax'))),
        'rows': rows,
    }


parts = st.lists(st.tuples(st.sampled_from(KINDS), permilles), min_size=1, max_size=5)


# === THE DATABASE === #


def set_up(env):
    """Taxes, currencies and precisions of all histories; to be committed."""
    for name, digits in (('Product Price', 6), ('Product Unit', 3)):
        env['decimal.precision'].search([('name', '=', name)]).digits = digits
    env.registry.clear_all_caches()
    set_up_currencies(env)
    set_up_taxes(env)
    accounts = env['account.account'].create([
        {'name': name, 'code': f'RND{name[:3].upper()}', 'account_type': account_type}
        for name, account_type in (('Loss', 'expense'), ('Profit', 'income_other'))
    ])
    for strategy in ('add_invoice_line', 'biggest_tax'):
        for currency in ('', 'JPY'):
            env['account.cash.rounding'].create({
                'name': f'{strategy} {currency}',
                'strategy': strategy,
                'rounding': 5 if currency else 0.05,
                'rounding_method': 'HALF-UP',
                'loss_account_id': accounts[0].id,
                'profit_account_id': accounts[1].id,
            })
    env['res.partner'].create({'name': 'Random customer'})
    env['res.users'].create({
        'name': 'Clerk',
        'login': 'random_clerk',
        'group_ids': [Command.set(env.ref('account.group_account_invoice').ids)],
    })


def set_up_currencies(env):
    currencies = env['res.currency'].with_context(active_test=False)
    for name, (rate, later) in RATES.items():
        currency = currencies.search([('name', '=', name)])
        currency.active = True
        currency.rate_ids.unlink()
        currency.rate_ids = [
            Command.create({'name': day, 'rate': value, 'company_id': env.company.id})
            for day, value in (('2026-01-01', rate), (RATE_DATE, later))
        ]


def set_up_taxes(env):
    common = {'type_tax_use': 'sale', 'price_include_override': 'tax_excluded', 'sequence': 5}
    account, other = env['account.account'].create([
        {'name': f'Tax {name}', 'code': f'RNDT{name}', 'account_type': 'liability_current'}
        for name in 'AB'
    ])
    factors = {'reverse charge': (100, -100), 'two accounts': (60, 40)}
    children = env['account.tax'].create([
        {**common, 'name': f'Child {amount}', 'amount': amount, 'type_tax_use': 'none'}
        for amount in (10, 3.3)
    ])
    for name, values in TAXES.items():
        repartition = [
            Command.create({'repartition_type': 'base'}),
            *(
                Command.create({'factor_percent': factor, 'account_id': (account, other)[place].id})
                for place, factor in enumerate(factors.get(name, (100,)))
            ),
        ]
        env['account.tax'].create({
            **common,
            'name': f'Random {name}',
            **values,
            **(
                {'children_tax_ids': [Command.set(children.ids)]}
                if name == 'group'
                else {
                    'invoice_repartition_line_ids': repartition,
                    'refund_repartition_line_ids': repartition,
                }
            ),
        })


# === ONE HISTORY === #


class History:
    """An invoice, its credits, and what a user may do with them."""

    def __init__(self, env, drawn):
        self.env = env(user=env['res.users'].search([('login', '=', 'random_clerk')]))
        self.sudo_env = env
        env.company.tax_calculation_rounding_method = drawn['rounding']
        self.invoice = self._make_invoice(drawn)
        self.credits = self.env['account.move']

    def _find(self, model, name):
        return self.sudo_env[model].search([('name', '=', name)], limit=1)

    def _make_invoice(self, drawn):
        currency = self._find('res.currency', drawn['currency'])
        values = {
            'move_type': 'out_invoice',
            'partner_id': self._find('res.partner', 'Random customer').id,
            'invoice_date': INVOICE_DATE,
            'invoice_payment_term_id': False,
            'currency_id': currency.id,
            'invoice_line_ids': [Command.create(self._get_line(row)) for row in drawn['rows']],
        }
        if drawn['cash_rounding']:
            yen = 'JPY' if drawn['currency'] == 'JPY' else ''
            name = f'{drawn["cash_rounding"]} {yen}'
            values['invoice_cash_rounding_id'] = self._find('account.cash.rounding', name).id
        invoice = self.env['account.move'].create(values)
        if invoice.amount_total <= 0:
            row = {'quantity': 1, 'price_unit': 1000 - invoice.amount_total, 'taxes': []}
            invoice.write({'invoice_line_ids': [Command.create(self._get_line(row))]})
        invoice.action_post()
        return invoice

    def _get_line(self, row):
        taxes = [self._find('account.tax', f'Random {name}').id for name in row['taxes']]
        return {
            'name': f'{row["quantity"]} at {row["price_unit"]} {" ".join(row["taxes"])}',
            'quantity': row['quantity'],
            'price_unit': row['price_unit'],
            'discount': row.get('discount', 0),
            'tax_ids': [Command.set(taxes)],
        }

    # === STEPS === #

    @property
    def drafts(self):
        return self.credits.filtered(lambda move: move.state == 'draft')

    @property
    def posted(self):
        return self.credits.filtered(lambda move: move.state == 'posted')

    def draft(self, drawn=None):
        """Draft a credit of some parts, or of all that is left."""
        parts = None
        if drawn:
            parts = self.resolve(drawn)
            if not parts:
                return self.env['account.move']
        return self._draft_parts(parts)

    def _draft_parts(self, parts):
        credit = self.invoice.with_context(credit_parts=parts and Parts(parts))._reverse_moves([
            {'invoice_date': CREDIT_DATE, 'date': CREDIT_DATE}
        ])
        self.credits |= credit
        return credit

    def resolve(self, drawn):
        """The parts that drawn kinds and permilles come to."""
        resolved = {}
        remaining = self.invoice._get_remaining_lines()
        for (line_id, left), (kind, permille) in zip(remaining.items(), drawn, strict=False):
            part = not left.is_used_up() and self._resolve_part(left, kind, permille)
            if part:
                resolved[line_id] = part
        return resolved

    def _resolve_part(self, left, kind, permille):
        names = {'commercial': [(None, 'total_excluded_currency')], 'tax': left.tax_names}
        whole = sum(left.figures[name] for name in names.get(kind, left.price_names))
        units = abs(whole) * permille // 1000 * (1 if whole > 0 else -1)
        amount = self.invoice._get_amount(units)
        quantity = round(left.quantity * permille / 1000, 3)
        if kind == 'typed':
            return (quantity and amount) and {
                'kind': 'return',
                'quantity': quantity,
                'amount': amount,
                'is_price_typed': True,
            }
        if kind == 'return':
            return quantity and {'kind': kind, 'quantity': quantity}
        if kind == 'share':
            return self._get_share_part(left, permille / 10)
        return units and {'kind': kind, 'amount': amount}

    def _get_share_part(self, left, percentage):
        """A percentage of the line as it was invoiced; the dialog takes none of a free one."""
        invoiced = self.invoice._get_amount(left.get_price_amount(left.whole))
        if not invoiced:
            return None
        amount = self.invoice.currency_id.round(invoiced * percentage / 100)
        return {'kind': 'price', 'amount': amount, 'percentage': percentage}

    def draft_shares(self, number):
        """Draft credits of the same percentage of every line, one after the other."""
        for _draft in range(number):
            parts = {
                line_id: self._get_share_part(left, 100 / number)
                for line_id, left in self.invoice._get_remaining_lines().items()
                if not left.is_used_up()
            }
            parts = {line_id: part for line_id, part in parts.items() if part}
            if parts:
                self._draft_parts(parts)

    def draft_amounts(self, number):
        """Draft credits of the same amount with tax for all lines, one after the other.

        :raise UserError: where it cannot be split over the lines
        """
        drafts = self.env['account.move']
        amount = int(self.invoice.amount_total * 100 / number) / 100
        dialog = self.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=self.invoice.ids
        )
        for _draft in range(number):
            made = dialog.create({
                'credit_scope': 'part',
                'credit_amount': amount,
                'date': CREDIT_DATE,
            })
            made.action_create_credit()
            drafts |= drafts.browse(made.new_move_ids.ids)
        self.credits |= drafts

    def edit(self, which, place, name, permille):
        """Change a line of a draft by hand."""
        draft = self.drafts[which % len(self.drafts)]
        lines = draft.invoice_line_ids
        if not lines:
            return
        line = lines[place % len(lines)]
        if name == 'delete':
            draft.write({'invoice_line_ids': [Command.delete(line.id)]})
            return
        value = permille / 100 if name == 'discount' else round(line[name] * permille / 1000, 3)
        draft.write({'invoice_line_ids': [Command.update(line.id, {name: value})]})

    def discard(self, which):
        draft = self.drafts[which % len(self.drafts)]
        if draft.posted_before:
            draft.button_cancel()
        else:
            draft.action_discard_credit()
        self.credits = self.credits.exists()

    def reset(self, which):
        self.posted[which % len(self.posted)].button_draft()

    # === WHAT MUST HOLD === #

    def check(self):
        """What holds after every step."""
        found = []
        for move in self.invoice | self.credits:
            found += self._find_unbalanced(move)
        found += self._find_lines_beyond()
        found += self._find_wrong_residual()
        assert not found, '\n'.join(found)

    def _find_unbalanced(self, move):
        for name, currency in (
            ('balance', move.company_currency_id),
            ('amount_currency', move.currency_id),
        ):
            total = sum(exact(line[name], currency) for line in move.line_ids)
            if total:
                yield f'{move.display_name}: {name} is off by {total}'

    def _find_lines_beyond(self):
        posted = self.posted
        for line in self.invoice.invoice_line_ids:
            credit_lines = line.credit_line_ids.filtered(lambda each: each.move_id in posted)
            for name, currency in (
                ('balance', line.company_currency_id),
                ('amount_currency', line.currency_id),
            ):
                whole = -exact(line[name], currency)
                taken = sum((exact(each[name], currency) for each in credit_lines), Decimal())
                if not min(0, whole) <= taken <= max(0, whole):
                    yield f'{line.name}: {name} {taken} credited of {whole}'
        for left in self.invoice._get_remaining_lines().values():
            for name, amount in left.figures.items():
                whole = left.whole[name]
                if not min(0, whole) <= amount <= max(0, whole):
                    yield f'{name}: {amount} left of {whole}'
            if not min(0, left.whole_quantity) <= left.quantity <= max(0, left.whole_quantity):
                yield f'quantity: {left.quantity} left of {left.whole_quantity}'

    def _find_wrong_residual(self):
        invoice, currency = self.invoice, self.invoice.currency_id
        residual = exact(invoice.amount_residual, currency)
        expected = exact(invoice.amount_total, currency) - sum(
            exact(credit.amount_total, currency) for credit in self.posted
        )
        if residual != expected or residual < 0:
            yield f'residual {residual} instead of {expected}'

    def check_closed(self):
        """What holds once the rest has been credited: all adds up to zero."""
        totals = get_totals(self.invoice | self.posted)
        if not all(left.is_used_up() for left in self.invoice._get_remaining_lines().values()):
            # What is left of its lines comes to nothing: there is no more to be credited.
            totals = {}
        if 'commercial' in self.posted.line_ids.mapped('credit_kind'):
            # It leaves the base of the tax as it is.
            totals = {key: value for key, value in totals.items() if key[0] != 'base of'}
        found = [f'{key} is off by {value}' for key, value in totals.items() if value]
        if self.invoice.payment_state != 'reversed':
            found.append(f'payment state {self.invoice.payment_state}')
        found += [
            f'{line.move_id.display_name}: {line.amount_residual_currency} stays open'
            for line in (self.invoice | self.posted).line_ids
            if exact(line.amount_residual, line.company_currency_id)
            or exact(line.amount_residual_currency, line.currency_id)
        ]
        assert not found, '\n'.join(found)


def get_totals(moves):
    """Journal items per account, tax and place on its repartition, in both currencies."""
    totals = Counter()
    for line in moves.line_ids:
        tax = line.tax_line_id
        key = (line.account_id.code, tax.name or '')
        if tax:
            key += (get_place(line.tax_repartition_line_id),)
            totals[(*key, 'tax_base_amount')] += exact(
                line.tax_base_amount, line.company_currency_id
            )
        totals[(*key, 'balance')] += exact(line.balance, line.company_currency_id)
        totals[(*key, 'amount_currency')] += exact(line.amount_currency, line.currency_id)
        for base_tax in line.tax_ids.flatten_taxes_hierarchy():
            totals['base of', base_tax.name] += exact(line.balance, line.company_currency_id)
    return totals
