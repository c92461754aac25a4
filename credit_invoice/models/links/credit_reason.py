from odoo import api, fields, models


class CreditReason(models.Model):
    """Why invoices are credited, and what usually follows from it."""

    _name = 'credit.reason'
    _inherit = ['credit.checked.mixin']
    _description = 'Reason'
    _order = 'sequence, id'
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name='res.company',
        default=lambda self: self._default_company_id(),
        help='Leave empty to use the reason in all companies.',
    )
    help_text = fields.Char(
        string='When to Use', translate=True, help='One sentence shown below the reason.'
    )
    treatment = fields.Selection(
        selection=[
            ('whole', 'Credit all that is left'),
            ('part', 'Credit a part'),
            ('reinvoice', 'Credit and re-invoice'),
        ],
        required=True,
        default='whole',
        help='What the dialog proposes.',
    )
    kind = fields.Selection(
        selection=[
            ('return', 'Quantity'),
            ('price', 'Lower price'),
            ('commercial', 'Lower price, no tax'),
            ('tax', 'Tax only'),
        ],
        string='Line Type',
        required=True,
        default='return',
        help='What the lines of a part are proposed to take back.',
    )
    is_attachment_required = fields.Boolean(
        string='Attachment Required',
        help='A credit note for this reason can only be posted with an attachment, such as the '
        "customer's mail or the return slip.",
    )

    # === DEFAULTS === #

    @api.model
    def _default_company_id(self):
        """None, for all companies, where one may decide for all."""
        user = self.env.user
        return False if self.env.su or user._works_in_all_companies() else self.env.company
