from odoo.tools import SQL, sql

from .tools.settled import get_settled_query

# What the demonstration data makes beside our own models. Products stay if they are used, their
# templates with them.
DOCUMENT_MODELS = (
    'account.move',
    'account.payment',
    'account.tax',
    'account.tax.group',
    'product.template',
    'res.currency.rate',
    'res.partner',
    'res.users',
)
COLUMNS = {
    'credited_amount': 'numeric',
    'credited_percentage': 'float8',
    'credit_status': 'varchar',
    'is_settled_without_money': 'bool',
}


def pre_init_hook(env):
    """Create and fill the stored figures, so that no invoice of a full ledger is recomputed."""
    for name, column_type in COLUMNS.items():
        if not sql.column_exists(env.cr, 'account_move', name):
            sql.create_column(env.cr, 'account_move', name, column_type)
    fill_credited_figures(env)
    fill_settled_without_money(env)


def uninstall_hook(env):
    """Leave the documents, with all that they use, and end what only this add-on can carry out."""
    _leave_documents(env)
    leave_what_is_used(env, 'credit_invoice')
    ours = env['ir.model.data'].search([
        ('module', '=', 'credit_invoice'),
        ('model', '=', 'mail.activity.type'),
    ])
    activities = env['mail.activity'].with_context(active_test=False)
    activities.search([('activity_type_id', 'in', ours.mapped('res_id'))]).unlink()


def _leave_documents(env):
    """Keep the documents of the demonstration, and whom and what they name."""
    env['ir.model.data'].search([
        ('module', '=', 'credit_invoice'),
        ('model', 'in', DOCUMENT_MODELS),
    ]).unlink()


def leave_what_is_used(env, module):
    """Leave the journals, accounts, products and rules that documents use.

    :param str module: which of our add-ons made them
    """
    uses = {
        'account.journal': ('account.move', 'journal_id'),
        'account.account': ('account.move.line', 'account_id'),
        'product.product': ('account.move.line', 'product_id'),
        'credit.posting.rule': ('account.move', 'credit_posting_rule_id'),
    }
    for model, (user_model, name) in uses.items():
        made = env['ir.model.data'].search([
            ('module', '=', module),
            ('model', '=', model),
        ])
        users = env[user_model].with_context(active_test=False)
        used = {
            record.id
            for (record,) in users._read_group([(name, 'in', made.mapped('res_id'))], [name])
        }
        made.filtered(lambda data, used=used: data.res_id in used).unlink()


def fill_credited_figures(env):
    """Write what `account.move._compute_credited_amount` and `_compute_credit_status` would.

    Before the installation, credits are linked by document only, and no discount is known. Only
    invoices with a posted credit are written.
    """
    env['account.move'].flush_model()
    env.cr.execute(
        SQL(
            """
            WITH credit AS (
                SELECT origin.id AS origin_id,
                       SUM(
                           CASE WHEN move.currency_id = origin.currency_id THEN move.amount_total
                           ELSE ROUND(
                               (move.amount_total
                                * COALESCE(NULLIF(origin.invoice_currency_rate, 0), 1)
                                / COALESCE(NULLIF(move.invoice_currency_rate, 0), 1))::numeric,
                               currency.decimal_places
                           ) END
                       ) AS amount
                  FROM account_move move
                  JOIN account_move origin ON origin.id = move.reversed_entry_id
                  JOIN res_currency currency ON currency.id = origin.currency_id
                 WHERE move.move_type = 'out_refund'
                   AND move.state = 'posted'
                   AND origin.move_type IN ('out_invoice', 'out_receipt')
              GROUP BY origin.id
            ), invoiced AS (
                SELECT line.move_id AS origin_id,
                       SUM(ABS(line.price_total)) AS amount,
                       SUM(GREATEST(line.price_total, 0)) AS given,
                       BOOL_OR(line.price_total <= 0) AS is_balanced
                  FROM account_move_line line
                  JOIN credit ON credit.origin_id = line.move_id
                 WHERE line.display_type = 'product'
              GROUP BY line.move_id
            ), freely AS (
                SELECT move.reversed_entry_id AS origin_id,
                       SUM(ABS(line.price_total)) AS amount,
                       SUM(GREATEST(line.price_total, 0)) AS given
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                 WHERE move.move_type = 'out_refund'
                   AND move.state = 'posted'
                   AND line.display_type = 'product'
              GROUP BY move.reversed_entry_id
            )
            UPDATE account_move origin
               SET credited_amount = credit.amount,
                   credited_percentage = CASE
                       WHEN NOT COALESCE(invoiced.is_balanced, FALSE)
                       THEN LEAST(100, 100 * credit.amount / NULLIF(origin.amount_total, 0))
                       WHEN credit.amount < origin.amount_total OR invoiced.given > freely.given
                       THEN LEAST(100, 100 * freely.amount / NULLIF(invoiced.amount, 0))
                       ELSE 100 END,
                   credit_status = CASE
                       WHEN credit.amount < origin.amount_total THEN 'partial'
                       WHEN credit.amount > origin.amount_total THEN 'over'
                       WHEN invoiced.is_balanced AND invoiced.given > freely.given THEN 'partial'
                       ELSE 'full' END
              FROM credit
         LEFT JOIN invoiced ON invoiced.origin_id = credit.origin_id
         LEFT JOIN freely ON freely.origin_id = credit.origin_id
             WHERE origin.id = credit.origin_id
            """
        )
    )
    env['account.move'].invalidate_model()


def fill_settled_without_money(env):
    """Write what `account.move._compute_is_settled_without_money` would.

    Before the installation, no entry belongs to a settlement. Documents that were paid stay empty,
    which counts as no.
    """
    env['account.move'].flush_model()
    documents = SQL(
        """document.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
           AND document.payment_state IN ('paid', 'reversed')"""
    )
    env.cr.execute(
        SQL(
            """
            UPDATE account_move
               SET is_settled_without_money = TRUE
             WHERE id IN (%s)
            """,
            get_settled_query(documents),
        )
    )
    env['account.move'].invalidate_model()
