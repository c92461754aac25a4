from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...tools.export_contract import ExportNotExecuted, ExportRefused, ExportUnclear
from .export_common import SECRET, ExportCommon


@tagged('post_install', '-at_install')
class TestExportWork(ExportCommon):
    """The outbox and its worker: nothing lost, nothing doubled, whatever the answer."""

    # === THE OUTBOX === #

    def test_mp17_without_a_system_nothing_is_written_or_asked(self):
        invoice = self.make_invoice()
        self.assertFalse(self.get_record(invoice))
        self.assertFalse(invoice.has_export_system or invoice.export_state)
        self.env.flush_all()
        self.System._has_ever_been_used()  # once in a process
        with self.assertQueryCount(0):
            self.assertFalse(invoice._get_export_systems())
            invoice._queue_exports()
            invoice._check_not_exported()

    def test_mp11_a_posted_invoice_is_queued_and_exported(self):
        self.connect()
        invoice = self.make_invoice()
        self.assertEqual(self.get_record(invoice).state, 'to_send')
        self.assertEqual(invoice.export_state, 'to_send')
        self.work()
        record = self.get_record(invoice)
        self.assertEqual((record.state, record.external_id, record.attempts), ('sent', '1', 1))
        self.assertEqual(self.books.documents['1'].total, Decimal(str(invoice.amount_total)))
        self.assertEqual(invoice.export_state, 'sent')
        states = record.history_ids.sorted('id').mapped('state')
        self.assertEqual(states, ['to_send', 'sending', 'sent'])

    def test_mp19_an_answer_without_a_real_id_is_no_success(self):
        for void in ('', '0', '00000000-0000-0000-0000-000000000000', ' None '):
            with self.subTest(void=void):
                self._answer_without_id(void)

    def _answer_without_id(self, void):
        """R48: the other side says that all is well and names no document; it has made none."""
        if not hasattr(self, 'system'):
            self.connect()
        first, second = self.make_invoice(), self.make_invoice()
        connector = type(self.system._get_connector())
        create = connector.create

        def answer(connector, document):
            connector._begin('create', document)
            return replace(self.put(document), external_id=void)

        self.patch(connector, 'create', answer)
        self.work()
        for invoice in (first, second):
            record = self.get_record(invoice)
            self.assertEqual((record.state, record.external_id), ('unknown', False))
            self.assertIn('without an ID', record.last_answer)
        self.patch(connector, 'create', create)
        made = len(self.books.documents)
        for _turn in range(4):
            self.wait(30)
            self.work()
        self.assertEqual(len(self.books.documents), made + 2)
        for invoice in (first, second):
            self.assertEqual(self.get_record(invoice).state, 'sent')

    def put(self, document):
        """What an answer tells of a document that is not there."""
        found = self.books.add(document)
        return self.books.documents.pop(found.external_id)

    def test_mp19_what_was_made_without_a_real_id_is_found_by_our_key(self):
        self.connect()
        invoice = self.make_invoice()
        connector = type(self.system._get_connector())
        create = connector.create
        self.patch(
            connector,
            'create',
            lambda connector, doc: replace(create(connector, doc), external_id='0'),
        )
        self.work()
        record = self.get_record(invoice)
        self.assertEqual(record.state, 'unknown')
        self.wait(1)
        self.work()
        self.assertEqual((record.state, record.external_id), ('sent', '1'))
        self.assertEqual([call[0] for call in self.books.calls].count('create'), 1)

    def test_mp13_what_is_found_without_a_real_id_is_neither_there_nor_missing(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        self.books.documents['1'] = replace(self.books.documents['1'], external_id='0')
        record = self.get_record(invoice)
        record._queue_check()
        self.work()
        self.assertEqual((record.state, record.external_id), ('sent', '1'))
        self.assertIn('without an ID', record.last_answer)

    def test_mp11_what_is_rolled_back_is_not_queued(self):
        self.connect()
        invoice = self.make_invoice(post=False)

        def post_and_fail():
            invoice.action_post()
            raise ZeroDivisionError

        with self.assertRaises(ZeroDivisionError), self.cr.savepoint():
            post_and_fail()
        self.assertFalse(self.get_record(invoice))

    def test_mp11_older_and_other_documents_are_left_out(self):
        bank = self.company_data['default_journal_sale'].sudo().copy({'code': 'OTHER'})
        self.connect(date_start='2026-02-01', journal_ids=bank.ids)
        self.assertFalse(self.get_record(self.make_invoice()))
        self.assertFalse(self.get_record(self.make_invoice(invoice_date='2026-02-01')))
        older = self.make_invoice(journal_id=bank.id)
        newer = self.make_invoice(journal_id=bank.id, invoice_date='2026-02-01')
        self.assertFalse(self.get_record(older))
        self.assertEqual(self.get_record(newer).state, 'to_send')

    # === THE CHAIN === #

    def test_mp16_ts18_the_credit_follows_its_invoice_and_is_applied(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        credit = self.make_credit(invoice, post=True)
        self.work()
        there = self.books.documents[self.get_record(credit, 'credit').external_id]
        self.assertEqual(there.origin_id, self.get_record(invoice).external_id)
        application = self.get_record(credit, 'application')
        self.assertEqual(application.state, 'sent')
        self.assertEqual(there.get_applied(there.origin_id), Decimal(str(credit.amount_total)))

    def test_ts19_the_credit_is_on_the_accounts_of_the_invoice(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        credit = self.make_credit(invoice, post=True)
        self.work()
        told = {name[1].kind: name[1] for name in self.books.calls if name[0] == 'create'}
        accounts = {kind: [line.account for line in told[kind].lines] for kind in told}
        self.assertEqual(accounts['credit'], accounts['invoice'])
        self.assertEqual(told['credit'].account, told['invoice'].account)
        self.assertEqual(told['credit'].number, credit.name)

    def test_mp16_a_credit_waits_for_its_invoice(self):
        self.connect()
        invoice = self.make_invoice()
        self.books.faults = [(ExportUnclear('lost'), False)]
        self.work()
        credit = self.make_credit_past_the_check(invoice)
        self.work()
        self.assertEqual(self.get_record(credit, 'credit').state, 'to_send')
        self.assertIn(invoice.name, self.get_record(credit, 'credit').last_answer)
        self.wait(60)
        self.work()
        self.assertEqual(self.get_record(credit, 'credit').state, 'sent')
        self.assertEqual(
            [kind.kind for kind in self.books.documents.values()], ['invoice', 'credit']
        )

    def make_credit_past_the_check(self, invoice):
        self.get_record(invoice).write({'accepted_user_id': self.env.uid, 'state': 'sent'})
        credit = self.make_credit(invoice, post=True)
        self.get_record(invoice).write({'state': 'unknown', 'accepted_user_id': False})
        return credit

    def test_mp16_a_match_taken_off_shows_as_a_difference(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        credit = self.make_credit(invoice, post=True)
        self.work()
        partial = credit.line_ids.matched_debit_ids
        partial.unlink()
        self.work()
        application = self.get_record(credit, 'application')
        self.assertEqual(application.state, 'differs')
        self.assertTrue(
            self.env['credit.export.variance'].search([('record_id', '=', application.id)])
        )

    def test_mp16_a_payment_is_exported_where_it_is_asked_for(self):
        self.connect(is_exporting_payments=True)
        invoice = self.make_invoice()
        self.pay(invoice)
        self.work()
        payment = self.Record.search([('operation', '=', 'payment')])
        self.assertEqual((payment.state, payment.target_move_id), ('sent', invoice))
        there = self.books.documents[payment.external_id]
        self.assertEqual(there.total, Decimal(str(invoice.amount_total)))

    # === ANSWERS === #

    def test_mp15_what_is_refused_is_not_sent_again(self):
        self.connect()
        invoice = self.make_invoice()
        self.books.faults = [(ExportRefused('No account 4000.'), False)]
        self.work()
        self.wait(600)
        self.work()
        record = self.get_record(invoice)
        self.assertEqual((record.state, record.attempts), ('rejected', 1))
        self.assertEqual(record.last_answer, 'No account 4000.')

    def test_mp11_what_was_not_executed_is_sent_again_with_growing_pauses(self):
        self.connect()
        invoice = self.make_invoice()
        self.books.faults = [(ExportNotExecuted('down'), False)] * 4
        pauses = []
        for _try in range(4):
            self.work()
            record = self.get_record(invoice)
            self.assertEqual(record.state, 'to_send')
            pauses.append(int((record.next_try - self.now).total_seconds() / 60))
            self.now = record.next_try
        self.assertEqual(pauses, [1, 2, 4, 8])
        self.work()
        self.assertEqual(self.get_record(invoice).state, 'sent')
        self.assertEqual(len(self.books.documents), 1)

    def test_mp13_a_lost_answer_is_found_and_not_sent_again(self):
        self.connect()
        invoice = self.make_invoice()
        self.books.faults = [(ExportUnclear('no answer'), True)]
        self.work()
        record = self.get_record(invoice)
        self.assertEqual(record.state, 'unknown')
        self.assertIn('Waiting for confirmation, next try', record.status)
        self.wait(1)
        self.work()
        self.assertEqual((record.state, record.attempts), ('sent', 1))
        self.assertEqual(len(self.books.documents), 1)

    def test_mp13_a_lost_request_goes_again_after_the_quiet_time_under_the_same_key(self):
        self.connect(quiet_minutes=15)
        invoice = self.make_invoice()
        self.books.faults = [(ExportUnclear('no answer'), False)]
        self.work()
        self.wait(14)
        self.work()
        self.assertEqual(self.get_record(invoice).attempts, 1)
        self.wait(60)
        self.work()
        record = self.get_record(invoice)
        self.assertEqual((record.state, record.attempts), ('sent', 2))
        keys = {call[1].key for call in self.books.calls if call[0] == 'create'}
        self.assertEqual(keys, {record.key})

    def test_mp13_no_answer_to_a_question_changes_nothing(self):
        self.connect()
        invoice = self.make_invoice()
        self.books.faults = [(ExportUnclear('lost'), True)]
        self.work()
        self.books.silent = ZeroDivisionError('whatever')
        with self.assertLogs('odoo.addons.credit_invoice', 'WARNING'):
            for _day in range(3):
                self.wait(24 * 60)
                self.work()
        record = self.get_record(invoice)
        self.assertEqual((record.state, record.attempts), ('unknown', 1))
        self.books.silent = None
        self.wait(24 * 60)
        self.work()
        self.assertEqual(record.state, 'sent')
        self.assertEqual(len(self.books.documents), 1)

    def test_mp13_a_killed_worker_leaves_a_question(self):
        self.connect()
        invoice = self.make_invoice()
        # Not `assertRaises`, which would roll back what the worker has committed.
        with self.killed(), suppress(SystemExit):
            self.work()
        self.assertEqual(self.get_record(invoice).state, 'sending')
        with self.assertRaisesRegex(UserError, 'may stand in Books'):
            invoice.button_draft()
        self.wait(60)
        self.work()
        self.assertEqual(self.get_record(invoice).state, 'sent')
        self.assertEqual(len(self.books.documents), 1)

    def test_mp18_another_total_differs_by_a_cent_even(self):
        self.connect()
        invoice = self.make_invoice()
        self.books.faults = [(ExportUnclear('lost'), True)]
        self.work()
        total = Decimal(str(invoice.amount_total)) + Decimal('0.01')
        [there] = self.books.get(invoice.name)
        self.books.documents[there.external_id] = type(there)(**{**there.__dict__, 'total': total})
        self.wait(5)
        self.work()
        record = self.get_record(invoice)
        self.assertEqual(record.state, 'differs')
        self.assertIn(str(total), record.last_answer)

    def test_mp18_two_of_a_number_are_for_a_person_to_decide(self):
        self.connect()
        invoice = self.make_invoice()
        self.books.faults = [(ExportUnclear('lost'), True)]
        self.work()
        [there] = self.books.get(invoice.name)
        self.books.documents['99'] = type(there)(**{
            **there.__dict__,
            'external_id': '99',
            'key': '',
        })
        self.wait(60)
        self.work()
        self.assertEqual(self.get_record(invoice).state, 'duplicate')
        self.wait(600)
        self.work()
        self.assertEqual(self.get_record(invoice).attempts, 1)

    def test_ts26_sending_again_looks_first(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        with self.assertRaises(AccessError):
            invoice.action_send_again()
        self.clerk.sudo().group_ids += self.env.ref('credit_invoice.group_credit_export')
        invoice.action_send_again()
        self.work()
        self.assertEqual(len(self.books.documents), 1)
        self.books.documents.clear()
        invoice.action_send_again()
        self.wait(60)
        self.work()
        self.assertEqual(len(self.books.documents), 1)
        self.assertEqual(self.get_record(invoice).state, 'sent')

    # === WHAT MAY BE UNDONE === #

    def test_pc02_an_exported_document_is_neither_reset_nor_cancelled(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        for undo in (invoice.button_draft, invoice.button_cancel):
            with self.assertRaisesRegex(UserError, 'stands in Books'), self.cr.savepoint():
                undo()
        self.assertIn('exported', invoice._get_invalidation_refusals())

    def test_pc02_what_was_not_sent_yet_is_taken_off_and_goes_when_it_is_posted_again(self):
        self.connect()
        invoice = self.make_invoice()
        invoice.button_draft()
        self.assertEqual(self.get_record(invoice).state, 'cancelled')
        self.work()
        self.assertFalse(self.books.documents)
        invoice.action_post()
        self.work()
        self.assertEqual(self.get_record(invoice).state, 'sent')

    # === WHAT PEOPLE DO MEANWHILE === #

    def test_mp15_a_document_that_is_no_more_posted_is_not_sent(self):
        self.connect()
        invoice = self.make_invoice()
        record = self.get_record(invoice)
        invoice.button_draft()
        record.write({'state': 'to_send'})
        self.work()
        self.assertEqual(record.state, 'cancelled')
        self.assertFalse(self.books.documents)
        with self.assertRaisesRegex(UserError, 'only what is posted is exported'):
            record._export_now(self.env.user)

    def test_pc02_what_stands_there_is_kept_whatever_is_set_up_meanwhile(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        self.system.number_length = 3
        self.get_record(invoice)._check_now()
        self.assertFalse(self.get_record(invoice)._is_absent())
        self.system.active = False
        with self.assertRaisesRegex(UserError, 'stands in Books'):
            invoice.button_draft()

    def test_ts05_what_stands_there_keeps_its_number(self):
        self.connect()
        invoice = self.make_invoice()
        self.work()
        with self.assertRaisesRegex(UserError, 'stands in Books'):
            invoice.sudo().write({'name': 'INV/2026/99999'})

    def test_mp15_what_was_entered_there_meanwhile_is_not_sent_again(self):
        self.connect()
        invoice = self.make_invoice()
        record = self.get_record(invoice)
        record.write({'state': 'missing'})
        self.books.add(record._prepare_document(), key='')
        invoice.button_draft()
        invoice.action_post()
        self.work()
        self.assertEqual(record.state, 'sent')
        self.assertEqual(len(self.books.documents), 1)

    def test_mp16_a_match_made_during_the_application_is_applied_too(self):
        self.connect()
        invoice = self.make_invoice([(1, 100, self.env['account.tax'])])
        self.work()
        credit = self.make_credit(invoice, post=True)
        amount = Decimal(str(credit.amount_total))
        record = self.get_record(credit, 'application')
        # As if it had been applied in part when the rest was matched.
        record.write({'state': 'sent', 'external_total': '40.00 USD'})
        record._follow_matches()
        self.assertEqual(record.state, 'to_send')
        self.work()
        there = self.books.documents[self.get_record(credit, 'credit').external_id]
        self.assertEqual((record.state, there.get_applied('1')), ('sent', amount))

    def test_mp13_an_answer_that_is_out_of_date_is_dropped(self):
        self.connect()
        invoice = self.make_invoice()
        self.books.faults = [(ExportUnclear('lost'), False)]
        self.work()
        record = self.get_record(invoice)
        self.wait(60)
        seen = record._get_version()
        record.write({'state': 'sent', 'external_id': '77'})
        with patch.object(type(record.system_id), '_commit', lambda system: None):
            record._conclude({'state': 'to_send', 'last_answer': 'not there'}, seen)
        self.assertEqual((record.state, record.external_id), ('sent', '77'))

    def test_mp18_another_difference_is_not_covered_by_an_acceptance(self):
        self.connect()
        record = self.get_record(self.make_invoice())
        record.write({
            'state': 'differs',
            'differences': 'date',
            'external_total': '1 USD',
            'accepted_user_id': self.env.uid,
        })
        vals = record._complete_vals({'state': 'differs', 'differences': 'number,customer'})
        self.assertIs(vals['accepted_user_id'], False)

    def test_mp11_no_credit_is_posted_by_another_route(self):
        self.connect()
        invoice = self.make_invoice()
        credit = self.Move.create({
            'move_type': 'out_refund',
            'partner_id': invoice.partner_id.id,
            'invoice_date': '2026-02-01',
            'reversed_entry_id': invoice.id,
            'invoice_line_ids': [Command.create({'name': 'x', 'price_unit': 1})],
        })
        with self.assertRaisesRegex(UserError, 'has not been recorded as exported'):
            credit.action_post()

    def test_mp11_a_silent_system_is_left_alone_until_the_next_run(self):
        self.connect()
        for _number in range(6):
            self.make_invoice()
        self.books.faults = [(ExportNotExecuted('down'), False)] * 6
        self.work()
        self.assertEqual(len(self.books.calls), 3)

    # === AMOUNTS === #

    def test_mp16_rounding_of_a_tax_is_told_once(self):
        self.connect()
        rounding = (
            self
            .env['account.cash.rounding']
            .sudo()
            .create({
                'name': '0.05',
                'rounding': 0.05,
                'strategy': 'biggest_tax',
                'rounding_method': 'HALF-UP',
            })
        )
        invoice = self.make_invoice([(1, 99.99)], invoice_cash_rounding_id=rounding.id)
        document = self.get_record(invoice)._prepare_document()
        self.assertEqual(
            sum(line.amount for line in document.lines) + sum(tax.amount for tax in document.taxes),
            document.total,
        )

    def test_mp16_the_price_comes_to_the_amount_of_any_quantity(self):
        self.connect()
        self.env.ref('product.decimal_price').sudo().digits = 7
        invoice = self.make_invoice([(100000, 0.0123456)])
        [line] = self.get_record(invoice)._prepare_document().lines
        self.assertEqual(round(line.price * line.quantity, 2), line.amount)

    def test_mp22_a_key_leaves_by_no_path_of_an_export(self):
        self.connect()
        self.make_invoice()
        admin = self.env.ref('base.user_admin').sudo()
        admin.company_ids += self.env.company
        for model, path in (
            ('credit.export.system', 'secret'),
            ('credit.export.record', 'system_id/secret'),
            ('credit.export.system', 'mapping_ids/system_id/secret'),
        ):
            records = self.env[model].with_user(admin).sudo().search([])
            if path.startswith('mapping'):
                records.mapping_ids.create({
                    'system_id': records[:1].id,
                    'tax_id': self.tax_a.id,
                    'code': 'T',
                })
            with self.assertRaises(AccessError):
                records.export_data([path])

    # === SECRETS === #

    def test_mp22_no_credential_stays_in_an_answer(self):
        self.connect()
        invoice = self.make_invoice()
        self.books.faults = [(ExportUnclear(f'key {SECRET} is wrong'), False)]
        self.work()
        record = self.get_record(invoice)
        texts = [record.last_answer, record._get_support_details(), self.system.last_answer]
        texts += record.history_ids.mapped('answer')
        for text in texts:
            self.assertNotIn(SECRET, text or '')

    def test_mp22_an_unexpected_error_is_logged_without_the_credential(self):
        self.connect()
        self.make_invoice()
        self.books.faults = [(ZeroDivisionError(f'{SECRET}'), False)]
        with self.assertLogs('odoo.addons.credit_invoice', 'WARNING') as logs:
            self.work()
        self.assertNotIn(SECRET, ''.join(logs.output))
        self.assertNotIn(SECRET, repr(self.system._prepare_connection()))
