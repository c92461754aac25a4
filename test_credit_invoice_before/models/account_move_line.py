from odoo import fields, models

from ..seen import see


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    before_order_ref = fields.Char(copy=False)

    def _copy_data_extend_business_fields(self, values):
        # EXTENDS 'account'
        super()._copy_data_extend_business_fields(values)
        if self.company_id.before_localisation:
            see('before', '_copy_data_extend_business_fields', self.move_id)
            values['before_order_ref'] = self.before_order_ref
