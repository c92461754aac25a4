from datetime import date, timedelta

from odoo import fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """On which day a credit can be dated (decision 15)."""

    _inherit = 'account.move'

    def _get_first_open_credit_day(self, day=None):
        """The first day that a credit of this invoice can have. To be extended where more closes
        a day.

        :param datetime.date day: by default today
        :return: that day, or the first one after it that no lock date covers
        :rtype: datetime.date
        :raise UserError: if no day is open at all
        """
        self.ensure_one()
        day = day or fields.Date.context_today(self)
        while locks := self._get_violated_lock_dates(day, bool(self.line_ids.tax_ids)):
            if locks[-1][0] == date.max:
                raise UserError(
                    self.env._(
                        'Every day is closed (%s): open a period first.',
                        self.env['res.company']._format_lock_dates(locks),
                    )
                )
            day = locks[-1][0] + timedelta(days=1)
        return day
