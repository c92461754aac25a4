from contextlib import nullcontext

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .account_move_line import CREDITABLE_TYPES
from .credit_mirror_mixin import MirrorBatch

RECONCILE_CHUNK = 500


class AccountMove(models.Model):
    _name = 'account.move'
    _inherit = ['account.move', 'credit.mirror.mixin']

    credit_count = fields.Integer(
        string='Credits', compute='_compute_credit_count', compute_sudo=True
    )
    draft_credit_ids = fields.Many2many(
        comodel_name='account.move',
        string='Draft Credits',
        compute='_compute_draft_credit_ids',
        help='Credits of this invoice that are waiting to be confirmed.',
    )
    credit_origin_count = fields.Integer(
        string='Credited Invoices', compute='_compute_credit_origin_count', compute_sudo=True
    )
    credit_origin_date = fields.Date(
        string='Invoice Date of Origin', related='reversed_entry_id.invoice_date'
    )
    credit_customer_ref = fields.Char(
        string='Customer Reference of Origin',
        copy=False,
        help="The customer's own reference on the invoice that this document credits.",
    )
    credit_badge = fields.Char(string='Kind', compute='_compute_credit_badge')
    credit_amount_reversed = fields.Monetary(
        string='Reversed Amount',
        compute='_compute_credit_amount_reversed',
        help='What this credit takes back from its invoice.',
    )
    credit_difference_html = fields.Html(
        string='Differences to the Invoice', compute='_compute_credit_difference_html'
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

    # === COMPUTE METHODS === #

    @api.depends('reversal_move_ids.move_type', 'line_ids.credit_line_ids.move_id')
    def _compute_credit_count(self):
        for move in self:
            move.credit_count = len(move._get_credits())

    @api.depends('reversal_move_ids.state')
    def _compute_draft_credit_ids(self):
        for move in self:
            move.draft_credit_ids = move.reversal_move_ids.filtered(
                lambda credit: credit.state == 'draft' and credit.move_type == 'out_refund'
            )

    @api.depends('move_type', 'reversed_entry_id', 'line_ids.credited_line_id')
    def _compute_credit_origin_count(self):
        for move in self:
            move.credit_origin_count = len(move._get_credit_origins())

    @api.depends('move_type')
    def _compute_credit_badge(self):
        for move in self:
            move.credit_badge = self.env._('Credit') if move.move_type == 'out_refund' else False

    @api.depends('amount_total', 'move_type')
    def _compute_credit_amount_reversed(self):
        for move in self:
            is_credit = move.move_type == 'out_refund'
            move.credit_amount_reversed = -move.amount_total if is_credit else 0.0

    @api.depends('state', 'reversed_entry_id', 'invoice_line_ids.price_total', 'partner_id')
    def _compute_credit_difference_html(self):
        for move in self:
            differences = []
            if move.state == 'draft' and move._is_customer_credit():
                differences = move._get_credit_differences()
            move.credit_difference_html = bool(differences) and self.env['ir.qweb']._render(
                'credit_invoice.credit_differences', {'differences': differences}
            )

    @api.depends('reversed_entry_id', 'move_type')
    def _compute_invoice_currency_rate(self):
        # EXTENDS 'account': a value that is set only once is lost at the next change of a date.
        super()._compute_invoice_currency_rate()
        for move in self:
            origin = move.reversed_entry_id
            if (
                move._is_customer_credit()
                and origin.currency_id == move.currency_id
                and origin.invoice_currency_rate
                and move.company_id._get_credit_policy_company().credit_rate == 'origin'
            ):
                move.invoice_currency_rate = origin.invoice_currency_rate

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'account': see `MirrorBatch`
        batch = self.env.context.get('credit_mirror')
        if not batch:
            return super().create(vals_list)
        origins = self.browse([vals.get('reversed_entry_id') or 0 for vals in vals_list])
        complete = [
            origin._mirror_credit_vals(vals)
            for origin, vals in zip(origins, vals_list, strict=True)
        ]
        with self._disable_recursion({}, 'skip_invoice_sync', target=all(complete)):
            return super().create(vals_list)

    def write(self, vals):
        if 'reversed_entry_id' in vals:
            self._check_credit_link_is_kept(vals['reversed_entry_id'])
        # Posting a credit derives nothing: its journal items are complete.
        is_quiet = vals.keys() == {'state', 'posted_before'} and all(
            move._is_customer_credit() for move in self
        )
        with self._disable_recursion({}, 'skip_invoice_sync') if is_quiet else nullcontext():
            return super().write(vals)

    def copy(self, default=None):
        # EXTENDS 'account': see `MirrorBatch`
        batch = self.env.context.get('credit_mirror')
        if not batch or self not in batch.origins:
            # Of a batch of documents of several kinds, this one is none to be mirrored.
            moves = self.with_context(credit_mirror=None) if batch else self
            return super(AccountMove, moves).copy(default)

        def copy(moves, values):
            return super(AccountMove, moves).copy(values)

        credit = batch.get_ready_credit(self, default)
        return batch.copy_all(self, default, copy) if credit is None else credit

    @api.ondelete(at_uninstall=False)
    def _unlink_except_credited(self):
        for move in self.filtered(lambda move: move.move_type in CREDITABLE_TYPES):
            credits = move.sudo()._get_credits() - self
            if credits:
                raise UserError(
                    self.env._(
                        '%(invoice)s cannot be deleted: %(credits)s credits it. Delete the credit '
                        'first if it is a draft, or keep both.',
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
                        '%(credit)s is posted and credits %(invoice)s: the link cannot be changed. '
                        'Reset the credit to draft first.',
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
        self._check_can_be_credited()
        return {
            **self.action_reverse(),
            'name': self.env._('Credit this Invoice'),
            'context': {'active_model': 'account.move', 'active_ids': self.ids},
        }

    def action_credit_invoices(self):
        """Open the dialog of *Credit invoices* for a selection in a list.

        What cannot be credited is named in the dialog, with its reason.

        :return: the action of the host's reversal wizard
        :rtype: dict
        """
        self._check_credit_rights()
        return {
            **self.env['ir.actions.act_window']._for_xml_id(
                'account.action_view_account_move_reversal'
            ),
            'name': self.env._('Credit Invoices'),
            'context': {
                'active_model': 'account.move',
                'active_ids': self.ids,
                'credit_selection': True,
            },
        }

    def action_view_related_credits(self):
        """Open the credit of this invoice, or the list of them (mp08)."""
        return self._get_related_action(self._get_credits(), self.env._('Related Credits'))

    def action_view_related_invoice(self):
        """Open the invoice that this document credits, or the list of them (mp07)."""
        return self._get_related_action(self._get_credit_origins(), self.env._('Related Invoices'))

    def action_view_replacement(self):
        """Open the invoice that replaces this one, or the one that it replaces (mp20)."""
        related = self.replacement_move_ids | self.replaced_move_id
        related |= self.reversed_entry_id.replacement_move_ids
        return self._get_related_action(related, self.env._('Replacement'))

    def action_open_credit(self):
        """Open this document."""
        self.ensure_one()
        return self._get_related_action(self, self.env._('Credit'))

    def action_discard_credit(self):
        """Delete a draft credit that was never posted.

        :return: the client action that reloads the page
        :rtype: dict
        :raise UserError: if it is no draft, or was posted before
        """
        for credit in self:
            if not credit._is_customer_credit() or credit.state != 'draft':
                raise UserError(self.env._('Only draft credits can be discarded.'))
            if credit.posted_before:
                raise UserError(
                    self.env._(
                        '%s was posted before and has a number: open it and cancel it instead.',
                        credit.display_name,
                    )
                )
        origins = self.reversed_entry_id
        names = {credit.reversed_entry_id: credit.display_name for credit in self}
        self.unlink()
        for origin in origins:
            origin._message_log(body=self.env._('%s was discarded.', names[origin]))
        return {'type': 'ir.actions.client', 'tag': 'soft_reload'}

    def _get_related_action(self, moves, name):
        action = {
            'type': 'ir.actions.act_window',
            'name': name,
            'res_model': 'account.move',
            'context': {'create': False},
        }
        if len(moves) == 1:
            return {**action, 'view_mode': 'form', 'views': [(False, 'form')], 'res_id': moves.id}
        return {**action, 'view_mode': 'list,form', 'domain': [('id', 'in', moves.ids)]}

    # === BUSINESS METHODS: WHAT CAN BE CREDITED === #

    def _is_customer_credit(self):
        """Whether this is the credit of a customer's invoice, and not a free one."""
        self.ensure_one()
        return (
            self.move_type == 'out_refund' and self.reversed_entry_id.move_type in CREDITABLE_TYPES
        )

    def _get_credits(self):
        """The credits of these invoices, also those that credit single lines of them."""
        credits = self.reversal_move_ids | self.line_ids.credit_line_ids.move_id
        return credits.filtered(lambda move: move.move_type == 'out_refund')

    def _get_credit_origins(self):
        """The invoices that these documents credit."""
        credits = self.filtered(lambda move: move.move_type == 'out_refund')
        return credits.reversed_entry_id | credits.line_ids.credited_line_id.move_id

    def _check_credit_rights(self):
        if not self.env.user.has_group('account.group_account_invoice'):
            raise AccessError(
                self.env._('Only people in billing can credit invoices. Ask one of them.')
            )
        self.check_access('write')

    def _check_can_be_credited(self):
        """Refuse what cannot be credited, before anything is done.

        :raise AccessError: if the user may not make invoices
        :raise UserError: names the first document that cannot be credited, and says why
        """
        self._check_credit_rights()
        for move in self:
            reason = move._get_credit_refusal()
            if reason:
                raise UserError(reason)

    def _get_credit_refusal(self):
        """Why this document cannot be credited.

        To be extended where more is required of an invoice before it may be credited.

        :return: one sentence that names the document and says what to do, or False
        """
        self.ensure_one()
        name = self.display_name
        if self.move_type == 'out_refund':
            return self.env._(
                '%s is a credit itself, and a credit is never credited. If it was a mistake, '
                'reset it to draft and cancel it.',
                name,
            )
        if self.move_type not in CREDITABLE_TYPES:
            return self.env._('%s is not a customer invoice: reverse it with its own button.', name)
        if self.state == 'draft':
            return self.env._(
                '%s is still a draft: change or delete it instead of crediting it.', name
            )
        if self.state != 'posted':
            return self.env._('%s is cancelled: there is nothing to credit.', name)
        return self._is_fully_credited() and self.env._(
            '%(invoice)s has been credited in full by %(credits)s.',
            invoice=name,
            credits=', '.join(self._get_posted_credits().mapped('name')),
        )

    def _get_posted_credits(self):
        return self._get_credits().filtered(lambda credit: credit.state == 'posted')

    def _is_fully_credited(self):
        credits = self._get_posted_credits()
        return (
            bool(credits)
            and self.currency_id.compare_amounts(
                sum(credits.mapped('amount_total')), self.amount_total
            )
            >= 0
        )

    # === BUSINESS METHODS: MAKING CREDITS === #

    def _lock_for_credit(self):
        """Let one transaction at a time make or undo documents of these invoices (decision 14).

        Under the host's isolation level a lock alone does not protect: with an older snapshot
        the second transaction would get the lock and still not see the first one's credit. The
        write makes it fail instead; the host then replays the request, which sees everything.

        :raise psycopg2.errors.SerializationFailure: if another transaction was faster; not to be
            caught, the host handles it
        """
        if not self.ids:
            return
        self.flush_recordset()
        ids = tuple(sorted(self.ids))
        self.env.cr.execute(SQL("SET LOCAL lock_timeout = '5s'"))
        self.env.cr.execute(
            SQL('SELECT id FROM account_move WHERE id IN %s ORDER BY id FOR NO KEY UPDATE', ids)
        )
        self.env.cr.execute(
            SQL('UPDATE account_move SET write_date = write_date WHERE id IN %s', ids)
        )
        self.invalidate_recordset()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        # EXTENDS 'account': mirrors customer invoices, all of them at once
        origins = self.filtered(lambda move: move.move_type in CREDITABLE_TYPES)
        if not origins:
            return super()._reverse_moves(default_values_list, cancel)
        origins._lock_for_credit()
        # Callers may pass one dictionary for all.
        default_values_list = [dict(values) for values in default_values_list or [{}] * len(self)]
        batch = MirrorBatch(
            origins,
            [
                values
                for move, values in zip(self, default_values_list, strict=True)
                if move in origins
            ],
        )
        for origin, values in zip(self, default_values_list, strict=True):
            if origin in origins:
                values.update(origin._prepare_credit_default_values(values))
        # Nothing is left to derive after copying, unless the credits are posted at once.
        is_quiet = origins == self and not cancel
        quiet = self._disable_recursion({}, 'skip_invoice_sync') if is_quiet else nullcontext()
        moves = self.browse(self.ids).with_context(credit_mirror=batch)
        with quiet:
            credits = super(AccountMove, moves)._reverse_moves(default_values_list, cancel)
        return credits.with_env(self.env)

    def _prepare_credit_default_values(self, values):
        """Values of a credit that are no line of its invoice.

        :param dict values: the default values so far, which win
        :return: further default values
        """
        self.ensure_one()
        own_values = {
            'credit_customer_ref': self.ref,
            'delivery_date': self.delivery_date,
            'taxable_supply_date': self.taxable_supply_date,
        }
        return {name: value for name, value in own_values.items() if name not in values}

    def _get_copy_message_content(self, default):
        # EXTENDS 'account': copies of a batch share their default values
        batch = self.env.context.get('credit_mirror')
        if batch:
            default = batch.get_default(self)
        return super()._get_copy_message_content(default)

    def _post(self, soft=True):
        # EXTENDS 'account': see `_lock_for_credit`
        self._get_credit_origins()._lock_for_credit()
        return super()._post(soft)

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        # EXTENDS 'account': the host takes origins and reversals in pairs, but counts an origin
        # once that has several reversals. Each is matched with its own, and all in one plan.
        if any(not move.reversed_entry_id for move in reverse_moves):
            return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)
        plan = []
        for reverse_move in reverse_moves:
            origin = reverse_move.reversed_entry_id
            if reverse_move._is_customer_credit():
                origin = origin.with_context(credit_reconcile_plan=plan)
            super(AccountMove, origin)._reconcile_reversed_moves(reverse_move, move_reverse_cancel)
        self._reconcile_credit_plan(plan, move_reverse_cancel)
        return reverse_moves

    @api.model
    def _reconcile_credit_plan(self, plan, move_reverse_cancel):
        """Match credits with invoices.

        Receivable lines go first, as in the host: on cash-basis taxes, their match may already
        match the others.

        :param plan: list of recordsets of journal items, each to be matched among themselves;
            those that share an item are matched together
        """
        receivable, others = [], []
        for lines in plan:
            is_receivable = lines.account_id.account_type == 'asset_receivable'
            (receivable if is_receivable else others).append(lines)
        self._reconcile_merged(receivable, move_reverse_cancel)
        self._reconcile_merged(
            [lines for lines in others if not any(lines.mapped('reconciled'))], move_reverse_cancel
        )

    @api.model
    def _reconcile_merged(self, plan, move_reverse_cancel):
        groups = {}
        for lines in plan:
            merged = set(lines.ids).union(*(groups.get(line_id, ()) for line_id in lines.ids))
            for line_id in merged:
                groups[line_id] = merged
        unique = list({id(group): group for group in groups.values()}.values())
        Line = self.env['account.move.line'].with_context(move_reverse_cancel=move_reverse_cancel)
        for start in range(0, len(unique), RECONCILE_CHUNK):
            chunk = unique[start : start + RECONCILE_CHUNK]
            # All moves are posted: nothing is left to derive.
            with self._disable_recursion({}, 'skip_invoice_sync'):
                Line._reconcile_plan([Line.browse(sorted(group)) for group in chunk])

    # === BUSINESS METHODS: DIFFERENCES === #

    def _get_credit_differences(self):
        """What was changed on a draft credit since it was mirrored.

        :return: list of dictionaries with `name`, `origin` and `credit`: texts to be shown
        """
        self.ensure_one()
        origin = self.reversed_entry_id
        differences = []
        for name in ('partner_id', 'currency_id', 'fiscal_position_id'):
            if self[name] != origin[name]:
                differences.append({
                    'name': self._fields[name].get_description(self.env, ['string'])['string'],
                    'origin': origin[name].display_name or '',
                    'credit': self[name].display_name or '',
                })
        credited = {line.credited_line_id: line for line in self.invoice_line_ids}
        for line in origin.invoice_line_ids.filtered(lambda line: line.display_type == 'product'):
            differences += line._get_credit_line_differences(credited.get(line))
        differences += [
            {'name': line.name or '', 'origin': '', 'credit': line._get_credit_line_summary()}
            for line in self.invoice_line_ids
            if line.display_type == 'product' and line.credited_line_id.move_id != origin
        ]
        return differences
