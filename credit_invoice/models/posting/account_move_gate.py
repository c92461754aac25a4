from odoo import api, models, tools
from odoo.exceptions import UserError
from odoo.tools import float_compare

from .account_move_posting import CHECKED

# Which state a document is in, and whether it ever was posted.
STATE_FIELDS = ('state', 'posted_before')
# Kinds of journal items that move a discount, and where lines say that they have one.
DISCOUNTS = {'epd': 'epd_needed', 'discount': 'discount_allocation_needed'}


class AccountMove(models.Model):
    """What is a posted credit afterwards has passed every check on its final values, whatever is
    written, in whatever order (decision 18).
    """

    _inherit = 'account.move'

    # === STEPS OF MAKING AND CHANGING === #

    @api.model
    def _get_undefaulted_credit_fields(self):
        # EXTENDS 'credit_invoice'
        return {
            *super()._get_undefaulted_credit_fields(),
            *self._get_noted_credit_fields(),
            *STATE_FIELDS,
            'credit_exceed_reason',
        }

    @api.model
    def _clean_credit_create_vals(self, vals):
        # EXTENDS 'credit_invoice'
        return self._without_derived_amounts(super()._clean_credit_create_vals(vals))

    @api.model
    def _clean_credit_write_vals(self, vals):
        # EXTENDS 'credit_invoice'
        return self._without_derived_amounts(super()._clean_credit_write_vals(vals))

    def _split_credit_write(self, vals):
        # EXTENDS 'credit_invoice': what is posted is checked as it is then; so all else goes first
        first, vals = super()._split_credit_write(vals)
        if vals.get('state') == 'posted' and self.env.context.get('credit_checked') is not CHECKED:
            others = {name: value for name, value in vals.items() if name not in STATE_FIELDS}
            first, vals = {**first, **others}, {name: vals[name] for name in vals.keys() - others}
        return first, vals

    def _check_credit_write(self, vals):
        # EXTENDS 'credit_invoice'
        if vals.get('move_type'):
            self._check_type_is_kept(vals['move_type'])
        super()._check_credit_write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted_credits(self):
        """A key of the context makes the host delete what is posted; nothing of it would be left
        to tell of the money that went back."""
        credits = self.filtered(lambda move: move.move_type == 'out_refund')
        for credit in credits:
            if credit.state == 'posted':
                raise UserError(
                    self.env._(
                        '%s is posted and cannot be deleted: reset it to draft first.',
                        credit.display_name,
                    )
                )
        credits.filtered('posted_before')._check_credit_approve_rights()
        credits._check_can_be_undone()

    # === BUSINESS METHODS === #

    @api.model
    def _without_derived_amounts(self, vals):
        """The values without totals, which follow from journal items.

        :param dict vals: not changed
        """
        if self.env.su:
            return vals
        names = self._get_derived_amount_fields()
        return {name: value for name, value in vals.items() if name not in names}

    @api.model
    @tools.ormcache()
    def _get_derived_amount_fields(self):
        return frozenset({'credit_status', 'is_credit_linked'}).union(
            name
            for name, field in self._fields.items()
            if field.compute
            and field.store
            and field.type == 'monetary'
            and name.startswith(('amount_', 'credited_'))
        )

    def _check_type_is_kept(self, move_type):
        """Refuse to make another kind of document of what is posted.

        :param str move_type: the type that is written
        :raise UserError: names the document, and says what to do
        """
        for move in self:
            if move.state == 'posted' and move.move_type != move_type:
                raise UserError(
                    self.env._(
                        '%s is posted and stays the kind of document it is: reset it to draft, '
                        'or credit it.',
                        move.display_name,
                    )
                )

    def _check_own_rate(self):
        """Refuse a credit in the company's currency with another amount in the company's books.

        :raise UserError: says what to do
        """
        self.ensure_one()
        is_own = self.currency_id == self.company_id.currency_id
        if is_own and float_compare(self.invoice_currency_rate, 1.0, precision_digits=12):
            raise UserError(
                self.env._(
                    '%(credit)s cannot be posted: it is in %(currency)s, as the books are, so its '
                    'rate is 1. Set the rate back.',
                    credit=self.display_name,
                    currency=self.currency_id.name,
                )
            )

    def _check_derived_items(self):
        """Refuse a draft credit with journal items that no line accounts for: they would be hidden
        from whoever approves it.

        What the customer gets is its total. Early payment and allocated discounts go from one
        account to another, where lines have them; costs of goods follow when it is posted.

        :raise UserError: says what to do
        """
        self.ensure_one()
        items = self.line_ids.grouped('display_type')
        owed, nothing = items.get('payment_term'), self.line_ids.browse()
        total = -sum(owed.mapped('amount_currency')) if owed else 0.0
        is_hidden = 'cogs' in items or bool(
            self.currency_id.compare_amounts(total, self.amount_total)
        )
        for display_type, needed in DISCOUNTS.items():
            discounts = items.get(display_type, nothing)
            if discounts and not any(self.invoice_line_ids.mapped(needed)):
                is_hidden = True
            if not self.currency_id.is_zero(sum(discounts.mapped('amount_currency'))):
                is_hidden = True
        if is_hidden:
            raise UserError(
                self.env._(
                    '%s cannot be posted: some of its journal items belong to none of its '
                    'lines. Discard it, and credit the invoice again.',
                    self.display_name,
                )
            )
