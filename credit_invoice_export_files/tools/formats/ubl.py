"""UBL 2.1 invoices and credit notes by EN 16931, one file each; several are a zip of them.

The rules are those of CEN/TS 16931-3-2 (syntax binding), whose terms are called `BT-…`. The account
of a line is written as its accounting reference (BT-133), our key as a supporting document
(BT-122), where programs look at them and people are not disturbed.
"""

import io
import re
import zipfile
from decimal import Decimal

from lxml import etree

from odoo.addons.credit_invoice.tools.export_contract import CREDIT, PAYMENT, ExportRefused

from .common import check_cents, check_code, clean, get_origins, money, number, sum_of
from .ubl_codes import COUNTRIES, CURRENCIES, VAT_COUNTRIES
from .ubl_read import read
from .ubl_taxes import INTRA, OUTSIDE, REVERSED, get_categories, takes_tax
from .ubl_xml import CUSTOMIZATION, KEY_NAME, ROOTS, Element

__all__ = ['EXTENSION', 'MIMETYPE', 'NAME', 'get_extension', 'read', 'takes_tax', 'write']

NAME = 'UBL 2.1 (EN 16931)'
EXTENSION = 'xml'
MIMETYPE = 'application/xml'
UNIT = 'C62'  # one
INVOICE_CODE, CREDIT_CODE = '380', '381'
# The first day that a zip can hold: its bytes must not tell when it was made.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
PRICE_DIGITS = Decimal('1e-10')
# Kosovo has no code of ISO 3166-1: this one is EN 16931's.
COUNTRY_CODES = {'XK': '1A'}


def get_extension(documents):
    return 'xml' if len(documents) == 1 else 'zip'


def write(documents, options=None):
    """A document as XML, several as a zip of files in their order.

    :raise ExportRefused: for payments, and for what EN 16931 cannot say
    """
    files = [_write(document) for document in documents]
    if len(files) == 1:
        return files[0]
    buffer = io.BytesIO()
    # Not compressed: compression differs between versions, these bytes must not.
    with zipfile.ZipFile(buffer, 'w', zipfile.ZIP_STORED) as archive:
        for position, (document, content) in enumerate(zip(documents, files, strict=True), 1):
            name = re.sub(r'[^A-Za-z0-9.-]+', '-', document.number).strip('-.')
            info = zipfile.ZipInfo(f'{position:04d}-{name}.xml', ZIP_DATE)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def _write(document):
    _check(document)
    categories, subtotals = get_categories(document)
    _check_parties(document, {category.code for category in subtotals})
    root = Element.make_root(ROOTS[document.kind], document.currency)
    _add_head(root, document)
    _add_references(root, document)
    is_outside = any(category.code == OUTSIDE for category in subtotals)
    for role, party in (('Supplier', document.seller), ('Customer', document.customer)):
        parent = root.add(f'cac:Accounting{role}Party')
        check_code(party.code, document, role.lower())
        _add_party(parent, party, role == 'Supplier', not is_outside)
    if any(category.code == INTRA for category in subtotals):
        _add_delivery(root, document)
    if document.kind == CREDIT:
        root.add('cac:PaymentTerms').add('cbc:Note', document.reason or 'Credit')
    _add_totals(root, document, subtotals)
    for position, (line, category) in enumerate(
        zip(document.lines, categories, strict=True), start=1
    ):
        _add_line(root, document, line, category, position)
    return etree.tostring(root.node, xml_declaration=True, encoding='UTF-8', pretty_print=True)


# === CHECKS === #


def _check(document):
    if document.kind == PAYMENT:
        raise ExportRefused(
            f'{document.number}: UBL takes invoices and credit notes, no payments, enter it there.'
        )
    if not document.lines:
        raise ExportRefused(f'{document.number} has no lines: enter it there by hand.')
    check_code(document.number, document, 'number')
    if document.currency not in CURRENCIES:
        raise ExportRefused(
            f'{document.number}: {document.currency} is no currency that UBL takes: enter it there '
            'by hand.'
        )
    check_cents(document)
    if document.total < 0:
        raise ExportRefused(
            f'{document.number} has a negative total: credit it, or enter it there by hand.'
        )
    if abs(_get_rounding(document)) >= 1:
        raise ExportRefused(
            f'{document.number}: its lines and taxes do not come to its total of '
            f'{money(document.total)}: enter it there by hand.'
        )


def _check_parties(document, codes):
    if not document.seller:
        raise ExportRefused(f'{document.number} names no company that sells: enter it there.')
    for party in (document.seller, document.customer):
        if not clean(party.name):
            raise ExportRefused(f'{document.number}: enter a name for {party.code}.')
        if _get_country(party) not in COUNTRIES:
            raise ExportRefused(f'{document.number}: enter the country of {clean(party.name)}.')
    if codes != {OUTSIDE} and not document.seller.vat:
        raise ExportRefused(
            f'{document.number}: enter the tax number of {clean(document.seller.name)}.'
        )
    if codes & {REVERSED, INTRA} and not _is_vat(document.customer):
        raise ExportRefused(
            f'{document.number}: enter the VAT number of {clean(document.customer.name)}, with its '
            'country.'
        )
    if INTRA in codes and not _is_vat(document.seller):
        raise ExportRefused(
            f'{document.number}: enter the VAT number of {clean(document.seller.name)}, with its '
            'country.'
        )


def _is_vat(party):
    """Whether the tax number is one for VAT: those begin with a country (BR-CO-09)."""
    return party.vat[:2] in VAT_COUNTRIES and bool(re.match('..[A-Za-z0-9]', party.vat))


def _get_country(party):
    return COUNTRY_CODES.get(party.country_code, party.country_code)


def _get_rounding(document):
    return document.total - sum_of(document.lines) - sum_of(document.taxes)


