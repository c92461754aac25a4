from odoo import Command, api, fields, models


class ResPartnerBank(models.Model):
    """Who ever changed an account: it knows by itself only who made it, and who was the last."""

    _inherit = 'res.partner.bank'

    credit_editor_ids = fields.Many2many(
        comodel_name='res.users',
        relation='res_partner_bank_credit_editor_rel',
        string='Changed by',
        copy=False,
        readonly=True,
        help='Nobody of these can be the second person who posts a credit note to be '
        'refunded there.',
    )

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'base': what is noted by the server comes from nobody else
        return super().create([self._drop_editor_vals(vals) for vals in vals_list])

    def write(self, vals):
        # EXTENDS 'base'
        result = super().write(self._drop_editor_vals(vals))
        user = self.env.user
        unknown = self.filtered(
            lambda account: user not in account.create_uid | account.credit_editor_ids
        )
        if unknown:
            super(ResPartnerBank, unknown).write({'credit_editor_ids': [Command.link(user.id)]})
        return result

    @api.model
    def _drop_editor_vals(self, vals):
        return {name: value for name, value in vals.items() if name != 'credit_editor_ids'}
