"""The invoices of one company in Tryton."""

from .tryton_invoice import (
    FIELDS,
    MATCH_FIELDS,
    MODEL,
    NAME_FIELDS,
    get_domain,
    get_name,
    to_found,
)
from .tryton_lines import get_applied, get_links
from .tryton_sight import TrytonSight

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
        self.sight = TrytonSight(session, company)
        self.company = self.sight.company
        self.company_id = self.company['id']

    def search(self, clause, fields=FIELDS, *, with_cancelled=False):
        """All documents that match, the first made first.

        A page goes on after the last id, since rows before it may be deleted meanwhile.

        :param bool with_cancelled: also those that were posted and then cancelled
        """
        domain = [*get_domain(self.company_id, with_cancelled), clause]
        rows, page = [], None
        while page is None or len(page) == PAGE:
            after = [('id', '>', rows[-1]['id'])] if rows else []
            page = self.session.search(
                MODEL,
                domain=[*domain, *after],
                fields=list(fields),
                order=[['id', 'ASC']],
                limit=PAGE,
            )
            rows += page
        return rows

    def check_sight(self):
        """See that what was not found is not there.

        :raise ExportNotExecuted: if it may be hidden from the user
        """
        self.sight.check(MODEL)

    def find_copies(self, rows):
        """Those of some rows that have the key of another one, since they were copied from it.

        What a key was given to is older than its copies.

        :return: set of ids
        """
        keys = sorted({row['comment'] for row in rows if row['comment'] and row['reference']})
        first = {}
        for at in range(0, len(keys), PAGE):
            clause = [('comment', 'in', keys[at : at + PAGE]), ('reference', 'not in', [None, ''])]
            for row in self.search(clause, NAME_FIELDS, with_cancelled=True):
                first.setdefault(row['comment'], get_name(row))
        return {
            row['id'] for row in rows if get_name(row) != first.get(row['comment'], get_name(row))
        }

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
        if not alternatives:
            return []
        return self.search(['OR', *alternatives], MATCH_FIELDS, with_cancelled=True)

    def get_found(self, external_id):
        """A document with what it is applied to, as the contract wants it, or None."""
        rows = self.search(('id', '=', to_id(external_id)))
        if not rows:
            self.check_sight()
        return self.to_found(rows[0]) if rows else None

    def to_found(self, row):
        """A row with what it is applied to, as the contract wants it."""
        return to_found(row, applied=get_applied(row, self.find_others(row)))
