from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.test_credit_invoice_before.seen import see


class AccountMoveReversal(models.TransientModel):
    _inherit = 'account.move.reversal'

    # === THE FAKE LOCALISATION === #
    # A number that the law asks for and that only the user knows, as in Latin America.

    after_localisation = fields.Selection(related='company_id.after_localisation')
    after_document_number = fields.Char(string='Document Number by Law')

    # === THE CUSTOMISATION === #

    custom_approver = fields.Char(
        string='Agreed With', help='Who, on the side of the customer, agreed to this credit.'
    )

    custom_house_rule = fields.Char(related='company_id.custom_house_rule')

    # === BUSINESS METHODS === #

    def _prepare_default_reversal(self, move):
        # EXTENDS 'account'
        values = super()._prepare_default_reversal(move)
        values['custom_approver'] = self.custom_approver
        if move.company_id.after_localisation:
            if not self.after_document_number:
                raise UserError(self.env._('Enter the document number that the law asks for.'))
            see('after', '_prepare_default_reversal', move)
            values['after_document_number'] = self.after_document_number
        return values

    def reverse_moves(self, is_modify=False):
        # EXTENDS 'account'
        for move in self.move_ids.filtered('company_id.after_localisation'):
            see('after', 'reverse_moves', move)
            move.after_state = 'replaced' if is_modify else 'adjusted'
        action = super().reverse_moves(is_modify)
        # As in Hungary, what was made is looked up from its origin.
        made = self.new_move_ids.grouped('invoice_origin')
        for move in self.move_ids.filtered('company_id.after_localisation'):
            made[move.invoice_origin].after_made_by = f'the dialog of {move.invoice_origin}'
        return action

    def _get_credit_batches(self):
        # EXTENDS 'credit_invoice'
        if self.company_id.custom_is_one_by_one:
            return list(self.move_ids)
        return super()._get_credit_batches()
