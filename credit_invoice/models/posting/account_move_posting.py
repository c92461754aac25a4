from odoo import api, models

from ...tools.guarded import Guarded
from ..mirror.mirror_batch import get_batch

# In the context of those credits that are checked and posted; no client can send it.
CHECKED = object()
# How many matches are made in one go: larger plans take longer, item by item (measured).
RECONCILE_CHUNK = 500


class AccountMove(models.Model):
    """How credits are posted and matched: the host's own methods, extended.

    `create` and `write` are the outermost of this room and of those below: a credit gets the
    values of its invoice before anything else looks at them, and whoever writes the state of a
    draft has it checked before anything else happens.
    """

    _inherit = 'account.move'

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

    # === BUSINESS METHODS === #

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
