from odoo.tests import new_test_user, tagged

from .export.export_common import ExportCommon

BILLING = 'account.group_account_invoice'


@tagged('post_install', '-at_install')
class TestMenus(ExportCommon):
    """Where things stand, for whom."""

    def get_menus(self, groups):
        """Ours that a person with these groups sees: {external id: path}."""
        user = new_test_user(self.env(su=True), login=f'menus {groups}', groups=groups)
        menus = self.env['ir.ui.menu'].with_user(user).with_context(lang='en_US')
        visible = menus.browse(menus._visible_menu_ids())
        return {
            name.split('.')[1]: menu.complete_name
            for menu in visible
            if (name := menu.sudo().get_external_id()[menu.id]).startswith('credit_invoice.')
        }

    def test_what_is_configured_of_credits_stands_in_one_group(self):
        menus = self.get_menus('account.group_account_manager,base.group_system')
        for name in (
            'credit_reason_menu',
            'credit_posting_rule_menu',
            'credit_export_system_menu',
            'credit_settings_menu',
            'credit_link_wizard_menu',
        ):
            self.assertRegex(menus[name], r'^Invoicing/Configuration/Credits/[^/]+$')

    def test_a_clerk_finds_nothing_in_customers_that_is_done_once(self):
        menus = self.get_menus(BILLING)
        self.assertNotIn('credit_link_wizard_menu', menus)
        self.assertNotIn('credit_configuration_menu', menus)

    def test_ts01_whoever_configures_credits_finds_reasons_and_rules(self):
        menus = self.get_menus(f'{BILLING},credit_invoice.group_credit_configure')
        self.assertIn('credit_reason_menu', menus)
        self.assertIn('credit_posting_rule_menu', menus)
        self.assertNotIn('credit_settings_menu', menus)

    def test_a_clerk_finds_no_comparisons_that_others_make(self):
        self.connect()
        self.assertNotIn('credit_export_run_menu', self.get_menus(BILLING))
        manager = self.get_menus(f'{BILLING},credit_invoice.group_credit_export')
        self.assertIn('credit_export_run_menu', manager)
        self.assertIn('credit_export_system_menu', manager)
