"""What documents refer to, found over there by code or name."""

import re
from decimal import Decimal
from functools import cached_property

from odoo.addons.credit_invoice.tools.export_contract import ExportNotExecuted, ExportRefused

from .values import to_date, to_decimal, to_xmlid

LOCK_DATES = ('user_fiscalyear_lock_date', 'user_sale_lock_date', 'user_hard_lock_date')
TAX_LOCK_DATE = 'user_tax_lock_date'


class Directory:
    """Looks up the company, its journals, accounts and taxes, and the customers.

    :param Json2 client: its context is set to the company
    """

    def __init__(self, client):
        self.client = client
        self.options = client.connection.options
        self._currencies = {}

    # === COMPANY === #

    @cached_property
    def company(self):
        """The company over there, as `read_company` has found it."""
        return self.read_company()

    def read_company(self):
        """Ask for the company over there, and call in its name from now on.

        :return: dictionary of its id, name and lock dates, as they are now
        :raise ExportNotExecuted: if it is not clear which one it is
        """
        name = self.options.get('company')
        domain = [('name', '=', name)] if name else []
        names = ['name', 'currency_id', *LOCK_DATES, TAX_LOCK_DATE]
        found = self.client.search('res.company', domain, names, limit=2)
        if len(found) != 1:
            raise ExportNotExecuted(
                f'The user of the key does not see one company {name} over there: check its name.'
                if name
                else 'The user of the key sees several companies over there: enter which one.'
            )
        self.company = found[0]
        self.client.context = {'allowed_company_ids': [found[0]['id']]}
        return found[0]

    @cached_property
    def company_unit(self):
        """The smallest amount of the currency of the company."""
        currency_id = self.company['currency_id'][0]
        domain = [('id', '=', currency_id), ('active', 'in', [True, False])]
        (currency,) = self.client.search('res.currency', domain, ['rounding'])
        return to_decimal(currency['rounding'])

    @cached_property
    def _sees_all(self):
        """Whether the user of the key is one of those who see all documents of customers.

        Others are not told so: they get an empty list. What a customer owes in all is shown to the
        same users, and who may see that field can be asked at once.
        """
        fields = self.client.ask(
            'res.partner', 'fields_get', allfields=['credit'], attributes=['type']
        )
        return 'credit' in fields

    def check_sees_all(self):
        """Make sure that what is not found is not there.

        :raise ExportNotExecuted: if the user may see some of the documents only
        """
        if not self._sees_all:
            raise ExportNotExecuted(
                'The user of the key may not see all customer invoices over there: give it the '
                'right Invoicing.'
            )

    def get_lock_date(self, has_taxes=True):
        """The last day that is closed for sales documents over there, as it is now.

        :param has_taxes: whether the document counts for a tax return
        """
        company = self.read_company()
        names = [*LOCK_DATES, TAX_LOCK_DATE] if has_taxes else LOCK_DATES
        return max(to_date(company[name]) for name in names)

    # === ACCOUNTS, TAXES, JOURNALS, CURRENCIES === #

    def find_accounts(self, codes):
        """Accounts by code, and where there is none, by name.

        :return: dictionary of ids; codes that are not there are missing
        """

        def search(codes, context):
            domain = ['|', ('code', 'in', codes), ('name', 'in', codes)]
            names = ['code', 'name']
            found = self.client.search('account.account', domain, names, context=context)
            ids = {one['name']: one['id'] for one in without_doubles(found, 'name')}
            return ids | {one['code']: one['id'] for one in found}

        return self._find_in_any_language(codes, search)

    def find_taxes(self, codes):
        """Taxes on sales by name.

        :return: dictionary of records; names that are not there, or several times, are missing
        """

        def search(codes, context):
            domain = [
                ('name', 'in', codes),
                ('type_tax_use', '=', 'sale'),
                ('company_id', 'parent_of', [self.company['id']]),
            ]
            names = ['name', 'amount', 'amount_type', 'has_negative_factor']
            found = self.client.search('account.tax', domain, names, context=context)
            return {one['name']: one for one in without_doubles(found, 'name')}

        return self._find_in_any_language(codes, search)

    def _find_in_any_language(self, codes, search):
        """What names or codes stand for: in English, which is how they are kept, and what is not
        there, in each language in which somebody over there may read them.

        :param search: function of a list of names and a context, answers with a dictionary
        """
        codes = sorted({code for code in codes if code})
        known = search(codes, {}) if codes else {}
        missing = [code for code in codes if code not in known]
        for lang in self.languages if missing else ():
            known = {**search(missing, {'lang': lang}), **known}
            missing = [code for code in missing if code not in known]
            if not missing:
                break
        return {code: known[code] for code in codes if code in known}

    @cached_property
    def languages(self):
        """Codes of the languages over there, without the one of what is not translated."""
        installed = self.client.ask('res.lang', 'get_installed')
        return [code for code, _name in installed if code != 'en_US']

    def get_codes(self, document):
        """All that the lines of a document refer to.

        :return: dictionary for `values.get_line_rows`
        :raise ExportRefused: if something is not there
        """
        accounts = {line.account for line in document.lines} | {document.account}
        codes = sorted({code for line in document.lines for code in line.taxes})
        ids, taxes = self.find_accounts(accounts), self.find_taxes(codes)
        for what, wanted, known in (('account', accounts, ids), ('tax', codes, taxes)):
            for code in sorted(filter(None, wanted)):
                if code not in known:
                    raise ExportRefused(
                        f'There is no {what} {code} in {self.company["name"]}: check the mapping.'
                    )
        if not all(line.account for line in document.lines):
            raise ExportRefused('A line has no account over there: add it to the mapping.')
        return {
            'accounts': ids,
            'taxes': {code: tax['id'] for code, tax in taxes.items()},
            'both_ways': {code for code, tax in taxes.items() if tax['has_negative_factor']},
            'same_taxes': all(
                tax.code in taxes and is_same(tax, taxes[tax.code]) for tax in document.taxes
            ),
        }

    def get_journal_id(self, types, entered, suggested=''):
        """A journal: the one that was entered, else the one that is called as here, else the first.

        :param types: list of types of journals
        :param str entered: its code or name over there, if the administrator has entered it
        :param str suggested: its code here
        :raise ExportRefused: if there is none, or not the one that was entered
        """
        domain = [('type', 'in', types), ('company_id', 'parent_of', [self.company['id']])]
        found = self.client.search('account.journal', domain, ['code', 'name'])

        def search(_codes, context):
            records = found
            if context:
                records = self.client.search(
                    'account.journal', domain, ['code', 'name'], context=context
                )
            ids = {one['name']: one['id'] for one in reversed(records)}
            return ids | {one['code']: one['id'] for one in records}

        known = self._find_in_any_language([entered], search)
        if known:
            return known[entered]
        if entered or not found:
            what = f'journal {entered}' if entered else f'{types[0]} journal'
            raise ExportRefused(
                f'There is no {what} in {self.company["name"]}: check its code or name.'
            )
        by_code = {one['code']: one['id'] for one in found}
        return by_code.get(suggested, found[0]['id'])

    def get_currency(self, code):
        """The currency of a code: a dictionary of id and `decimal_places`.

        :raise ExportRefused: if it is not active over there
        """
        if code not in self._currencies:
            found = self.client.search(
                'res.currency', [('name', '=', code)], ['decimal_places'], limit=1
            )
            if not found:
                raise ExportRefused(f'The currency {code} is not active over there: activate it.')
            self._currencies[code] = found[0]
        return self._currencies[code]

    # === CUSTOMERS === #

    def get_customer_id(self, party):
        """A customer by reference, else by VAT number if no other reference stands beside it, else
        a new one.

        :raise ExportRefused: if there are several, or if it is archived
        """
        names = ['|', ('ref', '=', party.code), ('vat', 'in', get_vats(party))]
        domain = [*names, ('company_id', 'in', [False, self.company['id']])]
        found = self._search_customers(domain)
        for name, called in ((party.code, party.code), (party.vat, False)):
            records = [one for one in found if one['ref'] == called]
            records = [one for one in records if one['active']] or records
            records = [one for one in records if not one['parent_id']] or records
            if len(records) > 1:
                raise ExportRefused(
                    f'There are {len(records)} customers {name} over there: let only one of them '
                    f'have the reference {party.code}.'
                )
            if records:
                return self._get_active_id(records[0])
        return self._make_customer(party)

    def _search_customers(self, domain):
        domain = [*domain, ('active', 'in', [True, False])]
        names = ['display_name', 'ref', 'parent_id', 'active']
        return self.client.search('res.partner', domain, names)

    def _get_active_id(self, customer):
        if not customer['active']:
            raise ExportRefused(
                f'The customer {customer["display_name"]} is archived over there: unarchive it.'
            )
        return customer['id']

    def _make_customer(self, party):
        """A new customer, or the one that was made as this one, whatever became of it since."""
        country = party.country_code and self.client.search(
            'res.country', [('code', '=', party.country_code)], ['code'], limit=1
        )
        values = {
            'name': party.name,
            'ref': party.code,
            # What says that there is none is no number over there either.
            'vat': party.vat if get_vats(party) else '',
            'street': party.street,
            'city': party.city,
            'zip': party.zip,
            'email': party.email,
            'is_company': '1' if get_vats(party) else '0',
            'country_id/.id': str(country[0]['id']) if country else '',
        }
        customer_id = self.client.load(
            'res.partner', to_xmlid('customer', party.code), list(values), [list(values.values())]
        )
        for customer in self._search_customers([('id', '=', customer_id)]):
            self._get_active_id(customer)
        return customer_id


def get_vats(party):
    """The ways in which a VAT number may be written.

    None without one: the host writes `/` where there is none, and people write `NA`.
    """
    if not re.search('[1-9]', party.vat):
        return []
    return sorted({party.vat, ''.join(filter(str.isalnum, party.vat)).upper()} - {''})


def is_same(tax, record):
    """Whether a tax over there is the one that it was here."""
    if tax.rate is None:
        return record['amount_type'] == 'fixed'
    return record['amount_type'] == 'percent' and Decimal(str(record['amount'])) == tax.rate


def without_doubles(records, name):
    """Records of which no other one has the same value."""
    values = [record[name] for record in records]
    return [record for record in records if values.count(record[name]) == 1]
