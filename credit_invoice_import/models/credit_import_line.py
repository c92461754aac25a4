from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.credit_invoice.tools.actions import open_import
from odoo.addons.credit_invoice.tools.guarded import get_guarded

from ..tools.import_report import CreditImportError

# What a file may say; everything else follows from it.
FILE_FIELDS = (
    'number',
    'line_number',
    'quantity',
    'amount',
    'percentage',
    'kind',
    'reason',
    'date',
)


class CreditImportLine(models.Model):
    """A row of a file of credits: what it asked for, who imported it, and what came of it (mp25).

    Creating rows makes the credits, through the dialog and with all its checks. Rows of one invoice
    with the same date and reason make one credit.
    """

    _name = 'credit.import.line'
    _inherit = ['credit.checked.mixin']
    _description = 'Credit From a File'
    _order = 'id desc'
    _rec_name = 'number'
    _check_company_auto = True

    number = fields.Char(
        string='Invoice Number',
        required=True,
        help='The number of the invoice, exactly as it stands on it.',
    )
    line_number = fields.Integer(
        string='Line',
        help='1 is the first product of the invoice, 2 the second, and so on; sections and notes '
        'do not count. Empty: the whole invoice.',
    )
    quantity = fields.Float(digits='Product Unit', help='What comes back of the line.')
    amount = fields.Monetary(
        help='By how much the price of the line is lowered, as the customer sees prices. Without a '
        'line: the amount with tax, split over all lines.',
    )
    percentage = fields.Float(
        digits=(16, 2),
        help='By how much the price of the line is lowered, or without a line, of all lines.',
    )
    kind = fields.Selection(
        selection='_selection_kind',
        string='Line Type',
        help='Empty: a quantity is returned, an amount or a percentage lowers the price.',
    )
    reason = fields.Char(help='The customer reads it on the credit note.')
    date = fields.Date(help='The date of the credit note. Empty: today.')

    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(comodel_name='res.currency', readonly=True)
    invoice_id = fields.Many2one(
        comodel_name='account.move',
        readonly=True,
        index=True,
        check_company=True,
        ondelete='set null',
    )
    partner_id = fields.Many2one(related='invoice_id.partner_id', string='Customer')
    credit_id = fields.Many2one(
        comodel_name='account.move',
        readonly=True,
        index='btree_not_null',
        check_company=True,
        ondelete='set null',
    )
    state = fields.Selection(
        selection=[
            ('draft', 'Draft'),
            ('posted', 'Posted'),
            ('cancel', 'Cancelled'),
            ('discarded', 'Discarded'),
        ],
        string='Status',
        compute='_compute_state',
    )

    @api.model
    def _selection_kind(self):
        kind = self.env['account.move.reversal.line']._fields['kind']
        return kind._description_selection(self.env)

    # === COMPUTE METHODS === #

    @api.depends('credit_id.state')
    def _compute_state(self):
        for row in self:
            # Who may read the row may not be allowed to read its credit.
            row.state = row.sudo().credit_id.state or 'discarded'

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'base': a row is imported together with its credit, or not at all
        self.env['account.move']._check_credit_rights()
        accepted, refusals = self._prepare_import_vals(vals_list)
        rows = super().create(list(accepted.values()))
        positions = dict(zip(rows, accepted, strict=True))
        for row, reason in rows._create_credits().items():
            refusals[positions[row]] = reason
        if refusals:
            raise self._get_import_error(refusals)
        return rows

    @api.model
    def _get_import_error(self, refusals):
        """What is raised where rows cannot be credited.

        :param dict refusals: as of `CreditImportError`
        :return: the error from which `load` tells each row; a client, which would take a class of
            ours for a crash, gets one of the host with the same text
        """
        error = CreditImportError(refusals)
        is_loading = get_guarded(self.env, 'credit_import_report') is not None
        return error if is_loading else UserError(error.args[0])

    def write(self, vals):  # pylint: disable=method-required-super
        # OVERRIDE 'base': what was imported has become a credit; see `_set_credit`
        raise UserError(
            self.env._(
                'An imported row cannot be changed any more: change its credit note instead.'
            )
        )

    def _set_credit(self, credit):
        super().write({'credit_id': credit.id})  # pylint: disable=super-method-mismatch

    @api.ondelete(at_uninstall=False)
    def _unlink_except_credited(self):
        for row in self.filtered('credit_id'):
            raise UserError(
                self.env._(
                    '%(credit)s was made from this row, which tells who imported it: a row can '
                    'be deleted when its credit note has been discarded.',
                    credit=row.sudo().credit_id.display_name,
                )
            )

    @api.model
    def get_import_templates(self):
        """The example that the host's import offers."""
        return [
            {
                'label': self.env._('Example: Credit notes from a file'),
                'template': '/credit_invoice_import/static/xls/credit_import.xlsx',
            }
        ]

    # === ACTION METHODS === #

    def action_import(self):
        """Open the host's import for this model.

        :return: a client action
        :rtype: dict
        """
        return open_import(self._name, self.env._('Import Credit Notes'))

    def action_view_credit(self):
        """Open the credit that was made from this row."""
        self.ensure_one()
        if not self.credit_id:
            raise UserError(self.env._('The credit note of this row has been discarded.'))
        return self.credit_id.action_open_credit()
