"""The other Odoo of the tests: a server on a database of its own, without our add-ons."""

from datetime import date, timedelta

import pytest
from registries import transaction

from odoo import Command

from odoo.addons.credit_invoice.tests.export import connector_link
from odoo.addons.credit_invoice.tools.export_contract import Connection, ExportError
from odoo.addons.credit_invoice_export_odoo.connector import OdooConnector

CLERK = ('account.group_account_invoice', 'base.group_partner_manager')
TAXES = {'S21': 21.0, 'S6': 6.0, 'S10': 10.0}
ACCOUNTS = {
    '4000': 'income',
    '4010': 'income',
    '1100': 'asset_receivable',
    '1101': 'asset_receivable',
}


class OtherOdoo:
    """What the tests know of the other side, and do there behind the connector's back.

    :param RunningServer server: where it is reached
    """

    def __init__(self, server):
        self.server = server
        self.database = server.database
        self.key = ''

    def transaction(self):
        """The superuser's environment over there, rolled back unless committed."""
        return transaction(self.database)

    def set_up(self):
        """Books in euros, some accounts and taxes, and a clerk with a key."""
        with self.transaction() as env:
            self._set_up_books(env)
            self.key = self.make_key(env, 'exporter', CLERK)
            env.cr.commit()

    def _set_up_books(self, env):
        env['res.currency'].with_context(active_test=False).search([
            ('name', 'in', ['EUR', 'USD'])
        ]).active = True
        company = env.company
        company.currency_id = env.ref('base.EUR')
        company.account_sale_tax_id = False
        env['res.currency.rate'].create([
            {'name': day, 'currency_id': env.ref('base.USD').id, 'rate': rate}
            for day, rate in (('2026-01-01', 1.25), ('2026-07-01', 1.6))
        ])
        env['account.account'].create([
            {'code': code, 'name': f'Account {code}', 'account_type': account_type}
            for code, account_type in ACCOUNTS.items()
        ])
        receivable = env['account.account'].search([('code', '=', '1100')])
        # Where it is not, the connector writes it on each document, see TestContent.
        env['ir.default'].set(
            'res.partner', 'property_account_receivable_id', receivable.id, company_id=company.id
        )
        env['account.tax'].create([
            {'name': name, 'amount': amount, 'type_tax_use': 'sale'}
            for name, amount in TAXES.items()
        ])

    def add_tax_on_payment(self, name):
        """A tax of 21 % that is due when the customer pays."""
        with self.transaction() as env:
            env.company.tax_exigibility = True
            account = env['account.account'].create({
                'code': '2510',
                'name': 'Tax not due yet',
                'account_type': 'liability_current',
                'reconcile': True,
            })
            env['account.tax'].create({
                'name': name,
                'amount': 21,
                'type_tax_use': 'sale',
                'tax_exigibility': 'on_payment',
                'cash_basis_transition_account_id': account.id,
            })
            env.cr.commit()

    def add_reverse_charge(self, name):
        """A tax of 21 % that is owed and taken back at once."""
        with self.transaction() as env:
            parts = [
                Command.create({'repartition_type': kind, 'factor_percent': percent})
                for kind, percent in (('base', 100), ('tax', 100), ('tax', -100))
            ]
            env['account.tax'].create({
                'name': name,
                'amount': 21,
                'type_tax_use': 'sale',
                'invoice_repartition_line_ids': parts,
                'refund_repartition_line_ids': parts,
            })
            env.cr.commit()

    def translate(self, lang, names):
        """Give accounts (by code) and taxes (by name) names in another language."""
        with self.transaction() as env:
            env['res.lang']._activate_lang(lang)
            for model, name in (('account.account', 'code'), ('account.tax', 'name')):
                for record in env[model].search([(name, 'in', list(names))]):
                    record.with_context(lang=lang).name = names[record[name]]
            env.cr.commit()
            # The server keeps the list of languages.
            env.registry.signal_changes()

    def add_company(self, name, currency):
        """A company with accounts and journals of its own.

        :return: the key of a clerk who sees this one only
        """
        with self.transaction() as env:
            currencies = env['res.currency'].with_context(active_test=False)
            currency = currencies.search([('name', '=', currency)])
            currency.active = True
            company = env['res.company'].create({'name': name, 'currency_id': currency.id})
            env.user.company_ids += company
            own = env(context={'allowed_company_ids': company.ids})
            income, receivable = own['account.account'].create([
                {'code': f'{name[0]}{code}', 'name': code, 'account_type': ACCOUNTS[code]}
                for code in ('4000', '1100')
            ])
            own['account.journal'].create({
                'name': 'Sales',
                'code': 'SALES',
                'type': 'sale',
                'default_account_id': income.id,
            })
            own['ir.default'].set(
                'res.partner',
                'property_account_receivable_id',
                receivable.id,
                company_id=company.id,
            )
            companies = {'company_id': company.id, 'company_ids': [Command.set(company.ids)]}
            key = self.make_key(env, f'clerk of {name}', CLERK, **companies)
            env.cr.commit()
            return key

    def make_key(self, env, login, groups, **values):
        """A user of some groups.

        :param values: further ones of the user
        :return: an API key of this user
        """
        user = env['res.users'].create({
            'name': login,
            'login': login,
            'group_ids': [Command.set([env.ref(group).id for group in groups])],
            **values,
        })
        keys = env['res.users.apikeys'].with_user(user).sudo()
        return keys._generate(None, 'books', date.today() + timedelta(90))

    def connect(self, **changes):
        """A connector, whose connection may be another one in some values."""
        values = {
            'address': self.server.url,
            'database': self.database,
            'secret': self.key,
            'timeout': 30.0,
        }
        return OdooConnector(Connection(**{**values, **changes}))

    def close(self, day):
        """Close all sales up to a day, or none with False."""
        with self.transaction() as env:
            env.company.sale_lock_date = day
            env.cr.commit()

    def post_by_hand(self, number, customer=False, **values):
        """An invoice of another customer that somebody over there made, of 50 without tax.

        :param customer: its reference
        :param values: further ones of the invoice
        :return: its id
        """
        with self.transaction() as env:
            invoice = env['account.move'].create({
                'move_type': 'out_invoice',
                'name': number,
                'partner_id': env['res.partner'].create({'name': 'By hand', 'ref': customer}).id,
                'invoice_date': '2026-06-15',
                'invoice_line_ids': [
                    Command.create({'name': 'Work', 'price_unit': 50, 'tax_ids': []})
                ],
                **values,
            })
            invoice.action_post()
            env.cr.commit()
            return invoice.id

    def change(self, found, **values):
        """Write on a document over there, as somebody there may."""
        with self.transaction() as env:
            env['account.move'].browse(int(found.external_id)).write(values)
            env.cr.commit()

    def cancel(self, found):
        """Cancel a posted document over there."""
        with self.transaction() as env:
            move = env['account.move'].browse(int(found.external_id))
            move.button_draft()
            move.button_cancel()
            env.cr.commit()

    def reverse_by_hand(self, found):
        """A draft credit note of an invoice, made in the dialog of the host, which copies *Origin*.

        :return: its id
        """
        with self.transaction() as env:
            move = env['account.move'].browse(int(found.external_id))
            wizard = env['account.move.reversal'].with_context(
                active_model='account.move', active_ids=move.ids
            )
            wizard = wizard.create({'journal_id': move.journal_id.id, 'date': '2026-06-20'})
            wizard.refund_moves()
            env.cr.commit()
            return wizard.new_move_ids.id

    def get_state(self, move_id):
        """The state of a document; None if it is gone."""
        with self.transaction() as env:
            move = env['account.move'].browse(move_id).exists()
            return move.state if move else None


