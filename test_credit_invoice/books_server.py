"""Example Books: a small accounting program with an interface, for tests and as an example.

Documents are made as drafts and posted by a second request, so that something can be half done.
It looks at their content when they are posted, as many programs do. Run it by itself with
`python3 books_server.py --key KEY`; only the standard library is needed.

    GET  /                          program, company, and the codes of accounts and taxes
    POST /find                      documents by key, external_id, number and kind, or period
    POST /documents                 makes a draft
    POST /documents/ID/post         posts it; 422 if its content is not accepted
    DELETE /documents/ID            deletes a draft
    PUT  /applications              applies credit to invoice: so much between the two, in all
    GET  /open-day/DAY              the first day from DAY on that is not closed

Amounts are texts. Every answer is JSON; `error` says what was wrong.
"""

import argparse
import json
import re
import sqlite3
import threading
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TABLES = """
CREATE TABLE document (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT, kind TEXT, number TEXT, day TEXT,
    currency TEXT, customer TEXT, total TEXT, origin INTEGER, is_posted INTEGER DEFAULT 0,
    content TEXT
);
CREATE INDEX document_key ON document (key);
CREATE TABLE application (
    credit INTEGER, invoice INTEGER, amount TEXT, PRIMARY KEY (credit, invoice)
);
"""
UNIQUE_KEYS = "CREATE UNIQUE INDEX unique_key ON document (key) WHERE key != ''"
UNAUTHORIZED, NOT_FOUND, CONFLICT, REFUSED = 401, 404, 409, 422


