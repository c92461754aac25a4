from odoo import api, models
from odoo.exceptions import UserError

from ...tools.checking import check_values


class CreditCheckedMixin(models.AbstractModel):
    """Records that programs may make: what nobody can mean is refused in a sentence.

    For the windows of the add-ons, and for what people set up.
    """

    _name = 'credit.checked.mixin'
    _description = 'Checked Input'

    def ensure_one(self):
        # EXTENDS 'base': over RPC, buttons are pressed on no record, and on several
        if len(self._ids) != 1 or self._ids == (0,):
            raise UserError(self.env._('Choose one record for this, not %s.', len(self.ids)))
        return super().ensure_one()

    @api.model
    def default_get(self, fields):
        # EXTENDS 'base': defaults come in the context, too
        names = {name: f'default_{name}' for name in fields}
        context = self.env.context
        check_values(self, {name: context[key] for name, key in names.items() if key in context})
        return super().default_get(fields)

    @api.model
    def _add_missing_default_values(self, values):
        # EXTENDS 'base': the first step of whatever is made
        check_values(self, values)
        return super()._add_missing_default_values(values)

    def write(self, vals):
        # EXTENDS 'base'
        check_values(self, vals)
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        # EXTENDS 'web': the client sends what a row belongs to as its values, not as an id
        parents = {
            name
            for name, value in values.items()
            if isinstance(value, dict) and getattr(self._fields.get(name), 'comodel_name', None)
        }
        check_values(self, {name: values[name] for name in values.keys() - parents})
        for name in parents:
            check_values(self.env[self._fields[name].comodel_name], values[name])
        return super().onchange(values, field_names, fields_spec)
