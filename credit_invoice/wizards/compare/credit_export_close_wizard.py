from odoo import Command, api, fields, models
from odoo.tools import formatLang


class CreditExportCloseWizard(models.TransientModel):
    """Asks why variances are closed (mp18)."""

    _name = 'credit.export.close.wizard'
    _inherit = ['credit.checked.mixin']
    _description = 'Close Variances'

    variance_ids = fields.Many2many(comodel_name='credit.export.variance', string='Variances')
    count = fields.Integer(compute='_compute_count')
    explanation = fields.Char(compute='_compute_count')
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
            variances = wizard.variance_ids.filtered(lambda item: item.state == 'open')
            wizard.count = len(variances)
            wizard.explanation = wizard._get_explanation(variances)

    def _get_explanation(self, variances):
        """What will be closed: the only one by its number, kind and difference.

        :rtype: str
        """
        if len(variances) != 1:
            return self.env._('%s open variances will be closed.', len(variances))
        kinds = dict(variances._fields['kind']._description_selection(self.env))
        values = {'document': variances.display_name, 'kind': kinds[variances.kind]}
        if variances.difference:
            currency = variances.currency_id
            amount = formatLang(self.env, variances.difference, currency_obj=currency)
            return self.env._(
                '%(document)s will be closed: %(kind)s, difference %(amount)s.',
                amount=amount,
                **values,
            )
        return self.env._('%(document)s will be closed: %(kind)s.', **values)

    # === ACTION METHODS === #

    def action_close(self):
        """Close the variances with their reason.

        :raise AccessError: if the user may not manage exports
        """
        self.ensure_one()
        self.variance_ids._close(self.reason)
        return {'type': 'ir.actions.act_window_close'}
