from odoo import api, models


class AccountPartialReconcile(models.Model):
    """What a match means: which document was used against which, and on which day."""

    _inherit = 'account.partial.reconcile'

    # === CRUD METHODS === #

    def unlink(self):
        # EXTENDS 'account'
        before = self._read_before_unmatch()
        result = super().unlink()
        self.browse()._after_unmatch(before)
        return result

    # === BUSINESS METHODS === #

    def _read_before_unmatch(self):
        """What is to know that these matches are taken off. To be extended, together with
        `_after_unmatch`.

        :return: dictionary of names to recordsets
        """
        return {}

    @api.model
    def _after_unmatch(self, before):
        """Follow matches that were taken off.

        To be extended: what changes what else is matched before its super call, what looks at that
        after it.

        :param dict before: what `_read_before_unmatch` said
        """

    def _get_matched_documents(self):
        """Which document this match uses against which.

        To be extended where an entry stands between the two.

        :return: (the credit or payment, the invoice)
        """
        self.ensure_one()
        return self.credit_move_id.move_id, self.debit_move_id.move_id

    def _get_settlement_date(self):
        """The day on which this match counts. To be extended where another one was chosen.

        :rtype: datetime.date
        """
        self.ensure_one()
        return self.max_date
