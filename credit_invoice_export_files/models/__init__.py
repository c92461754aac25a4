from . import (
    account_move,
    credit_export_batch,
    credit_export_record,
    credit_export_system,
    ir_ui_menu,
)
