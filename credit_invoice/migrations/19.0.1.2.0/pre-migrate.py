from odoo import SUPERUSER_ID, api
from odoo.tools import sql

from odoo.addons.credit_invoice.hooks import fill_settled_without_money


def migrate(cr, version):
    """Create and fill what was settled without money, so that no document is recomputed."""
    if not sql.column_exists(cr, 'account_move', 'is_settled_without_money'):
        sql.create_column(cr, 'account_move', 'is_settled_without_money', 'bool')
    fill_settled_without_money(api.Environment(cr, SUPERUSER_ID, {}))
