"""Customers in Tryton: found by their code, an identifier or their tax number, else made."""

import re

from odoo.addons.credit_invoice.tools.export_contract import ExportRefused

FIELDS = [
    *('code', 'active', 'identifiers.code', 'identifiers.code_compact'),
    *('addresses.invoice', 'addresses.active'),
]


def find_party(session, party):
    """The customer over there, made if there is none. Codes are unique there: never two.

    :return: tuple of the ids of the customer and of the address for invoices
    """
    row = _find(session, party)
    if row is None:
        row = _make(session, party)
    if not row['active']:
        raise ExportRefused(f'Make the customer {party.code} active again in Tryton.')
    addresses = [one for one in row['addresses.'] if one['active']]
    if addresses:
        return row['id'], max(addresses, key=lambda one: bool(one['invoice']))['id']
    values = {'party': row['id'], **_prepare_address(session, party)}
    (address_id,) = session.call('model.party.address.create', [values])
    return row['id'], address_id


def _find(session, party):
    vat = compact(party.vat)
    domain = ['OR', ('code', '=', party.code), ('identifiers.code', '=', party.code)]
    if vat:
        domain += [('identifiers.code', 'in', [party.vat, vat])]
        domain += [('identifiers.code_compact', '=', vat)]
    found = session.search('party.party', domain, FIELDS, active_test=False)
    row, is_known = choose(found, party)
    if row and not is_known:
        # From now on it is known by our code.
        values = {'identifiers': [['create', [{'code': party.code}]]]}
        session.call('model.party.party.write', [row['id']], values)
    return row


def compact(vat):
    """A tax number without blanks and points."""
    return re.sub(r'[\W_]', '', vat or '').upper()


def choose(rows, party):
    """Which of those found is the customer.

    :return: tuple of it (or None) and whether it is known by our code already
    :raise ExportRefused: if several are
    """
    for row in rows:
        if row['code'] == party.code:
            return row, True
    known = [row for row in rows if party.code in get_codes(row)]
    if not known and len(rows) == 1:
        return rows[0], False
    if len(known) > 1:
        raise ExportRefused(f'Several customers in Tryton are called {party.code}.')
    # Where several have the tax number, none of them is meant for sure.
    return (known[0], True) if known else (None, True)


def get_codes(row):
    """All that a customer over there is known as."""
    return {row['code'], *(one['code'] for one in row['identifiers.'])}


def _make(session, party):
    address = {'addresses': [['create', [_prepare_address(session, party)]]]}
    values = {'name': party.name or party.code, 'code': party.code, **address}
    vat = compact(party.vat)
    kinds = ['eu_vat', None] if re.match('[A-Z]{2}', vat) else [None]
    attempts = [{'identifiers': [['create', [{'type': kind, 'code': vat}]]]} for kind in kinds]
    for more in attempts if vat else [{}]:
        try:
            session.call('model.party.party.create', [{**values, **more}])
        except ExportRefused as error:
            refusal = error
        else:
            refusal = None
        # Somebody else may have made it at the same time.
        row = _find(session, party)
        if row:
            return row
    raise refusal or ExportRefused(f'The customer {party.code} is not there after it was made.')


def _prepare_address(session, party):
    values = {'street': party.street, 'city': party.city, 'postal_code': party.zip}
    values = {name: value for name, value in values.items() if value}
    if party.country_code:
        domain = [('code', '=', party.country_code)]
        for country in session.search('country.country', domain, ['code']):
            values['country'] = country['id']
    return {**values, 'invoice': True}
