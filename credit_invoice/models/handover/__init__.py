from . import (
    account_move_handover,
    account_move_invalidate,
    account_move_mail,
    account_move_send,
    ir_actions_report,
)
