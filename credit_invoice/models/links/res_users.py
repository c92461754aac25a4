from odoo import models


class ResUsers(models.Model):
    _inherit = 'res.users'

    def _works_in_all_companies(self):
        """Whether this person may work in every company: what all of them share is theirs, too.

        :rtype: bool
        """
        self.ensure_one()
        companies_sudo = self.env['res.company'].sudo()
        others = [('id', 'not in', self.company_ids.ids)]
        return not companies_sudo.search_count(others, limit=1)
