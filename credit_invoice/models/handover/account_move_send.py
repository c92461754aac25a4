from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    _inherit = 'account.move.send'

    @api.model
    def _hook_if_success(self, moves_data, from_cron=False):
        # EXTENDS 'account': also where a proforma was sent, which the host does not call sent
        super()._hook_if_success(moves_data, from_cron=from_cron)
        self.env['account.move'].union(*moves_data)._record_handover('sent')
