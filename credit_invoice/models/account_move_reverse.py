from contextlib import nullcontext

from odoo import api, models
from odoo.tools import SQL

from .account_move_line import CREDITABLE_TYPES
from .account_move_line_matching import RECONCILE_CHUNK
from .mirror_batch import MirrorBatch, Parts, get_batch

# In the context of those credits that are checked and posted; no client can send it.
CHECKED = object()


class AccountMove(models.Model):
    """How credits are made, posted and matched: the host's own methods, extended."""

    _inherit = 'account.move'

    # === COMPUTE METHODS === #

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

    def write(self, vals):
        # EXTENDS 'account': whoever writes the state goes no other way
        if vals.get('state') == 'posted' and self.env.context.get('credit_checked') is not CHECKED:
            credits = self.filtered(lambda move: move.state != 'posted')
            credits._get_credit_origins()._lock_for_credit()
            credits._without_credit_edit()._prepare_credits_for_posting(soft=False)
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'account': see `MirrorBatch`
        batch = get_batch(self.env)
        origins = [batch.get_origin(vals) if batch else None for vals in vals_list]
        if not vals_list or not all(origins):
            # Posting hooks create documents of their own while credits are made.
            return super().create(vals_list)
        complete = [
            origin._mirror_credit_vals(vals, batch.parts)
            for origin, vals in zip(origins, vals_list, strict=True)
        ]
        with self._disable_recursion({}, 'skip_invoice_sync', target=all(complete)):
            return super().create(vals_list)

    def copy(self, default=None):
        # EXTENDS 'account': see `MirrorBatch`
        batch = get_batch(self.env)
        if not batch or not batch.is_awaited(self):
            # A document of another kind, or a copy that is no credit.
            moves = self.with_context(credit_mirror=None) if batch else self
            return super(AccountMove, moves).copy(default)

        def copy(moves, values):
            return super(AccountMove, moves).copy(values)  # noqa: UP008, not of this function

        credit = batch.get_ready_credit(self, default)
        return batch.copy_all(self, default, copy) if credit is None else credit

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
            parts=self._get_context_parts(),
        )
        for origin, values in zip(self, default_values_list, strict=True):
            if origin in origins:
                values.update(origin._prepare_credit_default_values(values))
        # Nothing is left to derive after copying, unless the credits are posted at once.
        is_quiet = origins == self and not cancel
        quiet = self._disable_recursion({}, 'skip_invoice_sync') if is_quiet else nullcontext()
        moves = self.browse(self.ids).with_context(credit_mirror=batch, credit_parts=None)
        settled = origins._get_settled_credits() if cancel else self.browse()
        with quiet:
            credits = super(AccountMove, moves)._reverse_moves(default_values_list, cancel)
        # The host loosens all matches of what it cancels; those with earlier credits stay.
        settled.reversed_entry_id._reconcile_reversed_moves(settled, False)
        return credits.with_env(self.env)

    def _get_context_parts(self):
        parts = self.env.context.get('credit_parts')
        return parts if isinstance(parts, Parts) else None

    def _get_settled_credits(self):
        """The posted credits that are matched with these invoices."""
        matched = self.line_ids.matched_credit_ids.credit_move_id.move_id
        return self._get_posted_credits().filtered(
            lambda credit: credit in matched and credit.reversed_entry_id in self
        )

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
        # EXTENDS 'account': copies of a batch share their default values; and of a draft, nothing
        # has been reversed yet
        batch = get_batch(self.env)
        if batch:
            default = batch.get_default(self, default)
        if default.get('reversed_entry_id') and self.move_type in CREDITABLE_TYPES:
            return self.env._('Created as a credit note of %s.', self._get_html_link())
        return super()._get_copy_message_content(default)

    # === BUSINESS METHODS: POSTING AND MATCHING === #

    def _post(self, soft=True):
        # EXTENDS 'account': see `_lock_for_credit`
        if not self:
            # The host's dialog posts nothing, too; that takes no right to post.
            return self
        if not any(move.move_type == 'out_refund' for move in self):
            return super()._post(soft)
        self._get_credit_origins()._lock_for_credit()
        moves = self._without_credit_edit()
        moves._prepare_credits_for_posting(soft)
        moves = moves._with_archived_accounts()
        posted = super(AccountMove, moves.with_context(credit_checked=CHECKED))._post(soft)
        return posted.with_env(self.env)

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        # EXTENDS 'account': what credits do with their money is a choice, and the host counts an
        # origin once that has several reversals. Other accounts are matched as by the host, each
        # reversal with its own origin and all in one plan.
        if any(not move.reversed_entry_id for move in reverse_moves):
            return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)
        plan, credits = [], self.browse()
        for reverse_move in reverse_moves:
            origin = reverse_move.reversed_entry_id
            if reverse_move._is_customer_credit():
                credits |= reverse_move
                if len(reverse_move._get_credit_origins()) > 1:
                    continue
                origin = origin.with_context(credit_reconcile_plan=plan)
            super(AccountMove, origin)._reconcile_reversed_moves(reverse_move, move_reverse_cancel)
        credits._settle_credits(move_reverse_cancel)
        self._reconcile_other_accounts(credits, plan, move_reverse_cancel)
        return reverse_moves

    def _get_open_receivable_lines(self):
        return self.line_ids.filtered(
            lambda line: line.account_type == 'asset_receivable' and not line.reconciled
        ).sorted('date_maturity')

    @api.model
    def _reconcile_other_accounts(self, credits, plan, move_reverse_cancel):
        """Match credits with their invoices on accounts that are not receivable.

        Receivable items go first, as in the host: on cash-basis taxes, their match may already
        match the others; and where the credit was not used against its invoice, the tax that
        becomes due by payment waits.

        :param credits: posted credits, settled
        :param plan: list of recordsets of journal items, each to be matched among themselves
        """
        unsettled = credits.filtered(lambda credit: not credit._is_used_against_its_invoice())
        self._reconcile_merged(
            [
                lines
                for lines in plan
                if lines.account_id.account_type != 'asset_receivable'
                and not any(lines.mapped('reconciled'))
                and not (lines.tax_line_id and lines.move_id & unsettled)
            ],
            move_reverse_cancel,
        )

    def _is_used_against_its_invoice(self):
        lines = self.line_ids.matched_debit_ids.debit_move_id
        return bool(lines.move_id & self._get_credit_origins())

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
