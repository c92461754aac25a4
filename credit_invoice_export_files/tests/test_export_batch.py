import base64
import hashlib

from lxml import etree

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.credit_invoice.tests.common import CreditCommon
from odoo.addons.credit_invoice_export_files.tools.formats import ubl


@tagged('post_install', '-at_install')
class TestExportBatch(CreditCommon):
    """Documents for a program that takes files (ts18, section *Files*)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        country = cls.env.ref('base.be')
        partners = cls.company_data['company'].partner_id | cls.partner_a
        partners.sudo().write({'country_id': country.id, 'vat': False})
        cls.company_data['company'].partner_id.sudo().vat = 'BE0477472701'
        cls.partner_a.sudo().ref = 'CUST-A'
        cls.system = (
            cls
            .env['credit.export.system']
            .sudo()
            .create({
                'name': 'Books in files',
                'connector': 'files',
                'file_format': 'ubl',
                'company_id': cls.env.company.id,
                'date_start': '2026-01-01',
            })
            .sudo(False)
        )
        cls.clerk.sudo().group_ids = [
            Command.link(cls.env.ref('credit_invoice.group_credit_export').id)
        ]
        cls.Record = cls.env['credit.export.record']

    def get_record(self, move, operation=('invoice', 'credit')):
        return self.Record.search([('move_id', '=', move.id), ('operation', 'in', operation)])

    def make_batch(self, system=None):
        """Make a batch by the button.

        :return: the newest batch
        """
        (system or self.system).action_make_batch()
        return self.env['credit.export.batch'].search([], limit=1)

    def read_acknowledgement(self, batch, text):
        wizard = Form.from_action(self.env, batch.action_read_acknowledgement())
        wizard.file = base64.b64encode(text.encode())
        wizard = wizard.save()
        wizard.file_name = 'answer.csv'
        wizard.action_read()
        return wizard

    def get_content(self, batch):
        return base64.b64decode(batch.file)

    # === MAKING === #

    def test_ts18_what_waits_is_written_into_one_file_in_one_go(self):
        invoice = self.make_invoice()
        record = self.get_record(invoice)
        self.assertEqual((record.state, self.system.batch_waiting_count), ('to_send', 1))
        batch = self.make_batch()
        self.assertEqual((record.state, record.batch_id), ('in_file', batch))
        self.assertEqual((batch.number, batch.count, batch.state), (1, 1, 'made'))
        self.assertEqual((batch.name, batch.system_id), ('File 00001', self.system))
        self.assertEqual(batch.totals, '230.05 USD')
        self.assertEqual(batch.totals_text, '$\N{NO-BREAK SPACE}230.05')
        content = self.get_content(batch)
        self.assertEqual(batch.digest, hashlib.sha256(content).hexdigest())
        (found,) = ubl.read(content)
        self.assertEqual((found.number, found.key), (invoice.name, record.key))
        self.assertEqual(found.customer, 'CUST-A')
        self.assertEqual(float(found.total), invoice.amount_total)
        self.assertEqual(batch.file_name, 'Books-in-files-00001.xml')
        self.assertEqual(invoice.export_state, 'in_file')

    def test_ts18_all_that_has_to_be_mapped_is_named_at_once(self):
        taxes = self.env['account.tax'].sudo()
        for name in ('Eco levy 5 %', 'City tax'):
            taxes |= taxes.create({
                'name': name,
                'amount': 5,
                'type_tax_use': 'sale',
                'company_id': self.env.company.id,
            })
        self.system.sudo().file_format = 'beancount'
        self.assertIn('Liabilities:VAT', self.system.mapping_hint)
        invoice = self.make_invoice(((1, 100, taxes),))
        self.assertIn('"City tax", "Eco levy 5 %"', self.system.mapping_gap)
        message = self.system.sudo().action_check_mapping()['params']['message']
        self.assertEqual(message, self.system.mapping_gap)
        self.make_batch()
        record = self.get_record(invoice)
        self.assertEqual(record.state, 'rejected')
        for name in taxes.mapped('name'):
            self.assertIn(f'"{name}"', record.last_answer)
        self.system.sudo().mapping_ids = [
            Command.create({'tax_id': tax.id, 'code': f'Liabilities:T{tax.id}'}) for tax in taxes
        ]
        self.system.invalidate_recordset(['mapping_gap'])
        self.assertFalse(self.system.mapping_gap)
        action = self.system.sudo().action_check_mapping()
        self.assertEqual(action['params']['type'], 'success')
        # It goes through, and nobody has to close what was said of its refusal.
        variance = self.env['credit.export.variance'].search([('record_id', '=', record.id)])
        self.assertEqual(variance.status, 'open')
        record.action_send_again()
        batch = self.make_batch()
        self.assertEqual(variance.status, 'resolved')
        wizard = self.read_acknowledgement(batch, f'{invoice.name};accepted')
        self.assertTrue(wizard.is_all_well)
        self.assertEqual(wizard.result, '1 document was accepted.')
        self.assertEqual((variance.status, variance.difference), ('closed', 0))

    def test_mp16_a_credit_names_its_invoice_and_stands_behind_it(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice_known(self, invoice), post=True)
        batch = self.make_batch()
        root = etree.fromstring(self.get_content(batch))
        self.assertEqual(etree.QName(root).localname, 'CreditNote')
        reference = root.find('.//{*}InvoiceDocumentReference')
        self.assertEqual([node.text for node in reference], [invoice.name, '2026-01-15'])
        self.assertEqual(self.get_record(credit).batch_id, batch)

    def test_ts18_a_credit_waits_for_its_invoice_and_can_share_its_file(self):
        invoice = self.make_invoice()
        batch = self.make_batch()
        credit = self.make_credit(invoice, post=True)
        record = self.get_record(credit)
        # Not there any more: the invoice is to be written again.
        batch.action_withdraw()
        self.get_record(invoice).sudo().state = 'unknown'
        with self.assertRaisesRegex(UserError, invoice.name):
            self.make_batch()
        self.get_record(invoice).sudo().state = 'to_send'
        batch = self.make_batch()
        self.assertEqual(batch.number, 2)
        self.assertEqual(batch.record_ids, record | self.get_record(invoice))
        names = [found.number for found in ubl.read(self.get_content(batch))]
        self.assertEqual(names, [invoice.name, credit.name])
        self.assertEqual(batch.totals, '0.00 USD')

    def test_ts18_a_document_that_the_format_cannot_carry_is_rejected_alone(self):
        good, bad = self.make_invoice(), self.make_invoice(partner_id=self.partner_b.id)
        self.partner_b.sudo().country_id = False
        batch = self.make_batch()
        self.assertEqual(batch.record_ids, self.get_record(good))
        record = self.get_record(bad)
        self.assertEqual((record.state, record.batch_id.id), ('rejected', False))
        self.assertIn('country', record.last_answer)
        self.partner_b.sudo().country_id = self.env.ref('base.be')
        record.action_send_again()
        self.assertEqual(record.state, 'to_send')
        self.assertEqual(self.make_batch().record_ids, record)

    def test_ts18_from_a_list_those_that_wait(self):
        first, second = self.make_invoice(), self.make_invoice()
        self.get_record(second).action_make_batch()
        self.assertEqual(self.get_record(first).state, 'to_send')
        self.assertEqual(self.get_record(second).state, 'in_file')
        with self.assertRaisesRegex(UserError, 'Nothing waits'):
            self.get_record(second).action_make_batch()

    def test_ts18_nothing_waits(self):
        with self.assertRaisesRegex(UserError, 'Nothing waits'):
            self.system.action_make_batch()
        self.assertEqual(self.system.last_batch_number, 0)

    def test_ts18_applications_are_left_to_people(self):
        invoice = self.make_invoice()
        self.make_batch().action_confirm()
        self.make_credit(invoice, post=True)
        self.make_batch()
        states = self.Record.search([('operation', '=', 'application')]).mapped('state')
        self.assertLessEqual(set(states), {'cancelled'})

    def test_ts18_payments_go_into_the_formats_that_take_them(self):
        self.system.sudo().write({
            'file_format': 'beancount',
            'is_exporting_payments': True,
            'mapping_ids': [Command.create({'tax_id': self.tax_a.id, 'code': 'VAT'})],
        })
        invoice = self.make_invoice()
        self.pay(invoice)
        batch = self.make_batch()
        self.assertEqual(batch.record_ids.sorted('id').mapped('operation'), ['invoice', 'payment'])
        bank = self.company_data['default_journal_bank'].default_account_id.code
        receivable = self.company_data['default_account_receivable'].code
        text = self.get_content(batch).decode()
        self.assertIn(f'  Assets:{bank}  230.05 USD\n  Assets:{receivable}  -230.05 USD\n', text)

    def export_payment(self):
        """Write an invoice and its payment into a file.

        :return: (the file, the export of the payment, its reconciled items)
        """
        self.system.sudo().write({
            'file_format': 'beancount',
            'is_exporting_payments': True,
            'mapping_ids': [Command.create({'tax_id': self.tax_a.id, 'code': 'VAT'})],
        })
        invoice = self.make_invoice()
        self.pay(invoice)
        batch = self.make_batch()
        record = batch.record_ids.filtered(lambda record: record.operation == 'payment')
        items = (record.move_id | invoice).line_ids.filtered(
            lambda item: item.account_type == 'asset_receivable'
        )
        return batch, record, items

    def assertShown(self, record):
        self.assertEqual((record.state, record.differences), ('differs', 'total'))
        self.assertEqual(record.last_answer, '230.05 is applied there, 0.00 here.')
        variance = self.env['credit.export.variance'].search([('record_id', '=', record.id)])
        self.assertEqual((variance.kind, variance.state), ('different', 'open'))

    def test_mp18_a_payment_that_is_unmatched_after_its_file_is_shown(self):
        batch, record, items = self.export_payment()
        batch.action_confirm()
        self.assertEqual(record.state, 'sent')
        items.remove_move_reconcile()
        self.assertShown(record)
        items.reconcile()
        self.assertEqual((record.state, record.differences), ('sent', False))
        variance = self.env['credit.export.variance'].search([('record_id', '=', record.id)])
        self.assertTrue(variance.resolved_at)

    def test_mp18_a_payment_that_is_unmatched_while_in_a_file_is_shown_when_confirmed(self):
        batch, record, items = self.export_payment()
        items.remove_move_reconcile()
        self.assertEqual(record.state, 'in_file')
        batch.action_confirm()
        self.assertShown(record)

    def test_mp13_what_cannot_be_asked_is_not_asked(self):
        record = self.get_record(self.make_invoice())
        self.make_batch().action_confirm()
        with self.assertRaisesRegex(UserError, 'cannot be asked about INV'):
            record.action_check()
        self.assertEqual(record.state, 'sent')

    def test_ts18_the_language_of_whoever_makes_a_file_is_not_in_it(self):
        self.env['res.lang'].sudo()._activate_lang('de_DE')
        self.system.sudo().write({
            'file_format': 'iif',
            'number_replacements': 'INV/2026/ = I',
        })
        tax, account = self.tax_a.sudo(), self.company_data['default_account_revenue'].sudo()
        tax.with_context(lang='de_DE').name = f'{tax.name} auf Deutsch'
        account.with_context(lang='de_DE').name = 'Auf Deutsch'
        contents = []
        self.make_invoice()
        for lang in ('de_DE', 'en_US'):
            self.clerk.sudo().lang = lang
            self.system.with_context(lang=lang).action_make_batch()
            batch = self.env['credit.export.batch'].search([], limit=1)
            contents.append(self.get_content(batch))
            batch.action_withdraw()
        self.assertEqual(*contents)
        self.assertNotIn(b'Deutsch', contents[0])

    def test_ts18_every_format_writes_a_batch(self):
        accounts = {
            self.company_data['default_account_receivable']: '1-1200',
            self.company_data['default_account_revenue']: '4-1000',
        }
        self.system.sudo().write({
            'number_replacements': 'INV/2026/ = I',
            'mapping_ids': [
                *(
                    Command.create({'account_id': account.id, 'code': code})
                    for account, code in accounts.items()
                ),
                Command.create({'tax_id': self.tax_a.id, 'code': 'GST'}),
            ],
        })
        for code, name in self.system._fields['file_format']._description_selection(self.env):
            with self.subTest(name):
                self.system.sudo().file_format = code
                if code == 'beancount':
                    for mapping in self.system.sudo().mapping_ids:
                        mapping.code = f'A{mapping.code}'
                invoice = self.make_invoice()
                batch = self.make_batch()
                self.assertEqual(batch.record_ids, self.get_record(invoice))
                if code == 'beancount':
                    for mapping in self.system.sudo().mapping_ids:
                        mapping.code = mapping.code[1:]

    def test_ts18_after_a_file_the_first_refusals_are_named(self):
        invoices = [self.make_invoice() for _number in range(5)]
        records = self.Record.union(*map(self.get_record, invoices))
        records[:4].sudo().write({'state': 'rejected', 'last_answer': 'No such tax'})
        params = self.env['credit.export.batch']._get_made_action(records)['params']
        self.assertEqual(params['message'].count('No such tax'), 3)
        self.assertIn(f'{records[0].number}: No such tax', params['message'])
        self.assertIn('Rejected, too: 1 more.', params['message'])
        self.assertTrue(params['sticky'])

    # === WHAT BECAME OF IT === #

    def test_ts18_confirmed_by_hand_all_or_some(self):
        first, second = map(self.get_record, (self.make_invoice(), self.make_invoice()))
        batch = self.make_batch()
        first.action_confirm_in_file()
        self.assertEqual((first.state, second.state, batch.state), ('sent', 'in_file', 'partly'))
        self.assertTrue(first.done_at)
        self.assertIn(self.clerk.name, first.last_answer)
        for _time in range(2):
            batch.action_confirm()
        self.assertEqual((second.state, batch.state), ('sent', 'confirmed'))
        self.assertEqual(len(second.history_ids.filtered(lambda h: h.state == 'sent')), 1)

    def test_ts18_a_confirmation_is_taken_back_from_the_list(self):
        record = self.get_record(self.make_invoice())
        self.make_batch()
        record.action_confirm_in_file()
        action = self.env.ref('credit_invoice_export_files.credit_export_record_action_take_back')
        action = action.with_user(self.clerk).with_context(
            active_model=record._name, active_ids=record.ids, active_id=record.id
        )
        action.run()
        self.assertEqual(record.state, 'missing')
        record.action_send_again()
        self.assertEqual(record.state, 'to_send')
        stranger = new_test_user(
            self.env(su=True),
            login='no_manager',
            groups='base.group_user,account.group_account_invoice',
            company_id=self.env.company.id,
        )
        with self.assertRaises(AccessError):
            action.with_user(stranger).run()
        with self.assertRaisesRegex(AccessError, 'manage exports'):
            record.with_user(stranger).action_take_back_confirmation()

    def test_ts18_what_was_confirmed_is_not_written_again_until_that_is_taken_back(self):
        record = self.get_record(self.make_invoice())
        batch = self.make_batch()
        with self.assertRaisesRegex(UserError, 'only what was confirmed'):
            record.action_take_back_confirmation()
        batch.action_confirm()
        with self.assertRaisesRegex(UserError, 'take its confirmation back first'):
            record.action_send_again()
        other = new_test_user(self.env(su=True), 'files_reader', 'account.group_account_invoice')
        with self.assertRaises(AccessError):
            record.with_user(other).action_take_back_confirmation()
        record.action_take_back_confirmation()
        self.assertEqual((record.state, batch.state), ('missing', 'answered'))
        self.assertIn(self.clerk.name, record.last_answer)
        variance = self.env['credit.export.variance'].search([('record_id', '=', record.id)])
        self.assertEqual(variance.kind, 'missing_there')
        record.action_send_again()
        self.make_batch().action_confirm()
        self.assertEqual(record.state, 'sent')
        self.assertTrue(variance.resolved_at)

    def test_ts18_a_file_with_what_a_later_file_refers_to_is_not_withdrawn(self):
        invoice = self.make_invoice()
        batch = self.make_batch()
        self.make_credit(invoice, post=True)
        other = self.make_batch()
        with self.assertRaisesRegex(UserError, f'withdraw {other.name} first'):
            batch.action_withdraw()
        other.action_withdraw()
        batch.action_withdraw()
        self.assertEqual(batch.state, 'withdrawn')

    def test_ts18_a_file_holds_a_number_once(self):
        journal = self.company_data['default_journal_sale'].sudo().copy({'code': 'OTHER'})
        one = self.make_invoice()
        two = self.make_invoice(journal_id=journal.id, post=False)
        two.sudo().name = one.name
        two.action_post()
        batches = [self.make_batch(), self.make_batch()]
        for batch, invoice in zip(batches, (one, two), strict=True):
            self.assertEqual(batch.record_ids, self.get_record(invoice))

    def test_ts18_only_what_is_in_a_file_can_be_confirmed(self):
        record = self.get_record(self.make_invoice())
        with self.assertRaisesRegex(UserError, 'in a file'):
            record.action_confirm_in_file()

    def test_ts18_an_acknowledgement_is_read(self):
        records = [self.get_record(self.make_invoice()) for _invoice in range(3)]
        batch = self.make_batch()
        numbers = [record.move_id.name for record in records]
        text = f'{numbers[0]};accepted;4711\n{numbers[1]};rejected;;No such customer\nXYZ;ok\n'
        wizard = self.read_acknowledgement(batch, text)
        self.assertEqual([record.state for record in records], ['sent', 'rejected', 'in_file'])
        self.assertEqual(records[0].external_id, '4711')
        self.assertEqual(
            records[1].last_answer,
            f'No such customer (acknowledgement answer.csv, read by {self.clerk.name})',
        )
        self.assertIn('answer.csv', records[0].last_answer)
        self.assertIn('answer.csv was read: 1 accepted, 1 rejected', batch.message_ids[0].body)
        self.assertEqual(
            (wizard.accepted_count, wizard.rejected_numbers),
            (1, f'{numbers[1]}: No such customer'),
        )
        self.assertEqual((wizard.unknown_numbers, batch.state), ('XYZ', 'partly'))
        # What is not as it should be cannot be missed.
        self.assertFalse(wizard.is_all_well)
        for text_of_result in (
            '1 document was accepted',
            'Rejected: 1',
            'not in this file',
            'answer: 1',
        ):
            self.assertIn(text_of_result, wizard.result)
        again = self.read_acknowledgement(batch, text)
        self.assertEqual((again.accepted_count, again.known_count), (0, 2))
        self.assertFalse(again.problems)
        variance = self.env['credit.export.variance'].search([('record_id', '=', records[1].id)])
        self.assertEqual(variance.kind, 'missing_there')

    def test_ts18_contradictions_are_shown_and_change_nothing(self):
        first, second = map(self.get_record, (self.make_invoice(), self.make_invoice()))
        batch = self.make_batch()
        first.action_confirm_in_file()
        text = f'{first.move_id.name};rejected\n{second.move_id.name};ok;1\n'
        wizard = self.read_acknowledgement(batch, text)
        self.assertIn(first.move_id.name, wizard.problems)
        self.assertEqual((first.state, second.state), ('sent', 'sent'))
        third = self.get_record(self.make_invoice())
        other = self.make_batch()
        wizard = self.read_acknowledgement(other, f'{third.move_id.name};ok;1')
        self.assertIn('called 1', wizard.problems)
        self.assertEqual(third.state, 'in_file')

    def test_ts18_a_file_that_is_none_is_refused_in_one_sentence(self):
        self.make_invoice()
        batch = self.make_batch()
        for text in ('', 'what is this?', '<x/>'):
            with self.subTest(text=text), self.assertRaises(UserError):
                self.read_acknowledgement(batch, text)

    def test_ts18_withdrawn_its_documents_wait_again(self):
        record = self.get_record(self.make_invoice())
        batch = self.make_batch()
        content = self.get_content(batch)
        batch.action_withdraw()
        self.assertEqual((record.state, record.batch_id.id), ('to_send', False))
        self.assertEqual(batch.state, 'withdrawn')
        other = self.make_batch()
        self.assertEqual((record.batch_id, other.number), (other, 2))
        self.assertEqual(self.get_content(other), content)
        self.assertEqual(self.get_content(batch), content)
        other.action_confirm()
        with self.assertRaisesRegex(UserError, 'answered'):
            other.action_withdraw()

    def test_ts18_rejected_and_sent_again_it_is_in_the_next_file(self):
        record = self.get_record(self.make_invoice())
        batch = self.make_batch()
        self.read_acknowledgement(batch, f'{record.move_id.name};rejected;;Closed')
        record.action_send_again()
        other = self.make_batch()
        self.assertEqual((record.batch_id, record.state), (other, 'in_file'))
        self.assertEqual((batch.record_ids, batch.state), (record, 'answered'))
        batch.action_confirm()
        self.assertEqual(record.state, 'in_file')

    def test_ts17_what_is_in_a_file_is_not_changed_here(self):
        invoice = self.make_invoice()
        self.make_batch()
        with self.assertRaisesRegex(UserError, 'withdraw'):
            invoice.button_draft()

    # === RIGHTS === #

    def test_ts01_who_may_not_manage_exports_may_look_and_download(self):
        invoice = self.make_invoice()
        batch = self.make_batch()
        other = new_test_user(self.env(su=True), 'files_reader', 'account.group_account_invoice')
        for function in (
            batch.with_user(other).action_confirm,
            batch.with_user(other).action_withdraw,
            self.system.with_user(other).action_make_batch,
            self.get_record(invoice).with_user(other).action_make_batch,
            self.get_record(invoice).with_user(other).action_confirm_in_file,
        ):
            with self.subTest(function.__name__), self.assertRaises(AccessError):
                function()
        self.assertEqual(batch.with_user(other).file, batch.file)
        self.assertIn(str(batch.id), batch.with_user(other).action_download()['url'])
        for values in ({'state': 'confirmed'}, {'file': b'eA=='}):
            with self.assertRaises(AccessError):
                batch.write(values)

    def test_ts01_a_file_with_documents_of_another_company_is_not_shown(self):
        self.make_invoice()
        batch = self.make_batch()
        Batch = self.env['credit.export.batch']
        self.assertEqual(Batch.search([]), batch)
        # By somebody else, who is let into it.
        other = self.env['res.company'].with_user(SUPERUSER_ID).create({'name': 'Another'})
        batch.sudo().company_id = other
        self.env.flush_all()
        self.assertFalse(Batch.search([]))
        with self.assertRaises(AccessError):
            batch.read(['file'])

    def test_ts18_files_are_kept(self):
        self.make_invoice()
        batch = self.make_batch()
        with self.assertRaises(UserError):
            batch.sudo().unlink()

    def test_ts18_the_list_of_totals_is_exact_in_each_currency(self):
        pounds = self.get_currency(**{'2026-01-01': 2.0})
        self.make_invoice()
        self.make_invoice(currency_id=pounds.id)
        self.assertEqual(self.make_batch().totals, '230.05 GBP, 230.05 USD')


def invoice_known(case, invoice):
    """An invoice that was written into a file and confirmed."""
    case.make_batch().action_confirm()
    return invoice
