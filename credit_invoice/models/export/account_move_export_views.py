from odoo import api, models

# How nodes of ours begin in the views of documents that are there for accounting systems only.
PREFIXES = ('export_', 'has_export_', 'action_view_exports')


class AccountMove(models.Model):
    """Without an accounting system, nobody sees anything of it (mp17)."""

    _inherit = 'account.move'

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type='form', **options):
        # EXTENDS 'base'
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, bool(self.env['credit.export.system']._get_all_system_ids()))

    @api.model
    def _get_view(self, view_id=None, view_type='form', **options):
        # EXTENDS 'base'
        arch, view = super()._get_view(view_id, view_type, **options)
        if not self.env['credit.export.system']._get_all_system_ids():
            for node in arch.xpath('//*[@name]'):
                if node.get('name').startswith(PREFIXES):
                    node.getparent().remove(node)
        return arch, view
