from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.actions import open_window
from .account_move_reversal_line import UNSPLIT

# A row of which nothing was typed.
UNTYPED = {
    'amount': 0.0,
    'is_price_typed': False,
    **UNSPLIT,
    'typed_percentage': 0.0,
    'tax_id': False,
}


class AccountMoveReversal(models.TransientModel):
    """Choosing a part of an invoice, or parts of several invoices of one customer."""

    _inherit = 'account.move.reversal'

    credit_scope = fields.Selection(
        selection=[('whole', 'Whole invoice'), ('part', 'Part of it')],
        string='Credit',
        default='whole',
        required=True,
    )
    can_choose_part = fields.Boolean(compute='_compute_can_choose_part')
    is_combined = fields.Boolean(compute='_compute_can_choose_part')
    part_currency_id = fields.Many2one('res.currency', compute='_compute_can_choose_part')
    has_tax_choice = fields.Boolean(compute='_compute_has_tax_choice')
    credit_line_ids = fields.One2many(
        comodel_name='account.move.reversal.line', inverse_name='wizard_id', string='Parts'
    )
    has_credited = fields.Boolean(compute='_compute_has_earlier_credits')
    has_reserved = fields.Boolean(compute='_compute_has_earlier_credits')
    credit_untaxed = fields.Monetary(
        compute='_compute_credit_total', currency_field='part_currency_id'
    )
    credit_tax = fields.Monetary(compute='_compute_credit_total', currency_field='part_currency_id')
    credit_total = fields.Monetary(
        compute='_compute_credit_total', currency_field='part_currency_id'
    )
    credit_part_notice = fields.Text(
        compute='_compute_credit_part_notice',
        help='Where less is left in all than the lines that are left, and what to take, too.',
    )

    # === COMPUTE METHODS === #

    @api.depends('move_ids')
    def _compute_can_choose_part(self):
        for wizard in self:
            moves = wizard.move_ids._origin
            wizard.is_combined = len(moves) > 1
            # The host knows a currency of one document only.
            currencies = moves.currency_id
            wizard.part_currency_id = currencies if len(currencies) == 1 else False
            wizard.can_choose_part = (
                wizard.is_customer_credit and moves.sudo()._have_credit_in_common()
            )

    @api.depends('move_ids')
    def _compute_has_earlier_credits(self):
        for wizard in self:
            moves = wizard.move_ids._origin
            wizard.has_credited = bool(moves._get_posted_credits())
            wizard.has_reserved = bool(moves.draft_credit_ids)

    @api.depends('credit_line_ids.total', 'credit_line_ids.tax_amount')
    def _compute_credit_total(self):
        for wizard in self:
            wizard.credit_total = sum(wizard.credit_line_ids.mapped('total'))
            wizard.credit_tax = sum(wizard.credit_line_ids.mapped('tax_amount'))
            wizard.credit_untaxed = wizard.credit_total - wizard.credit_tax

    @api.depends('credit_line_ids.total', 'credit_scope')
    def _compute_credit_part_notice(self):
        for wizard in self:
            rows = wizard.credit_scope == 'part' and wizard.credit_line_ids
            sentences = [
                origin._origin._get_share_sentence(of_origin._get_parts_by_line())
                for origin, of_origin in (rows or wizard.credit_line_ids[:0])
                .grouped('move_id')
                .items()
            ]
            wizard.credit_part_notice = '\n'.join(filter(None, sentences))

    @api.depends('credit_line_ids.kind')
    def _compute_has_tax_choice(self):
        for wizard in self:
            wizard.has_tax_choice = any(
                row.kind == 'tax' and row.choosable_tax_ids for row in wizard.credit_line_ids
            )

    # === ONCHANGE METHODS === #

    @api.onchange('credit_scope')
    def _onchange_credit_scope(self):
        if self.credit_scope == 'part' and not self.credit_line_ids and self.can_choose_part:
            self.credit_line_ids = [
                Command.create(vals) for vals in self._prepare_row_vals(is_filled=False)
            ]

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'account': over RPC, the rows are those of the form
        wizards = super().create(vals_list)
        for wizard, vals in zip(wizards, vals_list, strict=True):
            if wizard.credit_scope == 'part' and not vals.get('credit_line_ids'):
                wizard._fill_rows(vals)
        return wizards

    def _fill_rows(self, vals):
        """Make the rows of a dialog that came without them.

        :param dict vals: of the dialog, as they were sent
        """
        self._check_can_choose_part()
        rows = self.env['account.move.reversal.line'].create([
            {**row_vals, 'wizard_id': self.id}
            for row_vals in self._prepare_row_vals(is_filled=False)
        ])
        self.credit_line_ids = rows

    # === ACTION METHODS === #

    def action_fill_all(self):
        """Credit all that is left of every line.

        :return: the action that shows the dialog again
        :rtype: dict
        """
        return self._reset_rows(is_filled=True)

    def action_clear_all(self):
        """Credit nothing of any line, to type what is to be credited.

        :return: the action that shows the dialog again
        :rtype: dict
        """
        return self._reset_rows(is_filled=False)

    def _reset_rows(self, is_filled):
        self.ensure_one()
        self.move_ids._check_credit_rights()
        self.write({'credit_percentage': 0.0, 'credit_amount': 0.0})
        # The same rows: the dialog still shows them until it is shown again.
        rows = {row.move_line_id.id: row for row in self.credit_line_ids}
        for vals in self._prepare_row_vals(is_filled):
            if row := rows.get(vals['move_line_id']):
                row.write({**UNTYPED, **vals})
            else:
                self.credit_line_ids.create({**vals, 'wizard_id': self.id})
        return open_window(
            self,
            self.env._('Credit this Invoice'),
            context={**self.env.context, 'dialog_size': 'extra-large'},
        )

    # === BUSINESS METHODS === #

    def _prepare_row_vals(self, is_filled):
        """Values of the rows: every line of which something is left.

        :param bool is_filled: whether the rows open at what is left, or at nothing
        :return: list of dictionaries of values of `account.move.reversal.line`
        """
        rows = []
        for move in self.move_ids._origin:
            remaining = move._get_remaining_lines()
            for line in move._get_numbered_lines():
                left = remaining.get(line.id)
                if left and not left.is_used_up():
                    rows.append({
                        'sequence': len(rows),
                        'move_line_id': line.id,
                        **self._prepare_row_part_vals(move, left, is_filled),
                    })
        return rows

    @api.model
    def _prepare_row_part_vals(self, move, left, is_filled):
        if not is_filled:
            kind = move._get_whole_part(left)['kind']
            return {'kind': kind, 'quantity': 0.0, 'amount': 0.0, 'percentage': 0.0}
        part = move._get_whole_part(left)
        names = left.tax_names if part['kind'] == 'tax' else left.price_names
        amount, whole = (
            sum(figures[name] for name in names) for figures in (left.figures, left.whole)
        )
        return {
            'kind': part['kind'],
            'quantity': part['quantity'],
            'amount': move._get_amount(amount),
            'percentage': round(100 * amount / whole, 2) if whole else 0.0,
        }

    def _get_credit_parts(self):
        """What the rows ask for, checked.

        :return: dictionary as of `account.move._get_parts`
        :raise UserError: if nothing is chosen, or of invoices that have no credit in common
        :raise ValidationError: names the first line of which that cannot be credited
        """
        self.ensure_one()
        self._check_can_choose_part()
        rows = self.credit_line_ids.filtered(lambda row: not row._is_empty())
        if all(row._is_worth_nothing() for row in rows):
            raise UserError(
                self.env._('Choose what to credit: type a quantity or an amount for a line.')
            )
        for reason in self._get_part_refusals().values():
            raise ValidationError(reason)
        if len(rows.move_line_id) < len(rows):
            raise ValidationError(self.env._('A line is listed twice: list each line once.'))
        return {row.move_line_id.id: row._get_part_vals() for row in rows}

    def _check_can_choose_part(self):
        if not self.can_choose_part:
            raise UserError(
                self.env._(
                    'One credit note can take parts of invoices of one customer, in one currency '
                    'and at one rate, without a payment discount taken: choose such invoices, or '
                    'credit the whole of each.'
                )
            )

    def _get_part_refusals(self):
        """Why rows cannot be credited.

        :return: dictionary of rows to a sentence each
        """
        self.ensure_one()
        rows = self.credit_line_ids.filtered(lambda row: not row._is_empty())
        return {row: row.refusal for row in rows if row.refusal}

    def _can_exceed(self):
        """Whether a draft of more than what is left can be made; it is checked when posted."""
        company = self.company_id._get_credit_policy_company()
        return company.credit_limit_policy != 'block' or self.env.user.has_group(
            'credit_invoice.group_credit_exceed'
        )
