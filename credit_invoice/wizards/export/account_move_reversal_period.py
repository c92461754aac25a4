from odoo import models
from odoo.exceptions import UserError


class AccountMoveReversal(models.TransientModel):
    """The dialog says which day is closed over there (ts17)."""

    _inherit = 'account.move.reversal'

    def _get_credit_date_notice(self):
        # EXTENDS
        notice = super()._get_credit_date_notice()
        for move in self.move_ids._origin:
            there = move._get_period_notice(self._get_asked_day())
            if there and there not in (notice or ''):
                notice = f'{notice} {there}' if notice else there
        return notice

    def _check_credit_date(self, is_modify):
        # EXTENDS: a day that no open one follows
        super()._check_credit_date(is_modify)
        for move in self.move_ids:
            if notice := move._get_period_notice(self.date):
                raise UserError(notice)
