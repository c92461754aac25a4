from odoo import fields, models


class AccountPartialReconcile(models.Model):
    _inherit = 'account.partial.reconcile'

    credit_settlement_line_id = fields.Many2one(
        comodel_name='credit.settlement.line',
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
        help='The part of a settlement for which these items were matched.',
    )

    def unlink(self):
        # EXTENDS 'account': whatever route a match is taken off by, its settlement knows
        lines_sudo = self.sudo().credit_settlement_line_id
        result = super().unlink()
        lines_sudo._mark_undone()
        return result
