from lxml import etree

from odoo.tests import tagged

from ..common import CreditCommon


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

    def get_settings(self):
        """Ours in the settings: {id: element}."""
        settings = self.env['res.config.settings'].with_user(self.env.ref('base.user_admin'))
        arch = settings.get_view(view_type='form')['arch']
        block = etree.fromstring(arch).xpath('//block[@name="credit_settings"]')[0]
        return {setting.get('id'): setting for setting in block.iter('setting')}

    def test_the_settings_say_in_sentences_what_they_do(self):
        settings = self.get_settings()
        self.assertGreater(len(settings), 8)
        for name, setting in settings.items():
            with self.subTest(name):
                self.assertRegex(setting.get('help', ''), r'^[A-Z].*\.$')
                self.assertNotRegex(setting.get('help'), '^(Whether|What)')

    def test_a_box_says_what_ticking_it_does(self):
        text = self.get_settings()['credit_reason_required'].get('help')
        self.assertIn('cannot be credited without choosing a reason', text)

    def test_the_settings_lead_to_reasons_rules_and_users(self):
        buttons = {
            int(button.get('name'))
            for setting in self.get_settings().values()
            for button in setting.iter('button')
        }
        for name in ('credit_reason_action', 'credit_posting_rule_action'):
            self.assertIn(self.env.ref(f'credit_invoice.{name}').id, buttons)
        self.assertIn(self.env.ref('base.action_res_users').id, buttons)
