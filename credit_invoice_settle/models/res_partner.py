from odoo import fields, models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    credit_of_paid = fields.Selection(
        selection=[('keep', 'Keep as customer credit'), ('refund', 'Refund')],
        string='Credit Notes of Paid Invoices',
        company_dependent=True,
        help='What is proposed when an invoice is credited that was paid already.',
        groups='base.group_user',
    )

    def _get_credit_of_paid(self, company):
        """What this customer wants done with the credit of a paid invoice.

        :return: `keep` or `refund`
        """
        return self.commercial_partner_id.with_company(company).credit_of_paid or 'keep'
