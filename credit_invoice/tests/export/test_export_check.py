from dataclasses import replace
from datetime import date
from decimal import Decimal

from lxml import etree, html

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ...tools.export_contract import BATCHES, ExportRefused, ExportUnclear
from .export_common import SECRET, ExportCommon


@tagged('post_install', '-at_install')
class TestExportCheck(ExportCommon):
    """*Credit this Invoice* on an invoice that is not known over there."""

    def setUp(self):
        super().setUp()
        # Posted before the books were connected.
        self.invoice = self.make_invoice()
        self.connect(date_start='2026-06-01')

    # === MEANS === #

    def open_check(self, invoice=None, user=None):
        """The window of mp12."""
        action = (invoice or self.invoice).with_user(user or self.clerk).action_credit_invoice()
        self.assertEqual(action['res_model'], 'credit.export.check.wizard')
        wizard = self.env[action['res_model']].with_user(user or self.clerk)
        return wizard.browse(action['res_id'])

    def put_there(self, invoice=None, **changes):
        """The invoice stands over there, though nobody recorded it here."""
        invoice = invoice or self.invoice
        record = self.Record.new({
            'system_id': self.system.id,
            'move_id': invoice.id,
            'operation': 'invoice',
            'key': '',
        })
        return self.books.add(invoice.sudo()._prepare_export_document(record), **changes)

    def get_text(self, markup):
        return html.fromstring(markup).text_content()

    def make_accountant(self):
        return new_test_user(
            self.env(su=True),
            login='credit_accountant',
            groups='base.group_user,account.group_account_manager',
            company_id=self.env.company.id,
        )

    def assertGoesOn(self, action):
        """The dialog of mp03 opens."""
        self.assertEqual(action['res_model'], 'account.move.reversal')
        self.assertEqual(action['context']['active_ids'], self.invoice.ids)

    def assertBlocked(self, wizard, stage):
        self.assertEqual(wizard.stage, stage)
        with self.assertRaisesRegex(UserError, 'has not been recorded as exported to Books'):
            self.invoice._check_can_be_credited()

    # === BLOCKED === #

    def test_mp12_the_window_names_invoice_and_system(self):
        action = self.invoice.action_credit_invoice()
        self.assertEqual(action['name'], 'Invoice Not Exported')
        wizard = self.open_check()
        self.assertEqual(
            (wizard.move_id, wizard.system_id.id, wizard.stage),
            (self.invoice, self.system.id, 'ask'),
        )
        self.assertBlocked(wizard, 'ask')
        self.assertFalse(self.books.calls)
        arch = wizard.get_view(view_type='form')['arch']
        self.assertIn(
            'This invoice has not been recorded as exported. This can be because it was exported '
            'before this recording function was added. Click OK below to check this invoice and '
            'update its record. If the total shows as exported, you can then create the credit.',
            arch,
        )

    def test_mp12_what_cannot_be_credited_anyway_says_so_first(self):
        draft = self.make_invoice(post=False)
        with self.assertRaisesRegex(UserError, 'still a draft'):
            draft.action_credit_invoice()

    def test_mp12_a_list_names_those_that_are_not_known(self):
        other = self.make_invoice()
        self.put_there(other)
        self.open_check(other).action_check()
        dialog = self.open_dialog(self.invoice | other)
        self.assertEqual(dialog.move_ids, other)
        self.assertIn(self.invoice.name, dialog.refused_html)
        self.assertIn('has not been recorded as exported to Books', dialog.refused_html)

    # === FOUND === #

    def test_mp13_mp14_mp14b_found_and_equal_goes_on_by_itself(self):
        there = self.put_there(key='')
        action = self.open_check().action_check()
        self.assertGoesOn(action)
        record = self.get_record(self.invoice)
        self.assertEqual((record.state, record.external_id), ('sent', there.external_id))
        self.assertTrue(record.is_check)
        self.assertEqual([call[0] for call in self.books.calls], ['find'])
        credit = self.make_credit(self.invoice, post=True, date='2026-06-15')
        self.assertEqual(self.get_record(credit, 'credit').state, 'to_send')

    def test_mp13_somebody_who_waits_waits_ten_seconds(self):
        timeouts, get_connector = [], self.registry['credit.export.system']._get_connector
        self.patch(
            self.registry['credit.export.system'],
            '_get_connector',
            lambda system, timeout=None: timeouts.append(timeout) or get_connector(system, timeout),
        )
        self.open_check().action_check()
        self.assertIn(10, timeouts)

    def test_mp14_one_different_by_a_cent_is_blocked_and_shown_side_by_side(self):
        self.put_there(total=Decimal(str(self.invoice.amount_total)) + Decimal('0.01'))
        wizard = self.open_check()
        self.assertEqual(wizard.action_check()['res_id'], wizard.id)
        self.assertBlocked(wizard, 'differs')
        for amount in ('$\xa0230.05', '$\xa0230.06', '$\xa0-0.01'):
            self.assertIn(amount, self.get_text(wizard.comparison_html))
        # The row says it all; who lacks the right is told whom to ask.
        self.assertNotIn('Its total is', wizard.comparison_html)
        self.assertIn('with the right Credit despite a difference', wizard.message)

    def test_mp14_all_that_can_be_compared_stands_side_by_side(self):
        self.put_there(key='', date=date(2026, 1, 16), customer='Somebody else')
        wizard = self.open_check()
        wizard.action_check()
        self.assertBlocked(wizard, 'differs')
        customer = self.invoice.commercial_partner_id._prepare_export_party().code
        rows = {row['name']: row for row in wizard._get_comparison()['rows']}
        for name, here, there, is_equal in (
            ('Number', self.invoice.name, self.invoice.name, True),
            ('Total', '$\xa0230.05', '$\xa0230.05', True),
            ('Date', '01/15/2026', '01/16/2026', False),
            ('Customer', f'{self.partner_a.name} ({customer})', 'Somebody else', False),
        ):
            row = rows[name]
            self.assertEqual((row['here'], row['there'], row['is_equal']), (here, there, is_equal))
            self.assertIn(there, self.get_text(wizard.comparison_html))

    def test_mp14_a_difference_is_accepted_with_a_right_and_a_reason(self):
        self.put_there(total=Decimal(1))
        wizard = self.open_check()
        wizard.action_check()
        wizard.reason = 'Agreed with the customer'
        with self.assertRaisesRegex(AccessError, 'credit despite a difference'):
            wizard.action_credit_anyway()
        accountant = self.make_accountant()
        wizard = self.open_check(user=accountant)
        wizard.action_check()
        self.assertNotIn('with the right', wizard.message)
        self.assertIn('Enter why', wizard.action_credit_anyway()['params']['message'])
        with self.assertRaisesRegex(UserError, 'Enter why'):
            wizard.record_id._accept_difference(' ')
        wizard.reason = 'Agreed with the customer'
        self.assertGoesOn(wizard.action_credit_anyway())
        record = self.get_record(self.invoice)
        self.assertEqual((record.state, record.accepted_user_id), ('differs', accountant))
        self.assertIn('Agreed with the customer', self.invoice.message_ids[0].body)

    def test_mp14_an_accepted_difference_does_not_cover_another_one(self):
        there = self.put_there(total=Decimal(1))
        accountant = self.make_accountant()
        wizard = self.open_check(user=accountant)
        wizard.action_check()
        wizard.reason = 'Agreed'
        wizard.action_credit_anyway()
        self.books.documents[there.external_id] = replace(there, total=Decimal(2))
        self.get_record(self.invoice)._queue_check()
        self.work()
        record = self.get_record(self.invoice)
        self.assertEqual((record.state, record.external_total), ('differs', '2.00 USD'))
        self.assertFalse(record.accepted_user_id)
        self.assertBlocked(self.open_check(), 'ask')

    def test_mp14_what_no_row_shows_is_said_in_words(self):
        self.put_there(is_complete=False, key='')
        wizard = self.open_check()
        wizard.action_check()
        self.assertBlocked(wizard, 'differs')
        self.assertIn('It is a draft there.', wizard.comparison_html)

    def test_mp14_totals_in_two_currencies_have_no_difference(self):
        self.put_there(currency='EUR')
        wizard = self.open_check()
        wizard.action_check()
        row = wizard._get_comparison()['rows'][1]
        self.assertEqual((row['is_equal'], row['difference']), (False, False))
        self.assertIn('(EUR)', row['there'])

    def test_mp12_what_was_asked_before_is_not_called_unrecorded(self):
        self.put_there(total=Decimal(1))
        self.open_check().action_check()
        wizard = self.open_check()
        self.assertBlocked(wizard, 'ask')
        self.assertIn('When last asked: Differs. Click OK to check again', wizard.message)
        (question,) = etree.fromstring(wizard.get_view(view_type='form')['arch']).xpath(
            "//p[@name='export_question']"
        )
        self.assertEqual(question.get('invisible'), "stage != 'ask' or record_id")
        newer = self.make_invoice(invoice_date='2026-06-15')
        self.assertIn('To send. Click OK', self.open_check(newer).message)

    def test_mp13_several_are_named_and_block(self):
        self.put_there(key='')
        self.put_there(key='')
        wizard = self.open_check()
        wizard.action_check()
        self.assertBlocked(wizard, 'duplicate')
        self.assertIn('(1)', wizard.answer)
        self.assertIn('(2)', wizard.answer)

    # === NOT FOUND === #

    def test_mp15_not_found_stays_blocked_and_nothing_is_sent(self):
        wizard = self.open_check()
        wizard.action_check()
        self.assertBlocked(wizard, 'missing')
        self.assertIn('export it now', wizard.message)
        self.work()
        self.assertFalse(self.books.documents)

    def test_mp15_export_now_waits_and_goes_on_by_itself(self):
        wizard = self.open_check()
        wizard.action_check()
        self.assertTrue(wizard.can_be_exported)
        wizard.action_export()
        self.assertEqual((wizard.stage, wizard.is_waiting), ('waiting', True))
        self.assertFalse(wizard.check_progress())
        self.assertNotIn('create', [call[0] for call in self.books.calls])
        self.work()
        wizard.invalidate_recordset()
        self.assertEqual(self.get_record(self.invoice).state, 'sent')
        self.assertTrue(self.invoice.activity_ids)
        self.assertGoesOn(wizard.check_progress())
        self.assertFalse(self.invoice.activity_ids, 'whoever has seen it need not be told')

    def test_mp15_whoever_closed_the_window_is_told(self):
        wizard = self.open_check()
        wizard.action_check()
        wizard.action_export()
        self.work()
        activity = self.invoice.activity_ids
        self.assertEqual(activity.user_id, self.clerk)
        self.assertIn('can be credited now', activity.summary)
        self.assertFalse(self.get_record(self.invoice).waiting_user_ids)

    def test_mp15_what_is_refused_says_why_and_stays_blocked(self):
        wizard = self.open_check()
        wizard.action_check()
        self.books.faults = [(ExportRefused('No account <b>4000</b>.'), False)]
        wizard.action_export()
        self.work()
        wizard.invalidate_recordset()
        self.assertEqual(wizard.check_progress()['res_id'], wizard.id)
        self.assertBlocked(wizard, 'rejected')
        self.assertIn('No account', wizard.answer)
        wizard.action_check()
        self.assertBlocked(wizard, 'rejected')
        self.assertIn('No account', wizard.answer)

    # === NO ANSWER === #

    def test_mp13_no_answer_is_never_taken_for_not_exported(self):
        self.books.silent = ExportUnclear('The books did not answer in time.')
        wizard = self.open_check()
        wizard.action_check()
        self.assertBlocked(wizard, 'no_answer')
        self.assertIn('asked again by itself', wizard.message)
        record = self.get_record(self.invoice)
        self.assertEqual((record.state, record.is_check), ('unknown', True))
        self.assertTrue(record.next_try)
        self.work()
        self.assertFalse(wizard.check_progress())
        self.books.silent = None
        self.put_there()
        self.wait(10)
        self.work()
        wizard.invalidate_recordset()
        self.assertEqual(self.invoice.activity_ids.user_id, self.clerk)
        self.assertGoesOn(wizard.check_progress())

    def test_mp13_silence_after_an_answer_leaves_the_difference(self):
        self.put_there(total=Decimal(1))
        wizard = self.open_check()
        wizard.action_check()
        self.books.silent = ExportUnclear('gone')
        with self.assertRaisesRegex(UserError, 'does not answer now'):
            wizard.action_check()
        self.assertEqual(self.get_record(self.invoice).state, 'differs')

    def test_mp13_what_is_being_sent_is_not_touched(self):
        invoice = self.make_invoice(invoice_date='2026-06-15')
        record = self.get_record(invoice)
        record.write({'state': 'sending'})
        calls = len(self.books.calls)
        wizard = self.open_check(invoice)
        wizard.action_check()
        self.assertEqual((wizard.stage, record.state), ('waiting', 'sending'))
        self.assertEqual(len(self.books.calls), calls)

    def test_mp13_what_waits_to_be_sent_stays_so(self):
        invoice = self.make_invoice(invoice_date='2026-06-15')
        wizard = self.open_check(invoice)
        wizard.action_check()
        record = self.get_record(invoice)
        self.assertEqual(
            (wizard.stage, record.state, record.is_check), ('waiting', 'to_send', False)
        )
        self.work()
        wizard.invalidate_recordset()
        self.assertEqual(wizard.check_progress()['res_model'], 'account.move.reversal')

    # === SEVERAL SYSTEMS, AND FILES === #

    def test_mp13_several_systems_one_after_the_other(self):
        second = self.System.create({
            'name': 'Archive',
            'company_id': self.env.company.id,
            'date_start': '2026-06-01',
        })
        wizard = self.open_check()
        wizard.action_check()
        self.assertEqual((wizard.stage, wizard.system_id.id), ('missing', self.system.id))
        self.put_there()
        # Both are books in memory, the same ones.
        self.assertGoesOn(wizard.action_check())
        records = self.get_record(self.invoice)
        self.assertEqual(records.system_id, self.system | second)
        self.assertEqual(set(records.mapped('state')), {'sent'})

    def test_mp12_files_cannot_be_asked_and_are_confirmed_by_hand(self):
        self.books.can = {BATCHES}
        wizard = self.open_check()
        self.assertBlocked(wizard, 'manual')
        self.assertIn('cannot be asked', wizard.message)
        self.assertIn('ask somebody with the right Manage exports', wizard.message)
        wizard.action_check()
        self.assertBlocked(wizard, 'manual')
        wizard.reason = 'Seen in the books'
        with self.assertRaisesRegex(AccessError, 'manage exports'):
            wizard.action_confirm_by_hand()
        wizard = self.open_check(user=self.make_accountant())
        self.assertIn('confirm by hand', wizard.message)
        self.assertIn('Enter how you know', wizard.action_confirm_by_hand()['params']['message'])
        self.assertFalse(self.get_record(self.invoice))
        wizard.reason = 'Seen in the books'
        self.assertGoesOn(wizard.action_confirm_by_hand())
        record = self.get_record(self.invoice)
        self.assertEqual(record.state, 'sent')
        self.assertIn('Seen in the books', record.last_answer)
        self.assertFalse(self.books.calls)

    def test_mp15_with_files_the_invoice_goes_into_the_next_one(self):
        self.books.can = {BATCHES}
        wizard = self.open_check()
        wizard.action_export()
        self.assertEqual((wizard.stage, wizard.answer), ('waiting', False))
        # Nothing goes on by itself: somebody has to make the file.
        self.assertIn('waits for the next file to Books', wizard.message)
        self.assertIn('with the right Manage exports makes it', wizard.message)
        record = self.get_record(self.invoice)
        self.assertEqual((record.state, record.is_check), ('to_send', False))
        record.state = 'in_file'
        wizard.invalidate_recordset()
        self.assertGoesOn(wizard.check_progress())

    def test_mp12_what_a_file_was_rejected_for_is_said(self):
        self.books.can = {BATCHES}
        wizard = self.open_check()
        wizard.action_export()
        self.get_record(self.invoice).write({'state': 'rejected', 'last_answer': 'No such tax'})
        wizard = self.open_check()
        self.assertBlocked(wizard, 'manual')
        self.assertIn('did not take', wizard.message)
        self.assertEqual(wizard.answer, 'No such tax')

    def test_mp13_what_can_be_asked_is_not_confirmed_by_hand(self):
        wizard = self.open_check(user=self.make_accountant())
        wizard.reason = 'I know'
        with self.assertRaisesRegex(UserError, 'can be asked'):
            wizard.action_confirm_by_hand()

    # === SUPPORT === #

    def test_mp22_details_for_support_say_all_but_secrets(self):
        self.books.silent = ExportUnclear(f'HTTP 500: token {SECRET} is wrong')
        wizard = self.open_check()
        wizard.action_check()
        details = wizard.support_details
        for text in (self.invoice.name, 'Books', 'HTTP 500'):
            self.assertIn(text, details)
        self.assertNotIn(SECRET, details)

    def test_mp17_without_a_system_there_is_no_check(self):
        self.system.active = False
        self.assertGoesOn(self.invoice.action_credit_invoice())
        self.assertFalse(self.books.calls)
