from . import early_discount, headings, line_matching, remaining, splitting
