from . import headings, line_matching, remaining, splitting
