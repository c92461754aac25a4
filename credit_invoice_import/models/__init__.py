from . import (
    credit_import_line,
    credit_import_line_checks,
    credit_import_line_credits,
    credit_import_line_load,
)
