from contextlib import nullcontext

from odoo import api, models

from ..links.account_move_line import CREDITABLE_TYPES
from .mirror_batch import MirrorBatch, Parts, get_batch


class AccountMove(models.Model):
    """How credits are made: the host's own methods, extended."""

    _name = 'account.move'
    _inherit = ['account.move', 'credit.mirror.mixin']

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

    @api.model
    def _mirror_credits(self, vals_list):
        # EXTENDS 'credit_invoice': see `MirrorBatch`
        batch = get_batch(self.env)
        origins = [batch.get_origin(vals) if batch else None for vals in vals_list]
        if not vals_list or not all(origins):
            # Posting hooks create documents of their own while credits are made.
            return super()._mirror_credits(vals_list)
        complete = [
            origin._mirror_credit_vals(vals, batch.parts)
            for origin, vals in zip(origins, vals_list, strict=True)
        ]
        return all(complete)

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
