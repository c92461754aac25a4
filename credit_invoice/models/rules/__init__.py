from . import (
    credit_rule_target_mixin,  # before account and journal
    account_account,
    account_chart_template,
    account_journal,
    account_move_credit_number,
    account_move_credit_sequence,
    account_move_line_posting_rule,
    account_move_posting_rule,
    credit_posting_rule,
    credit_posting_rule_checks,
    credit_posting_rule_explanation,
    res_company_credit_numbering,
)
