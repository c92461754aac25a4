from . import allocation, early_discount, headings, line_matching, remaining, settled, splitting
