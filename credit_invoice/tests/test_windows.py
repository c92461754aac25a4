from contextlib import suppress

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CreditCommon


@tagged('post_install', '-at_install')
class TestWindows(CreditCommon):
    """A window is of whoever opened it, and shows what that person may read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.make_person('other_clerk', 'account.group_account_invoice')
        cls.elsewhere = cls.env(su=True)['res.company'].create({'name': 'Elsewhere'})
        cls.env(su=True)['account.journal'].create({
            'name': 'Sales elsewhere',
            'code': 'ELSE',
            'type': 'sale',
            'company_id': cls.elsewhere.id,
        })
        cls.stranger = cls.make_person('stranger', 'account.group_account_invoice', cls.elsewhere)

    def get_windows(self):
        """The models of our windows, and the host's dialog, which we show."""
        models = self.env['ir.model'].sudo().search([('transient', '=', True)])
        return {
            model.model
            for model in models
            if (model.modules or '').startswith('credit_invoice')
            or model.model.startswith('account.move.reversal')
        }

    def test_h4_each_window_is_of_whoever_opened_it(self):
        windows = self.get_windows()
        self.assertGreater(len(windows), 8)
        rules = self.env['ir.rule'].with_user(self.other)
        for name in windows:
            for mode in ('read', 'write', 'create', 'unlink'):
                with self.subTest(window=name, mode=mode):
                    self.assertIn('create_uid', str(rules._compute_domain(name, mode)))

    def test_h4_nobody_writes_a_dialog_that_somebody_else_has_open(self):
        dialog = self.open_dialog(self.make_invoice())
        for values in ({'reason': 'Mine'}, {'refused_html': '<p>Yours</p>'}):
            with self.assertRaises(AccessError), self.cr.savepoint():
                dialog.with_user(self.other).write(values)

    def test_h3_a_document_that_is_not_saved_shows_no_invoice_of_others(self):
        invoice = self.make_invoice(invoice_line_ids=[Command.create({'name': 'Secret'})])
        answer = call_kw(
            self.env['account.move'].with_user(self.stranger),
            'onchange',
            [
                [],
                {'move_type': 'out_refund', 'reversed_entry_id': invoice.id},
                ['reversed_entry_id'],
                {'credit_difference_html': {}, 'credit_origin_date': {}, 'credit_part_html': {}},
            ],
            {},
        )
        self.assertFalse(any(answer['value'].values()), answer)

    def test_h3_what_is_not_saved_tells_nothing_of_invoices_of_others(self):
        """Two invoices that differ in all that is shown get the same answer, to the letter."""
        fields = self.env['account.move'].sudo()._fields
        shown = self.env['account.move'].with_user(self.stranger)
        own = {
            name
            for name, field in fields.items()
            if 'credit_invoice' in field._modules and shown._has_field_access(field, 'read')
        }
        self.assertGreater(len(own), 30)
        lines = {'name': 'Secret', 'price_unit': 4711}
        invoices = (
            self.make_invoice(),
            self.make_invoice(
                lines=[lines], partner_id=self.partner_b.id, invoice_date='2025-03-04'
            ),
        )
        answers = []
        for invoice in invoices:
            answer = call_kw(
                self.env['account.move'].with_user(self.stranger),
                'onchange',
                [
                    [],
                    {'move_type': 'out_refund', 'reversed_entry_id': invoice.id},
                    ['reversed_entry_id'],
                    {name: {} for name in own},
                ],
                {},
            )
            answers.append(str(answer).replace(str(invoice.id), 'ID'))
        self.assertEqual(*answers)

    def test_h5_no_window_is_about_documents_of_others(self):
        invoice = self.make_invoice()
        tried = 0
        for name in self.get_windows():
            window = self.env[name].with_user(self.stranger)
            targets = {
                field.name: invoice if field.comodel_name == 'account.move' else invoice.line_ids[0]
                for field in window._fields.values()
                if field.comodel_name in ('account.move', 'account.move.line')
                and field.store
                and not field.compute
            }
            for field_name, target in targets.items():
                is_many = window._fields[field_name].type == 'many2many'
                value = [Command.set(target.ids)] if is_many else target.id
                for method, args in (
                    ('create', [[{field_name: value}]]),
                    ('onchange', [[], {field_name: value}, [field_name], {field_name: {}}]),
                ):
                    tried += 1
                    with self.subTest(window=name, field=field_name, method=method):
                        # A row of no window, and a window that lacks something, are not made.
                        errors = (UserError, IntegrityError)
                        with suppress(*errors), mute_logger('odoo.sql_db'), self.cr.savepoint():
                            call_kw(window, method, args, {})
                            self.fail('it was accepted')
        self.assertGreater(tried, 10)

    def test_m3_who_may_draft_leaves_no_trace_on_other_documents(self):
        drafter = self.make_person('drafter', 'base.group_user,credit_invoice.group_credit_draft')
        invoice = self.make_invoice()
        self.env.flush_all()
        before = invoice.write_uid, invoice.write_date, invoice.is_manually_modified
        for values in ({'display_name': 'x'}, {'needed_terms_dirty': True}, {'credit_badge': 'x'}):
            call_kw(invoice.with_user(drafter).browse(), 'write', [invoice.ids, values], {})
            self.env.flush_all()
            self.env.invalidate_all()
            after = invoice.write_uid, invoice.write_date, invoice.is_manually_modified
            self.assertEqual(after, before)
            with self.assertRaises(AccessError), self.cr.savepoint():
                call_kw(
                    invoice.with_user(self.stranger).browse(), 'write', [invoice.ids, values], {}
                )