@pytest.fixture(scope='module')
def other(fresh_db, server):
    """Give another Odoo of the file's own."""
    odoo = OtherOdoo(server(fresh_db('base')))
    odoo.set_up()
    return odoo


class OtherOdooCase:
    """The values of the contract suite for this connector, and what can happen on the way."""

    short_timeout = 5.0

    @pytest.fixture(autouse=True, scope='class')
    def give_other(self, request, other):
        """Give the other Odoo to the class."""
        request.cls.other = other
        request.cls.is_long = request.config.getoption('--long')

    def make_connector(self, **changes):
        return self.other.connect(**changes)

    def close_period(self, day):
        last = date(day.year, day.month, 28)
        self.addCleanup(self.other.close, False)
        self.other.close(last)
        return last + timedelta(1)

    def connect_as(self, login, groups, **options):
        with self.other.transaction() as env:
            key = self.other.make_key(env, login, groups)
            env.cr.commit()
        return self.other.connect(secret=key, options=options)

    def connect_by(self, plan):
        """A connector on a line of a plan, see `connector_link`.

        :return: the connector and the line
        """
        link = connector_link.Link(self.other.server.url, plan)
        self.addCleanup(link.close)
        return self.make_connector(address=link.address, timeout=self.short_timeout), link

    def strike(self, fault, call, method):
        """Let one fault happen at the request of one method.

        :return: the line, and what the call raised, if anything
        """
        is_struck, raised = [], None

        def plan(_number, line):
            if line.endswith(method) and not is_struck:
                is_struck.append(line)
                return fault
            return None

        connector, link = self.connect_by(plan)
        try:
            call(connector)
        except ExportError as error:
            raised = error
            self.look_through(error)
        self.assertTrue(is_struck, f'it never asked for {method}')
        return link, raised

    def read_move(self, found, name):
        with self.other.transaction() as env:
            return env['account.move'].browse(int(found.external_id))[name]
