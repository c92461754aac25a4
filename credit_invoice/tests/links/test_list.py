from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import CreditCommon


@tagged('post_install', '-at_install')
class TestList(CreditCommon):
    """Credits in lists, and many invoices at once."""

    def get_filter_domain(self, name):
        arch = self.Move.get_view(self.env.ref('account.view_account_invoice_filter').id, 'search')[
            'arch'
        ]
        return etree.fromstring(arch).find(f'.//filter[@name="{name}"]').get('domain')

    def search(self, name):
        domain = [
            (field, operator, value)
            for field, operator, value in __import__('ast').literal_eval(
                self.get_filter_domain(name)
            )
        ]
        return self.Move.search(domain)

    def test_ag05_credits_have_a_badge_that_invoices_lack(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        self.assertEqual(credit.credit_badge, 'Credit Note')
        self.assertFalse(invoice.credit_badge)
        arch = self.Move.get_view(self.env.ref('account.view_out_invoice_tree').id, 'list')['arch']
        self.assertTrue(etree.fromstring(arch).xpath('//field[@name="credit_badge"]'))

    def test_ag05_filters_find_credits_and_credited_invoices(self):
        invoice, other = self.make_invoice(), self.make_invoice()
        credit = self.make_credit(invoice)
        self.assertIn(credit, self.search('credits'))
        self.assertNotIn(invoice, self.search('credits'))
        self.assertNotIn(invoice, self.search('credited_invoices'))
        credit.action_post()
        self.assertIn(invoice, self.search('credited_invoices'))
        self.assertNotIn(other, self.search('credited_invoices'))

    def test_ag05_drafts_older_than_a_week_are_found(self):
        young, old = self.make_credit(self.make_invoice()), self.make_credit(self.make_invoice())
        self.env.flush_all()
        self.env.cr.execute(
            'UPDATE account_move SET create_date = %s WHERE id = %s',
            (fields.Datetime.now() - timedelta(days=8), old.id),
        )
        found = self.search('old_drafts')
        self.assertIn(old, found)
        self.assertNotIn(young, found)

    def test_mp10_a_selection_is_credited_in_one_click(self):
        invoices = self.Move.union(*(self.make_invoice() for _i in range(3)))
        dialog = self.open_dialog(invoices)
        self.assertIn('3 invoices', dialog.credit_summary_html)
        action = dialog.action_create_credit()
        credits = invoices.reversal_move_ids
        self.assertEqual(len(credits), 3)
        self.assertEqual(action['params']['next']['domain'], [('id', 'in', credits.ids)])
        for invoice in invoices:
            self.assertReverses(invoice.reversal_move_ids, invoice)

    def test_mp10_what_cannot_be_credited_is_named_with_its_reason(self):
        good, draft = self.make_invoice(), self.make_invoice(post=False)
        credit = self.make_credit(self.make_invoice(), post=True)
        dialog = self.open_dialog(good | draft | credit)
        self.assertEqual(dialog.move_ids, good)
        self.assertEqual(dialog.refused_count, 2)
        self.assertIn('still a draft', dialog.refused_html)
        self.assertIn(credit.name, dialog.refused_html)
        notice = dialog.action_create_credit()['params']
        self.assertEqual(notice['next']['res_id'], good.reversal_move_ids.id)
        self.assertIn('still a draft', notice['message'])
        self.assertTrue(notice['sticky'])

    def test_mp10_a_selection_of_nothing_creditable_says_why(self):
        drafts = self.make_invoice(post=False) | self.make_invoice(post=False)
        with self.assertRaisesRegex(UserError, 'still a draft'):
            self.open_dialog(drafts)

    def test_mp10_each_credit_of_a_selection_keeps_its_journal(self):
        journal = (
            self
            .company_data['default_journal_sale']
            .sudo()
            .copy({
                'name': 'Other sales',
                'code': 'INV9',
            })
        )
        first, second = self.make_invoice(), self.make_invoice(journal_id=journal.id)
        credits = self.make_credit(first | second, reason='Returned')
        self.assertEqual(len(credits), 2)
        for invoice in first | second:
            self.assertEqual(invoice.reversal_move_ids.journal_id, invoice.journal_id)
            self.assertIn('Returned', invoice.reversal_move_ids.ref)

    def test_mp10_a_selection_twice_makes_each_credit_once(self):
        invoices = self.make_invoice() | self.make_invoice()
        dialog = self.open_dialog(invoices)
        dialog.action_create_credit()
        dialog.action_create_credit()
        self.assertEqual([len(invoice.reversal_move_ids) for invoice in invoices], [1, 1])

    def test_mp10_an_invoice_credited_in_the_meantime_is_left_out(self):
        first, second = self.make_invoice(), self.make_invoice()
        dialog = self.open_dialog(first | second)
        self.make_credit(first)
        message = dialog.action_create_credit()['params']['message']
        self.assertIn('was credited in the meantime', message)
        self.assertEqual([len(first.reversal_move_ids), len(second.reversal_move_ids)], [1, 1])

    def test_mp10_queries_do_not_grow_with_the_selection(self):
        counts = {}
        for size in (5, 25):
            invoices = self.Move.union(*(self.make_invoice() for _i in range(size)))
            dialog = self.open_dialog(invoices)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            dialog.action_create_credit()
            self.env.flush_all()
            counts[size] = self.env.cr.sql_log_count - before
        self.assertLess((counts[25] - counts[5]) / 20, 1)
