from odoo import models


class BaseModuleUninstall(models.TransientModel):
    """What goes with the add-on is told before it is uninstalled."""

    _inherit = 'base.module.uninstall'

    def _get_models(self):
        # EXTENDS 'mail', which tells of documents with a chatter only
        ours = self.env['ir.model'].search([('model', '=like', 'credit.%')])
        return super()._get_models() | ours.filtered(lambda model: self._is_kept(model.model))

    def _is_kept(self, name):
        """Whether a model has a table of records that people made."""
        model = self.env.get(name)
        return model is not None and model._auto and not model._transient and not model._abstract
