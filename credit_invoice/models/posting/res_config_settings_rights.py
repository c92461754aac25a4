from odoo import Command, fields, models

from ..links.account_move_rights import APPROVE_GROUP

BILLING_GROUP = 'account.group_account_invoice'


class ResConfigSettings(models.TransientModel):
    """Whether approving credits comes with *Invoicing* (decision 18)."""

    _inherit = 'res.config.settings'

    group_credit_approve = fields.Boolean(
        string='Everybody in Invoicing Approves',
        group=BILLING_GROUP,
        implied_group=APPROVE_GROUP,
    )

    def set_values(self):
        # EXTENDS 'base'
        approve_sudo = self.env.ref(APPROVE_GROUP).sudo()
        is_everybodys = approve_sudo in self.env.ref(BILLING_GROUP).sudo().all_implied_ids
        if is_everybodys and not self.group_credit_approve:
            # Nobody loses the right with the link: it is taken from single people afterwards.
            approve_sudo.user_ids = [Command.link(user.id) for user in approve_sudo.all_user_ids]
        return super().set_values()
