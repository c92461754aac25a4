from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMoveReversal(models.TransientModel):
    """The dialog proposes a day that is open here and over there (ts17)."""

    _inherit = 'account.move.reversal'

    @api.model
    def _get_first_open_date(self, move, day=None):
        # EXTENDS: open here and there; what is open there may be locked here again
        day = super()._get_first_open_date(move, day)
        there = move._get_open_day_there(day)
        return day if there == day else self._get_first_open_date(move, there)

    def _get_credit_date_notice(self):
        # EXTENDS
        notice = super()._get_credit_date_notice()
        today = fields.Date.context_today(self)
        for move in self.move_ids._origin:
            there = move._get_period_notice(today)
            if there and there not in (notice or ''):
                notice = f'{notice} {there}' if notice else there
        return notice

    def _check_credit_date(self, is_modify):
        # EXTENDS: another day than the proposed one
        super()._check_credit_date(is_modify)
        for move in self.move_ids:
            if notice := move._get_period_notice(self.date):
                raise UserError(notice)
