from dataclasses import replace
from datetime import date
from decimal import Decimal

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ...models.compare import credit_export_run_check
from ...tools.export_contract import BATCHES, FIND, ExportRefused, ExportUnclear
from ..export.export_common import ExportCommon


@tagged('post_install', '-at_install')
class TestExportVariances(ExportCommon):
    """What both sides have otherwise, and what was posted before the start."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env(su=True),
            login='credit_accountant',
            groups='base.group_user,account.group_account_manager',
            company_id=cls.env.company.id,
        )
        cls.Variance = cls.env['credit.export.variance'].with_user(cls.accountant)

    # === MEANS === #

    def work_all(self, times=8):
        for _time in range(times):
            self.work()

    def compare(self, date_from='2026-01-01', date_to='2026-01-31'):
        """Compare a period, as an accountant does.

        :return: the run
        """
        wizard = self.env['credit.export.compare.wizard'].with_user(self.accountant)
        action = wizard.create({
            'system_id': self.system.id,
            'date_from': date_from,
            'date_to': date_to,
        }).action_compare()
        run = self.env[action['res_model']].with_user(self.accountant).browse(action['res_id'])
        self.work_all()
        return run

    def check_all(self):
        self.system.with_user(self.accountant).action_check_all()
        return self.system.run_ids[0].with_user(self.accountant)

    def put_there(self, invoice, **changes):
        return self.books.add(self._prepare(invoice), **changes)

    def _prepare(self, invoice):
        vals = {'system_id': self.system.id, 'move_id': invoice.id, 'operation': 'invoice'}
        record = self.Record.new({**vals, 'key': self.Record._prepare_key(vals)})
        return invoice.sudo()._prepare_export_document(record)

    def get_open(self):
        """(kind, number) of all open variances."""
        variances = self.Variance.search([('state', '=', 'open'), ('resolved_at', '=', False)])
        return sorted((variance.kind, variance.display_name) for variance in variances)

    # === COMPARED === #

    def test_mp18_two_equal_sides_have_no_variances(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        self.make_credit(invoice, post=True, date='2026-01-20')
        self.work()
        run = self.compare()
        self.assertEqual((run.state, run.compared), ('done', 2))
        self.assertFalse(self.get_open())
        self.assertNotIn('create', [call[0] for call in self.books.calls[-3:]])

    def test_mp18_each_kind_of_variance_is_found_both_ways(self):
        self.connect()
        gone, changed, doubled, equal = (self.make_invoice() for _number in range(4))
        self.work()
        credit = self.make_credit(equal, post=True, date='2026-01-20')
        self.work()
        there = {self.get_record(move).external_id: move for move in gone | changed | doubled}
        for external_id, move in there.items():
            found = self.books.documents[external_id]
            if move == gone:
                del self.books.documents[external_id]
            elif move == changed:
                self.books.documents[external_id] = replace(found, total=Decimal(1))
            else:
                self.books.documents['twin'] = replace(found, external_id='twin', key='')
        linked = self.get_record(credit, 'credit').external_id
        self.books.documents[linked] = replace(self.books.documents[linked], origin_id='')
        self.books.documents['alien'] = replace(
            self.books.documents[linked],
            external_id='alien',
            key='',
            number='X-1',
            total=Decimal(7),
        )
        run = self.compare()
        self.assertEqual(
            self.get_open(),
            sorted([
                ('missing_there', gone.name),
                ('different', changed.name),
                ('doubled', doubled.name),
                ('unlinked', credit.name),
                ('missing_here', 'X-1'),
            ]),
        )
        self.assertIn('Open variances: 5', run.summary)
        self.assertEqual(self.get_record(gone).state, 'missing')
        self.assertEqual(self.get_record(doubled).state, 'sent')
        variance = self.Variance.search([('kind', '=', 'different')])
        self.assertEqual(variance.total_here, changed.amount_total)
        self.assertEqual(variance.total_there, 1)
        self.assertEqual(variance.currency_id.name, 'USD')

    def test_mp18_what_is_there_and_was_not_recorded_becomes_known(self):
        invoice = self.make_invoice()
        self.connect(date_start='2026-06-01')
        self.put_there(invoice, key='')
        self.compare()
        self.assertEqual(self.get_record(invoice).state, 'sent')
        self.assertFalse(self.get_open())
        self.assertEqual(invoice.action_credit_invoice()['res_model'], 'account.move.reversal')

    def test_mp18_another_day_there_is_a_difference_and_not_missing(self):
        invoice = self.make_invoice()
        self.connect(date_start='2026-06-01')
        self.put_there(invoice, date=date(2026, 1, 29))
        self.compare()
        self.assertEqual(self.get_open(), [('different', invoice.name)])
        self.assertIn('date', self.Variance.search([]).detail)

    def test_mp18_what_is_being_sent_is_no_variance(self):
        self.connect()
        self.books.faults = [(ExportUnclear('lost'), False)]
        invoice = self.make_invoice()
        self.work()
        self.assertEqual(self.get_record(invoice).state, 'unknown')
        self.compare()
        self.assertFalse(self.get_open())

    def test_mp18_a_second_comparison_doubles_nothing_and_says_what_is_resolved(self):
        self.connect()
        changed, gone = self.make_invoice(), self.make_invoice()
        self.work()
        external_id = self.get_record(changed).external_id
        whole = self.books.documents[external_id]
        self.books.documents[external_id] = replace(whole, total=Decimal(1))
        lost = self.books.documents.pop(self.get_record(gone).external_id)
        first = self.compare()
        self.assertIn('Open variances: 2, new: 2.', first.summary)
        second = self.compare()
        self.assertEqual(self.Variance.search_count([]), 2)
        self.assertIn('new: 0.', second.summary)
        self.books.documents[external_id] = whole
        third = self.compare()
        self.assertIn('Resolved: 1.', third.summary)
        self.assertEqual(self.get_open(), [('missing_there', gone.name)])
        resolved = self.Variance.search([('kind', '=', 'different')])
        self.assertEqual((resolved.state, resolved.is_resolved), ('open', True))
        self.books.documents[lost.external_id] = lost
        self.compare()
        self.assertFalse(self.get_open())

    def test_mp18_the_next_week_follows_at_once(self):
        self.connect()
        run = self.system._start_run({
            'kind': 'compare',
            'date_from': '2026-01-01',
            'date_to': '2026-01-10',
            'total': 10,
        })
        Trigger = self.env['ir.cron.trigger'].sudo()
        for done in (7, 10):
            Trigger.search([]).unlink()
            self.work()
            run.invalidate_recordset()
            self.assertEqual((run.done, run.state), (done, 'running'))
            self.assertTrue(Trigger.search([]), 'the worker is not awake')
        Trigger.search([]).unlink()
        self.work()
        run.invalidate_recordset()
        self.assertEqual(run.state, 'done')
        self.assertFalse(Trigger.search([]))

    def test_mp18_no_answer_is_tried_again_and_no_variance(self):
        self.connect()
        self.make_invoice()
        self.work()
        self.books.silent = ExportUnclear('The books did not answer.')
        run = self.compare()
        self.assertEqual((run.state, run.last_answer), ('running', 'The books did not answer.'))
        self.assertFalse(self.get_open())
        self.books.silent = None
        self.wait(60)
        self.work_all()
        run.invalidate_recordset()
        self.assertEqual((run.state, run.percentage), ('done', 100))

    def test_mp18_an_accepted_difference_stays_listed_until_it_is_closed(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        record = self.get_record(invoice)
        self.books.documents['1'] = replace(self.books.documents['1'], total=Decimal(1))
        self.compare()
        self.assertEqual(self.get_open(), [('different', invoice.name)])
        record.with_user(self.accountant)._accept_difference('Agreed')
        variance = self.Variance.search([])
        self.compare()
        variance.invalidate_recordset()
        self.assertEqual(self.get_open(), [('different', invoice.name)])
        self.assertEqual((variance.state, variance.status), ('open', 'accepted'))
        self.assertTrue(record._is_known())
        variance._close('Corrected at the end of the year')
        self.compare()
        self.assertFalse(self.get_open())
        self.assertEqual(variance.status, 'closed')

    def test_mp18_a_comparison_without_an_answer_resolves_nothing(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        lost = self.books.documents.pop('1')
        self.compare()
        self.assertEqual(self.get_open(), [('missing_there', invoice.name)])
        # One look-up alone is not answered.
        original = type(self.system._get_connector()).find

        def find_but_not_alone(connector, query):
            if not query.is_period:
                raise ExportUnclear('lost')
            return original(connector, query)

        self.patch(type(self.system._get_connector()), 'find', find_but_not_alone)
        with self.assertLogs('odoo.addons.credit_invoice', 'WARNING'):
            self.compare()
        self.assertEqual(self.get_open(), [('missing_there', invoice.name)])
        self.books.documents['1'] = lost
        self.compare()
        self.assertFalse(self.get_open())

    def test_mp18_what_is_called_off_here_is_not_missing_there(self):
        self.connect()
        self.books.closed_until = date(2026, 12, 31)
        invoice = self.make_invoice()
        self.work()
        self.assertEqual(self.get_open(), [('missing_there', invoice.name)])
        invoice.button_draft()
        invoice.button_cancel()
        self.assertFalse(self.get_open())
        variance = self.Variance.search([])
        figures = (variance.total_here, variance.total_there, variance.difference)
        self.assertEqual((variance.status, figures), ('resolved', (0, 0, 0)))

    def test_mp18_of_what_was_applied_in_part_the_rest_is_missing(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        credit = self.make_credit(invoice, post=True, date='2026-01-20')
        self.work()
        self.work()
        record = self.get_record(credit, 'application')
        self.assertEqual(record.state, 'sent')
        # As if less had been matched, and applied, before; the rest is refused now.
        applied = self.books.documents[self.get_record(credit, 'credit').external_id]
        there = self.get_record(invoice).external_id
        self.books.documents[applied.external_id] = replace(
            applied, applied=((there, Decimal(40)),)
        )
        record.write({'state': 'unknown', 'is_check': False, 'next_try': False})
        self.books.faults = [(ExportRefused('It is paid there.'), False)]
        self.work()
        self.assertEqual(record.state, 'rejected')
        variance = self.Variance.search([('record_id', '=', record.id)])
        self.assertEqual((variance.kind, variance.status), ('different', 'open'))
        self.assertEqual((variance.total_there, variance.total_here), (40, invoice.amount_total))
        self.assertIn('It is paid there', variance.detail)

    def test_mp19_a_look_alike_that_differs_is_not_taken_from_whose_it_is(self):
        self.connect(date_start='2026-06-01')
        first, second = self.make_invoice(), self.make_invoice()
        found = self.put_there(second, key='', number=first.name, total=Decimal(7))
        self.check_all()
        self.work_all()
        self.assertEqual(self.get_record(first).state, 'differs')
        # Over there it gets its right number and total: it is the second, and nothing is made.
        right = self.put_there(second, key='')
        del self.books.documents[right.external_id]
        self.books.documents[found.external_id] = replace(right, external_id=found.external_id)
        self.system.date_start = '2026-01-01'
        record = self.get_record(second)
        record.with_user(self.accountant).action_send_again()
        self.wait(20)
        self.work_all()
        self.assertEqual((record.state, record.external_id), ('sent', found.external_id))
        self.assertNotIn('create', [call[0] for call in self.books.calls])
        self.assertEqual(self.get_record(first).state, 'missing')
        self.assertFalse(self.get_record(first).external_id)

    # === FIGURES === #

    def test_mp18_a_resolved_variance_shows_what_is_there_now(self):
        self.connect()
        changed, gone = self.make_invoice(), self.make_invoice()
        self.work()
        whole = self.books.documents[self.get_record(changed).external_id]
        self.books.documents[whole.external_id] = replace(whole, total=Decimal(1))
        lost = self.books.documents.pop(self.get_record(gone).external_id)
        self.books.add(self._prepare(gone), number='X-1', key='', external_id='9', total=Decimal(7))
        alien = self.books.documents.popitem()[1]
        self.books.documents['9'] = alien
        self.compare()
        self.assertEqual(len(self.get_open()), 3)
        self.books.documents = {whole.external_id: whole, lost.external_id: lost}
        self.compare()
        self.assertFalse(self.get_open())
        variances = self.Variance.search([])
        for variance in variances:
            self.assertEqual(variance.status, 'resolved')
            self.assertEqual(variance.total_here - variance.total_there, variance.difference)
            self.assertEqual(variance.difference, 0)
        totals = {variance.kind: variance.total_there for variance in variances}
        self.assertEqual(
            totals,
            {
                'different': changed.amount_total,
                'missing_there': gone.amount_total,
                'missing_here': 0,
            },
        )
        different = variances.filtered(lambda variance: variance.kind == 'different')
        self.assertEqual(different.detail, 'It is there, and equal.')
        self.assertIn('Its total is 1', different.finding)

    def test_mp18_the_sums_of_a_list_are_that_of_each_other(self):
        self.connect()
        invoices = self.Move.union(*(self.make_invoice() for _number in range(3)))
        self.work()
        gone, changed, foreign = (self.get_record(invoice).external_id for invoice in invoices)
        del self.books.documents[gone]
        documents = self.books.documents
        documents[changed] = replace(documents[changed], total=Decimal(300))
        documents[foreign] = replace(documents[foreign], total=Decimal(50), currency='EUR')
        self.compare()
        here, there, difference = self.Variance._read_group(
            [], [], ['total_here:sum', 'total_there:sum', 'difference:sum']
        )[0]
        self.assertEqual(there, 300)
        self.assertAlmostEqual(here - there, difference)

    def test_mp18_what_was_refused_closes_itself_when_it_is_taken(self):
        self.connect()
        self.books.closed_until = date(2026, 12, 31)
        invoice = self.make_invoice()
        self.work()
        variance = self.Variance.search([])
        self.assertEqual((variance.kind, variance.status), ('missing_there', 'open'))
        self.books.closed_until = None
        self.get_record(invoice).with_user(self.accountant).action_send_again()
        self.work_all(3)
        variance.invalidate_recordset()
        self.assertEqual((variance.status, variance.difference), ('closed', 0))
        self.assertIn('taken', variance.closed_reason)

    def test_mp18_a_number_is_read_back(self):
        invoice = self.make_invoice()
        self.connect(date_start='2026-06-01', number_replacements='INV/ = R\n/ = -')
        there = self.put_there(invoice, key='')
        self.assertTrue(there.number.startswith('R2026-'))
        self.compare()
        self.assertEqual(self.get_record(invoice).external_id, there.external_id)

    def test_mp18_a_draft_here_is_named(self):
        self.connect(date_start='2026-06-01')
        invoice = self.make_invoice()
        document = self._prepare(invoice)
        invoice.button_draft()
        self.books.add(document)
        self.compare()
        self.assertEqual(self.get_open(), [('missing_here', invoice.name)])
        self.assertIn('is not posted in Odoo', self.Variance.search([]).detail)

    # === WHAT PEOPLE DO WITH THEM === #

    def make_variance(self):
        self.connect()
        self.make_invoice()
        self.work()
        self.books.documents['1'] = replace(self.books.documents['1'], total=Decimal(1))
        self.compare()
        return self.Variance.search([])

    def test_mp18_it_is_closed_with_a_reason_and_stays_so(self):
        variance = self.make_variance()
        action = variance.action_close()
        wizard = (
            self
            .env[action['res_model']]
            .with_user(self.accountant)
            .with_context(**action['context'])
            .create({'reason': 'Agreed by telephone'})
        )
        self.assertEqual(wizard.count, 1)
        # What is closed is named, with its difference.
        self.assertEqual(action['name'], 'Close Variance')
        self.assertIn(f'{variance.display_name} will be closed: Different', wizard.explanation)
        self.assertIn('229.05', wizard.explanation)
        self.assertEqual(variance.status, 'open')
        wizard.action_close()
        self.assertEqual(variance.status, 'closed')
        self.assertEqual(
            (variance.state, variance.closed_reason, variance.closed_user_id),
            ('closed', 'Agreed by telephone', self.accountant),
        )
        self.compare()
        self.assertEqual(self.Variance.search_count([]), 1)
        self.books.documents['1'] = replace(self.books.documents['1'], total=Decimal(2))
        self.compare()
        self.assertEqual(self.Variance.search_count([('state', '=', 'open')]), 1)
        with self.assertRaisesRegex(UserError, 'is open already'):
            variance.action_reopen()

    def test_mp18_it_can_be_reopened(self):
        variance = self.make_variance()
        variance._close('By mistake')
        variance.action_reopen()
        self.assertEqual((variance.state, variance.closed_reason), ('open', False))
        with self.assertRaisesRegex(UserError, 'Enter why'):
            variance._close(' ')

    def test_mp18_mp19_what_is_missing_is_sent_again(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        self.books.documents.clear()
        self.compare()
        variance = self.Variance.search([])
        variance.action_send_again()
        self.wait(20)
        self.work_all(2)
        self.assertEqual(self.get_record(invoice).state, 'sent')
        self.assertEqual(len(self.books.documents), 1)
        variance.invalidate_recordset()
        self.assertTrue(variance.is_resolved)
        self.assertEqual((variance.state, variance.status), ('open', 'resolved'))
        self.assertEqual(variance.action_open_document()['res_id'], invoice.id)

    def test_mp18_the_newest_document_stands_first_and_totals_have_their_digits(self):
        self.connect()
        older = self.put_there(self.make_invoice(), number='X/1', key='', total=Decimal('99.5'))
        self.put_there(
            self.make_invoice(), number='X/2', key='', date=date(2026, 1, 20), total=Decimal(7)
        )
        self.compare()
        variances = self.Variance.search([('kind', '=', 'missing_here')])
        self.assertEqual(variances.mapped('display_name'), ['X/2', older.number])
        self.assertEqual(variances.mapped('external_total'), ['7.00 USD', '99.50 USD'])

    def test_mp18_several_are_closed_by_one_button_of_the_list(self):
        self.make_variance()
        self.put_there(self.make_invoice(), number='X/1', key='')
        self.compare()
        variances = self.Variance.search([])
        action = variances.action_close()
        wizard = self.env[action['res_model']].with_user(self.accountant)
        wizard = wizard.with_context(**action['context']).create({'reason': 'Agreed'})
        self.assertEqual(action['name'], 'Close Variances')
        self.assertEqual(wizard.explanation, f'{len(variances)} open variances will be closed.')
        bindings = self.env['ir.actions.actions'].with_user(self.accountant)
        names = {
            action['name']
            for action in bindings.get_bindings('credit.export.variance').get('action', ())
        }
        self.assertEqual(names, {'Reopen'})

    def test_mp18_only_who_manages_exports_may(self):
        variance = self.make_variance()
        as_clerk = variance.with_user(self.clerk)
        for action in ('action_close', 'action_reopen', 'action_send_again'):
            with self.assertRaisesRegex(AccessError, 'manage exports'):
                as_clerk[:1].__getattribute__(action)()
        with self.assertRaises(AccessError):
            as_clerk._close('no')
        with self.assertRaises(AccessError):
            as_clerk.write({'state': 'closed'})
        with self.assertRaises(AccessError):
            self.system.with_user(self.clerk).action_check_all()
        with self.assertRaises(AccessError):
            self.env['credit.export.compare.wizard'].create({'system_id': self.system.id})

    def test_mp18_a_period_must_be_one_and_files_have_no_list(self):
        self.connect()
        with self.assertRaisesRegex(UserError, 'ends after it begins'):
            self.compare('2026-02-01', '2026-01-01')
        self.books.can = {BATCHES}
        with self.assertRaisesRegex(UserError, 'cannot list'):
            self.compare()

    def test_mp18_only_systems_that_can_be_compared_are_offered(self):
        self.connect()
        wizard = self.env['credit.export.compare.wizard'].with_user(self.accountant)
        names = ['system_id', 'comparable_system_ids']
        self.assertEqual(wizard.default_get(names)['system_id'], self.system.id)
        self.books.can = {BATCHES}
        self.env.invalidate_all()
        self.assertFalse(wizard.default_get(names).get('system_id'))
        self.assertFalse(wizard.new().comparable_system_ids)

    # === CHECK ALL === #

    def test_mp21_everything_older_is_looked_for_in_chunks(self):
        self.patch(credit_export_run_check, 'CHUNK', 2)
        older = self.Move.union(*(self.make_invoice() for _number in range(5)))
        self.connect(date_start='2026-06-01')
        for invoice in older[:3]:
            self.put_there(invoice)
        self.put_there(older[3], total=Decimal(1))
        run = self.check_all()
        self.assertEqual((run.total, run.done), (5, 0))
        self.work()
        self.work()
        run.invalidate_recordset()
        self.assertEqual((run.done, run.state), (2, 'running'))
        self.assertEqual(run.percentage, 40)
        self.work_all()
        run.invalidate_recordset()
        self.assertEqual((run.state, run.percentage), ('done', 100))
        states = [self.get_record(invoice).state for invoice in older]
        self.assertEqual(states, ['sent'] * 3 + ['differs', 'missing'])
        for text in ('All 5', 'Exported: 3', 'Differs: 1', 'Not exported: 1'):
            self.assertIn(text, run.summary)
        self.assertIn(run.summary, self.system.message_ids[0].body)
        # What was found can be opened, and so can what was not or differs.
        self.assertEqual((run.record_count, run.problem_count), (5, 2))
        for action, count in ((run.action_open_records(), 5), (run.action_open_problems(), 5)):
            self.assertEqual(self.Record.search_count(action['domain']), count)
        self.assertTrue(run.action_open_problems()['context']['search_default_problems'])
        records = self.Record.search([('run_id', '=', run.id)])
        self.assertEqual(records.user_id, self.accountant)
        self.assertNotIn('create', [call[0] for call in self.books.calls])

    def test_mp21_it_is_paused_and_resumed(self):
        self.patch(credit_export_run_check, 'CHUNK', 2)
        older = self.Move.union(*(self.make_invoice() for _number in range(4)))
        self.connect(date_start='2026-06-01')
        run = self.check_all()
        self.work()
        run.action_pause()
        with self.assertRaisesRegex(UserError, 'reload'):
            run.action_pause()
        calls = len(self.books.calls)
        self.work_all(3)
        self.assertEqual(len(self.books.calls), calls)
        self.assertFalse(self.get_record(older[3]))
        newer = self.make_invoice(invoice_date='2026-06-15')
        self.work()
        self.assertEqual(self.get_record(newer).state, 'sent')
        run.action_resume()
        self.work_all()
        run.invalidate_recordset()
        self.assertEqual((run.state, run.done), ('done', 4))

    def test_mp21_a_clock_estimates_the_rest(self):
        self.patch(credit_export_run_check, 'CHUNK', 1)
        for _number in range(3):
            self.make_invoice()
        self.connect(date_start='2026-06-01')
        run = self.check_all()
        self.assertFalse(run.rest)
        self.work()
        self.work()
        self.wait(10)
        run.invalidate_recordset()
        self.assertEqual((run.done, run.rest), (1, '20 minutes'))

    def test_mp21_silence_keeps_it_running(self):
        invoice = self.make_invoice()
        self.connect(date_start='2026-06-01')
        self.books.silent = ExportUnclear('gone')
        run = self.check_all()
        self.work_all(3)
        self.assertEqual((run.state, run.done), ('running', 0))
        self.assertEqual(self.get_record(invoice).state, 'unknown')
        self.books.silent = None
        self.wait(600)
        self.work_all(3)
        run.invalidate_recordset()
        self.assertEqual(run.state, 'done')

    def test_mp21_it_runs_once_at_a_time_and_needs_a_system_to_ask(self):
        self.connect(date_start='2026-06-01')
        self.make_invoice()
        self.check_all()
        with self.assertRaisesRegex(UserError, 'runs already'):
            self.check_all()
        self.books.can = {BATCHES}
        with self.assertRaisesRegex(UserError, 'cannot be asked'):
            self.check_all()
        self.books.can = {FIND}
        run = self.system.run_ids
        run.with_user(self.accountant).action_cancel()
        self.assertEqual((run.state, bool(run.finished_at)), ('cancelled', True))
        self.assertTrue(self.check_all())

    # === THE QUEUE === #

    def test_mp19_how_long_it_waits_is_said_in_words(self):
        describe = self.env['credit.export.system']._describe_minutes
        for minutes, words in (
            (0.5, 'less than a minute'),
            (1, '1 minute'),
            (61.9, '1 hour 1 minute'),
            (24 * 60 + 5, '1 day'),
            (26 * 60, '1 day 2 hours'),
            (45 * 24 * 60, '45 days'),
        ):
            self.assertEqual(describe(minutes), words)

    def test_mp19_the_administrator_sees_how_long_it_waits(self):
        self.connect()
        self.make_invoice()
        record = self.Record.search([])
        self.env.cr.execute(
            'UPDATE credit_export_record SET create_date = %s WHERE id = %s',
            ('2026-11-22 09:30:00', record.id),
        )
        self.env.invalidate_all()
        self.assertEqual(self.system.waiting_count, 1)
        self.assertEqual(self.system.queue_age, '2 hours 30 minutes')
        self.assertEqual(
            self.system.oldest_waiting, fields.Datetime.to_datetime('2026-11-22 09:30:00')
        )
        self.work()
        self.env.invalidate_all()
        self.assertEqual((self.system.waiting_count, self.system.queue_age), (0, False))
        self.assertEqual(self.system.last_contact, self.now)
