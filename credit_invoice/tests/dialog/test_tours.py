from odoo import fields
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingHttpCommon

from ..common import CreditCommon

LIST = '/odoo/action-account.action_move_out_invoice_type'


class TourCommon(AccountTestInvoicingHttpCommon, CreditCommon):
    """A clerk in the browser."""

    slow_because = 'a browser loads the web client for each tour'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env['res.partner'].sudo().create({'name': 'Tour Customer'})
        cls.clerk.sudo().password = 'credit_clerk'

    def credit_from_list(self, button, count, refused=0):
        """Credit all invoices of the list in the browser.

        :param str button: of the dialog
        :param int count: how many are listed
        :param int refused: how many of them are drafts, which cannot be credited
        :return: those that could be credited
        """
        good = self.Move.union(*(self.make_invoice() for _i in range(count - refused)))
        for _i in range(refused):
            self.make_invoice(post=False)
        tour = f'{button}_{"several" if len(good) > 1 else "one_left"}_tour'
        self.start_tour(LIST, tour, login='credit_clerk')
        for invoice in good:
            self.assertEqual(len(invoice.reversal_move_ids), 1)
        return good


@tagged('post_install', '-at_install')
class TestTours(TourCommon):
    """The journeys of a clerk."""

    def test_mp01_mp08_a_clerk_credits_an_invoice_and_follows_both_links(self):
        invoice = self.make_invoice(partner_id=self.customer.id)
        self.start_tour(LIST, 'credit_invoice_tour', login='credit_clerk')
        credit = invoice.reversal_move_ids
        self.assertEqual(len(credit), 1)
        self.assertEqual(credit.state, 'posted')
        self.assertIn('Wrong price', credit.ref)
        self.assertEqual(credit.create_uid, self.clerk)
        self.assertEqual(invoice.amount_residual, 0)

    def test_ag05_a_credit_is_blue_and_a_selection_is_credited(self):
        invoices = self.make_invoice() | self.make_invoice()
        self.make_credit(invoices[0], post=True)
        self.start_tour(LIST, 'credit_list_tour', login='credit_clerk')
        self.assertEqual(len(invoices[1].reversal_move_ids), 1)
        self.assertEqual(len(invoices[0].reversal_move_ids), 1)

    def test_if03_a_figure_of_the_report_lists_what_it_is_made_of(self):
        today = fields.Date.today()
        self.make_credit(self.make_invoice(invoice_date=today), post=True, date=today)
        self.start_tour(
            '/odoo/customer-credits-analysis', 'credit_report_tour', login='credit_clerk'
        )

    def test_mp10_two_invoices_are_credited_from_the_list(self):
        good = self.credit_from_list('action_create_credit', 2)
        self.assertEqual(set(good.reversal_move_ids.mapped('state')), {'draft'})

    def test_mp10_three_invoices_are_credited_from_the_list(self):
        self.credit_from_list('action_create_credit', 3)

    def test_mp10_two_of_three_invoices_are_credited_from_the_list(self):
        self.credit_from_list('action_create_credit', 3, refused=1)

    def test_mp10_one_of_two_invoices_is_credited_from_the_list(self):
        self.credit_from_list('action_create_credit', 2, refused=1)

    def test_mp20_two_invoices_are_re_invoiced_from_the_list(self):
        good = self.credit_from_list('action_credit_and_reinvoice', 2)
        self.assertEqual(len(good.replacement_move_ids), 2)

    def test_mp20_three_invoices_are_re_invoiced_from_the_list(self):
        self.credit_from_list('action_credit_and_reinvoice', 3)

    def test_mp20_two_of_three_invoices_are_re_invoiced_from_the_list(self):
        self.credit_from_list('action_credit_and_reinvoice', 3, refused=1)

    def test_mp06_a_draft_that_waits_is_opened_and_enter_makes_nothing(self):
        invoice = self.make_invoice()
        self.make_credit(invoice)
        self.start_tour(f'{LIST}/{invoice.id}', 'credit_waiting_tour', login='credit_clerk')
        self.assertEqual(len(invoice.reversal_move_ids), 1)

    def test_mp20_a_reason_leads_to_the_other_customer_and_enter_makes_nothing(self):
        invoice = self.make_invoice()
        self.start_tour(f'{LIST}/{invoice.id}', 'credit_reinvoice_tour', login='credit_clerk')
        self.assertEqual(len(invoice.replacement_move_ids), 1)

    def test_mp01_the_button_is_found_in_the_command_palette(self):
        invoice = self.make_invoice()
        self.start_tour(f'{LIST}/{invoice.id}', 'credit_palette_tour', login='credit_clerk')

    def test_ts03_a_clerk_credits_a_part_of_an_invoice(self):
        tax = self.tax_a.sudo().copy({'name': 'Twenty', 'amount': 20})
        invoice = self.make_invoice(lines=[(3, 100, tax), (1, 50, tax)])
        self.start_tour(f'{LIST}/{invoice.id}', 'credit_part_tour', login='credit_clerk')
        self.assertEqual(invoice.credited_amount, 120)
        self.assertEqual(invoice.credit_status, 'partial')

    def test_mp24_a_percentage_of_two_and_of_three_invoices(self):
        for count in (2, 3):
            with self.subTest(count):
                customer = self.customer.sudo().copy({'name': f'Customer {count}'})
                lines = [(2, 50), (1, 10)]
                invoices = self.Move.union(
                    *(self.make_invoice(lines, partner_id=customer.id) for _each in range(count))
                )
                action = (
                    self
                    .env['ir.actions.act_window']
                    .sudo()
                    .create({
                        'name': 'Invoices of a customer',
                        'res_model': 'account.move',
                        'view_mode': 'list,form',
                        'domain': f"[('id', 'in', {invoices.ids})]",
                    })
                )
                self.start_tour(
                    f'/odoo/action-{action.id}', 'credit_part_list_tour', login='credit_clerk'
                )
                credit = invoices.reversal_move_ids
                self.assertEqual(credit.credit_origin_ids, invoices)
                self.assertEqual(credit.amount_untaxed, 11 * count)


@tagged('post_install', '-at_install')
class TestPhoneTours(AccountTestInvoicingHttpCommon, CreditCommon):
    """The same on a phone."""

    browser_size = '390x844'
    touch_enabled = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk.sudo().password = 'credit_clerk'

    def test_ts03_a_part_of_an_invoice_on_a_phone(self):
        tax = self.tax_a.sudo().copy({'name': 'Twenty', 'amount': 20})
        invoice = self.make_invoice(lines=[(3, 100, tax), (1, 50, tax)])
        self.start_tour(f'{LIST}/{invoice.id}', 'credit_part_phone_tour', login='credit_clerk')
        self.assertEqual(invoice.reversal_move_ids.amount_total, 120)
