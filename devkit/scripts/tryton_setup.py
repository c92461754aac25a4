"""What a Tryton database needs before it can take invoices: company, chart, periods, taxes, users.

Run by the Python of the peers' environment as CONFIG DATABASE; the password of every user comes in
TRYTON_PASSWORD. Accounts and taxes have the codes of `connector_case.py`.
"""

import datetime
import os
import sys
from decimal import Decimal

from trytond import config

config.update_etc([sys.argv[1]])

from trytond.pool import Pool  # noqa: E402
from trytond.transaction import Transaction, TransactionError  # noqa: E402

DATABASE = sys.argv[2]
PASSWORD = os.environ['TRYTON_PASSWORD']
FIRST_YEAR, LAST_YEAR = 2025, datetime.date.today().year + 1
ADMIN = 1
ACCOUNTS = {  # code: name, code of the account of the chart that it is like
    '1100': ('Customers', '1.2.1'),
    '1110': ('Customers Abroad', '1.2.1'),
    '4000': ('Sales', '4.1.0'),
    '4010': ('Services', '4.2.0'),
    '2100': ('Sales Tax', '6.3.6'),
    '1200': ('Bank', '1.1.1'),
    '5000': ('Exchange Differences', '4.3.0'),
}
TAXES = {'S21': '0.21', 'S6': '0.06'}


def get(name):
    """The model of a name, or with ``type='wizard'`` the wizard."""
    return Pool().get(name)


def make_currencies():
    values = [
        {'name': 'Euro', 'code': 'EUR', 'numeric_code': '978', 'symbol': '€', 'rate': '1.0'},
        {'name': 'Pound', 'code': 'GBP', 'numeric_code': '826', 'symbol': '£', 'rate': '0.5'},
    ]
    for value in values:
        rate = Decimal(value.pop('rate'))
        first = datetime.date(FIRST_YEAR, 1, 1)
        value['rates'] = [('create', [{'date': first, 'rate': rate}])]
        value |= {'digits': 2, 'rounding': Decimal('0.01')}
    return get('currency.currency').create(values)


def make_company(currency):
    (party,) = get('party.party').create([{'name': 'Tryton Company', 'code': 'COMPANY'}])
    values = {'party': party.id, 'currency': currency.id}
    (company,) = get('company.company').create([values])
    return company


def make_chart(company):
    """The accounts of the universal chart, and ours beside them."""
    chart = get('ir.model.data').get_id('account', 'account_template_root_en')
    Wizard = Pool().get('account.create_chart', type='wizard')
    session, _start, _end = Wizard.create()
    wizard = Wizard(session)
    wizard.account.company = company
    wizard.account.account_template = get('account.account.template')(chart)
    wizard.transition_create_account()
    Account = get('account.account')
    made = {}
    for code, (name, like) in ACCOUNTS.items():
        (model,) = Account.search([('code', '=', like), ('company', '=', company.id)])
        values = {'code': code, 'name': name, 'childs': None, 'closed': False}
        (made[code],) = Account.copy([model], values)
    wizard.properties.company = company
    wizard.properties.account_receivable = made['1100']
    (wizard.properties.account_payable,) = Account.search(
        [
            ('type.payable', '=', True),
            ('party_required', '=', True),
            ('company', '=', company.id),
        ],
        limit=1,
    )
    wizard.transition_create_properties()
    return made


