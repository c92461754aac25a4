"""Whatever is approved, settled, refunded and undone in whatever order, the ledger adds up.

Random histories of one customer's invoices, credits and money (decisions 9 and 10). What is drawn
and what must hold is in `settlements.py`. On a failure, hypothesis prints the shortest history that
it finds, step by step, and a seed.
"""

import gc
import re
import sys
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from registries import copy_with, load_registry
from settlements import CURRENCIES, PAYMENT_DATES, WAYS, Customer, choices, permilles, set_up

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError

slow_because = 'whole histories of settlements are lived through'

EXAMPLES, LONG_EXAMPLES, STEPS = 8, 2_000, 8

numbers = st.integers(0, 5)


def has(name):
    """There is something that a step needs: a property of `Customer`."""
    return precondition(lambda machine: machine.customer and getattr(machine.customer, name))


class Settlements(RuleBasedStateMachine):
    """Each history is a transaction of its own that is rolled back."""

    database = None
    counts = Counter()

    def __init__(self):
        super().__init__()
        self.customer = None
        self.cursor = load_registry(self.database).cursor()
        self.env = api.Environment(self.cursor, SUPERUSER_ID, {})

    def teardown(self):
        try:
            if self.customer and not sys.exc_info()[0] and self.customer.undo_all():
                self.customer.check()
                self.customer.check_undone()
                self.counts['undone as a whole'] += 1
        finally:
            self.cursor.rollback()
            self.cursor.close()

    @initialize(currency=st.sampled_from(CURRENCIES), way=st.sampled_from(WAYS))
    def start(self, currency, way):
        self.customer = Customer(self.env, currency, way)
        self.counts[f'{way} in {currency}'] += 1

    @has('open_invoices')
    @rule(which=numbers, permille=permilles, day=st.sampled_from(PAYMENT_DATES))
    def pay(self, which, permille, day):
        self.customer.pay(which, permille, day)

    # What is refused, or reset, stays a draft.
    @has('creditable')
    @rule(which=numbers, permille=permilles, choice=choices)
    def credit(self, which, permille, choice):
        credit = self.customer.draft(which, permille)
        self._settle(credit, choice)

    @has('drafts')
    @rule(which=numbers, choice=choices)
    def approve(self, which, choice):
        drafts = self.customer.drafts
        self._settle(drafts[which % len(drafts)], choice)

    @has('open_credits')
    @rule(which=numbers, choice=choices)
    def settle(self, which, choice):
        credits = self.customer.open_credits
        self._settle(credits[which % len(credits)], choice)

    @has('settlements')
    @rule(which=numbers)
    def undo(self, which):
        self._try('undo', 'was paid: undo that', self.customer.undo, which)

    @has('owed_refunds')
    @rule(which=numbers)
    def pay_refund(self, which):
        self._try('pay refund', '^$', self.customer.pay_refund, which)

    @has('posted')
    @rule(which=numbers)
    def reset(self, which):
        self._try('reset', 'was refunded by', self.customer.reset, which)

    @has('drafts')
    @rule(which=numbers)
    def cancel(self, which):
        self.customer.cancel(which)

    @invariant()
    def ledger_adds_up(self):
        if self.customer:
            self.customer.check()

    def _settle(self, credit, choice):
        """Settle a credit; the parts add up to what was open of it."""
        done = self._try(
            choice['settlement'],
            'received and not yet returned',
            self.customer.settle,
            credit,
            choice,
        )
        if done:
            settlement, total = done
            amount = sum(settlement.line_ids.mapped('amount'))
            assert credit.currency_id.compare_amounts(amount, total if settlement else 0.0) == 0

    def _try(self, name, refusal, step, *arguments):
        """Do a step, or see it refused with a sentence and nothing changed."""
        try:
            with self.cursor.savepoint():
                result = step(*arguments)
            self.counts[name] += 1
        except UserError as error:
            self.env.invalidate_all()
            self.counts[f'{name} refused'] += 1
            assert re.search(refusal, str(error)), error
            return None
        return result


@pytest.fixture(scope='module')
def database(fresh_db):
    return copy_with(fresh_db, set_up)


def test_ledger_adds_up_whatever_is_settled_refunded_and_undone(database, request):
    is_long = request.config.getoption('--long')
    Settlements.database = database
    Settlements.counts.clear()
    load_registry(database)
    gc.collect()
    gc.freeze()  # A collector that looks at the host's classes again and again takes its time.
    try:
        run_state_machine_as_test(
            Settlements,
            settings=settings(
                max_examples=LONG_EXAMPLES if is_long else EXAMPLES,
                stateful_step_count=STEPS,
                # The same examples everywhere, so that a build tells of the change it builds; with
                # `--long`, others each time.
                derandomize=not is_long,
                deadline=None,
                database=None,
                print_blob=True,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
            ),
        )
    finally:
        gc.unfreeze()
        print('\n', dict(Settlements.counts))
