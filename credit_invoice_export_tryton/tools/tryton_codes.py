"""What a document names by codes, looked up in Tryton."""

from odoo.addons.credit_invoice.tools.export_contract import ExportNotExecuted, ExportRefused

from .tryton_party import find_party

TAX_FIELDS = (
    *('name', 'description', 'type', 'rate', 'childs'),
    *('invoice_account', 'credit_note_account'),
)


def find_accounts(session, company_id, codes):
    """Accounts that can be booked on, by code.

    :rtype: dict
    """
    domain = [
        ('company', '=', company_id),
        ('code', 'in', sorted(codes)),
        ('type', '!=', None),
        ('closed', '=', False),
    ]
    rows = session.search('account.account', domain, ['code']) if codes else []
    return _by_code(codes, rows, 'code')


def find_taxes(session, company_id, codes):
    """Taxes of sales by name, or by description where no name is like it.

    :rtype: dict
    """
    codes = sorted(codes)
    domain = [
        ('company', '=', company_id),
        ('parent', '=', None),
        ['OR', ('name', 'in', codes), ('description', 'in', codes)],
        ['OR', ('group', '=', None), ('group.kind', 'in', ['sale', 'both'])],
    ]
    rows = session.search('account.tax', domain, list(TAX_FIELDS)) if codes else []
    return _by_code(codes, rows, 'description') | _by_code(codes, rows, 'name')


def _by_code(codes, rows, field):
    """Those that exactly one record answers to."""
    found = {code: [row for row in rows if row[field] == code] for code in codes}
    return {code: rows[0] for code, rows in found.items() if len(rows) == 1}


class TrytonCodes:
    """Everything that a document names, as ids over there.

    :raise ExportRefused: names what is not there
    """

    def __init__(self, session, company_id, document):
        self.company_id = company_id
        codes = {document.account, *(line.account for line in document.lines)}
        self.accounts = find_accounts(session, company_id, codes)
        self._check('account', codes, self.accounts)
        codes = {tax.code for tax in document.taxes}
        codes.update(code for line in document.lines for code in line.taxes)
        self.taxes = find_taxes(session, company_id, codes)
        self._check('tax', codes, self.taxes)
        code = document.currency
        self.currency_id, self.rounding = session.know(
            f'currency {code}', lambda: self._find_currency(session, code)
        )
        self.journal_id = find_journal(session, document.journal)
        # Last, since it makes what is missing.
        self.party_id, self.address_id = find_party(session, document.customer)

    def _check(self, name, codes, found):
        missing = sorted(codes - found.keys())
        if missing:
            text = ', '.join(code or 'none' for code in missing)
            raise ExportRefused(f'Tryton does not know exactly one {name} for each of: {text}.')

    def _find_currency(self, session, code):
        rows = session.search('currency.currency', [('code', '=', code)], ['rounding'])
        if not rows:
            raise ExportRefused(f'Tryton does not know the currency {code}.')
        return rows[0]['id'], rows[0]['rounding']


def find_journal(session, code=''):
    """The journal for sales over there: that of our code if there is one, else the first."""
    domain, order = [('type', '=', 'revenue')], [['id', 'ASC']]
    rows = session.search('account.journal', domain, ['code'], order=order)
    if not rows:
        raise ExportNotExecuted('There is no journal of the type Revenue in Tryton.')
    return next((row['id'] for row in rows if code and row['code'] == code), rows[0]['id'])
