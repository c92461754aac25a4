"""What a program sends that nobody can mean: refused in a sentence, before the host stumbles.

By the type of the field, not by the field: whoever adds a field need not think of it.
"""

from odoo.api import NewId
from odoo.exceptions import ValidationError
from odoo.models import BaseModel

from .splitting import is_number

# What the database counts up to, as a number and as an id.
LARGEST_INTEGER = 2**31 - 1
# In bytes, of what is typed on one line: it may go into a reference, which the host indexes.
LONGEST_LINE = 2000
SHOWN = 50  # characters of a value in a sentence


def check_numbers(records, names, vals):
    """Refuse what cannot be calculated with.

    :param records: of the model of the fields
    :param names: of the fields that are numbers
    :param dict vals: as of `write`
    :raise ValidationError: names the first field
    """
    check_values(records, {name: vals[name] for name in names if vals.get(name)})


def check_values(records, vals):
    """Refuse what fields cannot keep.

    :param records: of the model of the fields
    :param dict vals: as of `write`; rows that are made or changed with it are checked, too
    :raise ValidationError: names the first field
    """
    for name, value in vals.items():
        refusal = get_value_refusal(records, name, value)
        if refusal:
            raise ValidationError(refusal)


def get_value_refusal(records, name, value):
    """Why a value cannot be kept by a field.

    :param records: of the model of the field
    :param str name: of the field; any other name is none of ours to refuse
    :param value: as of `write`
    :return: one sentence, or False
    """
    field = records._fields.get(name)
    if field is None or value is None or value is False:
        return False
    get_refusal = REFUSALS.get(field.type)
    return get_refusal and get_refusal(records, field, value) or False


def _get_label(records, field):
    return field.get_description(records.env, ['string'])['string']


def _get_number_refusal(records, field, value):
    if is_number(value):
        return False
    return records.env._(
        '%(field)s must be a number, not %(value)s.',
        field=_get_label(records, field),
        value=str(value)[:SHOWN],
    )


def _get_integer_refusal(records, field, value):
    refusal = _get_number_refusal(records, field, value)
    if refusal or (value == int(value) and abs(value) <= LARGEST_INTEGER):
        return refusal
    return records.env._(
        '%(field)s must be a whole number of up to %(largest)s, not %(value)s.',
        field=_get_label(records, field),
        largest=LARGEST_INTEGER,
        value=value,
    )


def _get_text_refusal(records, field, value):
    label = _get_label(records, field)
    if not isinstance(value, (str, int, float)):
        return records.env._('%s must be a text.', label)
    if not _is_kept(str(value)):
        return records.env._(
            '%s holds a character that cannot be kept: type the text anew, without pasting it.',
            label,
        )
    return False


def _get_line_refusal(records, field, value):
    refusal = _get_text_refusal(records, field, value)
    size = 0 if refusal or field.readonly else len(str(value).encode())
    if size <= LONGEST_LINE:
        return refusal
    return records.env._(
        '%(field)s is too long: shorten it to %(count)s characters.',
        field=_get_label(records, field),
        count=len(str(value)) * LONGEST_LINE // size,
    )


def _is_kept(text):
    """Whether the database can keep a text: neither NUL nor half a character."""
    try:
        return b'\x00' not in text.encode()
    except UnicodeEncodeError:
        return False


def _get_choice_refusal(records, field, value):
    choices = field.get_values(records.env)
    if value in choices:
        return False
    return records.env._(
        '%(value)s is no choice of %(field)s. Use one of: %(choices)s.',
        value=str(value)[:SHOWN],
        field=_get_label(records, field),
        choices=', '.join(map(str, choices)),
    )


def _get_date_refusal(records, field, value):
    try:
        field.convert_to_cache(value, records)
    except (TypeError, ValueError):
        return records.env._(
            '%(field)s must be a date such as 2026-01-31, not %(value)s.',
            field=_get_label(records, field),
            value=str(value)[:SHOWN],
        )
    return False


def _get_record_refusal(records, field, value):
    if isinstance(value, (BaseModel, NewId)) or _is_id(value):
        return False
    return records.env._(
        '%(field)s must be the id of a record, not %(value)s.',
        field=_get_label(records, field),
        value=str(value)[:SHOWN],
    )


def _is_id(value):
    return isinstance(value, int) and 0 <= value <= LARGEST_INTEGER


def _get_commands_refusal(records, field, value):
    if isinstance(value, BaseModel):
        return False
    if not isinstance(value, (list, tuple)) or not all(map(_is_command, value)):
        return records.env._(
            '%(field)s must be a list of ids or of commands, not %(value)s.',
            field=_get_label(records, field),
            value=str(value)[:SHOWN],
        )
    rows = records.env[field.comodel_name]
    for command in value:
        for name, row_value in _get_row_vals(command).items():
            refusal = get_value_refusal(rows, name, row_value)
            if refusal:
                return refusal
    return False


def _is_command(command):
    """Whether something is an id, or a command of the host's; see `odoo.fields.Command`."""
    if not isinstance(command, (list, tuple)):
        return isinstance(command, NewId) or _is_id(command)
    kind, *rest = (*command, None, None)
    if kind in (0, 1):
        return rest[1] is None or isinstance(rest[1], dict)
    if kind == 6:
        ids = rest[1]
        return isinstance(ids, (list, tuple, range)) and all(map(_is_command, ids))
    # The client calls rows that it has made by names of its own.
    is_row = isinstance(rest[0], (str, NewId)) or _is_id(rest[0])
    return kind == 5 or (kind in (2, 3, 4) and is_row)


def _get_row_vals(command):
    is_row = isinstance(command, (list, tuple)) and command[0] in (0, 1) and len(command) > 2
    return is_row and command[2] or {}


def _get_file_refusal(records, field, value):
    if isinstance(value, (str, bytes)):
        return False
    return records.env._('%s must be a file.', _get_label(records, field))


# Why a value cannot be kept, by the type of the field.
REFUSALS = {
    'integer': _get_integer_refusal,
    'float': _get_number_refusal,
    'monetary': _get_number_refusal,
    'char': _get_line_refusal,
    'text': _get_text_refusal,
    'html': _get_text_refusal,
    'selection': _get_choice_refusal,
    'date': _get_date_refusal,
    'datetime': _get_date_refusal,
    'many2one': _get_record_refusal,
    'one2many': _get_commands_refusal,
    'many2many': _get_commands_refusal,
    'binary': _get_file_refusal,
}