class BooksError(Exception):
    """What an answer of another status than 200 says."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


class Books:
    """The books themselves. Whatever changes them is one transaction.

    :param bool has_unique_keys: refuse a second document of a key
    """

    def __init__(self, accounts=(), taxes=(), *, has_unique_keys=False, path=':memory:'):
        self.accounts, self.taxes = set(accounts), set(taxes)
        self.closed_until = date.min
        self.guard = threading.RLock()
        self.database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.database.row_factory = sqlite3.Row
        self.database.executescript(TABLES)
        self.start_anew(has_unique_keys=has_unique_keys)

    def start_anew(self, *, has_unique_keys=False):
        """Empty books, in which no id comes again."""
        with self.guard:
            self.closed_until = date.min
            for table in ('document', 'application'):
                self.database.execute(f'DELETE FROM {table}')
            self.database.execute('DROP INDEX IF EXISTS unique_key')
            if has_unique_keys:
                self.database.execute(UNIQUE_KEYS)

    @contextmanager
    def transaction(self):
        """All of it, or nothing."""
        with self.guard:
            self.database.execute('SAVEPOINT books')
            try:
                yield
            except Exception:
                self.database.execute('ROLLBACK TO books')
                raise
            finally:
                self.database.execute('RELEASE books')

    def select(self, query, *values):
        with self.guard:
            return self.database.execute(query, values).fetchall()

    def get(self, document_id):
        """A document by its number, or an error."""
        rows = self.select('SELECT * FROM document WHERE id = ?', document_id)
        if not rows:
            raise BooksError(REFUSED, f'There is no document {document_id}.')
        return rows[0]

    def show(self, row):
        """A document as it is answered."""
        applied = self.select(
            'SELECT invoice AS other, amount FROM application WHERE credit = ? '
            'UNION ALL SELECT credit, amount FROM application WHERE invoice = ?',
            row['id'],
            row['id'],
        )
        used = sum((Decimal(one['amount']) for one in applied), Decimal(0))
        return {
            'external_id': str(row['id']),
            **{name: row[name] for name in ('key', 'kind', 'number', 'currency', 'customer')},
            'date': row['day'],
            'total': row['total'],
            'open_amount': str(Decimal(row['total']) - used),
            'is_complete': bool(row['is_posted']),
            'origin_id': str(row['origin'] or ''),
            'applied': [(str(one['other']), one['amount']) for one in applied],
        }

    # === REQUESTS === #

    def describe(self):
        return {
            'program': 'Example Books 1.0',
            'company': 'Example Company',
            'accounts': sorted(self.accounts),
            'taxes': sorted(self.taxes),
        }

    def find(self, query):
        kind = query.get('kind') or ''
        if query.get('date_from'):
            rows = self.select(
                'SELECT * FROM document WHERE day BETWEEN ? AND ? AND ? IN (kind, "") ORDER BY id',
                query['date_from'],
                query.get('date_to') or query['date_from'],
                kind,
            )
        else:
            rows = self.select(
                'SELECT * FROM document WHERE ? IN (kind, "") AND (key = ? AND key != ""'
                ' OR id = ? OR number = ? AND number != "" AND ? IN (customer, "")) ORDER BY id',
                kind,
                query.get('key', ''),
                query.get('external_id', ''),
                query.get('number', ''),
                query.get('customer', ''),
            )
        return [self.show(row) for row in rows]

    def make(self, content):
        parts = [*content['lines'], *content['taxes']]
        total = sum((Decimal(part['amount']) for part in parts), Decimal(0))
        values = (
            *(content[name] for name in ('key', 'kind', 'number', 'date', 'currency')),
            content['customer']['code'],
            str(total if parts else Decimal(content['total'])),
            int(content['origin']['external_id']) if content['origin'] else None,
            json.dumps(content),
        )
        try:
            rows = self.select(
                'INSERT INTO document (key, kind, number, day, currency, customer, total, origin,'
                ' content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *',
                *values,
            )
        except sqlite3.IntegrityError as error:
            raise BooksError(CONFLICT, f'There is a document of key {values[0]}.') from error
        return self.show(rows[0])

    def post(self, document_id):
        with self.transaction():
            row = self.get(document_id)
            if not row['is_posted']:
                self.check(row)
                self.select('UPDATE document SET is_posted = 1 WHERE id = ?', row['id'])
                if row['kind'] == 'payment':
                    self.apply(row['id'], row['origin'], Decimal(row['total']))
            return self.show(self.get(document_id))

    def check(self, row):
        content = json.loads(row['content'])
        if date.fromisoformat(row['day']) <= self.closed_until:
            raise BooksError(REFUSED, f'The books are closed until {self.closed_until}.')
        for line in content['lines']:
            if line['account'] not in self.accounts:
                raise BooksError(REFUSED, f'There is no account {line["account"]}.')
            for tax in set(line['taxes']) - self.taxes:
                raise BooksError(REFUSED, f'There is no tax {tax}.')

    def delete(self, document_id):
        with self.guard:
            if self.get(document_id)['is_posted']:
                raise BooksError(REFUSED, 'It is posted.')
            self.select('DELETE FROM document WHERE id = ?', document_id)
            return {}

    def apply(self, credit_id, invoice_id, amount):
        """Have an amount applied between two documents: what is applied already counts."""
        with self.guard:
            credit, invoice = self.get(credit_id), self.get(invoice_id)
            shown = self.show(credit)
            already = Decimal(dict(shown['applied']).get(str(invoice_id), 0))
            free = min(Decimal(one['open_amount']) for one in (shown, self.show(invoice)))
            if not credit['is_posted'] or not invoice['is_posted'] or amount - already > free:
                raise BooksError(REFUSED, f'{amount} cannot be applied: {free} is open.')
            if amount > already:
                self.select(
                    'INSERT OR REPLACE INTO application VALUES (?, ?, ?)',
                    credit['id'],
                    invoice['id'],
                    str(amount),
                )
            return self.show(credit)

    def get_open_day(self, day):
        return {'day': str(max(day, self.get_first_open_day()))}

    def get_first_open_day(self):
        return self.closed_until + timedelta(1)

    # === WHAT SOMEBODY DOES THERE BY HAND === #

    def change_total(self, document_id, amount):
        """Add something to the total of a document."""
        total = Decimal(self.get(document_id)['total']) + amount
        self.select('UPDATE document SET total = ? WHERE id = ?', str(total), document_id)

    def destroy(self, document_id):
        """Take a document off the books, whatever hangs on it."""
        with self.transaction():
            self.select('DELETE FROM document WHERE id = ?', document_id)
            self.select('DELETE FROM application WHERE ? IN (credit, invoice)', document_id)

    def close(self, day):
        """Close the books until a day."""
        self.closed_until = date.fromisoformat(day)

    def book_payment(self, invoice_id, amount):
        """Book a payment of an invoice that came in over there."""
        invoice = self.get(invoice_id)
        values = ('', 'payment', f'BANK/{invoice_id}', invoice['day'], invoice['currency'])
        with self.transaction():
            rows = self.select(
                'INSERT INTO document (key, kind, number, day, currency, customer, total, origin,'
                ' is_posted, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, "{}") RETURNING id',
                *values,
                *(invoice['customer'], str(amount), invoice['id']),
            )
            self.apply(rows[0]['id'], invoice['id'], amount)


class BooksServer:
    """The interface of some books on a port of this machine; usable as a context manager."""

    def __init__(self, books, key, port=0):
        self.server = ThreadingHTTPServer(('127.0.0.1', port), _Handler)
        self.server.daemon_threads = True
        self.server.books, self.server.key = books, key
        self.address = f'http://127.0.0.1:{self.server.server_address[1]}'

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_error):
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    ROUTES = (
        ('GET', '/', lambda books, _content: books.describe()),
        ('POST', '/find', Books.find),
        ('POST', '/documents', Books.make),
        ('POST', r'/documents/(\d+)/post', lambda books, _content, one: books.post(int(one))),
        ('DELETE', r'/documents/(\d+)', lambda books, _content, one: books.delete(int(one))),
        (
            'PUT',
            '/applications',
            lambda books, content: books.apply(
                int(content['credit']), int(content['invoice']), Decimal(content['amount'])
            ),
        ),
        (
            'GET',
            '/open-day/([0-9-]+)',
            lambda books, _content, day: books.get_open_day(date.fromisoformat(day)),
        ),
    )

    def log_message(self, *_args):
        """Say nothing on the console."""

    def _answer_request(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        try:
            status, answer = 200, self._route(json.loads(body or 'null'))
        except BooksError as error:
            status, answer = error.status, {'error': str(error)}
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = _answer_request

    def _route(self, content):
        if self.headers.get('Authorization') != f'Bearer {self.server.key}':
            raise BooksError(UNAUTHORIZED, 'The key is wrong.')
        for method, pattern, function in self.ROUTES:
            match = re.fullmatch(pattern, self.path)
            if match and method == self.command:
                return function(self.server.books, content, *match.groups())
        raise BooksError(NOT_FOUND, f'There is no {self.path}.')


def main():
    parser = argparse.ArgumentParser(description='Example Books')
    parser.add_argument('--port', type=int, default=8099)
    parser.add_argument('--key', required=True)
    parser.add_argument('--path', default=':memory:', help='file that the books are kept in')
    options = parser.parse_args()
    books = Books({'4000', '4010', '1100'}, {'S21'}, path=options.path)
    BooksServer(books, options.key, options.port).server.serve_forever()


if __name__ == '__main__':
    main()
