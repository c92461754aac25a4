from odoo import fields, models

from ...tools.actions import close_window, notify


class CreditRejectWizard(models.TransientModel):
    """The window in which a draft that waits for approval is sent back."""

    _name = 'credit.reject.wizard'
    _inherit = ['credit.checked.mixin']
    _description = 'Reject with a Reason'

    move_id = fields.Many2one(
        comodel_name='account.move', string='Credit Note', required=True, readonly=True
    )
    requester_id = fields.Many2one(
        related='move_id.credit_request_user_id', string='Back to', related_sudo=True
    )
    reason = fields.Char(required=True, help='What is to be changed before it is asked again.')

    def action_reject(self):
        """Send the draft back.

        :return: the client action that shows the notice and the page anew
        """
        self.ensure_one()
        name = self.move_id.sudo().credit_request_user_id.name
        self.move_id.reject_approval(self.reason)
        return notify(self.env._('Sent back to %s.', name), then=close_window())
