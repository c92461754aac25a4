from odoo.exceptions import ValidationError

from .splitting import is_number


def check_numbers(records, names, vals):
    """Refuse what cannot be calculated with.

    :param records: of the model of the fields
    :param names: of the fields that are numbers
    :param dict vals: as of `write`
    :raise ValidationError: names the first field
    """
    for name in names:
        value = vals.get(name) or 0.0
        if not is_number(value):
            raise ValidationError(
                records.env._(
                    '%(field)s must be a number, not %(value)s.',
                    field=records._fields[name].get_description(records.env, ['string'])['string'],
                    value=value,
                )
            )
