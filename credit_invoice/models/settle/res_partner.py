from odoo import fields, models

from ...tools.export_contract import Party


class ResPartner(models.Model):
    _inherit = 'res.partner'

    credit_of_paid = fields.Selection(
        selection=[('keep', 'Keep as customer credit'), ('refund', 'Refund')],
        string='Credit Notes of Paid Invoices',
        company_dependent=True,
        help='What is proposed when an invoice is credited that was paid already.',
    )

    def _get_credit_of_paid(self, company):
        """What this customer wants done with the credit of a paid invoice.

        :return: `keep` or `refund`
        """
        return self.commercial_partner_id.with_company(company).credit_of_paid or 'keep'

    def _prepare_export_party(self):
        """This partner for an outside system.

        :rtype: Party
        """
        self.ensure_one()
        return Party(
            code=self._get_export_code(),
            name=self.name or '',
            vat=self.vat or '',
            street=' '.join(filter(None, (self.street, self.street2))),
            city=self.city or '',
            zip=self.zip or '',
            country_code=self.country_id.code or '',
            email=self.email or '',
        )

    def _get_export_code(self):
        """What this partner is called in outside systems: its reference if nobody else has it,
        never the name, which changes.

        :rtype: str
        """
        self.ensure_one()
        if (
            self.ref
            and self
            .with_context(active_test=False)
            .sudo()
            .search_count([('ref', '=', self.ref), ('parent_id', '=', False)], limit=2)
            <= 1
        ):
            return self.ref
        return f'C{self.id}'
