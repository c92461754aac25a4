from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.actions import open_action, open_records, reload_page
from .account_move_line import CREDITABLE_TYPES


class AccountMove(models.Model):
    _inherit = 'account.move'

    credit_count = fields.Integer(
        string='Count of Credit Notes', compute='_compute_credit_count', compute_sudo=True
    )
    credit_origin_count = fields.Integer(
        string='Credited Invoices', compute='_compute_credit_origin_count', compute_sudo=True
    )
    credit_origin_date = fields.Date(
        string='Invoice Date of Origin', compute='_compute_credit_origin_date'
    )
    credit_customer_ref = fields.Char(
        string='Customer Reference of Origin',
        copy=False,
        help="The customer's own reference on the invoice that this document credits.",
    )
    credit_reason = fields.Char(
        string='Note to the Customer',
        copy=False,
        help='What the customer reads about the reason, as typed when the credit note was made.',
    )
    credit_reason_id = fields.Many2one(
        comodel_name='credit.reason',
        string='Reason',
        copy=False,
        check_company=True,
        help='Why the invoice was credited.',
    )
    credit_posting_rule_id = fields.Many2one(
        comodel_name='credit.posting.rule',
        string='Posting Rule',
        copy=False,
        readonly=True,
        check_company=True,
        help='The rule by which this credit note is posted.',
    )
    credit_badge = fields.Char(string='Badge', compute='_compute_credit_badge')
    credit_amount_reversed = fields.Monetary(
        string='Takes Back',
        compute='_compute_credit_amount_reversed',
        help='What this credit note takes back from its invoice.',
    )
    replaced_move_id = fields.Many2one(
        comodel_name='account.move',
        string='Replaces Invoice',
        copy=False,
        readonly=True,
        index='btree_not_null',
        check_company=True,
        help='The credited invoice that this one was made to replace.',
    )
    replacement_move_ids = fields.One2many(
        comodel_name='account.move', inverse_name='replaced_move_id', string='Replaced by'
    )
    has_replacement = fields.Boolean(compute='_compute_has_replacement')

    # === COMPUTE METHODS === #

    @api.depends('reversal_move_ids.move_type', 'line_ids.credit_line_ids.move_id')
    def _compute_credit_count(self):
        for move in self:
            move.credit_count = len(move._get_linked_credits())

    @api.depends('move_type', 'reversed_entry_id', 'line_ids.credited_line_id')
    def _compute_credit_origin_count(self):
        for move in self:
            move.credit_origin_count = len(move._get_credit_origins())

    @api.depends('reversed_entry_id.invoice_date')
    @api.depends_context('uid')
    def _compute_credit_origin_date(self):
        for move in self:
            is_shown = move._is_origin_readable()
            move.credit_origin_date = is_shown and move.reversed_entry_id.sudo().invoice_date

    @api.depends('move_type')
    def _compute_credit_badge(self):
        for move in self:
            is_credit = move.move_type == 'out_refund'
            move.credit_badge = self.env._('Credit Note') if is_credit else False

    @api.depends('amount_total', 'move_type')
    def _compute_credit_amount_reversed(self):
        for move in self:
            is_credit = move.move_type == 'out_refund'
            move.credit_amount_reversed = -move.amount_total if is_credit else 0.0

    @api.depends('replacement_move_ids', 'reversed_entry_id.replacement_move_ids')
    def _compute_has_replacement(self):
        for move in self:
            is_linked = move.move_type == 'out_refund' or move.is_credit_linked
            move.has_replacement = is_linked and bool(move._get_replacements())

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_credited(self):
        for move in self.filtered(lambda move: move.move_type in CREDITABLE_TYPES):
            credits = move.sudo()._get_credits() - self
            if credits:
                raise UserError(
                    self.env._(
                        '%(invoice)s cannot be deleted: %(credits)s credits it. Delete the '
                        'credit note first if it is a draft, or keep both.',
                        invoice=move.display_name,
                        credits=', '.join(credits.mapped('display_name')),
                    )
                )

    def _check_credit_link_is_kept(self, origin_id):
        for move in self:
            if (
                move.state == 'posted'
                and move._is_customer_credit()
                and move.reversed_entry_id.id != origin_id
            ):
                raise UserError(
                    self.env._(
                        '%(credit)s is posted and credits %(invoice)s: the link cannot be '
                        'changed. Reset the credit note to draft first.',
                        credit=move.display_name,
                        invoice=move.reversed_entry_id.display_name,
                    )
                )

    # === ACTION METHODS === #

    def action_credit_invoice(self):
        """Open the dialog of *Credit this Invoice* (mp01, mp03).

        :return: the action of the host's reversal wizard
        :rtype: dict
        :raise AccessError: if the user may not make invoices
        :raise UserError: if this document cannot be credited (mp02)
        """
        self.ensure_one()
        self._check_credit_rights()
        refusal = self._get_credit_refusal()
        if refusal:
            return self._get_refusal_action(refusal)
        return {
            **self.action_reverse(),
            'name': self.env._('Credit this Invoice'),
            'context': {
                'active_model': 'account.move',
                'active_ids': self.ids,
                'dialog_size': 'extra-large',
            },
        }

    def action_credit_invoices(self):
        """Open the dialog of *Credit Invoices* for a selection in a list.

        What cannot be credited is named in the dialog, with its reason.

        :return: the action of the host's reversal wizard
        :rtype: dict
        """
        self._check_credit_rights()
        return open_action(
            self.env,
            'account.action_view_account_move_reversal',
            name=self.env._('Credit Invoices'),
            context={
                'active_model': 'account.move',
                'active_ids': self.ids,
                'credit_selection': True,
                'dialog_size': 'extra-large',
            },
        )

    def action_view_related_credits(self):
        """Open the credit of this invoice, or the list of them (mp08)."""
        return open_records(self._get_credits(), self.env._('Related Credits'))

    def action_view_related_invoice(self):
        """Open the invoice that this document credits, or the list of them (mp07)."""
        return open_records(self._get_credit_origins(), self.env._('Related Invoices'))

    def action_view_replacement(self):
        """Open the invoice that was made to replace this one, or the one of this credit (mp20)."""
        return open_records(self._get_replacements(), self.env._('Replacement'))

    def action_view_replaced_invoice(self):
        """Open the invoice that this one was made to replace (mp20)."""
        return open_records(self.replaced_move_id, self.env._('Replaced Invoice'))

    def action_open_credit(self):
        """Open this document."""
        self.ensure_one()
        return open_records(self, self.env._('Credit Note'))

    def action_discard_credit(self):
        """Delete a draft credit that was never posted.

        :return: the client action that reloads the page
        :rtype: dict
        :raise UserError: if it is no draft, or was posted before
        """
        for credit in self:
            if not credit._is_customer_credit() or credit.state != 'draft':
                raise UserError(self.env._('Only draft credit notes can be discarded.'))
            if credit.posted_before:
                raise UserError(
                    self.env._(
                        '%s was posted before and has a number: open it and cancel it instead.',
                        credit.display_name,
                    )
                )
        names = [(credit.reversed_entry_id, credit.display_name) for credit in self]
        self.unlink()
        for origin, name in names:
            origin._message_log(body=self.env._('%s was discarded.', name))
        return reload_page()

    # === BUSINESS METHODS: WHAT BELONGS TOGETHER === #

    def _get_replacements(self):
        """What was made to replace these invoices, or those that these documents credit."""
        origins = self | self._get_credit_origins()
        return origins.replacement_move_ids

    # === BUSINESS METHODS: WHAT CREDITS WHAT === #

    def _is_customer_credit(self):
        """Whether this is the credit of a customer's invoice, and not a free one."""
        self.ensure_one()
        return (
            self.move_type == 'out_refund'
            # Who may read the credit may not be allowed to read its invoice.
            and self.sudo().reversed_entry_id.move_type in CREDITABLE_TYPES
        )

    def _get_credits(self):
        """The credits of these invoices, also those that credit single lines of them."""
        credits = self.reversal_move_ids | self.line_ids.credit_line_ids.move_id
        return credits.filtered(lambda move: move.move_type == 'out_refund')

    def _get_credit_origins(self):
        """The invoices that these documents credit."""
        credits_sudo = self.filtered(lambda move: move.move_type == 'out_refund').sudo()
        origins_sudo = (
            credits_sudo.reversed_entry_id | credits_sudo.line_ids.credited_line_id.move_id
        )
        return origins_sudo.with_env(self.env)

    def _is_origin_readable(self):
        """Whether the user may read the invoice that this document names, which may be any: what
        is not saved yet has passed no check.

        Also for what is computed with elevated rights.
        """
        self.ensure_one()
        origin = self.reversed_entry_id._origin.sudo(False)
        return bool(origin) and origin.has_access('read')

    def _get_posted_credits(self):
        return self._get_credits().filtered(lambda credit: credit.state == 'posted')

    def _get_other_credits(self, credit, accepted=()):
        """The credits of this invoice that count before another one: the posted, and the accepted.

        :param credit: the other one, which does not count
        :param accepted: drafts that count as if they were posted
        """
        others = self._get_posted_credits()
        if accepted:
            others |= self._get_credits() & accepted
        return others - credit

    def _is_fully_credited(self):
        """Whether posted credits leave nothing of any line."""
        credits = self._get_posted_credits()
        if not credits:
            return False
        left = self._get_creditable_amount(credits)
        comparison = self.currency_id.compare_amounts(left, 0.0)
        if comparison or not self._get_with_balanced_lines():
            return comparison <= 0
        return not self._is_any_line_left(credits)

    def _is_partly_credited(self):
        """Whether less than the whole is left to credit: credited, or a discount was taken."""
        if not self._get_posted_credits():
            return bool(self._get_discount_taken_amount())
        return not self._is_fully_credited()
