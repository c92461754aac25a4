from odoo import api, models


class IrActionsActions(models.Model):
    """Without an accounting system, nothing is sent to it again (mp17)."""

    _inherit = 'ir.actions.actions'

    @api.model
    def get_bindings(self, model_name):
        # EXTENDS 'base'
        bindings = super().get_bindings(model_name)
        if (
            model_name == 'account.move'
            and not self.env['credit.export.system']._get_all_system_ids()
        ):
            hidden = self.env['ir.model.data']._xmlid_to_res_id(
                'credit_invoice.account_move_action_send_again', raise_if_not_found=False
            )
            bindings = {
                kind: [action for action in actions if action['id'] != hidden]
                for kind, actions in bindings.items()
            }
        return bindings
