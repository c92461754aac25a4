from . import credit_export_system
