from odoo import models

from .account_move_line import CREDITABLE_TYPES

# In the context of the dialog; no client can send it.
NOTE_LOG = object()


class AccountMove(models.Model):
    """What the chatter says of a credit: no more than is true yet."""

    _inherit = 'account.move'

    def _message_log_batch(self, bodies, *args, **kwargs):
        # EXTENDS 'mail': the host's dialog notes "This entry has been reversed" on the invoice,
        # also of a draft, with a link that is dead once that is discarded
        if self.env.context.get('credit_note_log') is NOTE_LOG:
            for move in self.filtered(lambda move: move.move_type in CREDITABLE_TYPES):
                if credit := move._find_linked_credit(bodies.get(move.id)):
                    bodies = {**bodies, move.id: move._get_credit_log(credit)}
        return super()._message_log_batch(bodies, *args, **kwargs)

    def _find_linked_credit(self, body):
        """The credit of this invoice to which a text links, if any."""
        credits = self.reversal_move_ids.filtered(
            lambda credit: (
                credit.move_type == 'out_refund' and f"data-oe-id='{credit.id}'" in (body or '')
            )
        )
        return credits[:1]

    def _get_credit_log(self, credit):
        if credit.state == 'draft':
            return self.env._('A draft credit note was created.')
        return self.env._('Credited with %s.', credit._get_html_link())
