from odoo import models

# The host's charts of these countries ask for a sequence of credit notes of its own on their sales
# journals (`refund_sequence` in l10n_be, l10n_fr_account and l10n_lu).
SEPARATE_SERIES_COUNTRIES = ('BE', 'FR', 'LU')
# Numbers follow the document type that the authority defines (modules on
# l10n_latam_invoice_document): credit notes have types of their own.
DOCUMENT_TYPE_COUNTRIES = ('AR', 'BR', 'CL', 'EC', 'PE', 'UY')
# The law prescribes the pattern of numbers (l10n_hr_edi).
PATTERN_COUNTRIES = ('HR',)


class ResCompany(models.Model):
    _inherit = 'res.company'

    def _is_separate_credit_series_required(self):
        """Whether credits must not take numbers of the series of the invoices (decision 16).

        To be extended where a country demands it and the host does not show it.
        """
        self.ensure_one()
        countries = SEPARATE_SERIES_COUNTRIES + DOCUMENT_TYPE_COUNTRIES
        return self.account_fiscal_country_id.code in countries

    def _is_credit_number_prescribed(self):
        """Whether the country prescribes how the number of a credit looks.

        To be extended where a localisation sets numbers by itself.
        """
        self.ensure_one()
        countries = DOCUMENT_TYPE_COUNTRIES + PATTERN_COUNTRIES
        return self.account_fiscal_country_id.code in countries

    def _get_credit_numbering_refusal(self, numbering):
        """Why credits of this company cannot be numbered in a way.

        :param str numbering: as of `credit.posting.rule.numbering`
        :return: one sentence, or False
        """
        self.ensure_one()
        country = self.account_fiscal_country_id.name
        if numbering == 'next' and self._is_separate_credit_series_required():
            return self.env._(
                'In %s, credits are numbered apart from the invoices: choose the own sequence of '
                'credits.',
                country,
            )
        if numbering == 'prefix' and self._is_credit_number_prescribed():
            return self.env._(
                'In %s, the pattern of numbers is prescribed: choose the own sequence of credits.',
                country,
            )
        return False
