from . import early_discount, line_matching, tax_data
