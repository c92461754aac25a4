from odoo import models

from ...tools.export_contract import Reference


class CreditExportRecord(models.Model):
    """A document of ours as it is told to an outside system, see `tools/export_contract.py`."""

    _inherit = 'credit.export.record'

    def _prepare_document(self):
        """What is to stand over there.

        :rtype: Document
        :raise UserError: if this system cannot be told of it
        """
        self.ensure_one()
        if self.operation == 'payment':
            return self.move_id._prepare_payment_document(self)
        return self.move_id._prepare_export_document(self)

    def _get_reference(self, move):
        """Another document as it stands in the same system.

        :return: a `Reference`, or None if it does not
        """
        record = self._find_siblings(move, ('invoice', 'credit'))
        if not move or not record:
            return None
        return Reference(
            external_id=record.external_id or '',
            number=record.external_number or self.system_id._get_external_number(move),
            date=move.invoice_date,
            key=record.key,
        )
