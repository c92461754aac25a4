from odoo import api, models

# What the fields of all add-ons of the suite are told by: the module that they come from.
SUITE = 'credit_invoice'


class CreditInternalMixin(models.AbstractModel):
    """Documents that customers may read: what these add-ons note on them is for the people of the
    company, unless it is said otherwise.

    `groups` on each field would do the same. But a field with groups takes eight times as long to
    read in code, and views in which it decides about something, those of other add-ons included,
    are refused unless they name the groups, too.
    """

    _name = 'credit.internal.mixin'
    _description = 'Fields for the People of the Company'

    # Those of the suite that customers may not read, found when the model is set up.
    _internal_credit_fields = frozenset()

    @api.model
    def _get_customer_credit_fields(self):
        """The fields of the suite that customers may read: what their pages need as they see it.

        To be extended by whoever shows them more.

        :rtype: set
        """
        return set()

    @api.model
    def _post_model_setup__(self):
        # EXTENDS 'base'
        super()._post_model_setup__()
        own = {
            name
            for name, field in self._fields.items()
            if field._modules and field._modules[0].startswith(SUITE)
        }
        internal = frozenset(own - self._get_customer_credit_fields())
        self.env.registry[self._name]._internal_credit_fields = internal

    @api.model
    def _has_field_access(self, field, operation):
        # EXTENDS 'base'
        if (
            field.name in self._internal_credit_fields
            and not self.env.su
            and not self.env.user._is_internal()
        ):
            return False
        return super()._has_field_access(field, operation)
