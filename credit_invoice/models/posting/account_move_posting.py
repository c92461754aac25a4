from odoo import api, fields, models

from ...tools.guarded import Guarded

# In the context of those credits that are checked and posted; no client can send it.
CHECKED = object()
# How many matches are made in one go: larger plans take longer, item by item (measured).
RECONCILE_CHUNK = 500


class AccountMove(models.Model):
    """How credits are posted and matched: what is done, and asked, in which order."""

    _inherit = 'account.move'

    # === STEPS OF MAKING AND CHANGING === #

    @api.model
    def _get_noted_credit_fields(self):
        """The fields that only the server writes. To be extended.

        :rtype: set
        """
        return set()

    @api.model
    def _get_kept_credit_fields(self):
        # EXTENDS 'credit_invoice'
        return {
            *super()._get_kept_credit_fields(),
            *self._get_noted_credit_fields(),
            'credit_exceed_reason',
        }

    @api.model
    def _get_typed_credit_fields(self):
        # EXTENDS 'credit_invoice'
        return {*super()._get_typed_credit_fields(), 'credit_exceed_reason'}

    @api.model
    def _clean_credit_create_vals(self, vals):
        # EXTENDS 'credit_invoice': what is noted by the server comes from nobody else
        noted = self._get_noted_credit_fields()
        vals = super()._clean_credit_create_vals(vals)
        return {name: value for name, value in vals.items() if name not in noted}

    def _after_credit_create(self, vals_by_move):
        # EXTENDS 'credit_invoice'
        super()._after_credit_create(vals_by_move)
        scheduled = self.filtered(lambda move: move._is_scheduling(vals_by_move[move]))
        scheduled.filtered(
            lambda move: move.move_type == 'out_refund'
        )._check_credit_approve_rights()

    @api.model
    def _clean_credit_write_vals(self, vals):
        # EXTENDS 'credit_invoice': as when it is made
        vals = super()._clean_credit_write_vals(vals)
        if self._is_posting_credits():
            return vals
        noted = self._get_noted_credit_fields()
        return {name: value for name, value in vals.items() if name not in noted}

    def _check_credit_write(self, vals):
        # EXTENDS 'credit_invoice': whoever writes the state goes no other way than `_post`
        if vals.get('state') == 'posted' and self.env.context.get('credit_checked') is not CHECKED:
            credits = self.filtered(lambda move: move.state != 'posted')
            credits._get_locked_at_posting()._lock_for_credit()
            credits._without_credit_edit()._complete_credits(soft=False)
        self._check_kept_under_credits(vals)
        self._check_scheduling_rights(vals)
        if vals.get('state') in ('draft', 'cancel'):
            self._check_undo_rights()
        super()._check_credit_write(vals)

    def _get_before_credit_write(self, vals):
        # EXTENDS 'credit_invoice': a free credit that is posted takes what it takes when it gets
        # its invoice (ag02)
        linked = self.browse()
        if vals.get('reversed_entry_id'):
            linked = self.filtered(
                lambda move: (
                    move.move_type == 'out_refund'
                    and move.state == 'posted'
                    and not move.reversed_entry_id
                )
            )
        return {**super()._get_before_credit_write(vals), 'linked': linked}

    def _prepare_credit_write_vals(self, vals, before):
        # EXTENDS 'credit_invoice'
        vals = super()._prepare_credit_write_vals(vals, before)
        if vals.get('credit_exceed_reason'):
            return {**vals, 'credit_exceed_user_id': self.env.uid}
        return vals

    def _after_credit_write(self, vals, before):
        # EXTENDS 'credit_invoice'
        super()._after_credit_write(vals, before)
        if vals.get('state') in ('posted', 'cancel'):
            # Whatever route it took, a posted credit is approved.
            self._close_approval_request()
        if self._is_edit(vals):
            self._note_credit_edit()
        if self._is_scheduling(vals) and not self._is_posting_credits():
            self._note_scheduling()
        if before['linked']:
            before['linked']._check_posted_links()

    # === POSTING === #

    def _post(self, soft=True):
        # EXTENDS 'account': see `_lock_for_credit`
        if not self:
            # The host's dialog posts nothing, too; that takes no right to post.
            return self
        self._get_locked_at_posting()._lock_for_credit()
        if not any(move.move_type == 'out_refund' for move in self):
            return super()._post(soft)
        moves = self._without_credit_edit()
        moves._complete_credits(soft)
        moves = moves._with_archived_accounts()
        posted = super(AccountMove, moves.with_context(credit_checked=CHECKED))._post(soft)
        return posted.with_env(self.env)

    def _get_locked_at_posting(self):
        """The documents that nobody else may credit, use or undo while these are posted.

        To be extended where posting does more; all are locked at once, in one order.
        """
        return self._get_credit_origins()

    def _complete_credits(self, soft=True):
        """Give credits the exact amounts of what is left by now, and check what they may take.

        Credits that are posted together count for each other in their order.

        :param bool soft: whether the host leaves what is dated in the future for later
        :raise UserError: if a credit cannot be posted; one sentence names it and what to do
        """
        credits = self.filtered(lambda move: move.move_type == 'out_refund')
        # Drafts may be older than a rule.
        credits._update_credit_posting_rule()
        credits._check_credit_approve_rights()
        accepted, today = self.browse(), fields.Date.context_today(self)
        for credit in credits:
            credit._check_own_rate()
            credit._check_derived_items()
            if soft and credit.date > today:
                credit._grant_scheduled_posting(accepted)
            elif credit._get_credit_origins():
                credit._complete_credit(accepted, posting=self)
                accepted |= credit
            else:
                credit._check_credit_without_origin()
                credit._check_four_eyes(accepted)

    def _complete_credit(self, accepted, posting):
        """Complete one credit of an invoice, and check it.

        :param accepted: credits that count as if they were posted
        :param posting: the documents that are posted together
        """
        if not self.reversed_entry_id:
            self.reversed_entry_id = self._get_credit_origins()[0]
        self._check_credit_document(posting)
        self._check_credit_reason()
        self._refresh_credit_figures(accepted)
        excess = self._get_credit_excess(accepted)
        if excess:
            self._handle_credit_excess(excess)
        self._check_four_eyes(accepted)

    # === MATCHING === #

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        # EXTENDS 'account': the host counts an origin once that has several reversals; here each
        # reversal is matched with its own origin, and all of them in one plan
        if any(not move.reversed_entry_id for move in reverse_moves):
            return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)
        plan, credits = [], self.browse()
        for reverse_move in reverse_moves:
            origin = reverse_move.reversed_entry_id
            if reverse_move._is_customer_credit():
                credits |= reverse_move
                if len(reverse_move._get_credit_origins()) > 1:
                    continue
                origin = origin.with_context(credit_reconcile_plan=Guarded(plan))
            super(AccountMove, origin)._reconcile_reversed_moves(reverse_move, move_reverse_cancel)
        credits._reconcile_credits(plan, move_reverse_cancel)
        return reverse_moves

    def _reconcile_credits(self, plan, move_reverse_cancel):
        """Match these posted credits with their invoices, as the host does.

        To be extended where what happens to the money of a credit is a choice.

        :param list plan: recordsets of journal items, each of which the host would match among
            themselves
        """
        several = self.filtered(lambda credit: len(credit._get_credit_origins()) > 1)
        own = [
            credit._get_open_receivable_lines()
            | credit._get_credit_origins()._get_open_receivable_lines()
            for credit in several
        ]
        receivable = [
            lines for lines in plan if lines.account_id.account_type == 'asset_receivable'
        ]
        self._reconcile_merged([*receivable, *own], move_reverse_cancel)
        self._reconcile_other_accounts(self, plan, move_reverse_cancel)

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
