"""Random histories of documents and what an outside system knows of them, for
`test_export_faults.py`.

A history does a few things with a customer's invoices while requests get lost and workers are
killed. Then the faults end, time goes on, everything is looked up once more, and it is judged: what
stands over there, and what is said of it here.
"""

from decimal import Decimal

from export_judgement import Judgement, is_held_up
from faults import PATIENT_TIMEOUT, QUIET_MINUTES, Faults, Steps, draw
from registries import transaction

from odoo import Command
from odoo.exceptions import UserError
from odoo.tools import float_repr

OPERATIONS = {
    'invoice': 4,
    'old_invoice': 1,
    'credit': 8,
    'settle': 5,
    'unsettle': 1,
    'pay': 2,
    'check': 3,
    'send_again': 3,
    'wait': 4,
    'pay_over_there': 1,
    'change_total': 1,
    'delete_over_there': 1,
    'close_period': 1,
    'open_period': 2,
}
COUNT = (4, 8)
DAY, OLD_DAY, CLOSED_DAY, LONG_CLOSED_DAY = '2026-03-02', '2026-01-10', '2026-03-31', '2025-12-31'
# Rounds of the sweep; far more than the longest chain of documents has links.
ROUNDS = 12


class History:
    """One customer's documents, from a seed.

    :param rig: database, worker, link, books, clock and counts, see `test_export_faults.py`
    """

    def __init__(self, rig, seed):
        self.rig, self.counts, self.steps = rig, rig.counts, Steps()
        self.rng = draw(seed, 'operations')
        self.move_ids, self.touched, self.destroyed = [], set(), set()
        self.is_refusing = False
        self.twice = 0
        # How long something may have been held back on the way, at most.
        self.held_minutes = 0
        self.has_unique_keys = rig.side.start_anew(self.rng)
        rig.link.plan = self.faults = Faults(draw(seed, 'faults'), self.get_hooks(), self.counts)
        rig.link.note = self.note_request
        rig.link.listen()
        with self.env() as env:
            partner = env['res.partner'].create({'name': f'Customer {seed}'})
            self.partner_id, self.customer = partner.id, partner._get_export_code()
            env.cr.commit()

    def env(self):
        return transaction(self.rig.database)

    def note_request(self, text):
        self.steps.note(f'    {text}')
        if 'POST /documents: twice' in text:
            self.twice += 1

    def get_hooks(self):
        hooks = {
            'change_total': self.change_total,
            'close_period': self.close_period,
            'pay_over_there': self.pay_over_there,
        }
        return {
            f'{name} between': hook
            for name, hook in hooks.items()
            if name not in self.rig.side.impossible
        }

    # === THE COURSE === #

    def run(self):
        """Live, sweep, judge."""
        self.faults.is_on = True
        self.rig.clock.timeout = self.rig.side.timeout
        for _operation in range(self.rng.randint(*COUNT)):
            self.operate()
            if self.rng.random() < 0.8:
                self.work()
            if self.rng.random() < 0.5:
                self.rig.link.listen()
        self.sweep()
        self.look_everything_up()
        return self.judge()

    def operate(self):
        """Do something that can be done."""
        first = OPERATIONS if self.move_ids else ('invoice', 'old_invoice')
        possible = [name for name in first if name not in self.rig.side.impossible]
        weights = {name: OPERATIONS[name] for name in possible}
        for name in self.rng.choices(list(weights), weights.values(), k=5):
            self.steps.note(name)
            try:
                done = getattr(self, name)()
            except UserError as error:
                self.steps.note(f'    refused: {error}')
                done = False
            if done is not False:
                self.counts[f'operation {name}'] += 1
                return
            self.steps.note('    there is nothing to do it with')

    def work(self):
        kill_at = self.rng.randint(1, 24) if self.rng.random() < 0.5 else None
        self.rig.worker.run(self.steps, kill_at, twins=2 if self.rng.random() < 0.1 else 1)

    def sweep(self):
        """No more faults; time goes on until nothing is waited for."""
        self.steps.note('sweep')
        self.faults.is_on = False
        self.rig.clock.timeout = PATIENT_TIMEOUT
        self.rig.link.listen()
        self.deliver()
        for _round in range(ROUNDS):
            self.rig.clock.pass_minutes(7 * 60)
            self.rig.worker.run_here(self.steps)
            with self.env() as env:
                if not self.get_records(env).filtered(self.is_unanswered):
                    return

    def is_unanswered(self, record):
        """Whether there is still something to do for the worker."""
        return record.state == 'sending' or (
            record.state in ('to_send', 'unknown') and not is_held_up(record)
        )

    def look_everything_up(self):
        """What a person does who checks all."""
        self.steps.note('check all')
        with self.env() as env:
            self.get_records(env)._queue_check()
            env.cr.commit()
        self.sweep()

    # === OPERATIONS HERE === #

    def make_invoice(self, env, day):
        lines = [
            Command.create({
                'name': 'Work',
                'quantity': self.rng.randint(1, 4),
                'price_unit': self.rng.randint(1, 9999) / 100,
                'discount': self.rng.choice((0, 0, 12.5)),
            })
            for _line in range(self.rng.randint(1, 2))
        ]
        invoice = env['account.move'].create({
            'move_type': 'out_invoice',
            'partner_id': self.partner_id,
            'invoice_date': day,
            'date': day,
            'invoice_line_ids': lines,
        })
        invoice.action_post()
        self.move_ids.append(invoice.id)
        return invoice

    def invoice(self):
        with self.env() as env:
            self.steps.note(f'    {self.make_invoice(env, DAY).name}')
            env.cr.commit()

    def old_invoice(self):
        """An invoice of before the export: it stands there, or not, or with another total."""
        with self.env() as env:
            invoice = self.make_invoice(env, OLD_DAY)
            fate = self.rng.choice(('there', 'there', 'there', 'another total', 'not there'))
            self.steps.note(f'    {invoice.name}: {fate}')
            if fate == 'not there':
                self.touched.add(invoice.id)
            else:
                total = self.get_total(invoice)
                if fate == 'another total':
                    total += Decimal('0.01')
                    self.touched.add(invoice.id)
                self.rig.side.book(invoice, total)
            invoice._ensure_export_records(is_check=True)
            env.cr.commit()

    def credit(self):
        with self.env() as env:
            invoice = self.choose(
                self.get_moves(env).filtered(lambda move: move.move_type == 'out_invoice')
            )
            if not invoice:
                return False
            if refusal := invoice._get_credit_refusal():
                self.steps.note(f'    {invoice.name} refused: {refusal}')
                return False
            credit = invoice._reverse_moves([{'invoice_date': DAY, 'date': DAY}])
            if self.rng.random() < 0.6 and credit.invoice_line_ids[0].quantity > 1:
                line = credit.invoice_line_ids[0]
                (credit.invoice_line_ids - line).unlink()
                line.quantity = 1
            credit.action_post()
            self.steps.note(f'    {credit.name} of {invoice.name}')
            self.move_ids.append(credit.id)
            env.cr.commit()
            return True

    def settle(self):
        """Match a credit with its invoice."""
        with self.env() as env:
            credit = self.choose(
                self.get_moves(env).filtered(
                    lambda move: move.move_type == 'out_refund' and move.amount_residual
                )
            )
            if not credit:
                return False
            items = (credit | credit.reversed_entry_id).line_ids.filtered(
                lambda line: line.account_type == 'asset_receivable' and not line.reconciled
            )
            items.reconcile()
            env.cr.commit()
            return len(items) > 1

    def unsettle(self):
        with self.env() as env:
            partials = self.get_moves(env).line_ids.matched_debit_ids
            partial = self.choose(partials)
            if partial:
                moves = partial.credit_move_id.move_id | partial.debit_move_id.move_id
                self.touched |= set(moves.ids)
                self.steps.note(f'    {" and ".join(moves.mapped("name"))}')
            partial.unlink()
            env.cr.commit()
            return bool(partial)

    def pay(self):
        with self.env() as env:
            invoice = self.choose(
                self.get_moves(env).filtered(
                    lambda move: move.move_type == 'out_invoice' and move.amount_residual
                )
            )
            if not invoice:
                return False
            action = invoice.action_register_payment()
            register = env[action['res_model']].with_context(**action['context'])
            amount = invoice.amount_residual
            amount = round(amount / 2, 2) if self.rng.random() < 0.4 else amount
            register.create({'payment_date': DAY, 'amount': amount})._create_payments()
            env.cr.commit()
            return True

    def check(self):
        with self.env() as env:
            return self.ask(env, '_queue_check')

    def send_again(self):
        with self.env() as env:
            return self.ask(env, 'action_send_again')

    def ask(self, env, method):
        record = self.choose(self.get_records(env))
        if not record:
            return False
        self.steps.note(f'    {method} {record.operation} {record.move_id.name} ({record.state})')
        getattr(record, method)()
        env.cr.commit()
        return True

    def wait(self):
        """Let time go on; what was held back on the way arrives before the quiet time is over."""
        minutes = self.rng.choice((1, 5, QUIET_MINUTES, 60, 7 * 60))
        self.held_minutes += minutes
        if self.rng.random() < 0.3 or self.held_minutes >= QUIET_MINUTES:
            self.deliver()
        self.steps.note(f'    {minutes} minutes')
        self.rig.clock.pass_minutes(minutes)

    def deliver(self):
        self.rig.link.deliver()
        self.held_minutes = 0

    # === WHAT OTHERS DO OVER THERE === #

    def get_documents_there(self):
        return self.rig.side.get_documents(self.customer)

    def act_there(self, name, *kinds):
        """Have somebody do something there with a document that stands there.

        :return: the documents here that are not what they are there any more; none if it cannot be
        """
        documents = [
            one
            for one in self.get_documents_there()
            if one['kind'] in kinds and one['is_complete'] and Decimal(one['open_amount']) > 0
        ]
        if not documents:
            return set()
        document = self.rng.choice(documents)
        try:
            getattr(self.rig.side, name)(document)
        except UserError as error:
            self.steps.note(f'    {document["number"]}: {error}')
            return set()
        self.steps.note(f'    {document["number"]}: {name} over there')
        with self.env() as env:
            moves = self.get_moves(env).filtered(lambda move: move.name == document['number'])
            self.touched |= set(moves.ids)
            return set(moves.ids)

    def pay_over_there(self):
        return bool(self.act_there('pay', 'invoice'))

    def change_total(self):
        return bool(self.act_there('change_total', 'invoice', 'credit'))

    def delete_over_there(self):
        destroyed = self.act_there('destroy', 'invoice', 'credit')
        self.destroyed |= destroyed
        return bool(destroyed)

    def close_period(self):
        self.rig.side.close(CLOSED_DAY)
        self.is_refusing = True
        return True

    def open_period(self):
        self.rig.side.close(LONG_CLOSED_DAY)

    # === MEANS === #

    def choose(self, records):
        return records and records[self.rng.randrange(len(records))]

    def get_moves(self, env):
        return env['account.move'].browse(self.move_ids)

    def get_records(self, env):
        return env['credit.export.record'].search(
            [('partner_id', 'child_of', self.partner_id)], order='id'
        )

    def get_total(self, move):
        return Decimal(float_repr(move.amount_total, 2))

    def judge(self):
        """What is wrong, in the end.

        :return: list of sentences
        """
        with self.env() as env:
            judgement = Judgement(self, env)
            findings = judgement.find()
            self.counts.update(f'end {record.state}' for record in judgement.records)
            # The next history shall not work off what waits for ever in this one.
            judgement.records.filtered(lambda record: record.state == 'to_send')._cancel('Over.')
            env.cr.commit()
        return findings
