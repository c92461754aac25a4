from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.settled import get_settled_query
from .account_move_line import CREDITABLE_TYPES

SETTLED_STATES = ('paid', 'reversed')
# Where the host speaks of money that did not move: what is said instead.
STATUSES_WITHOUT_MONEY = [
    ('settled', 'Settled'),
    ('credited', 'Credited'),
    ('partly_settled', 'Partly settled'),
    ('partly_credited', 'Partly credited'),
]
MATCHED_TYPES = (*CREDITABLE_TYPES, 'out_refund')


class AccountMove(models.Model):
    """Whether money moved: a document that was settled by matching alone is not *Paid*
    (decisions 9 and 13)."""

    _inherit = 'account.move'

    is_settled_without_money = fields.Boolean(
        string='Settled Without Payment',
        compute='_compute_is_settled_without_money',
        store=True,
        tracking=True,
        help='Nothing is open, and no money was paid: credits and invoices were matched.',
    )
    status_in_payment = fields.Selection(
        selection_add=STATUSES_WITHOUT_MONEY,
        ondelete={status: 'set null' for status, _label in STATUSES_WITHOUT_MONEY},
    )

    # === COMPUTE METHODS === #

    @api.depends('payment_state')
    def _compute_is_settled_without_money(self):
        settled = self.filtered(
            lambda move: move.payment_state in SETTLED_STATES and move.move_type in MATCHED_TYPES
        )
        without_money = settled._get_ids_without_money()
        for move in self:
            move.is_settled_without_money = move in settled and move._origin.id in without_money

    @api.depends('is_settled_without_money', 'amount_residual', 'credit_status')
    def _compute_status_in_payment(self):
        # EXTENDS 'account': the host says *Paid*, *Partially Paid* or *Reversed* wherever documents
        # were matched
        super()._compute_status_in_payment()
        matched = self.filtered(
            lambda move: move.state == 'posted' and move.move_type in MATCHED_TYPES
        )
        partial = matched.filtered(lambda move: move.status_in_payment == 'partial')
        without_money = partial._get_ids_without_money()
        for move in matched:
            if move.status_in_payment in SETTLED_STATES and move.is_settled_without_money:
                move.status_in_payment = move._get_status_without_money(is_open=False)
            elif move in partial and move._origin.id in without_money:
                move.status_in_payment = move._get_status_without_money(is_open=True)

    def _get_status_without_money(self, is_open):
        """What is said of a document of which no money was paid, see `STATUSES_WITHOUT_MONEY`.

        :param bool is_open: whether some of it is still open
        """
        credited = self.move_type in CREDITABLE_TYPES and self.credit_status
        if is_open:
            return 'partly_credited' if credited else 'partly_settled'
        return 'credited' if credited in ('full', 'over') else 'settled'

    def _field_to_sql(self, alias, fname, query=None):
        # EXTENDS 'account': the same as `_compute_status_in_payment`
        if fname != 'status_in_payment':
            return super()._field_to_sql(alias, fname, query)
        partial = SQL(
            "document.state = 'posted' AND document.payment_state = 'partial' "
            'AND document.move_type IN %s',
            MATCHED_TYPES,
        )
        return SQL(
            """CASE WHEN %(state)s != 'posted' THEN %(host)s
                    WHEN %(payment_state)s IN %(settled)s AND %(without_money)s THEN
                        CASE WHEN %(is_invoice)s AND %(credit_status)s IN ('full', 'over')
                             THEN 'credited' ELSE 'settled' END
                    WHEN %(payment_state)s = 'partial' AND %(id)s IN (%(partial)s) THEN
                        CASE WHEN %(is_invoice)s AND %(credit_status)s IS NOT NULL
                             THEN 'partly_credited' ELSE 'partly_settled' END
                    ELSE %(host)s END""",
            host=super()._field_to_sql(alias, fname, query),
            id=SQL.identifier(alias, 'id'),
            state=SQL.identifier(alias, 'state'),
            payment_state=SQL.identifier(alias, 'payment_state'),
            settled=SETTLED_STATES,
            without_money=SQL.identifier(alias, 'is_settled_without_money'),
            is_invoice=SQL('%s IN %s', SQL.identifier(alias, 'move_type'), CREDITABLE_TYPES),
            credit_status=SQL.identifier(alias, 'credit_status'),
            partial=get_settled_query(partial, self._get_own_entries_condition()),
        )

    def _get_ids_without_money(self):
        """Which of these documents were matched, and with nothing that is money.

        :return: set of ids
        """
        if not self.ids:
            return set()
        self.env['account.partial.reconcile'].flush_model()
        documents = SQL('document.id IN %s', tuple(self.ids))
        query = get_settled_query(documents, self._get_own_entries_condition())
        return {move_id for (move_id,) in self.env.execute_query(query)}

    @api.model
    def _get_own_entries_condition(self):
        """When an entry `move` is no money, but stands between documents that were matched.

        To be extended by what makes such entries; what it reads must be flushed then.

        :rtype: SQL
        """
        return SQL('FALSE')

    # === BUSINESS METHODS === #

    def _invoice_paid_hook(self):
        # EXTENDS 'account': nothing is told to be paid where no money moved
        return super(
            AccountMove, self.filtered(lambda move: not move.is_settled_without_money)
        )._invoice_paid_hook()

    def _track_subtype(self, init_values):
        # EXTENDS 'account': no "Invoice paid" where no money moved
        if 'payment_state' in init_values and self.is_settled_without_money:
            init_values = {
                name: value for name, value in init_values.items() if name != 'payment_state'
            }
        return super()._track_subtype(init_values)

    def _mail_track(self, tracked_fields, initial_values):
        # EXTENDS 'mail': the host's words for a match are those of a payment
        if 'payment_state' in tracked_fields and self._is_tracked_without_money(initial_values):
            tracked_fields = {
                name: info for name, info in tracked_fields.items() if name != 'payment_state'
            }
        return super()._mail_track(tracked_fields, initial_values)

    def _is_tracked_without_money(self, initial_values):
        """Whether the payment status changed because documents were matched, or no more are.

        :param dict initial_values: what tracked fields were before
        """
        self.ensure_one()
        if self.status_in_payment in dict(STATUSES_WITHOUT_MONEY):
            return True
        return self.payment_state == 'not_paid' and bool(
            initial_values.get('is_settled_without_money')
        )

    def _get_amount_used_through_entries(self, invoice):
        """How much of this credit is matched with an invoice by entries in between.

        To be extended by what makes such entries, together with `_get_own_entries_condition` and
        `account.partial.reconcile._get_matched_documents`.

        :rtype: float
        """
        self.ensure_one()
        return 0.0
