from . import test_export_odoo_system
from . import test_export_odoo_values
