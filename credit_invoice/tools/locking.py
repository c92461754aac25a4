from odoo.tools import SQL

# Where a cursor notes which rows its transaction has locked. It forgets them with the transaction,
# and where a savepoint is rolled back, which gives up the locks taken in it.
NOTE = 'credit_invoice_locked_rows'


def lock_rows(records, fnames=None):
    """Let one transaction at a time go on with these records, in the order of their ids.

    Under the host's isolation level a lock alone does not protect: with an older snapshot the
    second transaction would get the lock and still not see what the first one made. The write
    makes it fail instead; the host then replays the request, which sees everything.

    What this transaction has locked before is locked, and nothing is asked.

    :param records: of any model with a table
    :param fnames: what is read again afterwards; by default all fields
    :raise psycopg2.errors.SerializationFailure: if another transaction was faster; not to be
        caught, the host handles it
    """
    cr = records.env.cr
    locked = cr.precommit.data.setdefault(NOTE, {}).setdefault(records._table, set())
    ids = tuple(sorted(set(records.ids) - locked))
    if not ids:
        return
    records = records.browse(ids)
    records.flush_recordset()
    table = SQL.identifier(records._table)
    cr.execute(SQL("SET LOCAL lock_timeout = '5s'"))
    cr.execute(SQL('SELECT id FROM %s WHERE id IN %s ORDER BY id FOR NO KEY UPDATE', table, ids))
    cr.execute(SQL('UPDATE %s SET write_date = write_date WHERE id IN %s', table, ids))
    records.invalidate_recordset(fnames)
    locked.update(ids)
