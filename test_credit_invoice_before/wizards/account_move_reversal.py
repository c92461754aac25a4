from odoo import api, fields, models

from ..seen import see


class AccountMoveReversal(models.TransientModel):
    """A reason that the law asks for, proposed, as in `l10n_es_edi_verifactu`."""

    _inherit = 'account.move.reversal'

    before_localisation = fields.Selection(related='company_id.before_localisation')
    before_reason = fields.Selection(
        selection=[('R1', 'R1: error of law'), ('R4', 'R4: rest')],
        string='Reason by Law',
        compute='_compute_before_reason',
        store=True,
        readonly=False,
    )

    @api.depends('move_ids', 'company_id')
    def _compute_before_reason(self):
        for wizard in self:
            wizard.before_reason = 'R4' if wizard.before_localisation else False

    def _prepare_default_reversal(self, move):
        # EXTENDS 'account'
        values = super()._prepare_default_reversal(move)
        if move.company_id.before_localisation:
            see('before', '_prepare_default_reversal', move)
            values['before_reason'] = self.before_reason
        return values

    def reverse_moves(self, is_modify=False):
        # EXTENDS 'account'
        for move in self.move_ids.filtered('company_id.before_localisation'):
            see('before', 'reverse_moves', move)
            move.before_state = 'replaced' if is_modify else 'adjusted'
        return super().reverse_moves(is_modify)
