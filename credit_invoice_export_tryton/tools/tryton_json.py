"""Values as Tryton's JSON-RPC writes them: dates and exact numbers are objects with a class."""

from datetime import date
from decimal import Decimal


def to_tryton(value):
    """A value, of whatever depth, as Tryton reads it."""
    if isinstance(value, dict):
        return {name: to_tryton(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [to_tryton(one) for one in value]
    if isinstance(value, Decimal):
        return {'__class__': 'Decimal', 'decimal': format(value, 'f')}
    if isinstance(value, date):
        return {'__class__': 'date', 'year': value.year, 'month': value.month, 'day': value.day}
    return value


def from_tryton(value):
    """A value, of whatever depth, as Tryton wrote it."""
    if isinstance(value, list):
        return [from_tryton(one) for one in value]
    if not isinstance(value, dict):
        return value
    kind = value.get('__class__')
    if kind == 'Decimal':
        return Decimal(value['decimal'])
    if kind == 'date':
        return date(value['year'], value['month'], value['day'])
    return {name: from_tryton(one) for name, one in value.items()}
