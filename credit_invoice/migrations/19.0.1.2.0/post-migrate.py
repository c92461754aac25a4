from odoo import SUPERUSER_ID, api

from odoo.addons.credit_invoice.hooks import post_init_hook


def migrate(cr, version):
    """Give each company its default posting rule, as on a first installation."""
    post_init_hook(api.Environment(cr, SUPERUSER_ID, {}))
