# The rooms, from the ground floor up; each knows only those before it, see `tests/test_rooms.py` of
# the repository. Steps of what comes later go around those of what comes earlier: those of exports
# are the outermost.
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
