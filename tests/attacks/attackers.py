"""People with few rights who send anything, and a plain model of what may stand in the ledger."""

import random
from collections import Counter

from odoo import Command
from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user

LIMIT, FOUR_EYES = 'block', 1000.0
PEOPLE = {
    'drafter': 'base.group_user,credit_invoice.group_credit_draft',
    'biller': 'base.group_user,account.group_account_invoice',
    'approver': 'account.group_account_invoice,credit_invoice.group_credit_approve',
    'second approver': 'account.group_account_invoice,credit_invoice.group_credit_approve',
}
# Fields by which a document gets from one state into another; the others are drawn more rarely.
TELLING = {
    'account.move': [
        'state',
        'move_type',
        'reversed_entry_id',
        'partner_id',
        'amount_total',
        'amount_total_signed',
        'invoice_currency_rate',
        'posted_before',
        'auto_post',
        'invoice_line_ids',
        'line_ids',
        'credit_exceed_user_id',
        'credit_editor_ids',
    ],
    'account.move.line': [
        'balance',
        'debit',
        'price_unit',
        'quantity',
        'parent_state',
        'display_type',
        'credited_line_id',
        'move_id',
        'credit_kind',
    ],
}
# What a client can put into the context: keys of the host that switch something off, and ours.
CONTEXT = {
    'force_delete': True,
    'skip_readonly_check': True,
    'check_move_validity': False,
    'skip_invoice_sync': True,
    'skip_account_move_synchronization': True,
    'dynamic_unlink': True,
    'move_reverse_cancel': True,
    'tracking_disable': True,
    'install_mode': True,
    'import_file': True,
    'default_state': 'posted',
    'default_move_type': 'out_refund',
    'default_name': 'ATTACK-1',
    'default_credit_exceed_user_id': 2,
    'credit_attachments': True,
    'credit_checked': True,
    'credit_figures': {},
    'credit_mirror': True,
    'credit_no_edit': True,
    'credit_number_pattern': '{number}',
    'credit_parts': [],
    'credit_reconcile_plan': [],
    'credit_remaining': {},
    'credit_rule': True,
    'credit_settlements': {},
}
PLAIN = ('char', 'text', 'html', 'integer', 'float', 'monetary', 'boolean', 'date', 'selection')
DERIVED = ('cogs', 'epd', 'discount', 'rounding')
TYPES = ('out_invoice', 'out_refund', 'in_invoice', 'in_refund', 'entry', 'out_receipt')