# === PARTS === #


def _add_head(root, document):
    root.add('cbc:CustomizationID', CUSTOMIZATION)
    root.add('cbc:ID', document.number)
    root.add('cbc:IssueDate', document.date)
    if document.kind == CREDIT:
        root.add('cbc:CreditNoteTypeCode', CREDIT_CODE)
    else:
        root.add('cbc:DueDate', document.due_date or document.date)
        root.add('cbc:InvoiceTypeCode', INVOICE_CODE)
    note = ' '.join(filter(None, (clean(document.reason), clean(document.note))))
    if note:
        root.add('cbc:Note', note)
    root.add('cbc:DocumentCurrencyCode', document.currency)


def _add_references(root, document):
    for origin in get_origins(document):
        reference = root.add('cac:BillingReference').add('cac:InvoiceDocumentReference')
        reference.add('cbc:ID', origin.number)
        reference.add('cbc:IssueDate', origin.date)
    reference = root.add('cac:AdditionalDocumentReference')
    reference.add('cbc:ID', document.key)
    reference.add('cbc:DocumentDescription', KEY_NAME)


def _add_party(parent, party, is_seller, with_vat):
    node = parent.add('cac:Party')
    node.add('cac:PartyIdentification').add('cbc:ID', party.code)
    address = node.add('cac:PostalAddress')
    for tag, text in (
        ('cbc:StreetName', party.street),
        ('cbc:CityName', party.city),
        ('cbc:PostalZone', party.zip),
    ):
        if clean(text):
            address.add(tag, text)
    address.add('cac:Country').add('cbc:IdentificationCode', _get_country(party))
    if party.vat and with_vat and (is_seller or _is_vat(party)):
        scheme = node.add('cac:PartyTaxScheme')
        scheme.add('cbc:CompanyID', party.vat)
        # A number that is none of VAT is a tax registration (BT-32).
        scheme.add('cac:TaxScheme').add('cbc:ID', 'VAT' if _is_vat(party) else 'TAX')
    node.add('cac:PartyLegalEntity').add('cbc:RegistrationName', party.name)
    if clean(party.email):
        node.add('cac:Contact').add('cbc:ElectronicMail', party.email)


def _add_delivery(root, document):
    """What an intra-Community supply must tell (BR-IC-11, BR-IC-12): taken from the document."""
    delivery = root.add('cac:Delivery')
    delivery.add('cbc:ActualDeliveryDate', document.date)
    address = delivery.add('cac:DeliveryLocation').add('cac:Address')
    country = _get_country(document.customer)
    address.add('cac:Country').add('cbc:IdentificationCode', country)


def _add_totals(root, document, subtotals):
    total = root.add('cac:TaxTotal')
    total.add_amount('cbc:TaxAmount', sum_of(document.taxes))
    for category, subtotal in subtotals.items():
        node = total.add('cac:TaxSubtotal')
        node.add_amount('cbc:TaxableAmount', subtotal.base)
        node.add_amount('cbc:TaxAmount', subtotal.amount)
        _add_category(node, 'cac:TaxCategory', category, with_reason=True)
    lines, taxes, rounding = sum_of(document.lines), sum_of(document.taxes), _get_rounding(document)
    monetary = root.add('cac:LegalMonetaryTotal')
    monetary.add_amount('cbc:LineExtensionAmount', lines)
    monetary.add_amount('cbc:TaxExclusiveAmount', lines)
    monetary.add_amount('cbc:TaxInclusiveAmount', lines + taxes)
    if rounding:
        monetary.add_amount('cbc:PayableRoundingAmount', rounding)
    monetary.add_amount('cbc:PayableAmount', document.total)


def _add_category(parent, tag, category, with_reason=False):
    node = parent.add(tag)
    node.add('cbc:ID', category.code)
    if category.code != OUTSIDE:
        node.add('cbc:Percent', number(category.rate))
    if with_reason and category.reason_code:
        node.add('cbc:TaxExemptionReasonCode', category.reason_code)
    if with_reason and category.reason:
        node.add('cbc:TaxExemptionReason', category.reason)
    node.add('cac:TaxScheme').add('cbc:ID', 'VAT')


def _add_line(root, document, line, category, position):
    kind = 'CreditNote' if document.kind == CREDIT else 'Invoice'
    quantity, price = get_quantity(line)
    node = root.add(f'cac:{kind}Line')
    node.add('cbc:ID', str(position))
    quantity_tag = 'cbc:CreditedQuantity' if document.kind == CREDIT else 'cbc:InvoicedQuantity'
    node.add(quantity_tag, number(quantity), unitCode=UNIT)
    node.add_amount('cbc:LineExtensionAmount', line.amount)
    if line.account:
        node.add('cbc:AccountingCost', check_code(line.account, document, 'account'))
    item = node.add('cac:Item')
    item.add('cbc:Name', clean(line.name) or line.product_code or document.number)
    if line.product_code:
        check_code(line.product_code, document, 'product')
        item.add('cac:SellersItemIdentification').add('cbc:ID', line.product_code)
    _add_category(item, 'cac:ClassifiedTaxCategory', category)
    node.add('cac:Price').add_amount('cbc:PriceAmount', price, as_is=True)


def get_quantity(line):
    """Quantity and price that come to the amount of a line; prices are never negative (BR-27).

    :return: two decimals
    """
    quantity, price = line.quantity, line.price
    if price < 0:
        quantity, price = -quantity, -price
    if (quantity * price - line.amount).copy_abs() < Decimal('0.005'):
        return quantity, price
    if quantity * line.amount <= 0:
        return Decimal(-1 if line.amount < 0 else 1), abs(line.amount)
    return quantity, (line.amount / quantity).quantize(PRICE_DIGITS)
