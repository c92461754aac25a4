from odoo import models

from odoo.addons.credit_invoice.tools.actions import notify, reload_page


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
        credits = self._get_credits()
        text = credits and self.env._(
            'The settlement was undone. Still posted, and open: %s. Click Settle to use it '
            'otherwise, or Reset to Draft to change it.',
            ', '.join(credits.mapped('name')),
        )
        return notify(text or self.env._('The refund was undone.'), kind='info', then=reload_page())

    def _get_credits(self):
        """The credits of these settlements: one of an overpayment has none."""
        return self.move_id.filtered(lambda move: move.move_type == 'out_refund')

    def _get_undo_note(self):
        """What *Undo* takes back, and what it leaves: nothing that was posted goes.

        :return: a sentence
        """
        lines_sudo = self.sudo().line_ids.filtered(lambda line: line.state == 'done')
        invoices = ', '.join(dict.fromkeys(lines_sudo.target_move_id.mapped('name')))
        refunds = ', '.join(line._get_refund_name() for line in lines_sudo if line.kind == 'refund')
        if refunds and invoices:
            note = self.env._(
                'Undo opens %(invoices)s again and cancels %(refunds)s.',
                invoices=invoices,
                refunds=refunds,
            )
        elif refunds:
            note = self.env._('Undo cancels %s.', refunds)
        else:
            note = self.env._('Undo opens %s again.', invoices)
        credits = self._get_credits()
        if not credits:
            return note
        names = ', '.join(credits.mapped('name'))
        if len(credits) == 1:
            return f'{note} {self.env._("%s stays posted.", names)}'
        return f'{note} {self.env._("%s stay posted.", names)}'
