from . import (
    cutting,
    early_discount,
    files_connector,
    headings,
    line_matching,
    remaining,
    settled,
    splitting,
)
