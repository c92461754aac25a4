from odoo import fields, models
from odoo.tools import format_date


class AccountMove(models.Model):
    """A closed period over there is said before a credit is made or approved (ts17)."""

    _inherit = 'account.move'

    def _get_first_open_credit_day(self, day=None):
        # EXTENDS: open here and there; what is open there may be locked here again
        day = super()._get_first_open_credit_day(day)
        there = self._get_open_day_there(day)
        return day if there == day else self._get_first_open_credit_day(there)

    def _get_open_day_there(self, day):
        """The first day that is open in all systems of this document, as far as they answer.

        :param datetime.date day: not before this one
        :rtype: datetime.date
        """
        for system in self._get_export_systems():
            day = system._get_first_open_day(day) or day
        return day

    def _get_period_notice(self, day):
        """Which system does not take a document of a day, and which one it takes.

        :param datetime.date day:
        :return: a sentence, or False
        """
        for system in self._get_export_systems():
            first = system._get_first_open_day(day)
            if first is None:
                return self.env._(
                    '%(system)s has no open day from %(day)s on: open a period there first.',
                    system=system.name,
                    day=format_date(self.env, day),
                )
            if first > day:
                return self.env._(
                    '%(system)s is closed on %(day)s: %(first)s is the first open day there.',
                    system=system.name,
                    day=format_date(self.env, day),
                    first=format_date(self.env, first),
                )
        return False

    def _get_approval_refusal(self):
        # EXTENDS: not on a day that is closed over there
        refusal = super()._get_approval_refusal()
        if refusal or self.state != 'draft':
            return refusal
        day = self.invoice_date or fields.Date.context_today(self)
        notice = self._get_period_notice(day)
        return notice and self.env._(
            '%(credit)s cannot be posted on that day: %(notice)s',
            credit=self.display_name,
            notice=notice,
        )
