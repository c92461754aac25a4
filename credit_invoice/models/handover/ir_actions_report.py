from odoo import api, models


class IrActionsReport(models.Model):
    _inherit = 'ir.actions.report'

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        # EXTENDS 'account': every PDF of an invoice is rendered here, also proformas
        rendered = super()._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)
        self._record_handover(report_ref, res_ids)
        return rendered

    def _record_handover(self, report_ref, res_ids):
        """Record that somebody got invoices on paper, or as a file."""
        if res_ids and self._get_report(report_ref)._is_handover_report():
            self.env['account.move'].browse(res_ids)._record_handover('printed')

    def _is_handover_report(self):
        """Whether the customer may hold the invoice when this report was printed.

        To be extended for reports on invoices that never go to the customer.
        """
        self.ensure_one()
        return self.model == 'account.move'

    @api.model
    def _is_handover_report_name(self, name):
        """Whether a report of this name may have to be recorded."""
        reports_sudo = self.sudo().search([('report_name', '=', name)])
        return any(report_sudo._is_handover_report() for report_sudo in reports_sudo)
