from odoo import models

from ...tools.export_contract import Party


class ResPartner(models.Model):
    """What customers and sellers are called in outside systems."""

    _inherit = 'res.partner'

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
