from . import credit_invalidate_wizard
