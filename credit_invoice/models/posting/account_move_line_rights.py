from odoo import api, models
from odoo.exceptions import UserError


class AccountMoveLine(models.Model):
    """Lines of drafts: who changed them. Lines of posted credits: what they take."""

    _inherit = 'account.move.line'

    # === STEPS OF MAKING AND CHANGING === #

    @api.model
    def _clean_credit_line_write_vals(self, vals):
        # EXTENDS 'credit_invoice': the state of its document is no value of a line
        vals = super()._clean_credit_line_write_vals(vals)
        return {name: value for name, value in vals.items() if name != 'parent_state'}

    def _after_credit_line_create(self):
        # EXTENDS 'credit_invoice'
        super()._after_credit_line_create()
        self._check_posted_credit_is_complete()
        self.move_id._note_credit_edit()

    def _after_credit_line_write(self, vals, moves):
        # EXTENDS 'credit_invoice'
        super()._after_credit_line_write(vals, moves)
        if vals.get('credited_line_id'):
            self._check_posted_line_links()
        if moves._is_edit(vals, self._name):
            (moves | self.move_id)._note_credit_edit()

    # === BUSINESS METHODS === #

    def _check_posted_credit_is_complete(self):
        """Refuse lines that are added to what is posted.

        :raise UserError: names the credit, and says what to do
        """
        for line in self:
            credit = line.move_id
            if credit.state == 'posted' and credit.move_type == 'out_refund':
                raise UserError(
                    self.env._(
                        '%s is posted: no lines are added to it. Reset it to draft first.',
                        credit.display_name,
                    )
                )

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
