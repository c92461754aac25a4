# The rooms, as those of `models`.
from . import (
    links,
    posting,
    dialog,  # before those that inherit from its windows
    handover,
    export,
    compare,
)
