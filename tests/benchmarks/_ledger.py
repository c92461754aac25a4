"""Large ledgers for benchmarks: a few real documents, multiplied by the database."""

from odoo import Command
from odoo.tools import SQL

CREDITED_EVERY = 3  # so that every fourth document is a credit
# In the order in which they can be filled; what they refer to among themselves moves along.
TABLES = (
    'account_full_reconcile',
    'account_move',
    'account_move_line',
    'account_partial_reconcile',
    'account_move_line_account_tax_rel',
    'account_account_tag_account_move_line_rel',
)


def make_partners_and_products(env, lines):
    """20 customers, as many products as an invoice has lines, and a tax."""
    partners = env['res.partner'].create([{'name': f'Customer {i}'} for i in range(20)])
    products = env['product.product'].create([{'name': f'Product {i}'} for i in range(lines)])
    tax = env['account.tax'].search(
        [('type_tax_use', '=', 'sale'), ('company_id', '=', env.company.id)], limit=1
    )
    return partners, products, tax


def post_invoices(env, count, partners, products, tax):
    """Create and post invoices, with one line for each product.

    :return: the invoices
    """
    invoices = env['account.move'].create([
        {
            'move_type': 'out_invoice',
            'partner_id': partners[i % len(partners)].id,
            'invoice_date': f'2026-01-{1 + i % 28:02}',
            'invoice_line_ids': [
                Command.create({
                    'product_id': product.id,
                    'quantity': 1 + i % 7,
                    'price_unit': 10.37 + j,
                    'tax_ids': [Command.set(tax.ids)],
                })
                for j, product in enumerate(products)
            ],
        }
        for i in range(count)
    ])
    invoices.action_post()
    return invoices


def make_ledger(env, moves, lines):
    """Fill an empty ledger with posted invoices, a third of them credited, and commit.

    :param int moves: how many documents at least, credits included
    :param int lines: of each document
    """
    invoices = post_invoices(env, 30, *make_partners_and_products(env, lines))
    for invoice in invoices[::CREDITED_EVERY]:
        dialog = (
            env['account.move.reversal']
            .with_context(active_model='account.move', active_ids=invoice.ids)
            .create({'date': invoice.date, 'journal_id': invoice.journal_id.id})
        )
        dialog.refund_moves()
        env['account.move'].browse(dialog.new_move_ids.ids).action_post()
    env.flush_all()
    _multiply(env.cr, -(-moves // env['account.move'].search_count([])))
    env.invalidate_all()
    env.cr.commit()
    # A ledger in use has statistics; without them the database plans for empty tables.
    env.cr.execute('ANALYZE')
    env.cr.commit()


def _multiply(cr, times):
    """Copy every document of the ledger with its matches, under new names."""
    cr.execute(
        """
        CREATE TEMPORARY TABLE original ON COMMIT DROP AS
        SELECT id, sequence_prefix, sequence_number,
               max(sequence_number) OVER (PARTITION BY journal_id, sequence_prefix) AS size
          FROM account_move
        """
    )
    sizes = {}
    for table in TABLES[:4]:
        cr.execute(SQL('SELECT max(id) - min(id) + 1 FROM %s', SQL.identifier(table)))
        sizes[table] = cr.fetchone()[0] or 0
    for table in TABLES:
        values = _get_values(cr, table, sizes)
        cr.execute(
            SQL(
                """
                INSERT INTO %(table)s (%(columns)s)
                SELECT %(values)s
                  FROM generate_series(1, %(copies)s) copy CROSS JOIN %(table)s source %(naming)s
                """,
                table=SQL.identifier(table),
                columns=SQL(', ').join(map(SQL.identifier, values)),
                values=SQL(', ').join(values.values()),
                copies=times - 1,
                naming=_get_naming(table),
            )
        )
    for table in TABLES[:4]:
        cr.execute(
            SQL(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM %s))",
                table,
                SQL.identifier(table),
            )
        )


def _get_values(cr, table, sizes):
    """What a copied row has in each column, as SQL."""
    cr.execute(
        """
        SELECT attribute.attname, target.relname
          FROM pg_attribute attribute
     LEFT JOIN pg_constraint fkey ON fkey.contype = 'f' AND fkey.conrelid = attribute.attrelid
               AND fkey.conkey = ARRAY[attribute.attnum]
     LEFT JOIN pg_class target ON target.oid = fkey.confrelid
         WHERE attribute.attrelid = %s::regclass
           AND attribute.attnum > 0 AND NOT attribute.attisdropped
           AND attribute.attgenerated = ''
        """,
        [table],
    )
    values = {}
    for column, target in cr.fetchall():
        value = SQL('source.%s', SQL.identifier(column))
        size = sizes.get(table if column == 'id' else target)
        values[column] = SQL('%s + copy * %s', value, size) if size else value
    if table == 'account_move':
        values |= {
            'sequence_number': SQL('numbering.number'),
            'name': SQL('numbering.name'),
            'payment_reference': SQL(
                'CASE WHEN source.payment_reference = source.name THEN numbering.name '
                'ELSE source.payment_reference END'
            ),
        }
    if table == 'account_move_line':
        values |= {
            'move_name': SQL('numbering.name'),
            'name': SQL(
                'CASE WHEN source.name = source.move_name THEN numbering.name ELSE source.name END'
            ),
            'matching_number': SQL('(%s)::text', values['full_reconcile_id']),
        }
    return values


def _get_naming(table):
    """A join that gives a copied document its name."""
    if table not in ('account_move', 'account_move_line'):
        return SQL()
    return SQL(
        """
        JOIN original ON original.id = source.%s
        CROSS JOIN LATERAL (
            SELECT number, original.sequence_prefix || to_char(number, 'FM9900000') AS name
              FROM (SELECT original.sequence_number + copy * original.size AS number) counted
        ) numbering
        """,
        SQL.identifier('id' if table == 'account_move' else 'move_id'),
    )
