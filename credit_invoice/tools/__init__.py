from . import line_matching, tax_data