class Attack:
    """A history of calls, each rolled back where it is refused.

    :param env: the superuser's environment, in a transaction that is rolled back afterwards
    :param random.Random draw: decides about everything
    """

    def __init__(self, env, draw):
        self.env, self.draw = env, draw
        self.held, self.steps, self.raw = Counter(), [], Counter()
        company = env.company
        company.write({
            'credit_limit_policy': LIMIT,
            'credit_four_eyes_amount': FOUR_EYES,
            'credit_rate': 'origin',
        })
        approve = env.ref('credit_invoice.group_credit_approve')
        env.ref('account.group_account_invoice').implied_ids -= approve
        self.users = {
            name: new_test_user(
                env,
                login=f'{name} of an attack',
                groups=groups,
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
            for name, groups in PEOPLE.items()
        }
        self.customers = env['res.partner'].create([{'name': 'Mine'}, {'name': 'Other'}])
        mine, other = self.customers
        self.invoices = env['account.move'].create([
            self.make(customer, price, 'out_invoice')
            for customer, price in zip([mine, mine, other], (100, 5000, 20), strict=True)
        ])
        self.invoices.action_post()
        drafts = [('biller', 900), ('drafter', 20), ('approver', 3000), ('biller', 10)]
        self.documents = self.invoices.browse()
        for name, price in drafts:
            user = self.users[name]
            self.documents += (
                env['account.move']
                .with_user(user)
                .create(self.make(self.customers[0], price, 'out_refund'))
            )
        self.documents += self.documents.with_user(self.users['biller']).create(
            self.make(self.customers[0], 700, 'out_invoice')
        )
        self.documents = self.documents.with_env(env) | self.invoices
        # Who changed which credit, as far as they got through.
        self.editors = {}
        for document, (name, _price) in zip(self.documents, drafts, strict=False):
            self.editors[document.id] = {name}
        self.before = self.read()

    def make(self, customer, price, move_type):
        line = {'name': 'Work', 'price_unit': price, 'tax_ids': False}
        return {
            'move_type': move_type,
            'partner_id': customer.id,
            'invoice_date': '2026-01-15',
            'invoice_line_ids': [Command.create(line)],
        }

    # === WHAT IS SENT === #

    def step(self):
        """Let somebody send something, and look at what stands in the ledger afterwards.

        :raise AssertionError: says what stands there that may not
        """
        name = self.draw.choice(list(PEOPLE))
        model, method, records, arguments = self.get_call()
        context = {
            key: CONTEXT[key]
            for key in self.draw.sample(list(CONTEXT), self.draw.choice((0, 0, 1, 3)))
        }
        said = f'{name}: {model}.{method}({records.ids}, {arguments}) with {context}'
        target = self.env[model].with_user(self.users[name])
        ids = [] if method == 'create' else [records.ids]
        is_held = False
        try:
            with self.env.cr.savepoint():
                call_kw(target, method, [*ids, *arguments], {'context': context})
                self.env.flush_all()
        except UserError:
            is_held = True
        except Exception as error:  # noqa: BLE001 whatever else the host says to nonsense
            self.raw[type(error).__name__] += 1
            is_held = True
        self.env.invalidate_all()
        self.held[is_held] += 1
        self.steps.append(f'{"refused" if is_held else "done"} {said}')
        if is_held:
            return
        after = self.read()
        self.note_edits(name, after)
        self.check(name, after)
        self.before = after

    def get_call(self):
        """A call at random.

        :return: (model, method, records, list of arguments after the ids)
        """
        model = self.draw.choice(list(TELLING))
        alive = self.documents.exists()
        document = self.draw.choice(alive) if alive else alive
        records = document if model == 'account.move' else document.line_ids
        if model == 'account.move.line' and records:
            records = self.draw.choice(records)
        method = self.draw.choice(
            ('write',) * 8 + ('create', 'unlink')
            + (('action_post', 'button_draft', 'button_cancel') if model == 'account.move' else ())
        )  # fmt: skip
        if method == 'write':
            return model, method, records, [self.get_values(model)]
        if method == 'create':
            values = self.get_values(model)
            if model == 'account.move.line':
                values['move_id'] = document.id
            else:
                customer = self.draw.choice(self.customers)
                values = {
                    **self.make(customer, self.draw.choice((5, 2000)), 'out_refund'),
                    **values,
                }
            return model, method, records, [[values]]
        return model, method, records, []

    def get_values(self, model):
        all_fields = self.env[model]._fields
        stored = [
            name
            for name, field in all_fields.items()
            if field.store and field.type in (*PLAIN, 'many2one', 'many2many') and name != 'id'
        ]
        names = [
            self.draw.choice(TELLING[model] if self.draw.random() < 0.8 else stored)
            for _number in range(self.draw.choice((1, 1, 2, 3)))
        ]
        if model == 'account.move' and self.draw.random() < 0.4:
            # What is posted with the same write is what it is afterwards.
            names.append('state')
        values = [(name, self.get_value(all_fields[name])) for name in names]
        self.draw.shuffle(values)
        return dict(values)

    def get_value(self, field):
        draw = self.draw
        if field.name == 'move_type':
            return draw.choice(TYPES)
        if field.name == 'state':
            return draw.choice(('posted', 'posted', 'posted', 'draft', 'cancel'))
        if field.name == 'reversed_entry_id' and draw.random() < 0.7:
            return draw.choice(self.invoices.ids)
        if field.name in ('invoice_line_ids', 'line_ids'):
            return draw.choice((self.get_line, self.get_items))()
        if field.type == 'selection':
            return draw.choice(list(field.get_values(self.env)) or [False])
        if field.type in ('many2one', 'many2many'):
            comodel = self.env[field.comodel_name]
            known = {
                'account.move': self.documents.exists(),
                'account.move.line': self.documents.exists().line_ids,
                'res.users': comodel.browse([user.id for user in self.users.values()]),
                'res.partner': self.customers,
            }
            chosen = known.get(field.comodel_name)
            if chosen is None:
                chosen = comodel.sudo().search([], limit=3)
            one = draw.choice(chosen.ids) if chosen else False
            return one if field.type == 'many2one' else [Command.set([one] if one else [])]
        if field.type in ('integer', 'float', 'monetary'):
            return draw.choice((0, 1, -1, 9000, 0.01, 1e6))
        if field.type == 'boolean':
            return draw.choice((True, False))
        if field.type == 'date':
            return draw.choice(('2026-01-15', '2026-02-01', '2025-12-31', False))
        return draw.choice(('ATTACK-1', '', False))

    def get_line(self):
        values = {'name': 'More', 'price_unit': self.draw.choice((5, 800)), 'tax_ids': False}
        return [Command.create(values)]

    def get_items(self):
        """Items that balance, and that the form of the document does not show."""
        accounts = self.invoices.line_ids.account_id
        receivable = accounts.filtered(lambda account: account.account_type == 'asset_receivable')
        hidden = {'name': 'Hidden', 'date_maturity': '2026-02-01'}
        return [
            Command.create({**hidden, 'display_type': display_type, **values})
            for display_type, values in (
                (
                    self.draw.choice(DERIVED),
                    {'account_id': (accounts - receivable)[:1].id, 'balance': 9000},
                ),
                ('payment_term', {'account_id': receivable[:1].id, 'balance': -9000}),
            )
        ]

    # === WHAT MAY STAND THERE === #

    def read(self):
        """What stands in the ledger, as the database has it, of each document.

        :rtype: dict
        """
        self.env.cr.execute(
            """
            SELECT move.id, move.move_type, move.state, move.reversed_entry_id,
                   move.commercial_partner_id, move.amount_total,
                   COALESCE(SUM(item.balance) FILTER (
                       WHERE account.account_type = 'asset_receivable'), 0) AS receivable,
                   COALESCE(SUM(ABS(item.balance)), 0) AS moved,
                   STRING_AGG(CONCAT_WS(':', item.id, item.balance, item.account_id), ','
                              ORDER BY item.id) AS items
              FROM account_move move
         LEFT JOIN account_move_line item ON item.move_id = move.id
         LEFT JOIN account_account account ON account.id = item.account_id
             WHERE move.id >= %s
          GROUP BY move.id
            """,
            [min(self.documents.ids)],
        )
        return {row['id']: row for row in self.env.cr.dictfetchall()}

    def note_edits(self, name, after):
        for move_id, row in after.items():
            earlier = self.before.get(move_id)
            kept = ('items', 'reversed_entry_id', 'commercial_partner_id', 'amount_total')
            if earlier is None or any(earlier[key] != row[key] for key in kept):
                self.editors.setdefault(move_id, set()).add(name)

    def check(self, name, after):
        approvers = ('approver', 'second approver')
        for move_id, row in after.items():
            if not is_posted_credit(row):
                continue
            earlier = self.before.get(move_id)
            amount = -row['receivable']
            assert round(amount, 2) == round(float(row['amount_total']), 2), ('hidden', row)
            origin = after.get(row['reversed_entry_id'])
            if origin:
                assert origin['move_type'] == 'out_invoice', ('credits what is no invoice', row)
                assert origin['state'] == 'posted', ('credits what is not posted', row)
                partner = origin['commercial_partner_id']
                assert partner == row['commercial_partner_id'], ('of another customer', row)
            if earlier and is_posted_credit(earlier):
                assert earlier['items'] == row['items'], ('changed after it was posted', row)
                continue
            assert name in approvers, ('posted without the right', row)
            if amount >= FOUR_EYES:
                assert name not in self.editors.get(move_id, ()), ('posted alone', row)
        for move_id, earlier in self.before.items():
            if is_posted_credit(earlier) and not is_posted_credit(after.get(move_id)):
                assert name in approvers, ('undone without the right', earlier)
                assert move_id in after, ('deleted while it was posted', earlier)
                assert after[move_id]['move_type'] == 'out_refund', ('turned', earlier)
        for invoice in self.invoices:
            row = after.get(invoice.id)
            credited = sum(
                -other['receivable']
                for other in after.values()
                if is_posted_credit(other) and other['reversed_entry_id'] == invoice.id
            )
            if credited:
                assert row, ('an invoice was deleted under its credit', invoice.id)
                assert round(credited - float(row['receivable']), 2) <= 0, ('too much', row)


def is_posted_credit(row):
    return bool(row) and row['move_type'] == 'out_refund' and row['state'] == 'posted'


def live(env, seed, count):
    """Let a history of attacks happen.

    :return: the attack
    :raise AssertionError: with the seed and all that got through
    """
    attack = Attack(env, random.Random(seed))
    try:
        for _number in range(count):
            attack.step()
    except AssertionError as error:
        done = '\n'.join(step for step in attack.steps if step.startswith('done'))
        raise AssertionError(
            f'{error}\nwith --seed {seed}, after {len(attack.steps)}:\n{done}'
        ) from error
    return attack
