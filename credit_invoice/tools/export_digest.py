"""A digest that is the same for the same document, on every machine and in every version."""

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal


def get_digest(value):
    """The SHA-256 of a value of the contract, as 64 hexadecimal digits."""
    return hashlib.sha256(to_json(value).encode()).hexdigest()


def to_json(value):
    """A value of the contract as canonical JSON: sorted, amounts as texts without exponent.

    1, 1.0 and 1.00 are the same amount.
    """
    return json.dumps(_to_plain(value), sort_keys=True, ensure_ascii=False, separators=(',', ':'))


def _to_plain(value):
    if is_dataclass(value):
        return {part.name: _to_plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, Decimal):
        return format(value.normalize() + 0, 'f')
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_to_plain(item) for item in value]
    return value
