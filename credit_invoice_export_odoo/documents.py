"""Documents as they stand over there, read and told in the words of the contract."""

from decimal import Decimal

from odoo.addons.credit_invoice.tools.export_contract import PAYMENT, Found

from .values import (
    KINDS,
    NOT_LINKED,
    split_external_id,
    to_date,
    to_decimal,
    to_external_id,
    to_key,
    to_xmlid,
)

MOVE, PAY, LINE, MATCH = (
    'account.move',
    'account.payment',
    'account.move.line',
    'account.partial.reconcile',
)
MOVE_FIELDS = (
    'name',
    'move_type',
    'state',
    'invoice_date',
    'date',
    'currency_id',
    'partner_id',
    'amount_total',
    'amount_untaxed',
    'amount_residual',
    'reversed_entry_id',
    'invoice_origin',
    'posted_before',
)
PAYMENT_FIELDS = (
    'name',
    'memo',
    'state',
    'date',
    'currency_id',
    'partner_id',
    'amount',
    'invoice_ids',
    'is_reconciled',
    'move_id',
    'outstanding_account_id',
)
MATCH_FIELDS = (
    'debit_move_id',
    'credit_move_id',
    'debit_amount_currency',
    'credit_amount_currency',
    'exchange_move_id',
)
PAID = ('in_process', 'paid')
# What was cancelled over there is in no books: as if it were not there.
MOVE_STATES = ('draft', 'posted')
PAYMENT_STATES = ('draft', *PAID)
PAGE = 500


