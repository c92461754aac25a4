from odoo import models

from ...tools.export_contract import BATCHES


class IrUiMenu(models.Model):
    """Without an accounting system, there are no menus of it (mp17); nor of files, if none
    takes them."""

    _inherit = 'ir.ui.menu'

    def _load_menus_blacklist(self):
        # EXTENDS 'base'
        hidden = super()._load_menus_blacklist()
        systems_sudo = self.env['credit.export.system']._get_all_systems()
        if not systems_sudo:
            hidden.append(self.env.ref('credit_invoice.credit_export_menu').id)
        if not any(system._can(BATCHES) for system in systems_sudo):
            hidden.append(self.env.ref('credit_invoice.credit_export_batch_menu').id)
        return hidden
