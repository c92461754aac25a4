"""The other Odoo of the tests: a server on a database of its own, without our add-ons."""

from datetime import date, timedelta

from registries import transaction

from odoo import Command

from odoo.addons.credit_invoice.tools.export_contract import Connection
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

    def make_key(self, env, login, groups):
        """A user of some groups.

        :return: an API key of this user
        """
        user = env['res.users'].create({
            'name': login,
            'login': login,
            'group_ids': [Command.set([env.ref(group).id for group in groups])],
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

    def post_by_hand(self, number):
        """An invoice of another customer that somebody over there made, of 50 without tax.

        :return: its id
        """
        with self.transaction() as env:
            invoice = env['account.move'].create({
                'move_type': 'out_invoice',
                'name': number,
                'partner_id': env['res.partner'].create({'name': 'By hand'}).id,
                'invoice_date': '2026-06-15',
                'invoice_line_ids': [
                    Command.create({'name': 'Work', 'price_unit': 50, 'tax_ids': []})
                ],
            })
            invoice.action_post()
            env.cr.commit()
            return invoice.id
