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
    return json.dumps(to_plain(value), sort_keys=True, ensure_ascii=False, separators=(',', ':'))


def to_plain(value):
    """A value of the contract as JSON can hold it: amounts and days are texts."""
    if is_dataclass(value):
        return {part.name: to_plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, dict):
        return {name: to_plain(part) for name, part in value.items()}
    if isinstance(value, Decimal):
        return format(value.normalize() + 0, 'f')
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    return value
