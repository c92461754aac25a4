from odoo import fields, models

from odoo.addons.test_credit_invoice_before.seen import see


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    # === THE FAKE LOCALISATION === #

    after_order_ref = fields.Char(copy=False)

    # === THE CUSTOMISATION === #

    custom_commission = fields.Monetary(
        copy=False, help='What the salesperson earns by this line; a credit takes it back.'
    )
    custom_group_amount = fields.Float(
        copy=False, help="The journal item in the currency of the group's report."
    )

    def _copy_data_extend_business_fields(self, values):
        # EXTENDS 'account'
        super()._copy_data_extend_business_fields(values)
        if self.company_id.after_localisation:
            see('after', '_copy_data_extend_business_fields', self.move_id)
            values['after_order_ref'] = self.after_order_ref
        if self.env.context.get('credit_mirror'):
            values['custom_commission'] = -self.custom_commission
