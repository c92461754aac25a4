from odoo import models

from odoo.addons.credit_invoice.tools.guarded import Guarded


class BaseImportImport(models.TransientModel):
    """Tells the import of credits where in the file its rows begin, so that refusals name lines."""

    _inherit = 'base_import.import'

    def execute_import(self, fields, columns, options, dryrun=False):
        # EXTENDS 'base_import'
        dialog = self
        if self.res_model == 'credit.import.line':
            skipped = int(options.get('skip') or 0) + bool(options.get('has_headers'))
            dialog = self.with_context(credit_import_first_line=Guarded(skipped + 1))
        return super(BaseImportImport, dialog).execute_import(fields, columns, options, dryrun)
