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

    # === BUSINESS METHODS === #

    def _get_matched_documents(self):
        # EXTENDS 'credit_invoice': an entry of a settlement stands for both
        source, target = super()._get_matched_documents()
        entries = (source | target).filtered(
            lambda move: (
                not (
                    move.is_sale_document(include_receipts=True)
                    or move.origin_payment_id
                    or move.statement_line_id
                )
            )
        )
        part = entries.credit_entry_line_ids.filtered(lambda part: part.kind == 'use')[:1]
        return (part.move_id, part.target_move_id) if part else (source, target)

    def _get_settlement_date(self):
        # EXTENDS 'credit_invoice': the one that was chosen
        return self.credit_settlement_line_id.date or super()._get_settlement_date()

    def _read_before_unmatch(self):
        # EXTENDS 'credit_invoice'
        parts_sudo = self.sudo().credit_settlement_line_id
        return {**super()._read_before_unmatch(), 'settlement_parts': parts_sudo}

    @api.model
    def _after_unmatch(self, before):
        # EXTENDS 'credit_invoice': whatever route a match is taken off by, its settlement knows,
        # before anything else looks at what is matched
        if parts_sudo := before['settlement_parts']:
            parts_sudo._undo_settlement_entries()
            parts_sudo._mark_undone()
        super()._after_unmatch(before)
