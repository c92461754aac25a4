import itertools
import re
from contextlib import contextmanager
from unittest.mock import patch

from odoo.sql_db import Cursor
from odoo.tests import Form, tagged

from .common import CreditCommon

# Tables and columns by which only documents of ours are found.
OURS = re.compile(
    r'(FROM|JOIN) "?credit_|"(reversed_entry_id|replaced_move_id|credited_line_id)" IN'
    r'|WHERE (reversed_entry_id|replaced_move_id) IN|"move_type" IN .*"reversed_entry_id"'
    r'|"amount_residual" > '
)


@tagged('post_install', '-at_install')
class TestOverhead(CreditCommon):
    """What the add-on asks the database where nothing is credited."""

    @contextmanager
    def recording(self):
        """The queries that only the add-on makes: a list, filled inside the block."""
        self.env.flush_all()
        self.env.invalidate_all()
        queries, execute = [], Cursor.execute

        def record(cursor, query, *args, **kwargs):
            text = ' '.join(str(getattr(query, 'code', query)).split())
            if text.startswith('SELECT') and OURS.search(text):
                queries.append(text)
            return execute(cursor, query, *args, **kwargs)

        with patch.object(Cursor, 'execute', record):
            yield queries
            self.env.flush_all()

    def test_making_and_posting_documents_asks_for_nothing_of_ours(self):
        for move_type in ('out_invoice', 'in_invoice', 'out_receipt'):
            self.make_invoice(move_type=move_type)  # fills caches
            with self.subTest(move_type), self.recording() as queries:
                self.make_invoice(move_type=move_type)
                self.assertFalse(queries)

    def test_posting_drafts_takes_three_queries_however_many(self):
        drafts = [self.make_invoice(post=False) for _number in range(6)]
        drafts.pop().action_post()  # fills caches
        counts = []
        for moves in (drafts[0] | drafts[1], self.Move.union(*drafts[2:])):
            with self.recording() as queries:
                moves.action_post()
            counts.append(len(queries))
        # What is planned, what hangs on them, and their variances.
        self.assertEqual(counts, [3, 3], queries)

    def test_what_posted_credits_take_is_figured_once_for_each(self):
        invoice = self.make_invoice(lines=[(9, 10.37)])
        runs, counts = [], []
        figure = type(self.Move)._get_credit_base_lines

        def count(move):
            runs.append(move)
            return figure(move)

        self.patch(type(self.Move), '_get_credit_base_lines', count)
        for _number in range(4):
            self.env.invalidate_all()
            runs.clear()
            self.make_credit(invoice, credit_scope='part', credit_percentage=10, post=True)
            counts.append(len(runs))
        self.assertEqual(len(invoice.reversal_move_ids), 4)
        slopes = [after - before for before, after in itertools.pairwise(counts)]
        self.assertEqual(slopes[1:], [1, 1], counts)

    def test_opening_an_invoice_takes_two_queries(self):
        invoice = self.make_invoice()
        with Form(invoice) as form:
            spec = form._view['fields_spec']
        with self.recording() as queries:
            invoice.web_read(spec)
        self.assertEqual(len(queries), 2, queries)
