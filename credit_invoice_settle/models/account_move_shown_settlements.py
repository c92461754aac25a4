from odoo import api, fields, models
from odoo.tools import SQL


class AccountMove(models.Model):
    """The settlements that the form of a document shows: most have none, and the form asks for
    them only where there are some.
    """

    _inherit = 'account.move'

    shown_settlement_ids = fields.Many2many(
        comodel_name='credit.settlement', compute='_compute_shown_settlements'
    )
    shown_settled_line_ids = fields.Many2many(
        comodel_name='credit.settlement.line', compute='_compute_shown_settlements'
    )

    # === COMPUTE METHODS === #

    @api.depends('credit_settlement_ids', 'credit_settled_line_ids')
    def _compute_shown_settlements(self):
        for move in self:
            shown = move.filtered('is_credit_linked')
            move.shown_settlement_ids = shown.credit_settlement_ids
            move.shown_settled_line_ids = shown.credit_settled_line_ids

    @api.depends('credit_settlement_ids', 'credit_settled_line_ids')
    def _compute_is_credit_linked(self):
        # EXTENDS 'credit_invoice': settlements name their credit, and invoices it was used for
        super()._compute_is_credit_linked()

    # === BUSINESS METHODS === #

    def _get_linked_ids(self):
        # EXTENDS 'credit_invoice': what the queries below read is in the database
        self.env['credit.settlement'].flush_model(['move_id'])
        self.env['credit.settlement.line'].flush_model(['target_move_id'])
        return super()._get_linked_ids()

    @api.model
    def _get_linked_selects(self, ids):
        # EXTENDS 'credit_invoice'
        return [
            *super()._get_linked_selects(ids),
            SQL('SELECT move_id FROM credit_settlement WHERE move_id IN %s', ids),
            SQL(
                'SELECT target_move_id FROM credit_settlement_line WHERE target_move_id IN %s', ids
            ),
        ]
