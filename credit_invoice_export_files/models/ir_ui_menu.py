from odoo import models

from odoo.addons.credit_invoice.tools.export_contract import BATCHES


class IrUiMenu(models.Model):
    """Without a system that takes files, there is no menu of them (mp17)."""

    _inherit = 'ir.ui.menu'

    def _load_menus_blacklist(self):
        # EXTENDS 'credit_invoice'
        hidden = super()._load_menus_blacklist()
        systems_sudo = self.env['credit.export.system']._get_all_systems()
        if not any(system._can(BATCHES) for system in systems_sudo):
            hidden.append(self.env.ref('credit_invoice_export_files.credit_export_batch_menu').id)
        return hidden
