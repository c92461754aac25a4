from . import credit_export_acknowledgement
