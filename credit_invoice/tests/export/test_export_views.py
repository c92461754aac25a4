from ast import literal_eval

from lxml import etree

from odoo.exceptions import ValidationError
from odoo.tests import Form, new_test_user, tagged

from ...models.export.credit_export_system_connector import CreditExportSystem
from ...tools.export_contract import BATCHES, TestResult
from .export_common import ExportCommon

OURS = ('export_', 'has_export', 'action_view_exports')


@tagged('post_install', '-at_install')
class TestExportViews(ExportCommon):
    """What people see of exports, and that they see nothing without a system."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env(su=True),
            login='credit_accountant',
            groups='base.group_user,account.group_account_manager,base.group_system',
            company_id=cls.env.company.id,
        )

    # === MEANS === #

    def get_names(self, view_type, view=None):
        """The names of what an accountant sees of ours in a view of documents."""
        view_id = view and self.env.ref(view).id
        arch = self.Move.with_user(self.accountant).get_view(view_id, view_type)['arch']
        names = {node.get('name') for node in etree.fromstring(arch).xpath('//*[@name]')}
        return {name for name in names if name.startswith(OURS)}

    def get_menus(self, user=None):
        menus = self.env['ir.ui.menu'].with_user(user or self.accountant).load_menus(debug=False)
        return {menu.get('xmlid') for menu in menus.values() if menu['id'] != 'root'}

    def get_actions(self):
        actions = self.env['ir.actions.actions'].with_user(self.accountant)
        bindings = actions.get_bindings('account.move')
        return {action['name'] for action in bindings['action']}

    # === WITHOUT A SYSTEM === #

    def test_mp17_without_a_system_nothing_is_in_views_menus_or_actions(self):
        views = {
            'form': None,
            'list': 'account.view_invoice_tree',
            'search': 'account.view_account_invoice_filter',
        }
        for view_type, view in views.items():
            self.assertFalse(self.get_names(view_type, view), view_type)
        menu = 'credit_invoice.credit_export_record_menu'
        self.assertNotIn(menu, self.get_menus())
        self.assertIn('credit_invoice.credit_export_system_menu', self.get_menus())
        self.assertNotIn('Send Again to Accounting System', self.get_actions())
        self.connect()
        for view_type, view in views.items():
            self.assertTrue(self.get_names(view_type, view), view_type)
        self.assertIn(menu, self.get_menus())
        self.assertIn('Send Again to Accounting System', self.get_actions())
        self.system.active = False
        self.assertFalse(self.get_names('form'))
        self.assertNotIn(menu, self.get_menus())

    def test_mp17_what_a_consultant_calls_as_ours_is_left_alone(self):
        self.env['ir.ui.view'].sudo().create({
            'name': 'account.move.view.form.consultant',
            'model': 'account.move',
            'inherit_id': self.env.ref('account.view_move_form').id,
            'arch': '<sheet position="inside"><p name="export_to_customs">Customs</p></sheet>',
        })
        self.assertEqual(self.get_names('form'), {'export_to_customs'})

    def test_mp17_without_a_system_crediting_costs_no_query_more(self):
        """As many queries as with everything of ours taken out."""
        invoices = [self.make_invoice() for _number in range(5)]

        def credit(invoice):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            invoice.action_credit_invoice()
            self.make_credit(invoice, post=True)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        credit(invoices[0])  # fills caches
        ours = min(map(credit, invoices[1:3]))
        registry = self.registry
        for name in ('_get_export_systems', '_get_unknown_export_systems'):
            nothing = self.env['credit.export.system'].sudo()
            self.patch(registry['account.move'], name, lambda move, nothing=nothing: nothing)
        for name in ('_queue_exports', '_check_not_exported'):
            self.patch(registry['account.move'], name, lambda move: None)
        self.patch(
            registry['account.partial.reconcile'],
            '_queue_export_applications',
            lambda partial: None,
        )
        self.assertLessEqual(ours, min(map(credit, invoices[3:])))

    def test_mp17_opening_an_invoice_costs_no_query(self):
        invoice = self.make_invoice()
        names = ['has_export_system', 'export_state', 'export_status']
        invoice.read(names)
        self.env.invalidate_all()
        invoice.fetch(['company_id', 'move_type', 'journal_id', 'state'])
        with self.assertQueryCount(0):
            self.assertFalse(invoice.has_export_system)
            invoice._get_export_systems()

    # === WITH ONE === #

    def test_ts26_the_state_is_on_form_and_list_and_can_be_searched(self):
        older = self.make_invoice()
        self.connect(date_start='2026-02-01')
        states = {
            'to_send': ['to_send'],
            'unknown': ['unknown'],
            'sent': ['sent'],
            'differs': ['differs'],
            'rejected': ['rejected'],
            'missing': ['missing'],
        }
        moves = {}
        for state in states:
            moves[state] = self.make_invoice(invoice_date='2026-02-03')
            self.get_record(moves[state]).write({'state': state})
            self.assertEqual(moves[state].export_state, state)
        search = etree.fromstring(
            self.Move.get_view(self.env.ref('account.view_account_invoice_filter').id, 'search')[
                'arch'
            ]
        )
        expected = {
            'export_not_recorded': older,
            'export_not_known': moves['missing'],
            'export_waiting': moves['to_send'] | moves['unknown'],
            'export_rejected': moves['rejected'],
            'export_differs': moves['differs'],
            'export_done': moves['sent'],
        }
        ours = older | self.Move.union(*moves.values())
        for name, found in expected.items():
            (node,) = search.xpath(f"//filter[@name='{name}']")
            domain = literal_eval(node.get('domain'))
            self.assertEqual(self.Move.search([*domain, ('id', 'in', ours.ids)]), found, name)

    def test_ts26_the_form_says_where_it_stands_and_leads_to_its_exports(self):
        self.connect()
        invoice = self.make_invoice()
        with Form(invoice) as form:
            self.assertEqual(form.export_state, 'to_send')
            self.assertEqual(form.export_status, 'Books: To send')
        action = invoice.with_user(self.clerk).action_view_exports()
        self.assertEqual(self.env[action['res_model']].search(action['domain']).move_id, invoice)
        # The only one opens itself.
        self.assertEqual(action['res_id'], self.get_record(invoice).id)
        self.assertEqual(action['views'], [(False, 'form')])
        action = (invoice | self.make_invoice()).with_user(self.clerk).action_view_exports()
        self.assertFalse(action.get('res_id'))

    def test_ts26_every_system_is_named_those_included_that_nobody_asked(self):
        self.connect(date_start='2026-06-01')
        invoice = self.make_invoice()
        self.assertEqual(invoice.export_status, 'Books: Not recorded')
        second = self.System.create({
            'name': 'Archive',
            'company_id': self.env.company.id,
            'date_start': '2026-01-01',
            'sequence': 99,
        })
        invoice._ensure_export_records(is_check=False, systems=second)
        invoice.invalidate_recordset()
        self.assertEqual(invoice.export_status, 'Books: Not recorded, Archive: To send')
        self.assertEqual(invoice.export_state, 'none')
        self.assertFalse(self.make_invoice(post=False).export_status)

    def test_ts26_waiting_for_confirmation_says_when_it_is_tried_next(self):
        self.connect()
        invoice = self.make_invoice()
        self.get_record(invoice).write({'state': 'unknown', 'next_try': '2026-11-22 14:05:00'})
        self.assertEqual(invoice.export_status, 'Books: Waiting for confirmation, next try 14:05')

    def test_mp19_many_are_sent_again_from_the_list(self):
        self.connect()
        invoices = self.make_invoice() | self.make_invoice()
        records = self.Record.search([('move_id', 'in', invoices.ids)])
        records.write({'state': 'rejected'})
        action = self.env.ref('credit_invoice.account_move_action_send_again')
        action.with_user(self.accountant).with_context(
            active_model='account.move', active_ids=invoices.ids, active_id=invoices[0].id
        ).run()
        self.assertEqual(set(records.mapped('state')), {'unknown'})
        self.work()
        self.assertEqual(set(records.mapped('state')), {'sent'})
        self.assertEqual(len(self.books.documents), 2)

    def test_mp18_another_address_asks_whether_the_books_are_the_same(self):
        system = self.connect().with_user(self.accountant)
        elsewhere = {'address': 'https://new.example.com'}
        self.assertFalse(system.new(elsewhere, origin=system)._onchange_address())
        self.make_invoice()
        self.work()
        self.assertFalse(system.new({'name': 'New'}, origin=system)._onchange_address())
        warning = system.new(elsewhere, origin=system)._onchange_address()['warning']
        self.assertIn('Documents known to be in Books: 1.', warning['message'])

    def test_mp18_another_address_is_kept_in_the_chatter(self):
        system = self.connect().with_user(self.accountant).with_context(mail_notrack=False)
        self.flush_tracking()
        system.address = 'https://new.example.com'
        self.flush_tracking()
        changes = system.message_ids.sudo().tracking_value_ids
        self.assertIn('https://new.example.com', changes.mapped('new_value_char'))

    def test_mp18_every_view_of_ours_opens(self):
        self.connect()
        self.make_invoice()
        for model in (
            'credit.export.system',
            'credit.export.record',
            'credit.export.variance',
            'credit.export.run',
        ):
            views = [(False, 'list'), (False, 'form'), (False, 'search')]
            self.assertTrue(self.env[model].with_user(self.accountant).get_views(views))
        with Form(self.system.with_user(self.accountant)) as form:
            form.name = 'Head office'
            self.assertEqual(form.waiting_count, 1)

    def test_mp18_what_has_no_rows_says_what_it_is_for(self):
        for name in ('record', 'variance', 'run', 'system'):
            action = self.env.ref(f'credit_invoice.credit_export_{name}_action').sudo()
            self.assertIn('o_view_nocontent_smiling_face', action.help)

    def test_mp17_nothing_of_the_host_stands_under_our_heading(self):
        heading = self.env.ref('credit_invoice.credit_export_menu')
        hosts = heading.parent_id.child_id - heading
        self.assertGreater(heading.sequence, max(hosts.mapped('sequence')))

    def test_mp13_whoever_checks_is_told_so(self):
        self.connect()
        self.make_invoice()
        self.make_invoice()
        records = self.Record.search([]).with_user(self.clerk)
        for checked, text in (
            (records[0], '1 document is being checked.'),
            (records, '2 documents are being checked.'),
        ):
            self.assertEqual(checked.action_check()['params']['message'], text)

    def test_mp18_exports_can_be_grouped_by_customer(self):
        self.connect()
        invoice = self.make_invoice()
        groups = self.Record.with_user(self.clerk)._read_group([], ['partner_id'], ['__count'])
        self.assertIn((invoice.commercial_partner_id, 1), groups)

    # === THE SYSTEM === #

    def test_mp18_codes_that_are_not_known_are_quoted(self):
        system = self.connect().with_user(self.accountant)
        result = TestResult('Books', unknown_accounts=('4000',), unknown_taxes=('5% Eco levy',))
        connector = system._get_connector_class()
        self.patch(connector, 'test', lambda connector, accounts=(), taxes=(): result)
        for action in (system.action_test_connection(), system.action_check_mapping()):
            self.assertEqual(
                action['params']['message'],
                'Books does not know "4000", "5% Eco levy". Add a line for each under Accounts and '
                'Taxes.',
            )

    def test_mp18_a_new_system_has_no_buttons_that_need_a_saved_one(self):
        arch = etree.fromstring(
            self.System.with_user(self.accountant).get_view(view_type='form')['arch']
        )
        buttons = arch.xpath("//div[@name='button_box']//button | //header/button")
        self.assertTrue(buttons)
        # Testing the connection saves it first; the others say what they need.
        for button in buttons:
            if button.get('name') != 'action_test_connection':
                self.assertRegex(button.get('invisible', ''), 'not id|can_be_', button.get('name'))

    def test_mp18_address_and_key_are_asked_for_unless_it_takes_files(self):
        arch = etree.fromstring(
            self.System.with_user(self.accountant).get_view(view_type='form')['arch']
        )
        for name in ('address', 'secret'):
            (node,) = arch.xpath(f"//field[@name='{name}']")
            self.assertEqual(node.get('required'), "connector != 'none' and not takes_batches")
            self.assertEqual(node.get('invisible'), 'takes_batches')
        self.assertFalse(self.System.new({}).takes_batches)
        self.books.can = {BATCHES}
        self.assertTrue(self.System.new({}).takes_batches)

    def test_mp18_a_system_without_a_connector_is_not_used(self):
        real = CreditExportSystem._has_connector
        self.patch(self.registry['credit.export.system'], '_has_connector', real)
        with self.assertRaisesRegex(ValidationError, 'Books has no connector: choose what program'):
            self.connect()
        system = self.connect(active=False)
        self.assertFalse(system.can_be_asked)
        with self.assertRaisesRegex(ValidationError, 'has no connector'):
            system.active = True
