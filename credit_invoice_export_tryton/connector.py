"""The connector to Tryton 8.2, see `credit_invoice/tools/export_contract.py` and readme/TRYTON.md."""

from odoo.addons.credit_invoice.tools.export_contract import (
    APPLY,
    FIND,
    LIST,
    PERIOD,
    Connector,
    ExportRefused,
    ExportUnclear,
    TestResult,
)

from .tools.tryton_codes import (
    TrytonCodes,
    find_accounts,
    find_journal,
    find_taxes,
    get_company,
)
from .tools.tryton_invoice import (
    DONE,
    FIELDS,
    MODEL,
    get_domain,
    get_kind,
    get_tax_corrections,
    is_document,
    prepare_values,
    to_found,
)
from .tools.tryton_lines import choose_lines, get_applied, get_links, get_open_lines
from .tools.tryton_session import TrytonSession, TrytonWarning

# Warnings about a document that was issued here already: what they warn of has happened.
ACCEPTED = ('.invoice_payment_term', '.invoice_date_future', '.account.invoice eu_vat valid')
PAGE = 500
# Ids over there are 32 bits.
LARGEST_ID = 2**31 - 1


class TrytonConnector(Connector):
    """Invoices and credits in Tryton, over its JSON-RPC, in a session for each operation."""

    def capabilities(self):
        return frozenset({FIND, LIST, APPLY, PERIOD})

    def test(self, accounts=(), taxes=()):
        with TrytonSession(self.connection) as session:
            version = session.get_version()
            company = self._get_company(session)
            # Whoever may not read invoices learns it here.
            session.search(MODEL, get_domain(company['id']), ['number'], limit=1)
            known_accounts = find_accounts(session, company['id'], set(accounts))
            known_taxes = find_taxes(session, company['id'], set(taxes))
        return TestResult(
            description=f'Tryton {version}, {company["name"]}',
            unknown_accounts=tuple(code for code in accounts if code not in known_accounts),
            unknown_taxes=tuple(code for code in taxes if code not in known_taxes),
        )

    # === LOOKING === #

    def find(self, query):
        with TrytonSession(self.connection) as session:
            company = self._get_company(session)
            alternatives = list(self._prepare_alternatives(query))
            if not alternatives:
                return []
            domain = [*get_domain(company['id']), ['OR', *alternatives]]
            rows, page = [], None
            while page is None or len(page) == PAGE:
                page = session.search(MODEL, domain, list(FIELDS), [['id', 'ASC']], PAGE, len(rows))
                rows += page
        return [
            to_found(row, customer=self._get_customer(row, query.customer))
            for row in rows
            if query.kind in ('', get_kind(row))
        ]

    def _prepare_alternatives(self, query):
        if query.key:
            yield ('comment', '=', query.key)
        if _is_id(query.external_id):
            yield ('id', '=', int(query.external_id))
        if query.number:
            # What was typed in over there may have no reference, and a number of Tryton's.
            number = [('reference', 'in', [None, '']), ('number', '=', query.number)]
            known = [['OR', ('reference', '=', query.number), number]]
            if query.customer:
                code = query.customer
                known.append([
                    'OR',
                    ('party.code', '=', code),
                    ('party.identifiers.code', '=', code),
                ])
            yield known
        if query.is_period:
            period = [('invoice_date', '>=', query.date_from)]
            if query.date_to:
                period.append(('invoice_date', '<=', query.date_to))
            yield period

    def _get_customer(self, row, code):
        """The code that a customer was asked for as, if it is known as that over there, too."""
        known = {one['code'] for one in row['party.'].get('identifiers.', ())}
        return code if code in known else ''

    def read(self, external_id):
        with TrytonSession(self.connection) as session:
            company = self._get_company(session)
            return self._read(session, company['id'], external_id)

    def _read(self, session, company_id, external_id):
        rows = self._search(session, company_id, ('id', '=', _to_id(external_id)))
        if not rows:
            return None
        others = self._find_others(session, company_id, rows[0])
        return to_found(rows[0], applied=get_applied(rows[0], others))

    def _find_others(self, session, company_id, row):
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
        return self._search(session, company_id, ['OR', *alternatives])

    def _search(self, session, company_id, clause):
        domain = [*get_domain(company_id), clause]
        return session.search(MODEL, domain, list(FIELDS), [['id', 'ASC']])

    def _get_company(self, session):
        return get_company(session, self.connection.options.get('company', ''))

    # === CREATING === #

    def create(self, document):  # pylint: disable=method-required-super
        with TrytonSession(self.connection) as session:
            company_id = self._get_company(session)['id']
            rows = self._find_made(session, company_id, document)
            if not any(row['state'] in DONE for row in rows):
                codes = TrytonCodes(session, company_id, document)
                row = self._prepare_draft(session, codes, document, rows)
                rows = [self._complete(session, codes, document, row)]
            row = next(row for row in rows if row['state'] in DONE)
            return to_found(row, customer=self._get_customer(row, document.customer.code))

    def _find_made(self, session, company_id, document):
        return self._search(session, company_id, ('comment', '=', document.key))

    def _prepare_draft(self, session, codes, document, rows):
        """The one draft of a document: one that is there, if it still is what we made.

        Two may try at once, and a call may arrive twice: of several drafts the first is kept, and
        the others are gone before it is posted. Whoever cannot delete one leaves it to the other.
        """
        drafts = []
        for row in rows:
            if row['state'] == 'validated':
                session.change(f'model.{MODEL}.draft', [row['id']])
            drafts.append(row)
        drafts = [row for row in drafts if self._is_ours(row, document)]
        self._delete(session, [row for row in rows if row not in drafts])
        if not drafts:
            origins = self._find_origin_lines(session, codes.company_id, document)
            values = prepare_values(document, codes, origins)
            session.change(f'model.{MODEL}.create', [values])
            drafts = self._find_made(session, codes.company_id, document)
        if not drafts or any(row['state'] in DONE for row in drafts):
            raise ExportUnclear('Somebody else is busy with the same document in Tryton.')
        self._delete(session, drafts[1:])
        return drafts[0]

    def _is_ours(self, row, document):
        """Whether a draft is as it was made; its taxes are corrected later."""
        return (
            row['reference'] == document.number
            and row['invoice_date'] == document.date
            and row['currency.']['code'] == document.currency
            and abs(row['untaxed_amount']) == abs(document.untaxed)
        )

    def _delete(self, session, rows):
        if rows:
            session.change(f'model.{MODEL}.delete', [row['id'] for row in rows])

    def _find_origin_lines(self, session, company_id, document):
        """The lines over there that a credit is for, those of its own origin first.

        :raise ExportRefused: if an invoice is not there any more
        """
        references = document.origins or ((document.origin,) if document.origin else ())
        if document.origin:
            references = sorted(references, key=lambda one: one != document.origin)
        if not references:
            return []
        ids = [_to_id(reference.external_id) for reference in references]
        found = {row['id']: row for row in self._search(session, company_id, ('id', 'in', ids))}
        for reference in references:
            if _to_id(reference.external_id) not in found:
                raise ExportRefused(
                    f'The invoice {reference.number} is not in Tryton: export it first.'
                )
        return [line for one in ids for line in found[one]['lines.'] if line['type'] == 'line']

    def _complete(self, session, codes, document, row):
        """Give a draft our taxes, see that it is ours to the cent, and post it.

        :raise ExportRefused: after the draft was deleted
        """
        try:
            corrections = get_tax_corrections(row, document, codes)
            if corrections:
                params = []
                for tax_id, amount in corrections.items():
                    params += [[tax_id], {'amount': amount}]
                session.change('model.account.invoice.tax.write', *params)
                (row,) = self._search(session, codes.company_id, ('id', '=', row['id']))
            if not is_document(row, document):
                raise ExportRefused(
                    f'Tryton makes {row["total_amount"]} of {document.number}, which is '
                    f'{document.total}: check its taxes there.'
                )
            self._post(session, row['id'])
        except ExportRefused as refusal:
            return self._withdraw(session, codes.company_id, row, refusal)
        (row,) = self._search(session, codes.company_id, ('id', '=', row['id']))
        if row['state'] not in DONE:
            raise ExportUnclear(f'{document.number} is still a draft in Tryton.')
        return row

    def _post(self, session, invoice_id):
        """Post a draft, and say yes to what warns of nothing new."""
        for _attempt in ACCEPTED:
            try:
                session.change(f'model.{MODEL}.post', [invoice_id])
            except TrytonWarning as warning:
                if not warning.name.endswith(ACCEPTED):
                    raise
                session.accept(warning)
            else:
                return
        session.change(f'model.{MODEL}.post', [invoice_id])

    def _withdraw(self, session, company_id, row, refusal):
        """Delete a draft that was refused; what somebody posted meanwhile, stays.

        :return: what was posted
        """
        try:
            self._delete(session, [row])
        except ExportRefused as error:
            rows = self._search(session, company_id, ('id', '=', row['id']))
            if rows and rows[0]['state'] in DONE:
                return rows[0]
            raise ExportUnclear(f'{refusal} A draft of it may be left in Tryton.') from error
        raise refusal

    # === APPLYING === #

    def apply(self, credit_id, invoice_id, amount):
        with TrytonSession(self.connection) as session:
            company_id = self._get_company(session)['id']
            ids = [_to_id(credit_id), _to_id(invoice_id)]
            missing = self._get_missing(session, company_id, ids, amount)
            if missing > 0:
                lines = []
                for one in ids:
                    lines += self._prepare_lines(session, company_id, one, missing)
                self._run_wizard(session, 'account.move.reconcile_lines', 'start', {}, lines)
            return self._read(session, company_id, credit_id)

    def _get_missing(self, session, company_id, ids, amount):
        """How much of an amount is not applied yet between a credit and an invoice.

        :raise ExportRefused: if there is not so much, or more is applied already
        """
        rows = {row['id']: row for row in self._search(session, company_id, ('id', 'in', ids))}
        for one in ids:
            if one not in rows or rows[one]['state'] not in DONE:
                raise ExportRefused(f'There is no posted document {one} in Tryton.')
        credit, invoice = (rows[one] for one in ids)
        others = self._find_others(session, company_id, credit)
        applied = dict(get_applied(credit, others)).get(str(invoice['id']), 0)
        if applied > amount:
            raise ExportRefused(
                f'{applied} of {credit["reference"]} is applied to {invoice["reference"]} in '
                f'Tryton, more than {amount}: unreconcile it there.'
            )
        for row in (credit, invoice) if applied < amount else ():
            left = abs(sum(line['amount'] for line in get_open_lines(row)))
            if left < amount - applied:
                raise ExportRefused(
                    f'Only {left} of {row["reference"] or row["number"]} is open in Tryton.'
                )
        return amount - applied

    def _prepare_lines(self, session, company_id, invoice_id, amount):
        """Open items of one document that come to an amount, after splitting one if need be.

        :return: their ids
        """
        for _attempt in range(2):
            (row,) = self._search(session, company_id, ('id', '=', invoice_id))
            whole, split, part = choose_lines(get_open_lines(row), amount)
            if not split:
                return [line['id'] for line in whole]
            self._split(session, row, split, part)
        raise ExportUnclear('Somebody else is busy with the same document in Tryton.')

    def _split(self, session, row, line, part):
        part = part.copy_sign(line['amount'])
        day = line['maturity_date'] or row['invoice_date']
        terms = [
            {'date': day, 'amount': amount, 'currency': line['amount_currency']}
            for amount in (part, line['amount'] - part)
        ]
        data = {'preview': {'journal': row['journal'], 'terms': terms}}
        wizard = 'account.move.line.reschedule'
        self._run_wizard(session, wizard, 'reschedule', data, [line['id']])

    def _run_wizard(self, session, name, state, data, line_ids):
        context = {
            'active_model': 'account.move.line',
            'active_id': line_ids[0],
            'active_ids': line_ids,
        }
        wizard = f'wizard.{name}'
        wizard_id = session.call(f'{wizard}.create', **context)[0]
        session.change(f'{wizard}.execute', wizard_id, data, state, **context)
        session.call(f'{wizard}.delete', wizard_id, **context)

    # === PERIODS === #

    def period_open(self, day):
        with TrytonSession(self.connection) as session:
            company_id = self._get_company(session)['id']
            closed = session.search(
                'account.journal.period',
                [
                    ('journal', '=', find_journal(session)),
                    ('state', '=', 'closed'),
                    ('period.end_date', '>=', day),
                ],
                ['period'],
            )
            periods = session.search(
                'account.period',
                [
                    ('fiscalyear.company', '=', company_id),
                    ('type', '=', 'standard'),
                    ('state', '=', 'open'),
                    ('end_date', '>=', day),
                    ('id', 'not in', [row['period'] for row in closed]),
                ],
                ['start_date'],
                [['start_date', 'ASC']],
                1,
            )
        return max(day, periods[0]['start_date']) if periods else None


def _is_id(text):
    return text.isdecimal() and int(text) <= LARGEST_ID


def _to_id(text):
    """An external id of ours as Tryton's, or one that nothing has."""
    return int(text) if _is_id(text) else -1
