from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare

CREDITABLE_TYPES = ('out_invoice', 'out_receipt')
# The kinds of journal item that a user sees as a line of the document. All others (taxes, payment
# terms, cost of goods, ...) are derived by the host and are derived again on the credit.
DOCUMENT_LINE_TYPES = ('product', 'line_section', 'line_subsection', 'line_note')


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    credited_line_id = fields.Many2one(
        comodel_name='account.move.line',
        copy=False,
        readonly=True,
        index='btree_not_null',
        check_company=True,
        help='The line of the invoice that this line credits.',
    )
    credit_line_ids = fields.One2many(
        comodel_name='account.move.line',
        inverse_name='credited_line_id',
        string='Credit Lines',
        readonly=True,
    )
    credit_kind = fields.Selection(
        selection=[
            ('return', 'Quantity'),
            ('price', 'Lower price'),
            ('commercial', 'Lower price, no tax'),
            ('tax', 'Tax only'),
            ('discount', 'Payment discount taken'),
            ('deduction', 'Credited before'),
        ],
        string='Line Type',
        copy=False,
        help='What this line credits. Only a line that returns quantity changes what was delivered '
        'and invoiced; where the price was lowered, a later return is worth the lowered price.',
    )
    is_credit_price_typed = fields.Boolean(
        copy=False,
        help='Whether a person set the price. Otherwise the line is worth its share of what is '
        'left of the line that it credits.',
    )
    credit_share = fields.Float(
        string='Credited Share',
        copy=False,
        help='The percentage of the invoiced line that was asked for, if one was. The amounts '
        'follow from it, also when the credit note is posted: then the cents are shared out anew.',
    )
    credit_amount_reversed = fields.Monetary(
        string='Credited',
        compute='_compute_credit_amount_reversed',
        currency_field='currency_id',
        help='What this line takes back from its invoice. Quantities are typed positive.',
    )

    # === COMPUTE METHODS === #

    @api.depends('price_subtotal', 'move_type')
    def _compute_credit_amount_reversed(self):
        for line in self:
            is_credit = line.move_type == 'out_refund'
            line.credit_amount_reversed = -line.price_subtotal if is_credit else 0.0

    @api.depends('credited_line_id', 'extra_tax_data')
    def _compute_totals(self):
        # EXTENDS 'account': where taxes are rounded per document, the host rounds the total that
        # it shows of each line apart from the others; a pure mirror shows what its invoice shows.
        super()._compute_totals()
        for line in self:
            # Who may read the credit may not be allowed to read its invoice.
            origin_line = line.sudo().credited_line_id
            if (
                origin_line
                and origin_line.move_id == line.move_id.sudo().reversed_entry_id
                and line._is_mirrored()
            ):
                line.price_subtotal = origin_line.price_subtotal
                line.price_total = origin_line.price_total

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_credited(self):
        for line in self:
            credits = line.sudo().credit_line_ids.move_id.filtered(
                lambda move: move.state == 'posted'
            )
            if credits:
                raise UserError(
                    self.env._(
                        'The line "%(line)s" cannot be deleted: %(credit)s credits it. Cancel '
                        'the credit note first, or keep both.',
                        line=line.name,
                        credit=credits[0].display_name,
                    )
                )

    def _check_credited_line_is_kept(self, credited_line_id):
        for line in self:
            if (
                line.parent_state == 'posted'
                and line.credited_line_id
                and line.credited_line_id.id != credited_line_id
            ):
                raise UserError(
                    self.env._(
                        '%s is posted: what its lines credit cannot be changed. Reset it to draft '
                        'first.',
                        line.move_id.display_name,
                    )
                )

    @api.constrains('credited_line_id')
    def _check_credited_line_id(self):
        for line in self.filtered('credited_line_id'):
            origin = line.credited_line_id.move_id
            if line.move_id.move_type != 'out_refund' or origin.move_type not in CREDITABLE_TYPES:
                raise ValidationError(
                    self.env._(
                        'Only a line of a credit note can credit a line, and only one of a '
                        'customer invoice: remove the link of "%s".',
                        line.name,
                    )
                )

    # === BUSINESS METHODS === #

    def _is_mirrored(self):
        """Whether this line still has all that determines the amounts of the line it credits."""
        self.ensure_one()
        origin = self.sudo().credited_line_id
        return (
            self.display_type == 'product'
            and self.currency_id == origin.currency_id
            and self.product_uom_id == origin.product_uom_id
            and self.tax_ids == origin.tax_ids
            and self._is_same_quantity(self.quantity, origin.quantity)
            and self._is_same_price(origin)
        )

    def _is_credit_without_quantity(self):
        """Whether this line lowers a price or a tax: on paper, a quantity would say that goods
        come back.
        """
        self.ensure_one()
        return bool(self.credited_line_id) and self.credit_kind in ('price', 'commercial', 'tax')

    def _prepare_other_credit_line_vals(self):
        """Values of a line that credits this one on the credit of another invoice (mp24)."""
        vals = self.with_context(include_business_fields=True).copy_data()[0]
        derived = ('move_id', 'balance', 'amount_currency', 'debit', 'credit', 'extra_tax_data')
        vals = {name: value for name, value in vals.items() if name not in derived}
        return {**vals, 'credited_line_id': self.id}

    def _is_same_price(self, other):
        digits = self.env['decimal.precision'].precision_get('Product Price')
        return not float_compare(
            self.price_unit, other.price_unit, precision_digits=digits
        ) and not float_compare(
            self.discount,
            other.discount,
            precision_digits=self.env['decimal.precision'].precision_get('Discount'),
        )

    def _is_same_quantity(self, quantity, other):
        if self.product_uom_id:
            return not self.product_uom_id.compare(quantity, other)
        digits = self.env['decimal.precision'].precision_get('Product Unit')
        return not float_compare(quantity, other, precision_digits=digits)
