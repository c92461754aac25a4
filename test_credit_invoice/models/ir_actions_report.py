from odoo import models


class IrActionsReport(models.Model):
    _inherit = 'ir.actions.report'

    def _is_handover_report(self):
        # EXTENDS 'credit_invoice': a sheet for the house
        return super()._is_handover_report() and self.name != 'Picking Sheet'
