from odoo import models


class AccountMoveLine(models.Model):
    """What customers see of lines on their pages: nothing that these add-ons add."""

    _name = 'account.move.line'
    _inherit = ['account.move.line', 'credit.internal.mixin']
