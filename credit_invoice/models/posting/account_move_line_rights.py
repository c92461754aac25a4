from odoo import models


class AccountMoveLine(models.Model):
    """Lines of drafts: who changed them. Lines of posted credits: what they take."""

    _inherit = 'account.move.line'

    # === STEPS OF MAKING AND CHANGING === #

    def _after_credit_line_create(self):
        # EXTENDS 'credit_invoice'
        super()._after_credit_line_create()
        self.move_id._note_credit_edit()

    def _after_credit_line_write(self, vals, moves):
        # EXTENDS 'credit_invoice'
        super()._after_credit_line_write(vals, moves)
        if vals.get('credited_line_id'):
            self._check_posted_line_links()
        if moves._is_edit(vals, self._name):
            (moves | self.move_id)._note_credit_edit()

    # === BUSINESS METHODS === #

    def _check_posted_line_links(self):
        """A line of a posted credit takes something as soon as it is linked with another invoice.

        Where the document is linked already, its total counts; nothing more is taken.
        """
        self.filtered(
            lambda line: (
                line.parent_state == 'posted'
                and line.sudo().credited_line_id.move_id != line.move_id.sudo().reversed_entry_id
            )
        ).move_id._check_posted_links()
