from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import CreditCommon


@tagged('post_install', '-at_install')
class TestCreditReport(CreditCommon):
    """Reporting › Credits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls.make_invoice(lines=[cls.get_line(10, 100.0)])
        cls.other = cls.make_invoice(lines=[cls.get_line(1, 600.0)], partner_id=cls.partner_b.id)
        cls.credit = cls.make_credit(cls.invoice, reason='Damaged')
        cls.credit.invoice_line_ids.quantity = 4
        cls.credit.action_post()
        cls.Report = cls.env['credit.report']

    @classmethod
    def get_line(cls, quantity, price):
        return {
            'product_id': cls.product_a.id,
            'quantity': quantity,
            'price_unit': price,
            'tax_ids': [Command.set(cls.tax_a.ids)],
        }

    def get_sums(self, *groupby):
        groups = self.Report._read_group(
            [('company_id', '=', self.env.company.id)],
            groupby,
            [
                'sales:sum',
                'credited:sum',
                'credited_quantity:sum',
                'credit_count:sum',
                'credited_share:avg',
            ],
        )
        return {group[: len(groupby)]: group[len(groupby) :] for group in groups}

    def test_if03_sales_and_credits_stand_side_by_side(self):
        self.assertEqual(self.get_sums()[()], (1600.0, 400.0, 4.0, 1, 25.0))

    def test_if03_the_share_is_that_of_each_group(self):
        by_partner = self.get_sums('commercial_partner_id')
        self.assertEqual(by_partner[self.partner_a,], (1000.0, 400.0, 4.0, 1, 40.0))
        self.assertEqual(by_partner[self.partner_b,], (600.0, 0.0, 0.0, 0, 0.0))

    def get_shares(self, *groupby, domain=()):
        """Share of credits and share of sales of each group, as the client asks for them."""
        domain = [('company_id', '=', self.env.company.id), *domain]
        aggregates = ['credit_share:avg', 'credited_share:avg']
        groups = self.Report.formatted_read_grouping_sets(domain, [[], groupby], aggregates)[1]
        return {
            tuple(group[name] and group[name][0] for name in groupby): (
                group['credit_share:avg'],
                group['credited_share:avg'],
            )
            for group in groups
        }

    def credit_for_reasons(self):
        """Half of all credits for one reason, a quarter for another, a quarter for none.

        Of sales of 3200.
        """
        self.make_invoice(lines=[self.get_line(1, 400.0)])
        first, second = self.env['credit.reason'].search([], limit=2)
        for reason, price in ((first, 800.0), (second, 400.0)):
            invoice = self.make_invoice(lines=[self.get_line(1, price)])
            self.make_credit(invoice, post=True, credit_reason_id=reason.id)
        return first.id, second.id

    def test_if03_each_reason_has_its_share_of_all_credits_and_of_all_sales(self):
        first, second = self.credit_for_reasons()
        shares = self.get_shares('credit_reason_id')
        self.assertEqual(shares[first,], (50.0, 25.0))
        self.assertEqual(shares[second,], (25.0, 12.5))
        self.assertEqual(shares[False,], (25.0, 12.5))

    def test_if03_by_reason_and_customer_sales_are_those_of_the_customer(self):
        first, _second = self.credit_for_reasons()
        self.make_invoice(lines=[self.get_line(1, 600.0)])
        shares = self.get_shares('commercial_partner_id', 'credit_reason_id')
        self.assertEqual(shares[self.partner_a.id, first], (50.0, 25.0))
        self.assertEqual(shares[self.partner_b.id, False], (0.0, 0.0))

    def test_if03_where_there_are_no_sales_there_is_no_share_of_them(self):
        first, _second = self.credit_for_reasons()
        credits = [('move_type', '=', 'out_refund')]
        shares = self.get_shares('credit_reason_id', domain=credits)
        self.assertEqual(shares[first,], (50.0, False))

    def test_if03_groups_are_put_in_the_order_of_their_shares(self):
        first, second = self.credit_for_reasons()
        groups = self.Report._read_group(
            [('company_id', '=', self.env.company.id), ('credit_reason_id', '!=', False)],
            ['credit_reason_id'],
            ['credit_share:avg'],
            order='credit_share:avg DESC',
        )
        self.assertEqual([reason.id for reason, _share in groups], [first, second])

    def test_if03_every_dimension_can_be_grouped_by(self):
        for name in (
            'date:month',
            'product_id',
            'product_categ_id',
            'invoice_user_id',
            'journal_id',
            'company_id',
            'origin_id',
            'move_type',
        ):
            groups = self.get_sums(name)
            self.assertEqual(sum(group[1] for group in groups.values()), 400.0, name)
        self.assertEqual(self.get_sums('origin_id')[self.invoice,][1], 400.0)

    def test_if03_a_credit_of_several_lines_is_one_credit(self):
        invoice = self.make_invoice(lines=[self.get_line(1, 10.0)] * 3)
        self.make_credit(invoice, post=True)
        self.assertEqual(self.get_sums()[()][3], 2)

    def test_if03_drafts_and_vendors_stay_out(self):
        self.make_credit(self.other)
        self.make_invoice(post=False)
        self.make_invoice(move_type='in_invoice')
        self.assertEqual(self.get_sums()[()][:2], (1600.0, 400.0))

    def test_if03_quantities_are_in_the_products_unit(self):
        dozen = self.env.ref('uom.product_uom_dozen')
        line = {**self.get_line(2, 120.0), 'product_uom_id': dozen.id}
        self.make_credit(self.make_invoice(lines=[line]), post=True)
        self.assertEqual(self.get_sums()[()][2], 28.0)

    def test_if03_amounts_are_in_the_companys_currency(self):
        currency = self.get_currency(**{'2026-01-01': 2.0})
        invoice = self.make_invoice(lines=[self.get_line(1, 500.0)], currency_id=currency.id)
        self.make_credit(invoice, post=True)
        self.assertEqual(self.get_sums()[()][:2], (1850.0, 650.0))

    def test_if03_reasons_are_searched(self):
        self.assertEqual(self.Report.search([('reason', 'ilike', 'damag')]).move_id, self.credit)

    def test_if03_a_row_opens_its_document(self):
        row = self.Report.search([('move_id', '=', self.credit.id)])
        self.assertEqual(row.action_open_document()['res_id'], self.credit.id)

    def test_if03_other_companies_are_not_seen(self):
        company = self.env['res.company'].sudo().create({'name': 'Another company'})
        outsider = new_test_user(
            self.env(su=True),
            login='outsider',
            groups='base.group_user,account.group_account_readonly',
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertFalse(self.Report.with_user(outsider).search_count([]))

    def test_if03_only_people_in_accounting_may_read(self):
        employee = new_test_user(self.env(su=True), login='employee', groups='base.group_user')
        with self.assertRaises(AccessError):
            self.Report.with_user(employee).search([])
        with self.assertRaises(AccessError):
            self.Report.search([], limit=1).check_access('write')

    def test_if03_the_menu_is_under_reporting(self):
        menu = self.env.ref('credit_invoice.credit_report_menu')
        analysis = self.env.ref('account.menu_action_account_invoice_report_all')
        self.assertEqual(menu.sudo().parent_id, analysis.sudo().parent_id)
        self.assertIn(menu.id, self.env['ir.ui.menu']._visible_menu_ids())
