"""What every connector must pass, unchanged: `credit_invoice/tools/export_contract.py` as tests.

`ConnectorContract` is mixed into a `unittest.TestCase` that gives `make_connector` and, where the
defaults do not fit, the other values at the top of `ConnectorCase`. The other side is the real
one, never a fake; its faults are made by a line in between (`connector_link.py`). Nothing here
needs a database.
"""

import random
from dataclasses import replace
from decimal import Decimal
from functools import partial

from ...tools.export_contract import (
    APPLY,
    BATCHES,
    CREDIT,
    FIND,
    INVOICE,
    LIST,
    PAYMENTS,
    PERIOD,
    ExportRefused,
    Query,
    is_real_id,
)
from .connector_case import CENT
from .connector_interruptions import ConnectorInterruptions


class ConnectorContract(ConnectorInterruptions):
    """All tests of one connector."""

    # === TEST AND FIND === #

    def test_mp11_it_says_what_it_can(self):
        capabilities = self.connector.capabilities()
        self.assertLessEqual(capabilities, {FIND, LIST, APPLY, PAYMENTS, PERIOD, BATCHES})
        self.assertEqual(capabilities, self.make_connector().capabilities())

    def test_mp11_it_answers_who_it_is_and_which_codes_it_knows(self):
        result = self.connector.test((self.account, self.receivable), (self.tax,))
        self.assertTrue(result.description)
        self.assertEqual((result.unknown_accounts, result.unknown_taxes), ((), ()))

    def test_mp11_codes_that_are_unknown_over_there_are_named(self):
        self.need_remote()
        accounts = (self.account, self.unknown_account)
        result = self.connector.test(accounts, (self.unknown_tax, self.tax))
        self.assertEqual(result.unknown_accounts, (self.unknown_account,))
        self.assertEqual(result.unknown_taxes, (self.unknown_tax,))

    def test_mp13_nothing_found_is_an_empty_list(self):
        self.need()
        document = self.make_document()
        for values in ({'key': document.key}, {'external_id': self.unknown_id}):
            self.assertEqual(self.connector.find(Query(**values)), [])
        self.assertEqual(self.connector.find(Query(number=document.number, kind=INVOICE)), [])
        self.assertIsNone(self.connector.read(self.unknown_id))

    def test_mp13_a_document_is_found_by_each_of_its_names(self):
        self.need()
        document = self.make_document()
        made = self.create(document)
        names = {'number': document.number, 'kind': INVOICE}
        for values in (
            {'key': document.key},
            {'external_id': made.external_id},
            names,
            {**names, 'customer': document.customer.code},
            {'key': 'another', **names},
            {'key': document.key, 'external_id': made.external_id, **names},
        ):
            found = self.connector.find(Query(**values))
            self.assertEqual([one.external_id for one in found], [made.external_id], values)
            self.check_is(found[0], document)
        self.check_is(self.connector.read(made.external_id), document)

    def test_mp13_a_number_is_found_with_its_kind_only_and_as_a_whole(self):
        self.need()
        document = self.make_document()
        self.create(document)
        self.assertEqual(self.connector.find(Query(number=document.number, kind=CREDIT)), [])
        self.assertEqual(self.connector.find(Query(number=document.number[:-1], kind=INVOICE)), [])
        self.find_none(document.key[:-1])
        self.find_none('%')

    def test_mp18_a_period_lists_what_was_made_in_it(self):
        self.need(LIST)
        invoice = self.create(self.make_document())
        credit = self.create(self.make_credit(invoice))
        later = self.create(self.make_document(date=self.other_day))
        for kind, day, expected in (
            ('', self.open_day, {invoice.external_id, credit.external_id}),
            (CREDIT, self.open_day, {credit.external_id}),
            ('', self.other_day, {later.external_id}),
        ):
            found = self.connector.find(Query(kind=kind, date_from=day, date_to=day))
            ids = [one.external_id for one in found]
            self.assertEqual(len(ids), len(set(ids)))
            made = {invoice.external_id, credit.external_id, later.external_id}
            self.assertEqual(made & set(ids), expected)

    # === CREATE === #

    def test_mp11_a_document_arrives_as_it_is(self):
        made = self.create(self.make_document())
        self.assertTrue(is_real_id(made.external_id), f'{made.external_id!r} names no document')
        if made.open_amount is not None:
            self.assertEqual(made.open_amount, made.total)

    def test_mp11_several_lines_accounts_and_no_tax(self):
        lines = (
            self.make_line('99.99', 3, '33.33'),
            self.make_line('-12.34', name='Deduction'),
            self.make_line('20.00', '0.5', taxes=(), account=self.other_account),
        )
        self.create(self.make_document(INVOICE, *lines))

    def test_mp11_an_amount_that_its_price_does_not_give(self):
        """Three for 100: no price gives it."""
        self.create(self.make_document(INVOICE, self.make_line('100.00', 3, '33.33')))

    def test_mp11_tax_is_what_it_was_here_however_it_was_rounded(self):
        amounts = ('0.07', '0.07', '0.07', '33.35', '12.02')
        lines = tuple(map(self.make_line, amounts))
        whole = self.make_document(INVOICE, *lines).tax
        for tax_amount in (whole, whole - CENT, whole + 2 * CENT):
            with self.subTest(tax_amount=tax_amount):
                self.create(self.make_document(INVOICE, *lines, tax_amount=tax_amount))

    def test_mp11_many_random_amounts_arrive_to_the_cent(self):
        rng = random.Random(5)
        for _document in range(5):
            lines = [
                self.make_line(Decimal(rng.randint(1, 10**6)) / 100, rng.randint(1, 7))
                for _line in range(rng.randint(1, 4))
            ]
            self.create(self.make_document(INVOICE, *lines))

    def test_mp11_a_document_is_not_changed_and_its_digest_is_stable(self):
        document = self.make_document()
        digest = document.digest
        self.connector.create(document)
        again = replace(document, total=document.total * Decimal('1.000'))
        self.assertEqual((document.digest, again.digest), (digest, digest))
        self.assertNotEqual(replace(document, total=document.total + CENT).digest, digest)

    def test_mp16_a_credit_refers_to_its_invoice(self):
        self.need()
        invoice = self.create(self.make_document())
        credit = self.create(self.make_credit(invoice, self.make_line('40.00')))
        read = self.connector.read(credit.external_id)
        self.assertEqual((read.kind, read.origin_id), (CREDIT, invoice.external_id))

    def test_mp19_sent_again_nothing_is_made(self):
        self.need()
        document = self.make_document()
        made = self.create(document)
        for connector in (self.connector, self.make_connector()):
            again = connector.create(document)
            self.assertEqual(again.external_id, made.external_id)
            self.check_is(again, document)
        self.find_one(document.key)

    def test_mp19_another_key_is_another_document(self):
        self.need()
        made = {self.create(self.make_document()).external_id for _document in range(2)}
        self.assertEqual(len(made), 2)

    def test_mp11_refused_for_its_content_nothing_is_left(self):
        self.need()
        for line in (
            self.make_line('100.00', account=self.unknown_account),
            self.make_line('100.00', taxes=(self.unknown_tax,)),
        ):
            with self.subTest(line=line):
                document = self.make_document(INVOICE, self.make_line('5.00'), line)
                error = self.fail_at(partial(self.connector.create, document), ExportRefused)
                self.assertTrue(str(error))
                self.find_none(document.key)
                right = self.make_document(number=document.number, key=document.key)
                self.create(right)

    def test_mp11_payments(self):
        self.need(PAYMENTS)
        invoice = self.create(self.make_document())
        document = self.make_payment(invoice, '21.00')
        payment = self.create(document)
        self.assertEqual(self.connector.create(document).external_id, payment.external_id)
        open_amount = self.connector.read(invoice.external_id).open_amount
        self.assertEqual(open_amount, invoice.total - 21)

    # === APPLY === #

    def test_ts18_applied_in_part_again_and_the_rest(self):
        self.need(APPLY)
        invoice = self.create(self.make_document())
        credit = self.create(self.make_credit(invoice, self.make_line('40.00')))
        self.check_applied(credit, invoice, 0)
        for amount in (Decimal('20.01'), Decimal('20.01'), credit.total, credit.total):
            answer = self.connector.apply(credit.external_id, invoice.external_id, amount)
            self.assertEqual(answer.external_id, credit.external_id)
            self.assertEqual(answer.get_applied(invoice.external_id), amount)
            self.check_applied(credit, invoice, amount)

    def test_ts18_applied_to_two_invoices(self):
        self.need(APPLY)
        invoices = [self.create(self.make_document()) for _invoice in range(2)]
        credit = self.create(self.make_credit(invoices[0]))
        for invoice, amount in zip(invoices, ('70.50', '50.50'), strict=True):
            self.connector.apply(credit.external_id, invoice.external_id, Decimal(amount))
        read = self.connector.read(credit.external_id)
        self.assertEqual(read.open_amount, 0)
        self.assertEqual(read.get_applied(invoices[0].external_id), Decimal('70.50'))
        self.assertEqual(read.get_applied(invoices[1].external_id), Decimal('50.50'))

    def test_ts18_more_than_there_is_cannot_be_applied(self):
        self.need(APPLY)
        invoice = self.create(self.make_document(INVOICE, self.make_line('10.00')))
        credit = self.create(self.make_credit(invoice, self.make_line('50.00')))
        apply = partial(self.connector.apply, credit.external_id, invoice.external_id)
        self.fail_at(partial(apply, Decimal('50.00')))
        read = self.connector.read(credit.external_id)
        self.assertIn(read.get_applied(invoice.external_id), (0, invoice.total))

    def test_ts18_what_is_not_there_cannot_be_applied(self):
        self.need(APPLY)
        invoice = self.create(self.make_document())
        apply = partial(self.connector.apply, self.unknown_id, invoice.external_id, Decimal(1))
        self.fail_at(apply, ExportRefused)

    # === PERIODS === #

    def test_ts17_a_closed_period_is_told_and_takes_nothing(self):
        self.need(PERIOD)
        self.assertEqual(self.connector.period_open(self.open_day), self.open_day)
        first = self.close_period(self.closed_day)
        self.assertEqual(self.connector.period_open(self.closed_day), first)
        self.assertEqual(self.connector.period_open(first), first)
        document = self.make_document(date=self.closed_day)
        self.fail_at(partial(self.connector.create, document), ExportRefused)
        self.find_none(document.key)
