from odoo.http import request

from odoo.addons.account.controllers.portal import PortalAccount


class CreditPortalAccount(PortalAccount):
    """What people outside see of an invoice is recorded (pc02)."""

    def _document_check_access(self, model_name, document_id, access_token=None):
        # EXTENDS 'portal': every page and file of one invoice asks here, with or without a token
        document_sudo = super()._document_check_access(model_name, document_id, access_token)
        if model_name == 'account.move' and not request.env.user._is_internal():
            document_sudo._record_handover('portal')
        return document_sudo

    def _prepare_my_invoices_values(self, *args, **kwargs):
        # EXTENDS 'account': the list shows numbers, dates and amounts
        values = super()._prepare_my_invoices_values(*args, **kwargs)
        if request.env.user._is_internal():
            return values
        get_page = values['invoices']

        def get_recorded_page(offset):
            page = get_page(offset)
            ids = [item['invoice'].id for item in page]
            request.env['account.move'].browse(ids)._record_handover('portal')
            return page

        values['invoices'] = get_recorded_page
        return values
