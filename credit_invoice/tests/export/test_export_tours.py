from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingHttpCommon

from .export_common import ExportCommon

LIST = '/odoo/action-account.action_move_out_invoice_type'


@tagged('post_install', '-at_install')
class TestExportTours(AccountTestInvoicingHttpCommon, ExportCommon):
    """The check of mp12 to mp15 in the browser."""

    slow_because = 'a browser loads the web client for each tour'

    def setUp(self):
        super().setUp()
        self.clerk.sudo().password = 'credit_clerk'
        self.invoice = self.make_invoice()
        self.connect(date_start='2026-06-01')

    def test_mp12_mp15_mp14b_blocked_exported_and_goes_on_by_itself(self):
        waits = []
        Wizard = self.registry['credit.export.check.wizard']
        check_progress = Wizard.check_progress

        def work_and_check(wizard):
            """The worker runs between two questions of the window."""
            waits.append(wizard.stage)
            if len(waits) > 1:
                for record in wizard.record_id.sudo():
                    vals = record._prepare_call(record.system_id._get_connector())[0]()
                    record._write_answer(record._complete_vals(vals))
                wizard.invalidate_recordset()
            return check_progress(wizard)

        self.patch(Wizard, 'check_progress', work_and_check)
        self.start_tour(f'{LIST}/{self.invoice.id}', 'credit_export_tour', login='credit_clerk')
        self.assertEqual(waits[0], 'waiting')
        self.assertEqual(self.get_record(self.invoice).state, 'sent')
        self.assertEqual(len(self.books.documents), 1)
        self.assertTrue(self.invoice.reversal_move_ids)

    def test_mp14_mp14b_found_goes_on_by_itself(self):
        record = self.Record.new({
            'system_id': self.system.id,
            'move_id': self.invoice.id,
            'operation': 'invoice',
            'key': '',
        })
        self.books.add(self.invoice.sudo()._prepare_export_document(record))
        self.start_tour(
            f'{LIST}/{self.invoice.id}', 'credit_export_found_tour', login='credit_clerk'
        )
        self.assertEqual(self.get_record(self.invoice).state, 'sent')

    def test_mp21_the_form_of_a_check_follows_its_progress(self):
        run = self.system._start_run({'kind': 'check', 'total': 10})
        reads = []
        Run = self.registry['credit.export.run']
        web_read = Run.web_read

        def read_later(runs, specification):
            """As if the worker were done before the form asks for the third time: it only reads."""
            reads.append(runs)
            values = web_read(runs, specification)
            if len(reads) > 2:
                values[0].update(state='done', summary='All were found')
            return values

        self.patch(Run, 'web_read', read_later)
        self.start_tour(
            f'/odoo/action-credit_invoice.credit_export_run_action/{run.id}',
            'credit_export_progress_tour',
            login='credit_clerk',
        )
        self.assertGreater(len(reads), 2)