class Documents:
    """Reads documents over there.

    :param Json2 client: with the company in its context
    :param Directory directory: knows the company
    """

    def __init__(self, client, directory):
        self.client = client
        self.directory = directory

    # === FINDING === #

    def find(self, query):
        """See `Connector.find`."""
        found = []
        if query.kind != PAYMENT:
            found += self.tell_moves(self.search_moves(self._get_move_domain(query)))
        if query.kind in ('', PAYMENT):
            found += self.tell_payments(self.search_payments(self._get_payment_domain(query)))
        if not query.is_period:
            found = self._leave_out_strangers(found, query)
        if not found and query.key and not query.number:
            found = self._find_by_xmlid(query)
        if query.is_period or not found:
            self.directory.check_sees_all()
        return found

    def _leave_out_strangers(self, found, query):
        """Of what a search has answered, what was asked for.

        Where our key stands, it can be copied and typed: the host's dialog writes it into the
        credit notes that somebody makes over there. Ours is what has our external id.
        """
        kept, numbered = [], []
        for one in found:
            is_named = query.key and one.key == query.key
            if is_named or (query.external_id and one.external_id == query.external_id):
                kept.append(one)
            elif query.number and one.number == query.number:
                numbered.append(one)
        fitting = [one for one in numbered if one.customer == query.customer]
        if query.customer and (kept or fitting):
            numbered = fitting
        return [one for one in found if one in kept or one in numbered]

    def _find_by_xmlid(self, query):
        """The document of a key that was typed over since, in a list."""
        model, record_id = self.client.get_record(to_xmlid('document', query.key)) or ('', 0)
        domain, found = [('id', '=', record_id)], []
        if model == MOVE:
            found = self.tell_moves(self.search_moves(domain))
        if model == PAY:
            found = self.tell_payments(self.search_payments(domain))
        return [one for one in found if query.kind in ('', one.kind)]

    def find_move(self, key):
        """The record of the invoice or credit of a key, or None."""
        found = self.search_moves([('invoice_origin', 'in', [key, key + NOT_LINKED])])
        return self._get_own(MOVE, found, key)

    def find_payment(self, key):
        """The record of the payment of a key, or None."""
        found = self.search_payments([('payment_reference', '=', key)])
        return self._get_own(PAY, found, key)

    def _get_own(self, model, records, key):
        """The one of some records that was made under a key, or None."""
        keys = self._get_keys(model, records) if records else {}
        return next((one for one in records if keys.get(str(one['id'])) == key), None)

    def search_moves(self, domain):
        """Records of invoices and credits, cancelled ones left out."""
        domain = [('move_type', 'in', list(KINDS)), ('state', 'in', MOVE_STATES), *domain]
        return self._search_all(MOVE, domain, MOVE_FIELDS)

    def search_payments(self, domain):
        """Records of payments of customers, cancelled ones left out."""
        kinds = [('payment_type', '=', 'inbound'), ('partner_type', '=', 'customer')]
        domain = [*kinds, ('state', 'in', PAYMENT_STATES), *domain]
        return self._search_all(PAY, domain, PAYMENT_FIELDS)

    def _get_move_domain(self, query):
        types = [name for name, kind in KINDS.items() if query.kind in ('', kind)]
        domain = [('move_type', 'in', types)]
        if query.is_period:
            return [*domain, *self._get_period_domain(query)]
        is_payment, move_id = split_external_id(query.external_id)
        names = [
            query.key and ('invoice_origin', 'in', [query.key, query.key + NOT_LINKED]),
            query.external_id and ('id', '=', 0 if is_payment else move_id),
            query.number and ('name', '=', query.number),
        ]
        return [*domain, *any_of(names)]

    def _get_payment_domain(self, query):
        if query.is_period:
            return self._get_period_domain(query, 'date')
        is_payment, payment_id = split_external_id(query.external_id)
        return any_of([
            query.key and ('payment_reference', '=', query.key),
            query.external_id and ('id', '=', payment_id if is_payment else 0),
            query.number and ('memo', '=', query.number),
        ])

    def _get_period_domain(self, query, name='invoice_date'):
        days = [(name, '>=', query.date_from.isoformat())]
        if query.date_to:
            days.append((name, '<=', query.date_to.isoformat()))
        return days

    def _search_all(self, model, domain, names):
        """Records in pages, in the order of their ids, so that none is skipped."""
        domain = [('company_id', '=', self.directory.company['id']), *domain]
        found, page, last = [], [None] * PAGE, 0
        while len(page) == PAGE:
            page = self.client.search(
                model, [*domain, ('id', '>', last)], names, order='id', limit=PAGE
            )
            found += page
            last = page[-1]['id'] if page else 0
        return found

    # === TELLING === #

    def tell_moves(self, records, keys=None):
        """Invoices and credits in the words of the contract.

        :param dict keys: if they are known
        :rtype: list[Found]
        """
        if not records:
            return []
        keys = keys or self._get_keys(MOVE, records)
        customers = self._get_customers(records)
        return [self._tell_move(record, keys, customers) for record in records]

    def _tell_move(self, record, keys, customers):
        is_posted = record['state'] == 'posted'
        origin = record['invoice_origin'] or ''
        return Found(
            external_id=str(record['id']),
            kind=KINDS[record['move_type']],
            number=record['name'] if record['name'] not in (False, '/') else '',
            date=to_date(record['invoice_date'] or record['date']),
            currency=record['currency_id'][1],
            total=to_decimal(record['amount_total']),
            key=keys.get(str(record['id']), ''),
            customer=self._get_customer(record, customers),
            open_amount=to_decimal(record['amount_residual']) if is_posted else None,
            is_complete=is_posted and not origin.endswith(NOT_LINKED),
            origin_id=str(record['reversed_entry_id'][0]) if record['reversed_entry_id'] else '',
        )

    def tell_payments(self, records, keys=None):
        """Payments in the words of the contract.

        :param dict keys: if they are known
        :rtype: list[Found]
        """
        if not records:
            return []
        keys = keys or self._get_keys(PAY, records)
        customers = self._get_customers(records)
        due = self._get_unmatched(records)
        return [
            Found(
                external_id=to_external_id(PAYMENT, record['id']),
                kind=PAYMENT,
                number=record['memo'] or record['name'] or '',
                date=to_date(record['date']),
                currency=record['currency_id'][1],
                total=to_decimal(record['amount']),
                key=keys.get(str(record['id']), ''),
                customer=self._get_customer(record, customers),
                is_complete=record['state'] in PAID and record['id'] not in due,
                origin_id=str(record['invoice_ids'][0]) if record['invoice_ids'] else '',
            )
            for record in records
        ]

    def _get_unmatched(self, records):
        """Ids of payments that are to be matched with an invoice on which something is open."""
        records = [one for one in records if one['move_id'] and not one['is_reconciled']]
        ids = sorted({move_id for one in records for move_id in one['invoice_ids']})
        domain = [('id', 'in', ids), ('payment_state', 'in', ['not_paid', 'partial'])]
        due = {one['id'] for one in self.client.search(MOVE, domain, ['name'])} if ids else set()
        records = [one for one in records if due.intersection(one['invoice_ids'])]
        move_ids = [one['move_id'][0] for one in records]
        domain = [
            ('move_id', 'in', move_ids),
            ('matched_debit_ids.debit_move_id.move_id', 'in', sorted(due)),
        ]
        lines = self.client.search(LINE, domain, ['move_id']) if records else []
        matched = {line['move_id'][0] for line in lines}
        return {one['id'] for one in records if one['move_id'][0] not in matched}

    def _get_keys(self, model, records):
        """Keys by id as text: no one over there can change them by typing."""
        ids = [record['id'] for record in records]
        xmlids = self.client.ask(model, 'get_external_id', ids=ids)
        return {record_id: to_key(xmlid) for record_id, xmlid in xmlids.items()}

    def _get_customers(self, records):
        """References of customers by id."""
        ids = sorted({record['partner_id'][0] for record in records if record['partner_id']})
        domain = [('id', 'in', ids), ('active', 'in', [True, False])]
        found = self.client.search('res.partner', domain, ['ref'])
        return {record['id']: record['ref'] for record in found}

    def _get_customer(self, record, customers):
        if not record['partner_id']:
            return ''
        return customers.get(record['partner_id'][0]) or record['partner_id'][1]

    # === MATCHES === #

    def get_applied(self, move_id):
        """What a journal entry is matched with.

        :return: dictionary of positive amounts, in the currency of this entry, by external id
        """
        applied = {}
        for _match_id, name, amount in self.get_matches(move_id):
            applied[name] = applied.get(name, Decimal(0)) + amount
        return applied

    def get_matches(self, move_id):
        """Each match of a journal entry, exchange differences left out.

        :return: list of tuples of id, external id of the other side, and positive amount in the
            currency of this entry
        """
        matches = self.client.search(
            MATCH,
            [
                '|',
                ('debit_move_id.move_id', '=', move_id),
                ('credit_move_id.move_id', '=', move_id),
            ],
            MATCH_FIELDS,
        )
        ids = {one[side][0] for one in matches for side in ('debit_move_id', 'credit_move_id')}
        domain = [('id', 'in', sorted(ids))]
        lines = self.client.search(LINE, domain, ['move_id', 'payment_id']) if ids else []
        lines = {line['id']: line for line in lines}
        exchange = {one['exchange_move_id'][0] for one in matches if one['exchange_move_id']}
        told = []
        for one in matches:
            debit, credit = lines[one['debit_move_id'][0]], lines[one['credit_move_id'][0]]
            is_debit = debit['move_id'][0] == move_id
            other, side = (credit, 'debit') if is_debit else (debit, 'credit')
            if other['move_id'][0] not in exchange:
                amount = to_decimal(one[f'{side}_amount_currency'])
                told.append((one['id'], self._get_line_external_id(other), amount))
        return told

    def _get_line_external_id(self, line):
        if line['payment_id']:
            return to_external_id(PAYMENT, line['payment_id'][0])
        return str(line['move_id'][0])


def any_of(conditions):
    """A domain of what meets one of some conditions; of none of them, nothing."""
    conditions = [condition for condition in conditions if condition] or [('id', '=', 0)]
    return ['|'] * (len(conditions) - 1) + conditions
