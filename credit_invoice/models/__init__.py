# The rooms, from the ground floor up; each knows only those before it, see `tests/test_rooms.py` of
# the repository. What comes later goes around what comes earlier: `write` of exports is the
# outermost.
from . import (
    links,
    mirror,
    discount,
    rules,
    posting,
    # Above all others but imports, and yet before exports: these have to see what became of a
    # settlement whose match is taken off (`unlink` of `account.partial.reconcile`), and they extend
    # why a credit cannot be approved (`_get_approval_refusal`).
    settle,
    handover,
    export,
    compare,
    export_files,
    import_file,
)
