from dataclasses import replace
from decimal import Decimal

from odoo import models

from odoo.addons.credit_invoice.tools.export_contract import Line


class AccountMove(models.Model):
    _inherit = 'account.move'

    def _prepare_payment_document(self, record):
        # EXTENDS 'credit_invoice': files are read without asking, so they name both accounts of a
        # payment
        document = super()._prepare_payment_document(record)
        system = record.system_id
        if system.connector != 'files':
            return document
        receivable = record.target_move_id.line_ids.filtered(
            lambda line: line.account_type == 'asset_receivable'
        ).account_id[:1]
        line = Line(
            name=self.ref or self.name,
            account=system._get_code(self._get_export_bank_account()),
            quantity=Decimal(1),
            price=document.total,
            amount=document.total,
        )
        return replace(document, account=system._get_code(receivable), lines=(line,))

    def _get_export_bank_account(self):
        """The account that the money of a payment came in on, as files name it.

        :rtype: recordset of `account.account`
        """
        self.ensure_one()
        return (
            self.journal_id.default_account_id
            or self.line_ids.account_id.filtered(
                lambda account: account.account_type != 'asset_receivable'
            )[:1]
        )
