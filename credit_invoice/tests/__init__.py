# What belongs to no room is told of the house as a whole.
from . import (
    test_bad_input,
    test_branch,
    test_hard_cases,
    test_menus,
    test_portal,
    test_typed_values,
    test_overhead,
    test_routes,
    test_tools,
    test_windows,
)
from .links import (
    test_actions,
    test_credited,
    test_filters,
    test_form,
    test_hooks,
    test_link_wizard,
    test_links,
    test_list,
    test_reasons,
    test_settings,
    test_user_rights,
)
from .mirror import (
    test_balanced_lines,
    test_changed_since,
    test_credit,
    test_drafts_together,
    test_mirror,
    test_part,
    test_part_of_all,
    test_part_tax,
    test_partial,
    test_tax_account,
)
from .discount import (
    test_deductions,
    test_discount,
)
from .rules import (
    test_numbering,
    test_posting_rules,
)
from .posting import (
    test_four_eyes,
    test_gate,
    test_guards,
    test_limits,
    test_rights,
)
from .dialog import (
    test_dialog,
    test_dialog_buttons,
    test_dialog_dates,
    test_dialog_summary,
    test_tours,
)
from .handover import (
    test_credit_report,
    test_handover,
    test_invalidate,
    test_print,
)
from .export import (
    connector_contract,
    test_export_check,
    test_export_hard_cases,
    test_export_periods,
    test_export_rights,
    test_export_tours,
    test_export_views,
    test_export_work,
)
from .compare import (
    test_export_variances,
)
