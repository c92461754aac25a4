from . import (
    cutting,
    early_discount,
    headings,
    line_matching,
    remaining,
    settled,
    splitting,
)
