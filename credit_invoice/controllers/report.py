from odoo import http
from odoo.http import request

from odoo.addons.web.controllers.report import ReportController


def is_readonly_report(_controller, _rule, args):
    """Whether a report can be rendered without writing: what is shown of invoices is recorded.

    Without this, the host would render each of them twice where it has a replica to read from.
    """
    return not request.env['ir.actions.report']._is_handover_report_name(args['reportname'])


class CreditReportController(ReportController):
    """Invoices that were printed are recorded (pc02)."""

    @http.route(readonly=is_readonly_report)
    def report_routes(self, reportname, docids=None, converter=None, **data):
        # EXTENDS 'web': PDFs are recorded where they are rendered; where the server makes none,
        # the client shows and prints the page.
        response = super().report_routes(reportname, docids=docids, converter=converter, **data)
        if converter != 'pdf' and docids:
            ids = [int(res_id) for res_id in docids.split(',') if res_id.isdigit()]
            request.env['ir.actions.report']._record_handover(reportname, ids)
        return response
