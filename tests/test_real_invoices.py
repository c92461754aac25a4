"""Published invoices, read by the host's own importer, credited with one click each."""

import os
from pathlib import Path

import pytest
from lxml import etree
from mirror_checks import edit_draft, find_differences, find_open_items
from registries import transaction

slow_because = 'published invoices are imported and credited, all of them'

ROOT = Path(__file__).resolve().parent.parent
UBL = '{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice'
ROUNDINGS = ('round_globally', 'round_per_line')
# Units of currency for one of the company's: on the invoices' dates, and on the credits'.
RATES = {'EUR': (0.8137, 0.9211), 'SEK': (8.7654, 10.4321), 'NOK': (6.1234, 9.8765)}
RATES |= {'DKK': (5.9876, 6.8765), 'GBP': (0.6543, 0.7891)}


def find_samples():
    """The folder of the published documents, or None."""
    folder = os.environ.get('CREDIT_INVOICE_SAMPLES')
    folder = Path(folder) if folder else ROOT.parent / 'shared' / 'samples'
    return folder if folder.is_dir() else None


def read_invoices(folder):
    """The invoices of a folder; credit notes are left out.

    :return: dictionary of path: root of its tree
    """
    roots = {path: etree.parse(str(path)).getroot() for path in sorted(folder.rglob('*.xml'))}
    return {path: root for path, root in roots.items() if root.tag == UBL}


@pytest.fixture
def ubl_env(_odoo, fresh_db):
    """An environment on a copy of the suite with the host's UBL importer."""
    database = fresh_db('suite')
    _odoo.run(
        database,
        *('-i', 'account_edi_ubl_cii', '--skip-auto-install'),
        failure="the host's UBL importer cannot be installed",
    )
    with transaction(database) as env:
        yield env


@pytest.mark.skipif(
    not find_samples(), reason='the published invoices are not here: set CREDIT_INVOICE_SAMPLES'
)
def test_mp05_every_published_invoice_is_mirrored(ubl_env):
    env = ubl_env
    documents = read_invoices(find_samples())
    set_up_rates(env)
    set_up_taxes(env, documents.values())
    clerk = make_clerk(env)
    print(f'\n{len(documents)} invoices read')

    invoices, not_imported, found = {}, {}, {}
    for place, (path, root) in enumerate(documents.items()):
        # Both ways of rounding taxes get their share of the documents.
        env.company.tax_calculation_rounding_method = ROUNDINGS[place % 2]
        invoice, reason = import_invoice(env, path, root)
        if reason:
            not_imported[path.name] = reason
        else:
            invoices[path.name] = invoice
            found[path.name] = credit_and_compare(invoice.with_user(clerk))

    foreign = [move for move in invoices.values() if move.currency_id != env.company.currency_id]
    print(f'{len(invoices)} imported as customer invoices, {len(foreign)} in a foreign currency')
    for name, reason in not_imported.items():
        print(f'not imported: {name}: {reason}')
    wrong = [f'{name}: {"; ".join(texts)}' for name, texts in found.items() if texts]
    assert not wrong, '\n'.join(wrong)
    assert len(invoices) >= 0.9 * len(documents)
    assert foreign


def set_up_rates(env):
    """Rates that differ from 1, and that moved since the invoices."""
    currencies = env['res.currency'].with_context(active_test=False)
    for name, rates in RATES.items():
        currency = currencies.search([('name', '=', name)])
        currency.active = True
        currency.rate_ids.unlink()
        env['res.currency.rate'].create([
            {
                'currency_id': currency.id,
                'company_id': env.company.id,
                'name': day,
                'company_rate': rate,
            }
            for day, rate in zip(('2000-01-01', '2021-01-01'), rates, strict=True)
        ])


def set_up_taxes(env, roots):
    """One sale tax for each category and percentage in the documents, and no other."""
    env['account.tax'].search([('type_tax_use', '=', 'sale')]).active = False
    kinds = {
        (category.findtext('{*}ID'), float(category.findtext('{*}Percent') or 0))
        for root in roots
        for name in ('ClassifiedTaxCategory', 'TaxCategory')
        for category in root.iterfind(f'.//{{*}}{name}')
    }
    env['account.tax'].create([
        {
            'name': f'{category} {percent:g} %',
            'amount': percent,
            'amount_type': 'percent',
            'type_tax_use': 'sale',
            'price_include_override': 'tax_excluded',
            'ubl_cii_tax_category_code': category,
        }
        for category, percent in sorted(kinds)
    ])


def make_clerk(env):
    return env['res.users'].create({
        'name': 'Clerk',
        'login': 'clerk',
        'group_ids': [(6, 0, env.ref('account.group_account_invoice').ids)],
    })


def import_invoice(env, path, root):
    """Read a document as the host does one that is dropped on a sale journal, and post it.

    :return: (the posted invoice or None, why there is none)
    """
    journal = env['account.journal'].search(
        [('type', '=', 'sale'), ('company_id', '=', env.company.id)], limit=1
    )
    attachment = env['ir.attachment'].create({
        'name': path.name,
        'raw': path.read_bytes(),
        'mimetype': 'application/xml',
    })
    move = journal.with_context(default_move_type='out_invoice')._create_document_from_attachment(
        attachment.ids
    )
    if move.move_type != 'out_invoice':
        return None, f'the importer makes it a {move.move_type}'
    if not move.invoice_line_ids:
        return None, 'the importer reads no lines'
    if not move.partner_id:
        # Without a VAT number the importer leaves the customer to the user.
        move.partner_id = env['res.partner'].create({'name': get_customer(root)})
    move.action_post()
    return move, None


def get_customer(root):
    party = root.find('{*}AccountingCustomerParty/{*}Party')
    return next(party.iter('{*}RegistrationName', '{*}Name')).text


def credit_and_compare(invoice):
    """Credit an invoice by the methods of the buttons, edit and post the credit; compare each time.

    :return: list of sentences, empty where all is well
    """
    action = invoice.action_credit_invoice()
    dialog = invoice.env[action['res_model']].with_context(**action['context'])
    dialog.create({'reason': 'Published example'}).action_create_credit()
    credit = invoice.reversal_move_ids
    found = [f'draft: {text}' for text in find_differences(invoice, credit)]
    edit_draft(credit)
    invoice.env.invalidate_all()
    found += [f'edited: {text}' for text in find_differences(invoice, credit)]
    credit.action_post()
    invoice.env.invalidate_all()
    found += [f'posted: {text}' for text in find_differences(invoice, credit)]
    return found + find_open_items(invoice, credit)
