from datetime import date
from decimal import Decimal
from types import SimpleNamespace

from odoo.tests import BaseCase

from odoo.addons.credit_invoice.tools.export_contract import (
    Connection,
    ExportNotExecuted,
    ExportRefused,
    ExportUnclear,
    Line,
    Party,
)

from ..tools.tryton_invoice import get_quantity_and_price
from ..tools.tryton_json import from_tryton, to_tryton
from ..tools.tryton_lines import choose_lines, get_applied, get_open_amount, match
from ..tools.tryton_party import choose, compact
from ..tools.tryton_session import TrytonSession, TrytonWarning, _SessionOver

CENT = Decimal('0.01')


def make_line(number, amount, reconciliation=None, payment=None):
    return {
        'id': number,
        'amount': Decimal(amount),
        'maturity_date': date(2026, 1, number),
        'reconciliation': reconciliation,
        'invoice_payment': payment,
    }


def make_row(number, *lines, payment_lines=()):
    return {'id': number, 'lines_to_pay.': list(lines), 'payment_lines.': list(payment_lines)}


def make_response(status, body=None, text='', **headers):
    def parse():
        if body is None:
            raise ValueError('no JSON')
        return body

    return SimpleNamespace(status_code=status, json=parse, text=text, headers=headers)


class TestTrytonTools(BaseCase):
    """The parts of the connector that ask nobody."""

    def test_mp11_values_come_back_as_they_went(self):
        value = {'a': [Decimal('1.10'), date(2026, 2, 28)], 'b': (None, 1.5, 'x', True)}
        self.assertEqual(from_tryton(to_tryton(value)), {**value, 'b': list(value['b'])})

    def test_mp11_a_price_that_does_not_give_the_amount_is_not_used(self):
        for quantity, price, amount, expected in (
            ('3', '33.33', '99.99', ('3', '33.33')),
            ('3', '33.333333', '100.00', ('3', '33.3333')),
            ('3', '33.33', '100.00', ('1', '100.00')),
            ('1000', '0.12345', '123.45', ('1', '123.45')),
            ('-1', '12.34', '-12.34', ('-1', '12.34')),
        ):
            line = Line('', '', Decimal(quantity), Decimal(price), Decimal(amount))
            found = get_quantity_and_price(line, CENT)
            self.assertEqual(found, tuple(map(Decimal, expected)), line)

    def test_ts18_items_are_taken_whole_as_long_as_they_fit(self):
        lines = [make_line(1, '50'), make_line(2, '69')]
        for amount, whole, split, part in (
            ('69', [2], None, '0'),
            ('50', [1], None, '0'),
            ('60', [1], 2, '10'),
            ('20', [], 1, '20'),
            ('119', [1, 2], None, '0'),
        ):
            chosen, item, rest = choose_lines(lines, Decimal(amount))
            self.assertEqual([line['id'] for line in chosen], whole, amount)
            self.assertEqual((item and item['id'], rest), (split, Decimal(part)), amount)

    def test_ts18_several_reconciled_at_once_meet_the_oldest_first_from_both_ends(self):
        shares = {1: Decimal(60), 2: Decimal(60), 3: Decimal(-100)}
        self.assertEqual(list(match(shares)), [(1, 3, 60), (2, 3, 40)])
        rows = [make_row(one, make_line(one, amount, 7)) for one, amount in shares.items()]
        self.assertEqual(get_applied(rows[2], rows[:2]), (('1', 60), ('2', 40)))
        self.assertEqual(get_applied(rows[1], rows[2:]), (('3', 60),))

    def test_ts18_what_a_document_has_with_itself_is_no_match(self):
        """Splitting reconciles an item with its own counterpart."""
        split = make_row(1, make_line(1, '119', 7), make_line(2, '-119', 7), make_line(3, '119'))
        self.assertEqual(get_applied(split, []), ())
        self.assertEqual(get_open_amount(split), 119)

    def test_ts18_a_payment_line_counts_on_both_sides(self):
        item = make_line(4, '-40', payment=1)
        invoice = make_row(1, make_line(3, '119'), payment_lines=[item])
        credit = make_row(2, item)
        self.assertEqual(get_open_amount(invoice), 79)
        self.assertEqual(get_open_amount(credit), 0)
        self.assertEqual(get_applied(invoice, [credit]), (('2', 40),))
        self.assertEqual(get_applied(credit, [invoice]), (('1', 40),))

    def test_mp11_a_customer_is_chosen_only_where_there_is_no_doubt(self):
        party = Party('C1', 'One', vat='BE 0477.472.701')
        self.assertEqual(compact(party.vat), 'BE0477472701')

        def make(code, *identifiers):
            return {'code': code, 'identifiers.': [{'code': one} for one in identifiers]}

        ours, known, alike = make('C1'), make('7', 'C1'), make('8', 'BE0477472701')
        self.assertEqual(choose([alike, known, ours], party), (ours, True))
        self.assertEqual(choose([alike, known], party), (known, True))
        self.assertEqual(choose([alike], party), (alike, False))
        self.assertEqual(choose([alike, alike], party), (None, True))
        with self.assertRaises(ExportRefused):
            choose([known, make('9', 'C1')], party)

    def test_mp13_answers_are_sorted(self):
        session = TrytonSession(Connection('http://a', 'b', 'c', 'd&secret'))

        def read(status, body=None, is_reading=False):
            return session._read(make_response(status, body), is_reading)

        self.assertEqual(read(200, {'id': 1, 'result': [1]}), [1])
        refusal = ['UserError', ['No, d&secret', 'Because', [['id', '=', 1]]]]
        warning = ['UserWarning', ['x.name', 'Sure?', '']]
        for status, body, is_reading, error in (
            (200, {'error': refusal}, False, ExportRefused),
            (200, {'error': refusal}, True, ExportNotExecuted),
            (200, {'error': warning}, False, TrytonWarning),
            (200, {'error': ['ConcurrencyException', 'busy']}, False, ExportNotExecuted),
            (200, {'error': ['LoginException', ['sms', 'Code?', 'char']]}, True, ExportNotExecuted),
            (200, {'error': ["'KeyError'", '']}, False, ExportUnclear),
            (200, {'error': []}, False, ExportUnclear),
            (200, {}, False, ExportUnclear),
            (200, [], False, ExportUnclear),
            (200, None, False, ExportUnclear),
            *((status, None, True, ExportNotExecuted) for status in (307, 403, 404, 409, 413, 429)),
            # Something in between may say so after it was done.
            *((status, None, False, ExportUnclear) for status in (307, 403, 404, 409, 413, 429)),
            (401, None, False, ExportUnclear),
            (408, None, False, ExportUnclear),
            (500, None, False, ExportUnclear),
            (503, None, False, ExportUnclear),
            (504, None, False, ExportUnclear),
        ):
            with self.assertRaises(error) as caught:
                read(status, body, is_reading)
            self.assertIs(type(caught.exception), error, (status, body))
            self.assertNotIn('secret', str(caught.exception))

    def test_mp13_that_a_session_is_over_is_taken_from_nobody_but_tryton(self):
        session = TrytonSession(Connection('http://a', 'b'))
        words = 'The server could not verify that you are authorized to access the URL requested.'
        for response, is_reading in (
            (make_response(401), True),
            (make_response(401, **{'WWW-Authenticate': 'Basic realm="Tryton"'}), False),
            (make_response(401, text=f'<p>{words}</p>'), False),
        ):
            with self.assertRaises(_SessionOver):
                session._read(response, is_reading)

    def test_mp11_not_executed_after_something_was_done_is_unclear(self):
        connection = Connection('http://a', 'b')
        for has_written, error in ((False, ExportNotExecuted), (True, ExportUnclear)):
            with self.assertRaises(error) as caught, TrytonSession(connection) as session:
                session.has_written = has_written
                raise ExportNotExecuted('nobody there')
            self.assertIs(type(caught.exception), error)
