from . import (
    test_credit,
    test_dialog,
    test_discount,
    test_hard_cases,
    test_link_wizard,
    test_links,
    test_list,
    test_mirror,
    test_print,
    test_settings,
    test_tools,
    test_tours,
)
