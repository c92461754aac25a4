from odoo import api, models
from odoo.exceptions import RedirectWarning, UserError

from odoo.addons.credit_invoice.tools.guarded import Guarded, get_guarded

from ..tools.import_report import CreditImportError, ImportReport


class CreditImportLine(models.Model):
    """How the host's import loads rows: all at once, with a message for each that is refused.

    The host would load the rows of a bad file once more, one by one, and stop at the tenth error:
    rows of one invoice would no longer stand together.
    """

    _inherit = 'credit.import.line'

    @api.model
    def load(self, fields, data):
        # EXTENDS 'base'
        report = ImportReport(
            get_guarded(self.env, 'credit_import_first_line'),
            # Its placeholders are filled in for each row.
            self.env._('Line %(line)s of the file: %(reason)s'),
        )
        rows = self.with_context(credit_import_report=Guarded(report))
        result = super(CreditImportLine, rows).load(fields, data)
        if report.error:
            raise report.error
        return report.complete(result)

    def _convert_records(self, records, *, log=lambda message: None, savepoint):
        # EXTENDS 'base'
        report = get_guarded(self.env, 'credit_import_report')
        log = report.watch(log) if report else log
        return super()._convert_records(records, log=log, savepoint=savepoint)

    def _load_records(self, data_list, update=False):
        # EXTENDS 'base'
        report = get_guarded(self.env, 'credit_import_report')
        if report is None:
            return super()._load_records(data_list, update)
        # A row of which a value is missing would ask for something else.
        data_list = [
            data for data in data_list if data['info'].get('record') not in report.unreadable
        ]
        try:
            with self.env.cr.savepoint():
                return super()._load_records(data_list, update) if data_list else self.browse()
        except CreditImportError as error:
            for position, reason in error.refusals.items():
                report.refuse(data_list[position]['info'], reason)
        except (UserError, RedirectWarning) as error:
            report.refuse(data_list[0]['info'], str(error.args[0]))
        except Exception as error:  # noqa: BLE001, raised again by `load`
            # A conflict with another transaction must reach the host, which replays the request.
            report.error = error
        return self.browse()
