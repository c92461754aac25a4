from odoo import api, fields, models
from odoo.exceptions import AccessError


class AccountPartialReconcile(models.Model):
    _inherit = 'account.partial.reconcile'

    credit_settlement_line_id = fields.Many2one(
        comodel_name='credit.settlement.line',
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
        help='The part of a settlement for which these items were matched.',
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'account': what belongs to a settlement is taken off with it; no client, and no
        # default of one, says so
        none = {'credit_settlement_line_id': False}
        if self.env.su:
            vals_list = [{**none, **vals} for vals in vals_list]
        else:
            vals_list = [{**vals, **none} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        # EXTENDS 'account'
        if 'credit_settlement_line_id' in vals and not self.env.su:
            raise AccessError(
                self.env._('Which match belongs to a settlement is recorded by itself.')
            )
        return super().write(vals)

    def unlink(self):
        # EXTENDS 'account': whatever route a match is taken off by, its settlement knows
        lines_sudo = self.sudo().credit_settlement_line_id
        result = super().unlink()
        lines_sudo._undo_settlement_entries()
        lines_sudo._mark_undone()
        return result
