from odoo import SUPERUSER_ID, api

from odoo.addons.credit_invoice.hooks import pre_init_hook


def migrate(cr, version):
    """Fill the stored figures of what was credited as on a first installation."""
    pre_init_hook(api.Environment(cr, SUPERUSER_ID, {}))
