from odoo.tests import tagged

from .common import CreditCommon


@tagged('post_install', '-at_install')
class TestSettings(CreditCommon):
    def test_ag06_a_credit_is_a_credit_memo_where_it_should_be(self):
        company = self.env.company.sudo()
        company.account_fiscal_country_id = self.env.ref('base.us')
        self.assertTrue(company._is_credit_memo())
        company.account_fiscal_country_id = self.env.ref('base.be')
        self.assertFalse(company._is_credit_memo())
        company.credit_title = 'credit_memo'
        self.assertTrue(company._is_credit_memo())

    def test_ag06_the_settings_are_the_companys(self):
        settings = (
            self
            .env['res.config.settings']
            .sudo()
            .create({
                'credit_title': 'credit_memo',
                'credit_rate': 'date',
            })
        )
        settings.execute()
        self.assertEqual(self.env.company.sudo().credit_title, 'credit_memo')
        self.assertEqual(self.env.company.sudo().credit_rate, 'date')
