from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.query import Query

from ..tools.guarded import Guarded, get_guarded

SHARES = ('credited_share:avg', 'credit_share:avg')
# What is told apart by these was credited: no sales can have them.
CREDIT_DIMENSIONS = ('credit_reason_id', 'reason', 'origin_id')


class CreditReport(models.Model):
    """One row for each line of a posted customer invoice, receipt or credit note (if03)."""

    _name = 'credit.report'
    _description = 'Credit Analysis'
    _auto = False
    _rec_name = 'move_id'
    _order = 'date desc, id desc'

    date = fields.Date(readonly=True)
    move_id = fields.Many2one('account.move', string='Document', readonly=True)
    origin_id = fields.Many2one('account.move', string='Credited Invoice', readonly=True)
    commercial_partner_id = fields.Many2one('res.partner', string='Customer', readonly=True)
    product_id = fields.Many2one('product.product', readonly=True)
    product_categ_id = fields.Many2one('product.category', readonly=True)
    invoice_user_id = fields.Many2one('res.users', string='Salesperson', readonly=True)
    journal_id = fields.Many2one('account.journal', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    move_type = fields.Selection(
        selection=[
            ('out_invoice', 'Invoice'),
            ('out_receipt', 'Sales receipt'),
            ('out_refund', 'Credit note'),
        ],
        string='Document Type',
        readonly=True,
    )
    credit_reason_id = fields.Many2one('credit.reason', string='Reason', readonly=True)
    reason = fields.Char(string='Note to the Customer', readonly=True)
    sales = fields.Monetary(readonly=True, help='What was invoiced, without tax.')
    credited = fields.Monetary(readonly=True, help='What was credited, without tax.')
    credited_quantity = fields.Float(
        string='Quantity Credited', digits='Product Unit', readonly=True
    )
    credit_count = fields.Integer(string='Number of Credit Notes', readonly=True)
    credited_share = fields.Float(
        string='Share of Sales (%)',
        aggregator='avg',
        digits=(16, 2),
        readonly=True,
        help='What was credited, in percent of what was invoiced in the same period, to the same '
        'customer, of the same product, and so on. By reason, in percent of all sales.',
    )
    credit_share = fields.Float(
        string='Share of Credits (%)',
        aggregator='avg',
        digits=(16, 2),
        readonly=True,
        help='What was credited here, in percent of all that was credited.',
    )

    _depends = {
        'account.move': [
            'commercial_partner_id',
            'credit_reason',
            'credit_reason_id',
            'date',
            'invoice_date',
            'invoice_user_id',
            'move_type',
            'reversed_entry_id',
            'state',
        ],
        'account.move.line': [
            'balance',
            'company_id',
            'credited_line_id',
            'display_type',
            'journal_id',
            'move_id',
            'product_id',
            'product_uom_id',
            'quantity',
        ],
        'product.product': ['product_tmpl_id'],
        'product.template': ['categ_id', 'uom_id'],
        'uom.uom': ['factor'],
    }

    # === QUERY === #

    @property
    def _table_query(self) -> SQL:
        return SQL('%s %s %s', self._select(), self._from(), self._where())

    @api.model
    def _select(self) -> SQL:
        """The columns. Amounts are in the currency of the active company."""
        return SQL(
            """
            SELECT line.id,
                   COALESCE(move.invoice_date, move.date) AS date,
                   line.move_id,
                   COALESCE(origin_line.move_id, move.reversed_entry_id) AS origin_id,
                   move.commercial_partner_id,
                   line.product_id,
                   template.categ_id AS product_categ_id,
                   move.invoice_user_id,
                   line.journal_id,
                   line.company_id,
                   %(currency_id)s AS currency_id,
                   move.move_type,
                   move.credit_reason_id,
                   move.credit_reason AS reason,
                   CASE WHEN move.move_type = 'out_refund' THEN 0
                        ELSE -line.balance * account_currency_table.rate END AS sales,
                   CASE WHEN move.move_type = 'out_refund'
                        THEN line.balance * account_currency_table.rate ELSE 0 END AS credited,
                   CASE WHEN move.move_type = 'out_refund' THEN %(quantity)s
                        ELSE 0 END AS credited_quantity,
                   CASE WHEN move.move_type = 'out_refund' THEN 1 ELSE 0 END AS credit_count,
                   0.0 AS credited_share,
                   0.0 AS credit_share
            """,
            currency_id=self.env.company.currency_id.id,
            quantity=self._get_credited_quantity_sql(),
        )

    @api.model
    def _get_credited_quantity_sql(self) -> SQL:
        """The quantity that a line of a credit takes back, in the unit of its product.

        A line that only lowers the price takes none back (decision 7).
        """
        return SQL(
            """
            CASE WHEN COALESCE(line.credit_kind, 'return') != 'return' THEN 0
            ELSE line.quantity * COALESCE(uom_line.factor, 1) / COALESCE(uom_template.factor, 1)
            END
            """
        )

    @api.model
    def _from(self) -> SQL:
        return SQL(
            """
            FROM account_move_line line
            JOIN account_move move ON move.id = line.move_id
            LEFT JOIN account_move_line origin_line ON origin_line.id = line.credited_line_id
            LEFT JOIN product_product product ON product.id = line.product_id
            LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            LEFT JOIN uom_uom uom_line ON uom_line.id = line.product_uom_id
            LEFT JOIN uom_uom uom_template ON uom_template.id = template.uom_id
            JOIN %s ON account_currency_table.company_id = line.company_id
            """,
            self.env['res.currency']._get_simple_currency_table(self.env.companies),
        )

    @api.model
    def _where(self) -> SQL:
        return SQL(
            """
            WHERE move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
              AND move.state = 'posted'
              AND line.display_type = 'product'
            """
        )

    # === SHARES === #

    @api.model
    def _read_group(  # noqa: PLR0917 the host's signature
        self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None
    ):
        # EXTENDS 'base': a share must know of what it is one
        sales_groupby = tuple(
            spec for spec in groupby if spec.split(':')[0] not in CREDIT_DIMENSIONS
        )
        report = self.with_context(credit_report_sales_groupby=Guarded(sales_groupby))
        return super(CreditReport, report)._read_group(
            domain, groupby, aggregates, having=having, offset=offset, limit=limit, order=order
        )

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        # EXTENDS 'base': one query for all groupings would take a share of the sum of all of them
        if not set(aggregates) & set(SHARES):
            return super()._read_grouping_sets(domain, grouping_sets, aggregates, order=order)
        parts = [part.strip() for part in (order or '').split(',') if part.strip()]
        return [
            self._read_group(
                domain,
                groupby,
                aggregates,
                order=', '.join(
                    part for part in parts if part.split()[0] in (*groupby, *aggregates)
                ),
            )
            for groupby in grouping_sets
        ]

    def _get_share_sql(self, whole: str, partition: list[SQL], query: Query) -> SQL:
        """What was credited in a group, in percent; nothing where there is no whole.

        :param whole: the field that is the whole
        :param partition: what the groups have in common that make up the whole
        """
        by = SQL('PARTITION BY %s', SQL(', ').join(partition)) if partition else SQL()
        return SQL(
            '100 * SUM(%(credited)s) / NULLIF(SUM(SUM(%(whole)s)) OVER (%(by)s), 0)',
            credited=self._field_to_sql(self._table, 'credited', query),
            whole=self._field_to_sql(self._table, whole, query),
            by=by,
        )

    def _read_group_select(self, aggregate_spec: str, query: Query) -> SQL:
        # EXTENDS 'base': a share is no average of shares, and a credit of five lines is one credit
        if aggregate_spec == 'credited_share:avg':
            partition = [
                self._read_group_groupby(self._table, spec, query)
                for spec in get_guarded(self.env, 'credit_report_sales_groupby', ())
            ]
            return self._get_share_sql('sales', partition, query)
        if aggregate_spec == 'credit_share:avg':
            return self._get_share_sql('credited', [], query)
        if aggregate_spec == 'credit_count:sum':
            return SQL(
                'COUNT(DISTINCT CASE WHEN %s = 1 THEN %s END)',
                self._field_to_sql(self._table, 'credit_count', query),
                self._field_to_sql(self._table, 'move_id', query),
            )
        return super()._read_group_select(aggregate_spec, query)

    # === ACTION METHODS === #

    def action_open_document(self):
        """Open the invoice or the credit that this row is a line of."""
        self.ensure_one()
        return self.move_id.action_open_credit()
