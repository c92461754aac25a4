from odoo.tests import tagged

from .common import CreditCommon


@tagged('post_install', '-at_install')
class TestPostingRules(CreditCommon):
    def test_pc05_the_default_rule_decides(self):
        credit = self.make_credit(self.make_invoice())
        self.assertEqual(credit.credit_posting_rule_id.name, 'Every credit')
        self.assertIn('fits every credit', credit.credit_posting_rule_why)
        self.assertIn('original account', credit.credit_posting_rule_why)
