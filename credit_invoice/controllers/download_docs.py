from odoo import http
from odoo.http import request

from odoo.addons.account.controllers.download_docs import AccountDocumentDownloadController


class CreditDocumentDownloadController(AccountDocumentDownloadController):
    """Downloads are recorded: an invoice that was downloaded may be with the customer (pc02)."""

    @http.route()
    def download_invoice_attachments(self, attachments):
        # EXTENDS 'account'
        response = super().download_invoice_attachments(attachments)
        request.env['account.move'].browse(attachments.mapped('res_id'))._record_handover('printed')
        return response

    @http.route()
    def download_invoice_documents_filetype(self, invoices, filetype, allow_fallback=True):
        # EXTENDS 'account'
        response = super().download_invoice_documents_filetype(invoices, filetype, allow_fallback)
        if response:
            invoices._record_handover('printed')
        return response

    @http.route()
    def download_move_attachments(self, moves):
        # EXTENDS 'account'
        response = super().download_move_attachments(moves)
        if response:
            moves._record_handover('printed')
        return response
