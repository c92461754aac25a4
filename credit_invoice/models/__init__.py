# The rooms, from the ground floor up; each knows only those before it, see `tests/test_rooms.py` of
# the repository. What comes later goes around what comes earlier: `write` of exports is the
# outermost.
from . import (
    links,
    mirror,
    discount,
    rules,
    posting,
    handover,
    export,
    compare,
)
