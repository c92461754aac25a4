from odoo import models


class ResCompany(models.Model):
    _inherit = 'res.company'

    def write(self, vals):
        # EXTENDS 'account': taxes may be rounded otherwise from now on
        result = super().write(vals)
        self.env['account.move']._forget_line_figures()
        return result
