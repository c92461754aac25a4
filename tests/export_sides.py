"""The other sides of `export_histories.py`: what stands there, and what somebody does there."""

from datetime import date
from decimal import Decimal

from odoo.exceptions import UserError

from odoo.addons.credit_invoice.tools.export_contract import Document, Party, Query
from odoo.addons.credit_invoice.tools.export_digest import to_plain

EVERYTHING = Query(date_from=date(2020, 1, 1), date_to=date(2029, 12, 31))


class BooksSide:
    """Example Books, in this process."""

    # What nobody can do there.
    impossible = ()
    # Longer than it takes to answer, in seconds, though it is late now and then.
    timeout = 0.4

    def __init__(self, books):
        self.books = books

    def start_anew(self, rng):
        """Begin a history.

        :return: whether nothing can stand there twice, even if the line doubles it
        """
        has_unique_keys = rng.random() < 0.5
        self.books.start_anew(has_unique_keys=has_unique_keys)
        return has_unique_keys

    def get_documents(self, _customer):
        """All documents of a customer, drafts included, as dictionaries."""
        return [self.books.show(row) for row in self.books.select('SELECT * FROM document')]

    def book(self, invoice, total):
        """Enter an invoice of ours by hand."""
        document = Document(
            kind='invoice',
            key='',
            number=invoice.name,
            date=invoice.invoice_date,
            currency=invoice.currency_id.name,
            customer=Party(invoice.partner_id._get_export_code(), ''),
            total=total,
        )
        closed, self.books.closed_until = self.books.closed_until, date.min
        made = self.books.make({**to_plain(document), 'lines': [], 'taxes': []})
        self.books.post(int(made['external_id']))
        self.books.closed_until = closed

    def pay(self, document):
        self.books.book_payment(int(document['external_id']), Decimal(document['open_amount']))

    def change_total(self, document):
        self.books.change_total(int(document['external_id']), Decimal('0.01'))

    def destroy(self, document):
        self.books.destroy(int(document['external_id']))

    def close(self, day):
        self.books.close(day)


class OdooSide:
    """Another Odoo, on a server of its own."""

    impossible = ('old_invoice', 'pay_over_there', 'delete_over_there')
    timeout = 5

    def __init__(self, other):
        self.other = other

    def start_anew(self, _rng):
        self.other.close(False)
        return True

    def get_documents(self, customer):
        connector = self.other.connect()
        found = [connector.read(one.external_id) for one in connector.find(EVERYTHING)]
        return [to_plain(one) for one in found if one.customer == customer]

    def change_total(self, document):
        with self.other.transaction() as env:
            move = env['account.move'].search([('name', '=', document['number'])])
            if move.payment_state != 'not_paid':
                raise UserError('It is matched.')
            move.button_draft()
            move.invoice_line_ids[0].price_unit += 1
            move.action_post()
            env.cr.commit()

    def close(self, day):
        self.other.close(day)
