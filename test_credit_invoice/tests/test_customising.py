from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from odoo.addons.credit_invoice.models.handover.account_move_handover import RECORDED_SINCE

from .common import CreditInvoiceFakesCommon


@tagged('post_install', '-at_install')
class TestCustomising(CreditInvoiceFakesCommon):
    """What `readme/CONSULTANTS.md` of `credit_invoice` offers, done by this small module."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.write({'before_localisation': False, 'after_localisation': False})

    # === VIEWS === #

    def test_dialog_can_be_rearranged(self):
        arch = self.get_arch('account.move.reversal', 'account.view_account_move_reversal')
        for name in ('action_create_credit', 'action_credit_and_reinvoice'):
            buttons = arch.xpath(f"//button[@name='{name}']")
            self.assertEqual(len(buttons), 2)
            for button in buttons:
                self.assertIn('Four eyes', button.get('title'))
        for name in ('refused', 'date_notice'):
            (block,) = arch.xpath(f"//div[@name='credit_{name}']")
            self.assertIn(f'custom_{name}', block.get('class'))
        self.assert_order(
            arch,
            "//div[@name='credit_question']",
            "//field[@name='custom_house_rule']",
            "//field[@name='date']",
            "//field[@name='reason']",
            "//field[@name='custom_approver']",
            "//field[@name='journal_id']",
        )

    def test_form_can_be_rearranged(self):
        arch = self.get_arch('account.move', 'account.view_move_form')
        (button,) = arch.xpath("//button[@name='action_credit_invoice']")
        self.assertIn('custom_credit', button.get('class'))
        (button,) = arch.xpath("//button[@name='action_view_related_credits']")
        self.assertEqual(button.get('icon'), 'fa-reply')
        self.assert_order(
            arch,
            "//div[@name='credit_differences']",
            "//div[@name='draft_credits']",
            "//button[@name='action_view_replacement']",
            "//button[@name='action_view_related_invoice']",
            "//div[@name='credit_origin']",
            "//field[@name='custom_approver']",
        )

    def test_list_and_search_can_be_extended(self):
        arch = self.get_arch('account.move', 'account.view_out_invoice_tree', 'list')
        self.assert_order(arch, "//field[@name='credit_badge']", "//field[@name='custom_approver']")
        arch = self.get_arch('account.move', 'account.view_account_invoice_filter', 'search')
        self.assert_order(
            arch,
            "//filter[@name='credits']",
            "//filter[@name='custom_agreed']",
            "//filter[@name='old_drafts']",
            "//filter[@name='credited_invoices']",
        )

    def get_arch(self, model, view, view_type='form'):
        view_id = self.env.ref(view).id
        model = self.env[model].with_user(self.clerk)
        return etree.fromstring(model.get_view(view_id, view_type)['arch'])

    def assert_order(self, arch, *paths):
        """Each path leads to one node of a view, and they stand in this order."""
        nodes = list(arch.iter())
        places = []
        for path in paths:
            matches = arch.xpath(path)
            self.assertEqual(len(matches), 1, path)
            places.append(nodes.index(matches[0]))
        self.assertEqual(places, sorted(places))

    # === A FIELD IN THE DIALOG === #

    def test_field_of_the_dialog_ends_on_the_credit(self):
        invoice = self.make_invoices(1)
        dialog = self.open_custom_dialog(invoice.action_credit_invoice())
        dialog.action_create_credit()
        self.assertEqual(invoice.reversal_move_ids.custom_approver, 'Ms. Ferreira')

    def test_field_of_the_dialog_ends_on_each_credit_of_a_selection(self):
        invoices = self.make_invoices(2) + self.make_invoices(2, journal_id=self.other_journal.id)
        self.open_custom_dialog(invoices.action_credit_invoices()).action_create_credit()
        self.assertEqual(self.get_credits(invoices).mapped('custom_approver'), ['Ms. Ferreira'] * 4)

    def open_custom_dialog(self, action):
        wizard = self.env['account.move.reversal'].with_user(self.clerk)
        form = Form(wizard.with_context(**action['context']))
        form.date = '2019-04-01'
        form.custom_approver = 'Ms. Ferreira'
        return form.save()

    def test_selection_can_be_split_otherwise(self):
        self.env.company.custom_is_one_by_one = True
        invoices = self.make_invoices(3)
        dialog = self.open_custom_dialog(invoices.action_credit_invoices())
        self.assertEqual(len(dialog._get_credit_batches()), 3)
        dialog.action_create_credit()
        self.assertEqual(self.get_credits(invoices).mapped('custom_approver'), ['Ms. Ferreira'] * 3)

    # === WHAT CAN BE CREDITED === #

    def test_more_can_be_asked_of_an_invoice(self):
        """The button, the dialog over RPC and the selection in a list all ask it."""
        disputed, other = self.make_invoices(2)
        disputed.sudo().custom_is_disputed = True
        with self.assertRaisesRegex(UserError, 'disputed'):
            disputed.action_credit_invoice()
        dialog = self.open_custom_dialog((disputed | other).action_credit_invoices())
        self.assertEqual(dialog.move_ids, other)
        self.assertIn('disputed', dialog.refused_html)
        context = {'active_model': 'account.move', 'active_ids': disputed.ids}
        wizard = self.env['account.move.reversal'].with_user(self.clerk).with_context(**context)
        with self.assertRaisesRegex(UserError, 'disputed'):
            wizard.create({'date': '2019-04-01'}).action_create_credit()
        self.assertFalse(disputed.reversal_move_ids)

    # === WHAT CAN BE INVALIDATED === #

    def make_unsent_invoice(self):
        self.env['ir.config_parameter'].sudo().set_param(RECORDED_SINCE, '2000-01-01 00:00:00')
        invoice = self.make_invoices(1)
        invoice.sudo().partner_id.write({
            'email': 'customer@example.com',
            'invoice_sending_method': 'email',
        })
        return invoice

    def test_more_can_speak_against_invalidating(self):
        invoice = self.make_unsent_invoice()
        invoice.sudo().custom_is_exported = True
        with self.assertRaisesRegex(UserError, 'It is in the accounting system'):
            invoice.invalidate_invoice('Wrong')
        wizard = self.env['credit.invalidate.wizard'].with_user(self.clerk)
        wizard = wizard.create({'move_id': invoice.id, 'reason': 'Wrong'})
        self.assertIn('It is in the accounting system', wizard.refusal_html)
        invoice.sudo().custom_is_exported = False
        invoice.invalidate_invoice('Wrong')
        self.assertEqual(invoice.state, 'cancel')

    def test_another_way_out_of_the_house_is_recorded(self):
        invoice = self.make_unsent_invoice()
        invoice._record_handover('courier')
        with self.assertRaisesRegex(UserError, r'It left the house on .* \(By courier\)'):
            invoice.invalidate_invoice('Wrong')

    def test_more_can_be_asked_of_the_user(self):
        invoice = self.make_unsent_invoice()
        invoice.sudo().custom_team = 'Counter'
        with self.assertRaisesRegex(UserError, 'It may be over the counter. Confirm'):
            invoice.invalidate_invoice('Wrong')
        invoice.invalidate_invoice('Wrong', not_handed_over=True)
        self.assertEqual(invoice.state, 'cancel')

    def test_a_report_for_the_house_is_not_recorded(self):
        invoice = self.make_unsent_invoice()
        report = self.env.ref('account.account_invoices').sudo()
        sheet = report.copy({'name': 'Picking Sheet'})
        sheet._render_qweb_pdf(sheet, invoice.ids)
        self.assertFalse(invoice.handed_over_how)
        report._render_qweb_pdf(report, invoice.ids)
        self.assertEqual(invoice.handed_over_how, 'printed')

    # === THE MIRROR === #

    def test_line_field_is_mirrored_with_its_sign_reversed(self):
        for count in (1, 3):
            with self.subTest(count=count):
                invoices = self.make_invoices(count)
                credits = self.credit_directly(invoices)
                self.assert_reversed(invoices, credits, 'custom_commission')
                credits.action_post()
                self.assert_reversed(invoices, credits, 'custom_commission')

    def test_line_field_is_mirrored_where_the_host_derives_the_rest(self):
        """At the rate of the date the journal items are the host's; the extension counts too."""
        self.env.company.credit_rate = 'date'
        invoices = self.make_invoices(2, currency_id=self.setup_other_currency('EUR').id)
        self.assert_reversed(invoices, self.credit_directly(invoices), 'custom_commission')

    def test_amount_of_a_journal_item_is_mirrored_with_its_sign_reversed(self):
        invoices = self.make_invoices(2)
        for place, line in enumerate(invoices.invoice_line_ids):
            line.sudo().custom_group_amount = 7.5 + place
        credits = self.credit_directly(invoices)
        self.assert_reversed(invoices, credits, 'custom_group_amount')

    def assert_reversed(self, invoices, credits, name):
        for invoice, credit in zip(invoices, credits, strict=True):
            amounts = invoice.invoice_line_ids.mapped(name)
            self.assertTrue(all(amounts))
            self.assertEqual(credit.invoice_line_ids.mapped(name), [-amount for amount in amounts])

    def test_a_value_of_the_invoice_is_added_to_its_credit(self):
        invoices = self.make_invoices(2)
        invoices[0].sudo().custom_team = 'North'
        invoices[1].sudo().custom_team = 'South'
        credits = self.credit_directly(invoices)
        self.assertEqual(credits.mapped('custom_credited_team'), ['North', 'South'])

    def test_the_host_can_be_made_to_derive_the_journal_items(self):
        """The figures are the same: it is only slower."""
        invoices = self.make_invoices(2)
        invoices[1].sudo().custom_is_derived = True
        credits = self.credit_directly(invoices)
        for invoice, credit in zip(invoices, credits, strict=True):
            self.assertEqual(
                sorted(line.balance for line in credit.line_ids),
                sorted(-line.balance for line in invoice.line_ids),
            )

    def test_more_differences_can_be_listed(self):
        invoice = self.make_invoices(1)
        credit = self.credit_directly(invoice)
        self.assertFalse(credit.credit_difference_html)
        credit.custom_approver = 'Ms. Ferreira'
        credit.invalidate_recordset()
        self.assertIn('Ms. Ferreira', credit.credit_difference_html)
