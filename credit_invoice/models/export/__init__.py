from . import (
    account_journal_export,
    account_move_export_document,
    account_partial_reconcile_export,
    account_move_export,  # after what it extends
    account_move_export_check,
    account_move_export_period,
    credit_export_system,
    credit_export_system_connector,
    credit_export_system_numbers,
    credit_export_system_period,
    credit_export_record,  # before its parts
    credit_export_history,
    credit_export_record_judge,
    credit_export_mapping,
    credit_export_record_check,
    credit_export_record_document,
    credit_export_record_work,
    credit_export_system_work,
    credit_export_system_queue,  # after what it extends
    res_partner,
)
