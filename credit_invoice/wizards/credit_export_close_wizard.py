from odoo import Command, api, fields, models


class CreditExportCloseWizard(models.TransientModel):
    """Asks why variances are closed (mp18)."""

    _name = 'credit.export.close.wizard'
    _description = 'Close Variances'

    variance_ids = fields.Many2many(comodel_name='credit.export.variance', string='Variances')
    count = fields.Integer(compute='_compute_count')
    reason = fields.Char(required=True)

    # === DEFAULTS === #

    @api.model
    def default_get(self, fields):
        # EXTENDS 'base': opened from the list of variances
        values = super().default_get(fields)
        context = self.env.context
        if context.get('active_model') == 'credit.export.variance' and 'variance_ids' in fields:
            values.setdefault('variance_ids', [Command.set(context.get('active_ids', []))])
        return values

    # === COMPUTE METHODS === #

    @api.depends('variance_ids.state')
    def _compute_count(self):
        for wizard in self:
            wizard.count = len(wizard.variance_ids.filtered(lambda item: item.state == 'open'))

    # === ACTION METHODS === #

    def action_close(self):
        """Close the variances with their reason.

        :raise AccessError: if the user may not manage exports
        """
        self.ensure_one()
        self.variance_ids._close(self.reason)
        return {'type': 'ir.actions.act_window_close'}
