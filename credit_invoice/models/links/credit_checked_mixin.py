from odoo import api, models
from odoo.exceptions import UserError

from ...tools.checking import check_values


class CreditCheckedMixin(models.AbstractModel):
    """Records that programs may make: what nobody can mean is refused in a sentence, and windows
    are about documents that their user may read.

    For the windows of the add-ons, and for what people set up.
    """

    _name = 'credit.checked.mixin'
    _description = 'Checked Input'

    # By which field records are of a company: rights are asked again once it was changed.
    _owner_field = 'company_id'

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

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'base'
        records = super().create(vals_list)
        records._check_documents_access()
        return records

    def write(self, vals):
        # EXTENDS 'base'
        check_values(self, vals)
        result = super().write(vals)
        if self._owner_field in vals:
            # The host asks before it writes, when they are still where they were.
            self.check_access('write')
        if any(self._is_document_field(name) for name in vals):
            self._check_documents_access()
        return result

    def onchange(self, values, field_names, fields_spec):
        # EXTENDS 'web'
        self._check_onchange_values(values)
        return super().onchange(values, field_names, fields_spec)

    # === BUSINESS METHODS === #

    def _check_onchange_values(self, values):
        """Refuse what nobody can mean, of a record that is not saved yet. To be extended.

        :param dict values: as of `onchange`: what a row belongs to comes as its values, no id
        :raise ValidationError: names the first field
        """
        parents = {
            name
            for name, value in values.items()
            if isinstance(value, dict) and getattr(self._fields.get(name), 'comodel_name', None)
        }
        check_shown_values(self, {name: values[name] for name in values.keys() - parents})
        for name in parents:
            check_shown_values(self.env[self._fields[name].comodel_name], values[name])
        # What is not saved names documents, too.
        self.new(values, origin=self)._check_documents_access()

    @api.model
    def _is_document_field(self, name):
        field = self._fields.get(name)
        models = ('account.move', 'account.move.line')
        return field and field.store and not field.compute and field.comodel_name in models

    def _check_documents_access(self):
        """Refuse documents that the user may not read: what a window computes of them is shown.

        :raise AccessError: as of documents that do not exist; names none of them
        """
        if self._transient and not self.env.su:
            for name in filter(self._is_document_field, self._fields):
                self.sudo().mapped(name)._origin.sudo(False).check_access('read')


def check_shown_values(records, values):
    """Refuse what nobody can mean of what a client has on its screen.

    What is only shown there comes back as the server sent it, and is kept nowhere.

    :param records: of the model of the fields
    :param dict values: as of `onchange`
    :raise ValidationError: names the first field
    """
    shown = {name for name, field in records._fields.items() if field.compute and field.readonly}
    check_values(records, {name: values[name] for name in values.keys() - shown})
