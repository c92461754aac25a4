# The rooms, as those of `models`.
from . import (
    link,
    posting,
    dialog,  # before those that inherit from its windows
    handover,
    export,
    compare,
)
