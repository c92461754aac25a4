from odoo import models

from .mirror_batch import get_batch


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    def _copy_data_extend_business_fields(self, values):
        # EXTENDS 'account': debit notes and re-invoices copy with business fields too, and are no
        # credits; only a mirror links its lines.
        super()._copy_data_extend_business_fields(values)
        batch = get_batch(self.env)
        if batch and batch.is_copying and self.move_id in batch.origins:
            values['credited_line_id'] = self.id
