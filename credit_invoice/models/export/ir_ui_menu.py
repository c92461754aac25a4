from odoo import models


class IrUiMenu(models.Model):
    """Without an accounting system, there are no menus of it (mp17)."""

    _inherit = 'ir.ui.menu'

    def _load_menus_blacklist(self):
        # EXTENDS 'base'
        hidden = super()._load_menus_blacklist()
        if not self.env['credit.export.system']._get_all_system_ids():
            hidden.append(self.env.ref('credit_invoice.credit_export_menu').id)
        return hidden
