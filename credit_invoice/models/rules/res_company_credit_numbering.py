from odoo import models

# Countries in which credits must not take numbers of the series of the invoices, and what says so.
OWN_CHART = "the host's chart: `refund_sequence` of its sales journals"
DOCUMENT_TYPES = (
    'numbers follow the document types of the authority, and credit notes have types of their own: '
    'module on `l10n_latam_invoice_document`'
)
SEPARATE_SERIES = {
    'AR': DOCUMENT_TYPES,
    'BE': OWN_CHART,
    'BR': DOCUMENT_TYPES,
    'CL': DOCUMENT_TYPES,
    'EC': DOCUMENT_TYPES,
    'ES': 'Real Decreto 1619/2012, art. 6.1.a: rectifying invoices are issued in a series of their '
    'own',
    'FR': OWN_CHART,
    'LU': OWN_CHART,
    'PE': DOCUMENT_TYPES,
    'PT': 'Portaria 195/2020, art. 2 and 3: each series is registered for one type of document',
    'UY': DOCUMENT_TYPES,
}
# Countries in which the pattern of numbers is prescribed, and what says so.
PRESCRIBED_PATTERN = {
    **{code: source for code, source in SEPARATE_SERIES.items() if source == DOCUMENT_TYPES},
    'HR': '`l10n_hr_edi`: number, premises and device, parted by slashes',
}


class ResCompany(models.Model):
    _inherit = 'res.company'

    def _is_separate_credit_series_required(self):
        """Whether credits must not take numbers of the series of the invoices (decision 16).

        To be extended where a country demands it and the host does not show it.
        """
        self.ensure_one()
        return self.account_fiscal_country_id.code in SEPARATE_SERIES

    def _is_credit_number_prescribed(self):
        """Whether the country prescribes how the number of a credit looks.

        To be extended where a localisation sets numbers by itself.
        """
        self.ensure_one()
        return self.account_fiscal_country_id.code in PRESCRIBED_PATTERN

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
                'credit notes.',
                country,
            )
        if numbering == 'prefix' and self._is_credit_number_prescribed():
            return self.env._(
                'In %s, the pattern of numbers is prescribed: choose the own sequence of credit '
                'notes.',
                country,
            )
        return False
