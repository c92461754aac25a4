from . import account_move_reversal, credit_link_wizard