def make_years(company):
    """Years with their months, each with numbers of its own.

    Within a sequence Tryton takes no invoice that is dated before the last one.
    """
    Sequence, SequenceType = get('ir.sequence.strict'), get('ir.sequence.type')
    FiscalYear = get('account.fiscalyear')
    (invoice_type,) = SequenceType.search([('name', '=', 'Invoice')])
    (move_type,) = SequenceType.search([('name', '=', 'Account Move')])

    def make_sequences(kind, prefixes):
        return Sequence.create([
            {'company': company.id, 'name': prefix, 'sequence_type': kind.id, 'prefix': prefix}
            for prefix in prefixes
        ])

    names = range(FIRST_YEAR, LAST_YEAR + 1)
    years = FiscalYear.create([
        {
            'company': company.id,
            'name': str(name),
            'start_date': datetime.date(name, 1, 1),
            'end_date': datetime.date(name, 12, 31),
            'move_sequence': sequence.id,
            'invoice_sequences': None,
        }
        for name, sequence in zip(
            names, make_sequences(move_type, [f'{name}-' for name in names]), strict=True
        )
    ])
    FiscalYear.create_period(years)
    periods = [period for year in years for period in year.periods]
    pairs = zip(
        periods,
        make_sequences(invoice_type, [f'TI{period.name}-' for period in periods]),
        make_sequences(invoice_type, [f'TC{period.name}-' for period in periods]),
        strict=True,
    )
    get('account.fiscalyear.invoice_sequence').create([
        {
            'company': company.id,
            'fiscalyear': period.fiscalyear.id,
            'period': period.id,
            'out_invoice_sequence': invoices.id,
            'in_invoice_sequence': invoices.id,
            'out_credit_note_sequence': credits_.id,
            'in_credit_note_sequence': credits_.id,
        }
        for period, invoices, credits_ in pairs
    ])


def make_taxes(company, account):
    get('account.tax').create([
        {
            'name': name,
            'description': f'Sales tax {name}',
            'type': 'percentage',
            'rate': Decimal(rate),
            'company': company.id,
            'invoice_account': account.id,
            'credit_note_account': account.id,
        }
        for name, rate in TAXES.items()
    ])


def make_users(company):
    """Two who may do what a bookkeeper may, and no more."""
    (group,) = get('res.group').search([('name', '=', 'Accounting')])
    values = {
        'password': PASSWORD,
        'companies': [('add', [company.id])],
        'company': company.id,
        'groups': [('add', [group.id])],
    }
    User = get('res.user')
    User.create([
        {**values, 'name': login, 'login': login} for login in ('bookkeeper', 'forgetful')
    ])
    User.write(
        [User(ADMIN)],
        {'companies': [('add', [company.id])], 'company': company.id, 'password': PASSWORD},
    )


def make_way_to_pay(company, bank):
    (journal,) = get('account.journal').search([('type', '=', 'cash')], limit=1)
    get('account.invoice.payment.method').create([
        {
            'name': 'Bank',
            'company': company.id,
            'journal': journal.id,
            'credit_account': bank.id,
            'debit_account': bank.id,
        }
    ])


def make_report_bare():
    """Posting prints the invoice; how it looks is not our business, and takes the longest."""
    Report = get('ir.action.report')
    reports = Report.search([('report_name', '=', 'account.invoice')])
    values = {'template_extension': 'txt', 'extension': '', 'report_content_custom': b'Invoice'}
    Report.write(reports, values)


def fill():
    euro, _pound = make_currencies()
    company = make_company(euro)
    with Transaction().set_context(company=company.id, companies=[company.id]):
        accounts = make_chart(company)
        make_years(company)
        make_taxes(company, accounts['2100'])
        make_users(company)
        make_way_to_pay(company, accounts['1200'])
        configuration = get('account.configuration')(1)
        configuration.currency_exchange_debit_account = accounts['5000']
        configuration.currency_exchange_credit_account = accounts['5000']
        (configuration.currency_exchange_journal,) = get('account.journal').create([
            {'name': 'Exchange', 'code': 'EXC', 'type': 'write-off'}
        ])
        configuration.save()
        make_report_bare()


def set_up():
    """Do all of it in one transaction, which says itself if it has to lock a table first."""
    Pool.start()
    Pool(DATABASE).init()
    extras = {}
    while True:
        with Transaction().start(DATABASE, ADMIN, **extras) as transaction:
            try:
                fill()
                return
            except TransactionError as error:
                transaction.rollback()
                error.fix(extras)


set_up()
