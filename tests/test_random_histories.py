"""To the cent: whatever is credited in whatever order, the credits add up to their invoice.

Random invoices live through random histories of credits (decisions 4 to 7). What is drawn and what
must hold is in `histories.py`. On a failure, hypothesis prints the shortest history that it finds,
step by step, and a seed.
"""

import gc
import re
import sys
from collections import Counter

import pytest
from histories import History, invoices, parts, set_up
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

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError

slow_because = 'whole histories of credits are lived through'

EXAMPLES, LONG_EXAMPLES, STEPS = 60, 10_000, 6

# What no longer fits, a credit of a line with a negative price alone, and one without lines.
REFUSALS = "can still be credited|negative total|can't post nothing"
# An amount of nothing, and one for lines that come to nothing.
UNSPLITTABLE = 'type a quantity or an amount|add up to nothing'

numbers = st.integers(0, 5)
fields = st.sampled_from(('quantity', 'quantity', 'price_unit', 'discount', 'delete'))


def has_drafts(machine):
    return bool(machine.history and machine.history.drafts)


def has_posted(machine):
    return bool(machine.history and machine.history.posted)


class Histories(RuleBasedStateMachine):
    """Each history is a transaction of its own that is rolled back."""

    database = None
    counts = Counter()

    def __init__(self):
        super().__init__()
        self.history = None
        self.cursor = load_registry(self.database).cursor()
        self.env = api.Environment(self.cursor, SUPERUSER_ID, {})

    def teardown(self):
        try:
            if self.history and not sys.exc_info()[0]:
                self.close()
        finally:
            self.cursor.rollback()
            self.cursor.close()

    @initialize(drawn=invoices())
    def invoice(self, drawn):
        self.history = History(self.env, drawn)
        self.counts['histories'] += 1

    @rule(drawn=parts)
    def draft(self, drawn):
        self.history.draft(drawn)

    @rule()
    def draft_rest(self):
        if not self.history.invoice._is_fully_credited():
            self.history.draft()

    @precondition(lambda machine: machine.history and not machine.history.credits)
    @rule(number=st.integers(2, 4))
    def draft_shares(self, number):
        self.history.draft_shares(number)

    @precondition(lambda machine: machine.history and not machine.history.credits)
    @rule(number=st.integers(2, 4))
    def draft_amounts(self, number):
        try:
            with self.cursor.savepoint():
                self.history.draft_amounts(number)
            self.counts['amounts'] += 1
        except UserError as error:
            self.env.invalidate_all()
            assert re.search(UNSPLITTABLE, str(error)), error

    # The heart of the matter: two rules are drawn twice as often.
    @rule(drawn=parts)
    def credit_a_part(self, drawn):
        self._post(self.history.draft(drawn))

    @rule(drawn=parts)
    def credit_another_part(self, drawn):
        self._post(self.history.draft(drawn))

    @precondition(has_drafts)
    @rule(which=numbers, place=numbers, name=fields, permille=st.integers(0, 1500))
    def edit(self, which, place, name, permille):
        self.history.edit(which, place, name, permille)

    @precondition(has_drafts)
    @rule(which=numbers)
    def post(self, which):
        self._post(self.history.drafts[which % len(self.history.drafts)])

    @precondition(has_drafts)
    @rule()
    def post_together(self):
        self._post(self.history.drafts)

    @precondition(has_drafts)
    @rule(which=numbers)
    def discard(self, which):
        self.history.discard(which)

    @precondition(has_posted)
    @rule(which=numbers)
    def reset(self, which):
        self.history.reset(which)

    @rule(rate=st.sampled_from((0.5, 1.7)))
    def move_rate(self, rate):
        currency = self.history.invoice.currency_id.with_env(self.env)
        if currency != self.env.company.currency_id:
            currency.rate_ids.rate = rate

    @rule(amount=st.sampled_from((3, 25)))
    def change_taxes(self, amount):
        taxes = self.history.invoice.invoice_line_ids.tax_ids.with_env(self.env)
        taxes.filtered(lambda tax: tax.amount_type == 'percent').amount = amount

    @rule()
    def change_rounding(self):
        company = self.env.company
        is_global = company.tax_calculation_rounding_method == 'round_globally'
        company.tax_calculation_rounding_method = (
            'round_per_line' if is_global else 'round_globally'
        )

    @invariant()
    def nothing_is_beyond(self):
        if self.history:
            self.history.check()

    def _post(self, credits):
        """Post credits, or see them refused with a sentence and nothing changed."""
        if not credits:
            return
        try:
            with self.cursor.savepoint():
                credits.action_post()
            self.counts['posted'] += 1
        except UserError as error:
            self.env.invalidate_all()
            self.counts['refused'] += 1
            assert set(credits.mapped('state')) == {'draft'}
            assert re.search(REFUSALS, str(error)), error

    def close(self):
        """Credit the rest."""
        if not self.history.invoice._is_fully_credited():
            rest = self.history.draft()
            self._post(rest)
            self.history.check()
            if rest.amount_total < 0:
                # What is left are deductions alone: that is no credit, but an invoice.
                assert rest.state == 'draft'
                return
            assert rest.state == 'posted'
        self.history.check_closed()


@pytest.fixture(scope='module')
def database(fresh_db):
    return copy_with(fresh_db, set_up)


def run(database, examples):
    Histories.database = database
    Histories.counts.clear()
    load_registry(database)
    gc.collect()
    gc.freeze()  # A collector that looks at the host's classes again and again takes its time.
    try:
        run_state_machine_as_test(
            Histories,
            settings=settings(
                max_examples=examples,
                stateful_step_count=STEPS,
                # The same examples for the same code, so that a build tells of the change it
                # builds (hypothesis draws from the constants of our code, too, so a change may
                # bring others); with `--long`, others each time.
                derandomize=examples == EXAMPLES,
                deadline=None,
                database=None,
                print_blob=True,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate, Phase.shrink],
            ),
        )
    finally:
        gc.unfreeze()
        print('\n', dict(Histories.counts))


def test_to_the_cent_credits_add_up_to_their_invoice(database, request):
    run(database, LONG_EXAMPLES if request.config.getoption('--long') else EXAMPLES)
