"""The part of the contract that is about what goes wrong on the way."""

import socket
from functools import partial

from ...tools.export_contract import (
    APPLY,
    LIST,
    PERIOD,
    ExportError,
    ExportNotExecuted,
    ExportRefused,
    Query,
)
from . import connector_link
from .connector_case import CENT, ConnectorCase

# No call of a connector asks the other side more often.
MOST_REQUESTS = 40
# After some of these the other side has done its work, or half of it.
INTERRUPTIONS = (
    connector_link.LOSE_REQUEST,
    connector_link.LOSE_ANSWER,
    connector_link.CUT_ANSWER,
    connector_link.ERROR_AFTER,
    connector_link.FORBIDDEN_AFTER,
    connector_link.ERROR_BEFORE,
    connector_link.NOT_JSON,
    connector_link.SLOW_ANSWER,
)
NO_ANSWERS = (*INTERRUPTIONS, connector_link.REDIRECT, connector_link.ECHO)


class ConnectorInterruptions(ConnectorCase):
    """Nobody there, nobody let in, no answer, half an answer, the answer of somebody else."""

    def get_dead_address(self):
        if self.dead_address:
            return self.dead_address
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            return f'http://127.0.0.1:{probe.getsockname()[1]}'

    def get_calls(self, connector):
        """Every call that asks the other side, by name."""
        document, day = self.make_document(), self.open_day
        calls = {
            'test': connector.test,
            'find': lambda: connector.find(Query(key=document.key)),
            'read': lambda: connector.read(self.unknown_id),
            'create': lambda: connector.create(document),
        }
        optional = {
            'list': (LIST, lambda: connector.find(Query(date_from=day, date_to=day))),
            'period_open': (PERIOD, lambda: connector.period_open(day)),
            'apply': (APPLY, lambda: connector.apply(self.unknown_id, self.unknown_id, CENT)),
        }
        capabilities = self.connector.capabilities()
        calls |= {name: call for name, (what, call) in optional.items() if what in capabilities}
        return calls

    def test_mp13_nobody_listens_there(self):
        self.need_remote()
        connector = self.make_connector(address=self.get_dead_address())
        for name, call in self.get_calls(connector).items():
            with self.subTest(call=name):
                self.fail_at(call, ExportNotExecuted)

    def test_mp13_a_wrong_key_is_no_word_about_documents(self):
        self.need_remote()
        connector = self.make_connector(secret=self.wrong_secret)
        for name, call in self.get_calls(connector).items():
            with self.subTest(call=name):
                self.fail_at(call, ExportNotExecuted)

    def test_mp13_no_answer_is_never_nothing_found(self):
        self.need_remote()
        for fault in NO_ANSWERS:
            for name in self.get_calls(self.connector):
                with self.subTest(fault=fault, call=name):
                    _link, connector = self.interrupt(fault, 1)
                    expected = ExportError if name == 'test' else Exception
                    error = self.fail_at(self.get_calls(connector)[name], expected)
                    self.assertNotIsInstance(error, ExportRefused)

    def test_mp11_interrupted_at_any_request_a_document_is_made_once(self):
        self.need()
        self.need_remote()
        for fault in (*INTERRUPTIONS, connector_link.DOWN_AFTER):
            with self.subTest(fault=fault):
                self.repeat(self._create_interrupted, fault)

    def test_ts18_interrupted_at_any_request_a_credit_is_applied_once(self):
        self.need(APPLY)
        self.need_remote()
        for fault in (*INTERRUPTIONS, connector_link.DOWN_AFTER):
            with self.subTest(fault=fault):
                self.repeat(self._apply_interrupted, fault)

    def test_mp19_something_half_done_is_found_and_completed(self):
        self.need()
        document = self.make_document()
        self.leave_half_done(document)
        half = self.find_one(document.key)
        self.assertFalse(half.is_complete)
        if LIST in self.connector.capabilities():
            period = Query(date_from=self.open_day, date_to=self.open_day)
            ids = {found.external_id for found in self.connector.find(period)}
            self.assertIn(half.external_id, ids)
        self.create(document)

    def leave_half_done(self, document):
        """Make the half of a document that stays when a connector is interrupted."""
        self.need_remote()
        for at in range(2, MOST_REQUESTS):
            link, connector = self.interrupt(connector_link.LOSE_REQUEST, at)
            try:
                connector.create(document)
            except Exception:  # noqa: BLE001  # that is what is wanted
                found = self.connector.find(Query(key=document.key))
                if found and not found[0].is_complete:
                    return
            if not link.struck:
                self.skipTest('it makes a document in one request')
        self.fail('it asks without end')

    def repeat(self, interrupted, fault):
        """Interrupt each request of a call in turn, the first one first.

        :param interrupted: method that answers whether there was such a request
        """
        first = 2 if fault == connector_link.DOWN_AFTER else 1
        for at in range(first, MOST_REQUESTS):
            if not interrupted(fault, at):
                self.assertTrue(at > 1, 'it asks nobody')
                return
        self.fail('it asks without end')

    def call_interrupted(self, fault, at, call):
        """Call a connector of which one request goes wrong.

        :param call: what to call with the connector
        :return: what it raised, if anything, and whether there was such a request
        """
        link, connector = self.interrupt(fault, at)
        error = None
        try:
            call(connector)
        except Exception as caught:  # noqa: BLE001  # whatever it is, it must be true
            error = caught
            self.look_through(error)
            # The other side did not say so.
            self.assertNotIsInstance(error, ExportRefused)
        link.close()
        return error, bool(link.struck)

    def _create_interrupted(self, fault, at):
        document = self.make_document()
        error, is_struck = self.call_interrupted(fault, at, lambda one: one.create(document))
        if isinstance(error, ExportNotExecuted):
            self.find_none(document.key)
        if not error:
            self.check_is(self.find_one(document.key), document)
        self.create(document)
        return is_struck

    def _apply_interrupted(self, fault, at):
        invoice = self.create(self.make_document())
        credit = self.create(self.make_credit(invoice, self.make_line('40.00')))
        for amount in (credit.total - CENT, credit.total):
            apply = partial(self._apply, credit, invoice, amount)
            error, is_struck = self.call_interrupted(fault, at, apply)
            if isinstance(error, ExportNotExecuted):
                read = self.connector.read(credit.external_id)
                self.assertLess(read.get_applied(invoice.external_id), amount)
            apply(self.connector)
            self.check_applied(credit, invoice, amount)
        return is_struck

    def _apply(self, credit, invoice, amount, connector):
        return connector.apply(credit.external_id, invoice.external_id, amount)

    def check_applied(self, credit, invoice, amount):
        """Both sides say how much of a credit is applied to an invoice."""
        for one, other in ((credit, invoice), (invoice, credit)):
            read = self.connector.read(one.external_id)
            self.assertEqual(read.get_applied(other.external_id), amount)
            self.assertEqual(read.open_amount, one.total - amount)
