from datetime import date
from decimal import Decimal
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ...tools.export_contract import BATCHES, ExportUnclear
from .export_common import ExportCommon

LOST, LOST_BEFORE = (ExportUnclear('lost'), True), (ExportUnclear('lost'), False)
DONE = (None, True)


@tagged('post_install', '-at_install')
class TestExportHardCases(ExportCommon):
    """Rare orders of events, each of which once lost, doubled or mistook a document."""

    # === MEANS === #

    def get_records(self, operation):
        return self.Record.search([('operation', '=', operation)], order='id')

    def get_items(self, *moves):
        """The receivable items of documents."""
        items = self.env['account.move.line'].union(*(move.line_ids for move in moves))
        return items.filtered(lambda item: item.account_type == 'asset_receivable')

    def get_variances(self, record, *states):
        domain = [('record_id', '=', record.id), ('state', 'in', states or ('open', 'closed'))]
        return self.env['credit.export.variance'].sudo().search(domain)

    def make_plain_invoice(self, amount=100, **values):
        return self.make_invoice([(1, amount, self.env['account.tax'])], **values)

    def pay_together(self, invoices):
        """One payment of several invoices."""
        wizard = self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoices.ids
        )
        wizard.create({'payment_date': '2026-01-20', 'group_payment': True})._create_payments()

    def look_first_in_vain(self):
        """The next lookup alone is not answered."""
        calls = []

        def fail_once():
            calls.append(1)
            if len(calls) == 1:
                raise ExportUnclear('no answer')

        return patch.object(self.books, 'on_call', side_effect=fail_once)

    def work_long(self, hours=12):
        for _hour in range(hours):
            self.wait(60)
            self.work()

    def compare(self):
        self.System.env['credit.export.compare.wizard'].create({
            'system_id': self.system.id,
            'date_from': '2026-01-01',
            'date_to': '2026-01-31',
        }).action_compare()
        for _part in range(8):
            self.work()
        return self.system.run_ids[:1]

    def make_drafter(self):
        return new_test_user(
            self.env(su=True),
            login='export_drafter',
            groups='base.group_user,credit_invoice.group_credit_draft_only',
            company_id=self.env.company.id,
        )

    # === THE SAME NUMBER === #

    def test_ts18_parts_of_one_payment_are_never_taken_for_each_other(self):
        self.connect(is_exporting_payments=True)
        self.work()
        for faults in ((LOST, LOST_BEFORE), (LOST, LOST)):
            invoices = self.make_plain_invoice() | self.make_plain_invoice()
            self.work()
            before = self.get_records('payment')
            self.pay_together(invoices)
            records = self.get_records('payment') - before
            self.books.faults = list(faults)
            self.work()
            self.wait(1)
            with self.look_first_in_vain():
                self.work()
            self.work_long(5)
            self.assertEqual(records.mapped('state'), ['sent', 'sent'])
            self.assertEqual(len(set(records.mapped('external_id'))), 2)
            numbers = [self.books.documents[one].number for one in records.mapped('external_id')]
            self.assertEqual(numbers[1], f'{numbers[0]}-2')

    def test_ts18_two_invoices_of_one_number_are_never_taken_for_each_other(self):
        other = self.company_data['default_journal_sale'].sudo().copy({'code': 'OTHER'})
        self.connect()
        one = self.make_invoice()
        two = self.make_invoice(journal_id=other.id, post=False)
        two.sudo().name = one.name
        two.action_post()
        self.books.faults = [LOST, LOST_BEFORE]
        self.work()
        self.wait(1)
        with self.look_first_in_vain():
            self.work()
        self.work_long(5)
        records = self.get_record(one) | self.get_record(two)
        self.assertEqual(records.mapped('state'), ['sent', 'sent'])
        self.assertEqual(len(self.books.documents), 2)

    # === MATCHES === #

    def test_ts18_an_application_taken_off_between_two_amounts_is_shown(self):
        self.connect()
        invoice = self.make_plain_invoice()
        self.work()
        self.pay(invoice, amount=60)
        credit = self.make_credit(invoice, post=True)
        self.work()
        record = self.get_record(credit, 'application')
        partials = invoice.line_ids.matched_credit_ids
        partials.filtered(lambda partial: partial.credit_move_id.move_id != credit).unlink()
        self.get_items(invoice, credit).reconcile()
        self.assertEqual(record.state, 'to_send')
        credit.line_ids.matched_debit_ids.unlink()
        self.work_long()
        self.assertEqual((record.state, record.external_total), ('differs', '40.00 USD'))
        self.assertTrue(self.get_variances(record, 'open'))

    def test_ts18_an_application_that_may_still_arrive_is_not_called_off(self):
        self.connect(quiet_minutes=15)
        invoice = self.make_plain_invoice()
        self.work()
        credit = self.make_credit(invoice, post=True)
        self.books.faults = [DONE, LOST_BEFORE]
        self.work()
        record = self.get_record(credit, 'application')
        credit.line_ids.matched_debit_ids.unlink()
        self.wait(1)
        self.work()
        self.assertEqual(record.state, 'unknown')
        self.wait(60)
        self.work()
        self.assertEqual(record.state, 'cancelled')

    def test_ts18_more_that_is_matched_after_a_lost_application_is_applied(self):
        self.connect()
        invoice = self.make_plain_invoice()
        self.work()
        self.pay(invoice, amount=60)
        credit = self.make_credit(invoice, post=True)
        self.books.faults = [DONE, LOST]
        self.work()
        partials = invoice.line_ids.matched_credit_ids
        partials.filtered(lambda partial: partial.credit_move_id.move_id != credit).unlink()
        self.get_items(invoice, credit).reconcile()
        self.work_long()
        record = self.get_record(credit, 'application')
        self.assertEqual((record.state, record.external_total), ('sent', '100.00 USD'))

    def test_ts18_a_payment_taken_off_and_matched_again_before_it_was_sent_is_sent(self):
        self.connect(is_exporting_payments=True)
        invoice = self.make_invoice()
        self.pay(invoice)
        partial = invoice.line_ids.matched_credit_ids
        items = partial.debit_move_id | partial.credit_move_id
        partial.unlink()
        items.reconcile()
        self.work_long(2)
        self.assertEqual(self.get_records('payment').state, 'sent')

    def test_mp18_a_payment_taken_off_while_it_is_sent_is_shown(self):
        self.connect(is_exporting_payments=True)
        invoice = self.make_invoice()
        self.work()
        self.pay(invoice)
        record = self.get_records('payment')
        record.write({'state': 'sending', 'last_attempt': self.now})
        call, _digest = record._prepare_call(record.system_id._get_connector())
        invoice.line_ids.matched_credit_ids.unlink()
        with patch.object(type(self.System), '_commit', lambda system: None):
            record._conclude(record._call(call))
        self.assertEqual((record.state, record.differences), ('differs', 'total'))

    def test_mp18_what_was_taken_off_while_the_system_was_archived_is_shown(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        credit = self.make_credit(invoice, post=True)
        self.work()
        self.system.active = False
        credit.line_ids.matched_debit_ids.unlink()
        self.system.active = True
        self.work_long(2)
        self.assertEqual(self.get_record(credit, 'application').state, 'differs')

    def test_ts18_a_payment_of_a_draft_is_told_when_that_is_posted(self):
        self.connect(is_exporting_payments=True)
        invoice = self.make_invoice(post=False)
        payment = self.env['account.payment'].create({
            'partner_id': invoice.partner_id.id,
            'amount': invoice.amount_total,
            'date': '2026-01-20',
        })
        payment.action_post()
        items = self.get_items(payment.move_id, invoice)
        items.reconcile()
        self.assertTrue(items.matched_credit_ids)
        self.assertFalse(self.Record.search([]))
        invoice.action_post()
        self.work_long(2)
        self.assertEqual(self.Record.search([]).mapped('state'), ['sent', 'sent'])

    def test_ts18_what_stands_in_one_system_is_not_applied_in_another(self):
        one = self.connect()
        invoice = self.make_invoice()
        self.work()
        two = self.connect(name='Two', date_start='2026-06-01')
        self.assertNotEqual(one, two)
        records = invoice.sudo()._ensure_export_records(is_check=True, systems=two)
        records.filtered(lambda record: record.system_id == two).state = 'sent'
        credit = self.make_credit(invoice, post=True)
        self.assertEqual(self.get_record(credit).system_id, one)

    def test_ts18_a_payment_that_is_more_than_money_is_entered_by_hand(self):
        self.connect(is_exporting_payments=True)
        invoice = self.make_plain_invoice()
        expense = self.company_data['default_account_expense']
        self.pay(
            invoice,
            amount=98,
            payment_difference_handling='reconcile',
            writeoff_account_id=expense.id,
        )
        self.work()
        record = self.get_records('payment')
        self.assertEqual(record.state, 'rejected')
        self.assertIn('more than money', record.last_answer)
        self.assertFalse([one for one in self.books.documents.values() if one.kind == 'payment'])

    # === WHAT IS KNOWN === #

    def test_mp18_a_number_that_fits_no_more_says_nothing_about_what_is_there(self):
        self.connect()
        invoice = self.make_invoice()
        record = self.get_record(invoice)
        self.books.add(record._prepare_document(), date=date(2026, 1, 16))
        self.compare()
        self.assertEqual(record.state, 'differs')
        self.system.number_length = 3
        self.compare()
        self.assertEqual(record.state, 'differs')
        with self.assertRaisesRegex(UserError, 'stands in Books'):
            invoice.button_draft()

    def test_mp13_what_is_known_stays_known_until_an_answer_says_otherwise(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        record = self.get_record(invoice)
        self.books.silent = ExportUnclear('silent')
        record.with_user(self.make_drafter()).action_check()
        self.work_long(2)
        self.assertEqual((record.state, record.is_to_check), ('sent', True))
        self.assertIn('being checked', record.status)
        self.assertFalse(invoice._get_export_refusal())
        self.books.silent = None
        self.books.documents.clear()
        self.work_long(12)
        self.assertEqual((record.state, record.is_to_check), ('missing', False))
        self.assertTrue(invoice._get_export_refusal())

    def test_mp13_what_is_a_draft_is_not_looked_for_and_is_looked_at_again_when_posted(self):
        self.connect()
        invoice = self.make_invoice()
        record = self.get_record(invoice)
        document = record._prepare_document()
        record.state = 'missing'
        invoice.button_draft()
        self.books.add(document, key='')  # somebody enters it there meanwhile
        record.with_user(self.clerk).action_check()
        self.work()
        self.assertEqual(record.state, 'missing')
        invoice.invoice_line_ids[0].price_unit = 1000
        invoice.action_post()
        self.work_long(2)
        self.assertEqual((record.state, record.differences), ('differs', 'total'))

    def test_mp18_what_was_applied_to_something_that_is_gone_is_known_no_more(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        credit = self.make_credit(invoice, post=True)
        self.work()
        record = self.get_record(credit, 'application')
        self.assertEqual(record.state, 'sent')
        self.books.documents.pop(self.get_record(invoice).external_id)
        for export in (self.get_record(invoice), record):
            export._queue_check()
            self.work()
        self.assertEqual(self.get_record(invoice).state, 'missing')
        self.assertEqual(record.state, 'unknown')
        self.assertIn('do not both stand in Books', record.last_answer)

    def test_mp15_what_somebody_else_entered_does_not_end_the_quiet_time(self):
        self.connect(quiet_minutes=15)
        invoice = self.make_invoice()
        record = self.get_record(invoice)
        self.books.faults = [LOST_BEFORE]
        self.work()
        stranger = self.books.add(record._prepare_document(), key='', total=Decimal(1))
        self.wait(1)
        self.work()
        self.assertEqual(record.state, 'differs')
        self.books.documents.pop(stranger.external_id)
        with self.assertRaisesRegex(UserError, 'try again later'):
            record._check_now()
        with self.assertRaises(UserError):
            invoice.button_draft()

    def test_mp21_what_a_cancelled_check_has_begun_is_answered(self):
        invoice = self.make_invoice(invoice_date='2025-12-01')
        self.connect()
        self.books.silent = ExportUnclear('silent')
        self.system.action_check_all()
        self.work()
        self.system.active_run_ids.action_cancel()
        self.books.silent = None
        self.work_long(2)
        self.assertEqual(self.get_record(invoice).state, 'missing')

    def test_mp21_who_waits_does_not_wait_for_a_paused_check(self):
        invoice = self.make_invoice(invoice_date='2025-12-01')
        self.connect()
        self.books.silent = ExportUnclear('silent')
        self.system.action_check_all()
        self.work()
        self.system.active_run_ids.action_pause()
        self.books.silent = None
        self.work_long(2)
        record = self.get_record(invoice)
        self.assertEqual(record.state, 'unknown')
        record.with_user(self.clerk).action_check()
        self.work()
        self.assertEqual(record.state, 'missing')

    def test_mp18_one_document_that_is_not_answered_does_not_stop_a_comparison(self):
        self.connect()
        invoices = self.make_invoice() | self.make_invoice()
        self.get_record(invoices[0])._check_now()
        self.work()
        self.books.documents.clear()

        find = self.books.calls.append

        def answer(call):
            find(call)
            query = call[1] if call[0] == 'find' else None
            if query and query.number == invoices[0].name:
                raise ExportUnclear('not this one')

        self.books.calls = type('Calls', (list,), {'append': lambda _self, call: answer(call)})()
        with self.assertLogs('odoo.addons.credit_invoice', 'WARNING'):
            run = self.compare()
        self.assertEqual((run.state, run.unanswered), ('done', 1))
        self.assertIn('Not answered: 1.', run.summary)
        self.assertEqual(self.get_record(invoices[1]).state, 'missing')

    # === VARIANCES === #

    def test_mp18_a_closed_variance_covers_nothing_else(self):
        self.connect()
        invoice = self.make_invoice()
        record = self.get_record(invoice)
        there = self.books.add(record._prepare_document(), number='X1')
        record._check_now()
        self.get_variances(record)._close('agreed')
        self.books.documents.pop(there.external_id)
        self.books.add(record._prepare_document(), total=Decimal(1))
        record._check_now()
        self.assertTrue(self.get_variances(record, 'open'))

    def test_mp18_another_refusal_is_another_variance(self):
        self.connect()
        record = self.get_record(self.make_invoice())
        for answer in ('No account', 'No account', 'The period is closed'):
            record._write_answer(
                record._complete_vals({'state': 'rejected', 'last_answer': answer})
            )
            self.get_variances(record, 'open')._close('known')
        self.assertEqual(len(self.get_variances(record)), 2)

    def test_mp18_what_was_right_in_between_is_a_variance_anew(self):
        self.connect()
        invoice = self.make_invoice()
        record = self.get_record(invoice)
        record._queue_check()
        for has_document in (False, True, False):
            self.books.documents.clear()
            if has_document:
                self.books.add(record._prepare_document())
            record.write({'state': 'unknown', 'is_check': True, 'next_try': False})
            self.work()
            self.assertEqual(record.state, 'sent' if has_document else 'missing')
            if not self.get_variances(record, 'closed'):
                self.get_variances(record)._close('agreed')
        self.assertEqual(len(self.get_variances(record, 'open')), 1)

    def test_mp18_what_is_called_off_is_no_variance(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        credit = self.make_credit(invoice, post=True)
        record = self.get_record(credit, 'application')
        record._write_answer(record._complete_vals({'state': 'rejected', 'last_answer': 'No'}))
        credit.line_ids.matched_debit_ids.unlink()
        self.assertEqual(record.state, 'cancelled')
        self.assertTrue(self.get_variances(record, 'open').resolved_at)

    def test_mp18_totals_add_up_to_what_the_books_differ_in(self):
        self.connect()
        invoice = self.make_plain_invoice(100)
        self.work()
        credit = self.make_credit(invoice, post=True)
        record = self.get_record(credit, 'credit')
        document = record._prepare_document()
        self.books.add(document, key='', total=Decimal(90))
        record._check_now()
        variance = self.get_variances(record)
        totals = (variance.total_here, variance.total_there, variance.difference)
        self.assertEqual(totals, (-100, -90, -10))

        self.books.add(document, key='')
        record._check_now()
        variance = self.get_variances(record, 'open').filtered(lambda one: one.kind == 'doubled')
        totals = (variance.total_here, variance.total_there, variance.difference)
        self.assertEqual(totals, (-100, -190, 90))

        record.write({'state': 'rejected', 'external_total': '100.00 USD'})
        self.env['credit.export.variance']._note_record(record)
        variance = self.get_variances(record).filtered(lambda one: one.kind == 'missing_there')
        totals = (variance.total_here, variance.total_there, variance.difference)
        self.assertEqual(totals, (-100, 0, -100))
        self.assertEqual(self.system.variance_count, 1)
        self.env['credit.export.variance']._resolve([('record_id', '=', record.id)])
        self.assertEqual(variance.difference, 0)
        self.system.invalidate_recordset()
        self.assertEqual(self.system.variance_count, 0)

    def test_mp13_a_customer_may_be_known_by_its_name(self):
        self.connect(date_start='2026-06-01')
        invoice = self.make_invoice()
        self.partner_a.sudo().vat = 'BE0477472701'
        record = invoice.sudo()._ensure_export_records(is_check=True)
        document = record._prepare_document()
        for customer, state in (
            (self.partner_a.name, 'sent'),
            ('BE0477472701', 'sent'),
            (document.customer.code, 'sent'),
            ('Somebody else', 'differs'),
        ):
            self.books.documents.clear()
            self.books.add(document, key='', customer=customer)
            record.write({'state': 'missing', 'external_id': False})
            record._check_now()
            self.assertEqual(record.state, state, customer)
        self.assertIn(f'{self.partner_a.name} ({document.customer.code})', record.last_answer)

    def test_mp14_an_accepted_difference_is_nothing_to_decide(self):
        self.connect()
        invoice = self.make_invoice()
        record = self.get_record(invoice)
        self.books.add(record._prepare_document(), total=Decimal(1))
        record._check_now()
        self.assertEqual(self.system.problem_count, 1)
        self.clerk.sudo().group_ids += self.env.ref('credit_invoice.group_credit_export_difference')
        record.with_user(self.clerk).sudo(False)._accept_difference('agreed')
        self.system.invalidate_recordset()
        self.assertEqual(self.system.problem_count, 0)
        self.assertIn('accepted', record.status)

    # === RIGHTS AND ROUTES === #

    def test_mp15_linking_afterwards_is_crediting(self):
        self.connect(date_start='2026-06-01')
        invoice = self.make_invoice()
        credit = self.make_free_credit()
        with self.assertRaisesRegex(UserError, 'has not been recorded as exported'):
            credit.reversed_entry_id = invoice

    def test_mp16_a_credit_that_is_linked_after_it_was_told_is_shown(self):
        self.connect()
        invoice = self.make_invoice()
        credit = self.make_free_credit()
        self.work()
        credit.reversed_entry_id = invoice
        self.work()
        record = self.get_record(credit, 'credit')
        self.assertEqual((record.state, record.differences), ('differs', 'origin'))
        self.assertEqual(self.get_variances(record).kind, 'unlinked')

    def make_free_credit(self):
        credit = self.Move.create({
            'move_type': 'out_refund',
            'partner_id': self.partner_a.id,
            'invoice_date': '2026-02-01',
            'invoice_line_ids': [Command.create({'name': 'x', 'price_unit': 10, 'tax_ids': []})],
        })
        credit.action_post()
        return credit

    def test_mp15_whoever_writes_the_state_goes_no_other_way(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        credit = self.make_credit(invoice)
        self.get_record(invoice).state = 'missing'
        with self.assertRaisesRegex(UserError, 'has not been recorded as exported'):
            credit.write({'state': 'posted'})
        self.get_record(invoice).state = 'sent'
        credit.write({'state': 'posted'})
        self.assertEqual(self.get_record(credit, 'credit').state, 'to_send')

    def test_mp11_what_was_told_as_an_invoice_does_not_become_a_credit(self):
        self.connect()
        invoice = self.make_invoice()
        invoice.button_draft()
        with self.assertRaisesRegex(UserError, 'instead of changing its type'):
            invoice.move_type = 'out_refund'

    def test_ts18_what_was_paid_there_is_not_deleted_with_its_invoice(self):
        self.connect(is_exporting_payments=True)
        invoice = self.make_invoice()
        self.pay(invoice)
        self.work()
        self.get_record(invoice).write({'state': 'missing', 'done_at': False})
        invoice.line_ids.remove_move_reconcile()
        invoice.button_draft()
        with self.assertRaisesRegex(UserError, 'Books'):
            invoice.with_context(force_delete=True).unlink()

    def test_mp13_in_files_nothing_is_asked(self):
        self.connect()
        record = self.get_record(self.make_invoice())
        self.books.can = {BATCHES}
        drafter = self.make_drafter()
        for state in ('sent', 'rejected', 'cancelled'):
            record.state = state
            with self.assertRaisesRegex(UserError, 'cannot be asked'):
                record.with_user(drafter).action_check()
            record._queue_check()
            self.assertEqual((record.state, record.is_to_check), (state, False))

    def test_mp14_a_second_click_goes_on(self):
        self.connect()
        invoice = self.make_invoice()
        record = self.get_record(invoice)
        self.books.add(record._prepare_document(), total=Decimal(1))
        self.clerk.sudo().group_ids += self.env.ref('credit_invoice.group_credit_export_difference')
        wizard = self.env['credit.export.check.wizard']
        wizard = wizard.browse(invoice.action_credit_invoice()['res_id'])
        wizard.action_check()
        wizard.reason = 'agreed'
        for _click in range(2):
            action = wizard.action_credit_anyway()
            self.assertEqual(action['res_model'], 'account.move.reversal')

    def test_mp15_a_second_confirmation_goes_on(self):
        self.connect()
        invoice = self.make_invoice()
        self.books.can = {BATCHES}
        self.clerk.sudo().group_ids += self.env.ref('credit_invoice.group_credit_export')
        wizard = self.env['credit.export.check.wizard']
        wizard = wizard.browse(invoice.action_credit_invoice()['res_id'])
        wizard.reason = 'seen'
        for _click in range(2):
            action = wizard.action_confirm_by_hand()
            self.assertEqual(action['res_model'], 'account.move.reversal')

    def test_mp18_whoever_may_only_draft_sees_all_exports(self):
        self.connect(is_exporting_payments=True)
        invoice = self.make_invoice()
        self.pay(invoice)
        self.work()
        drafter = new_test_user(
            self.env(su=True),
            login='export_only',
            groups='base.group_user,credit_invoice.group_credit_export',
            company_id=self.env.company.id,
        )
        rows = self.Record.with_user(drafter).sudo(False).search([]).read(['amount', 'status'])
        self.assertEqual({row['amount'] for row in rows}, {invoice.amount_total})

    # === SETTINGS === #

    def test_mp11_an_archived_journal_is_still_the_only_one(self):
        other = self.company_data['default_journal_sale'].sudo().copy({'code': 'OTHER'})
        self.connect(journal_ids=other.ids)
        other.active = False
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(self.get_record(self.make_invoice()))
        with self.assertRaisesRegex(UserError, 'the only journal that is exported to Books'):
            other.unlink()

    def test_mp11_journals_are_those_of_the_company_and_its_branches(self):
        company = self.env.company.sudo()
        journals = self.env['account.journal']
        for values in ({'name': 'Branch', 'parent_id': company.id}, {'name': 'Stranger'}):
            other = self.env['res.company'].sudo().create(values)
            self.clerk.sudo().company_ids += other
            journals |= journals.sudo().create({
                'name': values['name'],
                'code': values['name'][:4].upper(),
                'type': 'sale',
                'company_id': other.id,
            })
        self.connect(journal_ids=journals[0].ids)
        with self.assertRaisesRegex(ValidationError, 'no journal of'):
            self.system.journal_ids = journals

    def test_mp11_a_group_of_taxes_is_told_as_its_taxes(self):
        self.connect()
        common = {'type_tax_use': 'sale', 'company_id': self.env.company.id}
        Tax = self.env['account.tax'].sudo()
        children = Tax.create([
            {**common, 'name': f'Part {rate}', 'amount': rate} for rate in (5, 9)
        ])
        group = Tax.create({
            **common,
            'name': 'Both',
            'amount_type': 'group',
            'children_tax_ids': [Command.set(children.ids)],
        })
        invoice = self.make_invoice([(1, 100, group)])
        document = self.get_record(invoice)._prepare_document()
        self.assertEqual(document.lines[0].taxes, ('Part 5', 'Part 9'))
        self.assertEqual({tax.code for tax in document.taxes}, {'Part 5', 'Part 9'})

    def test_mp22_an_address_that_is_refused_is_not_repeated(self):
        for address in ('ftp://me:hidden@books.example.com', 'https://me:hidden@books.example.com'):
            with self.assertRaises(ValidationError) as caught:
                self.connect(address=address)
            self.assertNotIn('hidden', str(caught.exception))

    def test_l8_an_address_that_cannot_be_read_is_refused_in_a_sentence(self):
        for address in (
            *('http://[::1', 'http://]', 'https://[x]', 'https://books.example.com:x'),
            *(
                'https://books.example.com:99999',
                'https://\u2100.example.com',
                'https://a b',
                '\x00',
            ),
        ):
            with (
                self.subTest(address),
                self.assertRaises(ValidationError),
                self.cr.savepoint(),
            ):
                self.connect(address=address)
        self.assertTrue(self.connect(address='http://[::1]:8069'))

    def test_ts26_what_is_searched_is_what_is_shown(self):
        one = self.connect()
        first = self.make_invoice()
        self.work()
        two = self.connect(name='Two')
        second, draft = self.make_invoice(), self.make_invoice(post=False)
        states = ('none', 'sent', 'to_send', 'rejected', False)

        def check():
            self.env.flush_all()
            self.env.invalidate_all()
            for move in (first, second, draft):
                found = [
                    state
                    for state in states
                    if move in self.Move.search([('export_state', '=', state)])
                ]
                self.assertEqual(found, [move.export_state], move.name)

        check()
        self.assertEqual((first.export_state, second.export_state), ('none', 'to_send'))
        self.get_record(second).filtered(lambda r: r.system_id == two).state = 'rejected'
        check()
        one.active = False
        check()

    def test_mp19_of_a_selection_what_cannot_be_sent_again_is_left_out_and_named(self):
        self.connect()
        invoices = self.make_invoice() | self.make_invoice()
        self.clerk.sudo().group_ids += self.env.ref('credit_invoice.group_credit_export')
        self.get_record(invoices[0]).state = 'sending'
        message = invoices.action_send_again()['params']['message']
        self.assertIn('1 document is sent again. Left out: 1.', message)
        self.assertIn(f'{invoices[0].name} is being exported', message)
        with self.assertRaisesRegex(UserError, 'wait for the answer'):
            invoices[0].action_send_again()
        with self.assertRaises(AccessError):
            invoices.with_user(self.make_drafter()).action_send_again()
