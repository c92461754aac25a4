"""What must hold at the end of a history of `export_histories.py`.

Each document stands over there exactly once, linked, with the right total, or is shown as a
variance; and it is shown only if there is a reason for it, never because of an error on the way.
"""

from collections import Counter
from decimal import Decimal

SHOWN = ('rejected', 'differs', 'duplicate', 'missing')
DONE = ('sent', 'cancelled')


def is_held_up(record):
    """Whether something waits for what is shown to be wrong with what it hangs on."""
    return record.state in ('to_send', 'unknown') and any(
        before.state in SHOWN or is_held_up(before) for before in record._get_predecessors()
    )


class Judgement:
    """Both sides of a history, compared without asking the suite what it thinks of them."""

    def __init__(self, history, env):
        self.history, self.env = history, env
        self.there = history.get_documents_there()
        self.by_id = {document['external_id']: document for document in self.there}
        self.records = history.get_records(env)
        self.moves = history.get_moves(env)
        # Its answer may have come from either of two requests, see `faults.TWICE`.
        self.was_doubled = history.twice and not history.has_unique_keys
        self.findings = []

    def find(self):
        """What is wrong: a list of sentences."""
        self.find_lost()
        self.find_doubled()
        self.find_strangers()
        self.find_unanswered()
        self.find_hidden()
        for record in self.records:
            if record.operation == 'application':
                self.judge_application(record)
            else:
                self.judge_document(record)
        return self.findings

    def blame(self, record, text):
        self.findings.append(
            f'{record.operation} {record.move_id.name} ({record.state}, {record.external_id or "-"}'
            f', {record.last_answer}): {text}'
        )

    # === ALL TOGETHER === #

    def find_lost(self):
        """Each document has its row, and no move more than one."""
        rows = Counter(self.records.filtered(lambda one: not one.target_move_id).move_id.ids)
        for move in self.moves:
            if rows[move.id] != 1:
                self.findings.append(f'{move.name} has {rows[move.id]} rows')

    def find_doubled(self):
        """Nothing of ours stands there twice, unless the line doubled it and it is shown."""
        keys = Counter(document['key'] for document in self.there if document['key'])
        for record in self.records:
            if keys[record.key] > 1 and not (self.was_doubled and record.state == 'duplicate'):
                self.blame(record, f'it is there {keys[record.key]} times')

    def find_strangers(self):
        """Nothing is there that nobody knows here, and nothing is half done."""
        keys = set(self.records.mapped('key'))
        for document in self.there:
            if document['key'] and document['key'] not in keys:
                self.findings.append(f'{document["number"]} is there, and unknown here')
            if not document['is_complete'] and not self.was_doubled:
                self.findings.append(f'{document["number"]} is a draft there')

    def find_unanswered(self):
        """The sweep came to an end."""
        for record in self.records.filtered(
            lambda one: one.state in ('to_send', 'sending', 'unknown') and not is_held_up(one)
        ):
            self.blame(record, 'it still waits')

    def find_hidden(self):
        """What is wrong is in the list of variances."""
        variances = self.env['credit.export.variance'].search([('state', '=', 'open')])
        for record in self.records.filtered(lambda one: one.state in SHOWN):
            if record not in variances.record_id:
                self.blame(record, 'no variance is open')

    # === ONE BY ONE === #

    def get_documents(self, record):
        """What stands there of a record, by its key or by its number."""
        return [
            document
            for document in self.there
            if document['key'] == record.key
            or (
                not document['key']
                and document['kind'] == record.operation == 'invoice'
                and document['number'] == record.move_id.name
            )
        ]

    def judge_document(self, record):
        documents = self.get_documents(record)
        if record.state == 'sent':
            if len(documents) != 1:
                self.blame(record, f'it is there {len(documents)} times')
            else:
                for name, here, there in self.compare(record, documents[0]):
                    self.blame(record, f'{name} is {here} here, {there} there')
        elif not self.has_reason(record):
            self.blame(record, 'there is no reason for it')
        if record.state == 'missing' and any(one['is_complete'] for one in documents):
            self.blame(record, 'it is there')
        if record.state == 'rejected' and documents and not self.was_doubled:
            self.blame(record, 'something is left of it')

    def compare(self, record, document):
        """Where a document over there is not the one here."""
        move = record.move_id
        pairs = {
            'id': (record.external_id, document['external_id']),
            'total': (self.get_total(record), Decimal(document['total'])),
            'completeness': (True, document['is_complete']),
            'kind': (record.operation, document['kind']),
            'number': (move.name, document['number']),
        }
        origin = move.reversed_entry_id if record.operation == 'credit' else record.target_move_id
        if origin.id not in self.history.destroyed and origin:
            there = self.by_id.get(document['origin_id'], {})
            pairs['origin'] = (origin.name, there.get('number'))
        return [(name, *pair) for name, pair in pairs.items() if pair[0] != pair[1]]

    def get_total(self, record):
        if record.operation == 'payment':
            return self.get_matched(record)
        return self.history.get_total(record.move_id)

    def get_matched(self, record):
        """How much of a credit or payment is matched with its target here."""
        partials = self.env['account.partial.reconcile'].search([
            ('credit_move_id.move_id', '=', record.move_id.id),
            ('debit_move_id.move_id', '=', record.target_move_id.id),
        ])
        return Decimal(str(round(sum(partials.mapped('debit_amount_currency')), 2)))

    def judge_application(self, record):
        matched, applied = self.get_matched(record), self.get_applied(record)
        if record.state in DONE and matched != applied:
            self.blame(record, f'{matched} is matched here, {applied} there')
        if record.state not in DONE and not self.has_reason(record):
            self.blame(record, f'{matched} here, {applied} there: there is no reason for it')

    def get_applied(self, record):
        names = (record.move_id.name, record.target_move_id.name)
        credit, invoice = (
            [one for one in self.there if one['number'] == name and one['is_complete']]
            for name in names
        )
        if not credit or not invoice:
            return Decimal(0)
        return Decimal(dict(credit[0]['applied']).get(invoice[0]['external_id'], 0))

    def has_reason(self, record):
        """Whether something happened that has to be shown, on it or on what it hangs on."""
        moves = record.move_id | record.target_move_id
        moves |= moves.reversed_entry_id
        return bool(
            self.history.is_refusing
            or self.history.touched & set(moves.ids)
            or (self.was_doubled and 'duplicate' in self.get_states(moves))
        )

    def get_states(self, moves):
        return self.records.filtered(lambda record: record.move_id in moves).mapped('state')
