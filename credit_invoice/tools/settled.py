"""What was settled without money, for the model that computes it and the hook that fills it."""

from odoo.tools import SQL


def get_settled_query(documents, own_entries=None):
    """Find documents that were matched, and with nothing that is money.

    Invoices, credits and exchange differences are no money.

    :param SQL documents: which rows of `account_move document` are asked for
    :param SQL own_entries: when the entry `move` belongs to a settlement and is no money either
    :return: a query of their ids
    """
    return SQL(
        """
        SELECT line.move_id
          FROM account_move document
          JOIN account_move_line line ON line.move_id = document.id
          JOIN account_account account ON account.id = line.account_id
          JOIN (
                   SELECT debit_move_id AS line_id, credit_move_id AS other_id
                     FROM account_partial_reconcile
                UNION ALL
                   SELECT credit_move_id, debit_move_id FROM account_partial_reconcile
               ) partial ON partial.line_id = line.id
          JOIN account_move_line other ON other.id = partial.other_id
          JOIN account_move move ON move.id = other.move_id
         WHERE %(documents)s
           AND account.account_type = 'asset_receivable'
      GROUP BY line.move_id
        HAVING BOOL_AND(
               move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
               OR EXISTS (
                   SELECT FROM account_partial_reconcile exchange
                    WHERE exchange.exchange_move_id = move.id
               )
               -- While it is being matched, its match does not name it yet.
               OR EXISTS (
                   SELECT FROM account_move_line item
                     JOIN res_company company ON company.id = item.company_id
                    WHERE item.move_id = move.id
                      AND move.move_type = 'entry'
                      AND item.account_id IN (
                          company.income_currency_exchange_account_id,
                          company.expense_currency_exchange_account_id
                      )
                      AND move.origin_payment_id IS NULL
                      AND move.statement_line_id IS NULL
               )
               OR %(own_entries)s
           )
        """,
        documents=documents,
        own_entries=own_entries or SQL('FALSE'),
    )
