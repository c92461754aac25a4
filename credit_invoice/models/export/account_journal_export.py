from odoo import api, models
from odoo.exceptions import UserError


class AccountJournal(models.Model):
    """A journal that is named by an accounting system; without any, all would be exported."""

    _inherit = 'account.journal'

    @api.ondelete(at_uninstall=False)
    def _unlink_except_last_of_export_system(self):
        if not self.env['credit.export.system']._has_ever_been_used():
            return
        systems_sudo = self.env['credit.export.system'].sudo().with_context(active_test=False)
        for system in systems_sudo.search([('journal_ids', 'in', self.ids)]):
            if system.journal_ids <= self:
                raise UserError(
                    self.env._(
                        '%(journal)s is the only journal that is exported to %(system)s: choose '
                        'another one there first.',
                        journal=self[:1].display_name,
                        system=system.name,
                    )
                )
