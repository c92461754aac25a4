"""The connector to programs that take files: it collects documents and renders them as one file.

Nothing is sent, so nothing can be looked up: what arrived is confirmed by an acknowledgement that
is read, or by a person. The formats are those of `tools/formats`.
"""

# pylint: disable=method-required-super  # `create` and `read` are none of a model

import codecs
import csv
import hashlib
import re
from dataclasses import dataclass, field
from decimal import Decimal

from odoo.addons.credit_invoice.tools.export_contract import (
    BATCHES,
    INVOICE,
    PAYMENT,
    PAYMENTS,
    Connector,
    ExportRefused,
    ExportUnclear,
    Found,
    TestResult,
)

from .formats import FORMATS
from .formats.common import check_code
from .formats.ubl_read import Answer, read_answers

# What stands for accepted and rejected in the second column of an acknowledgement.
ACCEPTED_WORDS = {'accepted', 'ok', 'imported', 'yes', '1'}
REJECTED_WORDS = {'rejected', 'error', 'refused', 'failed', 'no', '0'}
LINES = re.compile(r'\r\n|\r|\n')


@dataclass(frozen=True)
class Batch:
    """A file, and what is in it.

    :param totals: pairs of currency and total, credits and payments taken off
    """

    content: bytes = field(repr=False)
    extension: str
    mimetype: str
    count: int
    totals: tuple[tuple[str, Decimal], ...]
    digest: str


class FilesConnector(Connector):
    """Collects documents for one batch.

    `connection.options` holds `file_format`, a key of `FORMATS`, and the options of the format.
    """

    def __init__(self, connection):
        super().__init__(connection)
        self._documents = {}

    def capabilities(self):
        file_format = FORMATS.get(self.connection.options.get('file_format'))
        takes_payments = getattr(file_format, 'TAKES_PAYMENTS', False)
        return frozenset({BATCHES, PAYMENTS} if takes_payments else {BATCHES})

    def test(self, accounts=(), taxes=()):
        """There is nobody to ask: every code is taken as known."""
        return TestResult(f'Files: {self._get_format().NAME}')

    def create(self, document):
        """Take a document into the batch.

        :return: what will stand in the file; over there it is called by its number
        :raise ExportRefused: if the format cannot carry it
        """
        present = self._documents.get(document.key)
        if present and present.digest != document.digest:
            raise ExportRefused(f'{document.number} is in the file already, with other content.')
        if not present:
            check_code(document.number, document, 'number')
            self._check_mapped(document)
            self._write([document])
            self._documents[document.key] = document
        return _get_found(document)

    def get_unfit(self, accounts, taxes):
        """What this format cannot write as it is called, so that it has to be mapped.

        :param accounts: codes
        :param taxes: list of `Tax`
        :return: (codes of accounts, names of taxes), each once, in the given order
        """
        file_format = self._get_format()
        takes_account = getattr(file_format, 'takes_account', lambda _code: True)
        takes_tax = getattr(file_format, 'takes_tax', lambda _tax: True)
        return (
            tuple(dict.fromkeys(code for code in accounts if code and not takes_account(code))),
            tuple(dict.fromkeys(tax.name for tax in taxes if not takes_tax(tax))),
        )

    def _check_mapped(self, document):
        """Refuse a document of which several things have to be mapped, and name all of them; of a
        single one, the format says what it should be.

        :raise ExportRefused:
        """
        accounts = [document.account, *(line.account for line in document.lines)]
        unfit = [code for codes in self.get_unfit(accounts, document.taxes) for code in codes]
        if len(unfit) > 1:
            names = ', '.join(f'"{code}"' for code in unfit)
            raise ExportRefused(
                f'{document.number}: {self._get_format().NAME} cannot write {names}. Add a line '
                'for each under Accounts and Taxes.'
            )

    def find(self, query):
        """Nobody can be asked: whether it is there has to be confirmed.

        :raise ExportUnclear: always
        """
        raise ExportUnclear('Files cannot be looked into: confirm what arrived, or export it.')

    def read(self, external_id):
        """What was taken into the batch."""
        for document in self._documents.values():
            if document.number == external_id:
                return _get_found(document)
        return None

    def render(self):
        """The batch as a file; the same documents in the same order are the same bytes.

        :rtype: Batch
        :raise ExportRefused: if it is empty
        """
        documents = list(self._documents.values())
        if not documents:
            raise ExportRefused('There is nothing to write into a file.')
        content = self._write(documents)
        file_format = self._get_format()
        get_extension = getattr(file_format, 'get_extension', lambda _documents: None)
        return Batch(
            content=content,
            extension=get_extension(documents) or file_format.EXTENSION,
            mimetype=file_format.MIMETYPE,
            count=len(documents),
            totals=get_totals(documents),
            digest=hashlib.sha256(content).hexdigest(),
        )

    def _write(self, documents):
        return self._get_format().write(documents, self.connection.options)

    def _get_format(self):
        """The module that writes the file. To be extended for formats that are not in `FORMATS`."""
        try:
            return FORMATS[self.connection.options['file_format']]
        except KeyError as error:
            raise ExportRefused('Choose the format of the files.') from error


