from . import (
    account_move_variances,
    credit_export_run,  # before its parts
    credit_export_run_check,
    credit_export_run_compare,
    credit_export_system_runs,
    credit_export_variance,
    credit_export_variance_find,
)
