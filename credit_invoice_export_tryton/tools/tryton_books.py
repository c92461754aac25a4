"""The invoices of one company in Tryton."""

from .tryton_codes import get_company
from .tryton_invoice import FIELDS, MODEL, get_domain, to_found
from .tryton_lines import get_applied, get_links

PAGE = 500
# Ids over there are 32 bits.
LARGEST_ID = 2**31 - 1


def is_id(text):
    """Whether an external id can be one of Tryton."""
    return text.isdecimal() and int(text) <= LARGEST_ID


def to_id(text):
    """An external id as Tryton's, or one that nothing has."""
    return int(text) if is_id(text) else -1


class TrytonBooks:
    """Invoices as rows of `FIELDS`, in one session.

    :param TrytonSession session: the calls go through it
    :param str company: its name in Tryton; without one, the company that the user works for
    """

    def __init__(self, session, company=''):
        self.session = session
        self.company = get_company(session, company)
        self.company_id = self.company['id']

    def search(self, clause):
        """All documents that match, the first made first."""
        domain = [*get_domain(self.company_id), clause]
        rows, page = [], None
        while page is None or len(page) == PAGE:
            page = self.session.search(
                MODEL,
                domain=domain,
                fields=list(FIELDS),
                order=[['id', 'ASC']],
                limit=PAGE,
                offset=len(rows),
            )
            rows += page
        return rows

    def find_others(self, row):
        """All that share a reconciliation or a payment line with an invoice."""
        reconciliations, paying, paid_by = get_links(row)
        alternatives = []
        if reconciliations:
            alternatives = [
                ('move.lines.reconciliation', 'in', reconciliations),
                ('additional_moves.lines.reconciliation', 'in', reconciliations),
            ]
        if paying:
            alternatives.append(('payment_lines', 'in', paying))
        if paid_by:
            alternatives.append(('move.lines', 'in', paid_by))
            alternatives.append(('additional_moves.lines', 'in', paid_by))
        return self.search(['OR', *alternatives]) if alternatives else []

    def get_found(self, external_id):
        """A document with what it is applied to, as the contract wants it, or None."""
        rows = self.search(('id', '=', to_id(external_id)))
        return self.to_found(rows[0]) if rows else None

    def to_found(self, row):
        """A row with what it is applied to, as the contract wants it."""
        return to_found(row, applied=get_applied(row, self.find_others(row)))