def get_totals(documents):
    """What documents come to in each currency: invoices, less credits and payments."""
    totals = {}
    for document in documents:
        sign = 1 if document.kind == INVOICE else -1
        totals[document.currency] = (
            totals.get(document.currency, Decimal(0)) + sign * document.total
        )
    return tuple(sorted(totals.items()))


def read_acknowledgement(content, numbers=()):
    """What the other side says about the documents of a file.

    Either a UBL ApplicationResponse, or lines of `number;status[;id over there][;message]`, parted
    by semicolons, commas or tabs, with or without a heading. Each line is read by itself.

    :param numbers: of the documents in the file; a line that begins with one is no heading
    :return: a list of `Answer`, one for each document named
    :raise ExportRefused: names the line that cannot be read
    """
    text = _decode(content).strip()
    if text.startswith('<'):
        # What it says of its encoding is no longer true.
        return read_answers(re.sub(r'^<\?xml.*?\?>', '', text, flags=re.DOTALL).encode())
    lines = [(place, line) for place, line in enumerate(LINES.split(text), 1) if line.strip()]
    delimiter = max(';\t,', key=lines[0][1].count) if lines else ';'
    answers = []
    for position, line in lines:
        cells = _read_cells(line, delimiter, position)
        if not any(cells):
            continue
        answer = _read_row(cells)
        if answer:
            answers.append(answer)
        elif answers or position > 1 or cells[0] in numbers:
            raise ExportRefused(
                f'Line {position} says neither accepted nor rejected: write number;status;id;'
                'message.'
            )
    if not answers:
        raise ExportRefused('The file names no document: write number;status;id;message.')
    return answers


def _decode(content):
    """The text of a file in any of the encodings that programs write."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode('utf-16', errors='replace')
    try:
        return content.decode('utf-8-sig')
    except UnicodeDecodeError:
        return content.decode('cp1252', errors='replace')


def _read_cells(line, delimiter, position):
    """The cells of one line: a quotation mark that nothing ends must not swallow the others."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error as error:
        raise ExportRefused(f'Line {position} cannot be read: mend it.') from error


def _read_row(cells):
    """An answer, or None where a row is none."""
    number, status, external_id, message = (*cells, '', '', '')[:4]
    word = status.lower()
    if not number or word not in ACCEPTED_WORDS | REJECTED_WORDS:
        return None
    if word in REJECTED_WORDS and len(cells) == 3:
        external_id, message = '', external_id
    return Answer(number, word in ACCEPTED_WORDS, external_id, message)


def _get_found(document):
    return Found(
        external_id=document.number,
        kind=document.kind,
        number=document.number,
        date=document.date,
        currency=document.currency,
        total=document.total,
        key=document.key,
        customer=document.customer.code,
        open_amount=None if document.kind == PAYMENT else document.total,
        origin_id=document.origin.external_id if document.origin else '',
    )
