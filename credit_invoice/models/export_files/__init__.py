from . import (
    account_move_export_files,
    credit_export_record_batch,
    credit_export_system_files,
    credit_export_batch,
)
