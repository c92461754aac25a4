from odoo import models

from ..tools.actions import notify, reload_page


class CreditSettlement(models.Model):
    """What a notice says of settlements that were just made, and its *Undo*."""

    _inherit = 'credit.settlement'

    def action_undo_from_notice(self):
        """Undo settlements, and say what is left to do.

        :return: the client action that shows the notice and the page anew
        :rtype: dict
        :raise AccessError: if the user may not approve credits
        :raise UserError: see `action_undo`
        """
        self.action_undo()
        credits = ', '.join(self.move_id.mapped('name'))
        return notify(
            self.env._(
                'The settlement was undone. Still posted, and open: %s. Click Settle to use it '
                'otherwise, or Reset to Draft to change it.',
                credits,
            ),
            kind='info',
            then=reload_page(),
        )

    def _get_undo_note(self):
        """What *Undo* takes back, and what it leaves: nothing that was posted goes.

        :return: a sentence
        """
        lines_sudo = self.sudo().line_ids.filtered(lambda line: line.state == 'done')
        invoices = ', '.join(dict.fromkeys(lines_sudo.target_move_id.mapped('name')))
        refunds = ', '.join(line._get_refund_name() for line in lines_sudo if line.kind == 'refund')
        credits = ', '.join(self.move_id.mapped('name'))
        if refunds and invoices:
            return self.env._(
                'Undo opens %(invoices)s again and cancels %(refunds)s; %(credits)s stays posted.',
                invoices=invoices,
                refunds=refunds,
                credits=credits,
            )
        if refunds:
            return self.env._(
                'Undo cancels %(refunds)s; %(credits)s stays posted.',
                refunds=refunds,
                credits=credits,
            )
        return self.env._(
            'Undo opens %(invoices)s again; %(credits)s stays posted.',
            invoices=invoices,
            credits=credits,
        )
