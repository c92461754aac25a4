from odoo.tests import tagged

from odoo.addons.credit_invoice.tests.export.export_common import ExportCommon
from odoo.addons.credit_invoice.tools.export_contract import BATCHES

MENU = 'credit_invoice_export_files.credit_export_batch_menu'


@tagged('post_install', '-at_install')
class TestExportFilesViews(ExportCommon):
    """Where files are found, and what becomes of them without the add-on."""

    def is_menu_shown(self):
        menus = self.env['ir.ui.menu'].with_user(self.clerk).load_menus(debug=False)
        return MENU in {menu.get('xmlid') for menu in menus.values() if menu['id'] != 'root'}

    def test_mp17_clerks_find_the_files_of_systems_that_take_them(self):
        self.assertFalse(self.is_menu_shown())
        self.connect()
        self.assertFalse(self.is_menu_shown())
        self.books.can = {BATCHES}
        self.registry.clear_cache()
        self.assertTrue(self.is_menu_shown())
        self.system.active = False
        self.assertFalse(self.is_menu_shown())

    def test_mp18_every_view_of_files_opens_and_an_empty_list_says_what_it_is_for(self):
        self.connect()
        self.make_invoice()
        views = [(False, 'list'), (False, 'form'), (False, 'search')]
        for model in ('credit.export.batch', 'credit.export.system', 'credit.export.record'):
            self.assertTrue(self.env[model].with_user(self.clerk).get_views(views))
        action = self.env.ref('credit_invoice_export_files.credit_export_batch_action').sudo()
        self.assertIn('o_view_nocontent_smiling_face', action.help)

    def test_ts18_files_without_an_answer_wait_for_a_person_when_the_add_on_goes(self):
        self.books.can = {BATCHES}
        self.connect(connector='files')
        invoice, known = self.make_invoice(), self.make_invoice()
        self.get_record(invoice).state = 'in_file'
        self.get_record(known).state = 'sent'
        # What the host calls when it takes the connector out of the choices.
        self.env['credit.export.system']._fields['connector'].ondelete['files'](self.system)
        self.assertFalse(self.system.active)
        self.assertEqual(self.get_record(invoice).state, 'unknown')
        self.assertIn('The file that it was in is gone', self.get_record(invoice).last_answer)
        self.assertEqual(self.get_record(known).state, 'sent')

    def test_uninstalling_tells_of_the_files_that_go(self):
        module = (
            self
            .env['ir.module.module']
            .sudo()
            .search([('name', '=', 'credit_invoice_export_files')])
        )
        wizard = self.env['base.module.uninstall'].sudo().create({'module_ids': module.ids})
        self.assertEqual(wizard.model_ids.mapped('model'), ['credit.export.batch'])
