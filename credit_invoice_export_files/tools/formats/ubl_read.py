"""Reading UBL: documents, and the answers that name them. Nothing outside a file is ever loaded."""

import io
import zipfile
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, DecimalException

from lxml import etree

from odoo.addons.credit_invoice.tools.export_contract import CREDIT, INVOICE, ExportRefused, Found

from .ubl_xml import KEY_NAME, NAMESPACES, SCHEMA

MAX_BYTES = 50_000_000
CREDIT_CODES = {'381', '396', '532'}
# UN/CEFACT 4343, as answers on invoices use it; the others say that it is on its way.
ACCEPTED_CODES = {'AP', 'AB', 'CA', 'PD', 'ACCEPTED', 'BUSINESSACCEPT'}
REJECTED_CODES = {'RE', 'REJECTED', 'BUSINESSREJECT'}


@dataclass(frozen=True)
class Answer:
    """What the other side says about one document.

    :param is_accepted: None if neither accepted nor rejected yet
    """

    number: str
    is_accepted: bool | None
    external_id: str = ''
    message: str = ''


def read(content):
    """The documents in a file of UBL, or in a zip of such files.

    An invoice of a negative total is a credit. What a document is called over there is its number;
    so is what it refers to.

    :rtype: list[Found]
    :raise ExportRefused: if it cannot be read
    """
    return [_read_document(_parse(part)) for part in _unpack(content)]


def read_answers(content):
    """The answers of a UBL ApplicationResponse: one for each document that it names.

    :rtype: list[Answer]
    :raise ExportRefused: if it is none
    """
    root = _parse(content)
    if etree.QName(root) != etree.QName(SCHEMA + 'ApplicationResponse-2', 'ApplicationResponse'):
        raise ExportRefused('The file is no UBL ApplicationResponse.')
    answers = []
    for response in _find(root, 'cac:DocumentResponse'):
        code = _text(response, 'cac:Response/cbc:ResponseCode').upper()
        texts = [
            *_texts(response, 'cac:Response/cbc:Description'),
            *_texts(response, 'cac:Response/cac:Status/cbc:StatusReason'),
            *_texts(response, './/cac:LineResponse/cac:Response/cbc:Description'),
        ]
        is_accepted = True if code in ACCEPTED_CODES else False if code in REJECTED_CODES else None
        answers += [
            Answer(number, is_accepted, message='; '.join(texts))
            for number in _texts(response, 'cac:DocumentReference/cbc:ID')
        ]
    return answers


def _unpack(content):
    if not content.startswith(b'PK'):
        return [content]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > MAX_BYTES:
                raise ExportRefused('The file is too large.')
            return [archive.read(info) for info in archive.infolist()]
    except zipfile.BadZipFile as error:
        raise ExportRefused('The file is broken: fetch it again.') from error


def _parse(content):
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ExportRefused('The file is no XML: choose another one.') from error
    if root.getroottree().docinfo.doctype:
        raise ExportRefused('The file holds a document type, which UBL has none of.')
    return root


def _read_document(root):
    name = etree.QName(root).localname
    if etree.QName(root).namespace != f'{SCHEMA}{name}-2' or name not in ('Invoice', 'CreditNote'):
        raise ExportRefused('The file holds no UBL invoice or credit note.')
    try:
        return _get_found(root, name)
    except (ValueError, DecimalException) as error:
        raise ExportRefused('The file holds dates or amounts that are none.') from error


def _get_found(root, name):
    total = _amount(root, 'TaxInclusiveAmount') + _amount(root, 'PayableRoundingAmount')
    code = _text(root, 'cbc:InvoiceTypeCode')
    is_credit = (name == 'CreditNote' or code in CREDIT_CODES) != (total < 0)
    key = next(
        (
            _text(reference, 'cbc:ID')
            for reference in _find(root, 'cac:AdditionalDocumentReference')
            if _text(reference, 'cbc:DocumentDescription') == KEY_NAME
        ),
        '',
    )
    number = _text(root, 'cbc:ID')
    return Found(
        external_id=number,
        kind=CREDIT if is_credit else INVOICE,
        number=number,
        date=date.fromisoformat(_text(root, 'cbc:IssueDate')),
        currency=_text(root, 'cbc:DocumentCurrencyCode'),
        total=abs(total),
        key=key,
        customer=_text(
            root, 'cac:AccountingCustomerParty/cac:Party/cac:PartyIdentification/cbc:ID'
        ),
        origin_id=_text(root, 'cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID'),
    )


def _amount(root, name):
    text = _text(root, f'cac:LegalMonetaryTotal/cbc:{name}')
    return Decimal(text) if text else Decimal(0)


def _find(node, path):
    return node.findall(path, NAMESPACES)


def _texts(node, path):
    return [text for text in ((found.text or '').strip() for found in _find(node, path)) if text]


def _text(node, path):
    return next(iter(_texts(node, path)), '')
