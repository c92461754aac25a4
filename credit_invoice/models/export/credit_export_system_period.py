import logging
import time

from odoo import models

from ...tools.export_contract import PERIOD, ExportError

_logger = logging.getLogger(__name__)

# Somebody waits for a dialog: so many seconds, and so long an answer counts, also none.
PERIOD_TIMEOUT = 3
KEPT_SECONDS = 60
# What was answered in this process: (database, system, day) -> (until when it counts, answer).
_answers = {}


class CreditExportSystem(models.Model):
    """Which days are closed over there, said before and not afterwards (ts17)."""

    _inherit = 'credit.export.system'

    def _get_first_open_day(self, day):
        """The first day on which documents can be booked over there, not before a given one.

        Asked with a short time-out, and at most once a minute. Without an answer, nothing is said:
        the day itself is taken, and the other side decides when the document arrives.

        :param datetime.date day:
        :return: `day`, a later one, or None if no day is open any more
        """
        self.ensure_one()
        key = (self.env.cr.dbname, self.id, self.write_date, day)
        now = time.monotonic()
        until, answer = _answers.get(key, (0, day))
        if now < until:
            return answer
        for old in [old for old, (kept_until, _day) in _answers.items() if kept_until <= now]:
            _answers.pop(old, None)
        answer = self._ask_first_open_day(day)
        _answers[key] = time.monotonic() + KEPT_SECONDS, answer
        return answer

    def _ask_first_open_day(self, day):
        try:
            connector = self._get_connector(PERIOD_TIMEOUT)
            if PERIOD not in connector.capabilities():
                return day
            return connector.period_open(day)
        except ExportError:
            return day
        except Exception as error:  # noqa: BLE001  # it must not keep anybody from crediting
            text = self._mask(f'{type(error).__name__}: {error}')
            _logger.warning('Asking %s for its open days: %s', self.name, text)
            return day
