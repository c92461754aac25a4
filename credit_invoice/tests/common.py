from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


class CreditCommon(AccountTestInvoicingCommon):
    """Invoices to be credited, by a clerk with the least rights that this takes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(
            cls.env,
            login='credit_clerk',
            groups='base.group_user,account.group_account_invoice',
            company_id=cls.company_data['company'].id,
            company_ids=[Command.set(cls.company_data['company'].ids)],
        )
        cls.tax_a = cls.company_data['default_tax_sale']
        cls.env = cls.env(user=cls.clerk, context={**cls.env.context, 'tracking_disable': False})
        cls.Move = cls.env['account.move']

    @classmethod
    def make_person(cls, login, groups, company=None):
        """Somebody with these rights alone, in one company."""
        company = company or cls.company_data['company']
        return new_test_user(
            cls.env(su=True),
            login=login,
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def make_invoice(cls, lines=((3, 33.35), (1, 99.99)), post=True, **values):
        """A customer invoice.

        :param lines: (quantity, price) or (quantity, price, taxes) each, or dictionaries of values
        :param bool post: whether to post it
        """
        values = {
            'move_type': 'out_invoice',
            'partner_id': cls.partner_a.id,
            'invoice_date': '2026-01-15',
            'invoice_payment_term_id': False,
            **values,
        }
        invoice = cls.Move.create({
            **values,
            'invoice_line_ids': [Command.create(cls._get_line_vals(line)) for line in lines],
        })
        if post:
            invoice.action_post()
        return invoice

    @classmethod
    def _get_line_vals(cls, line):
        if isinstance(line, dict):
            return line
        quantity, price, taxes = (*line, cls.tax_a)[:3]
        return {
            'name': f'{quantity} at {price}',
            'quantity': quantity,
            'price_unit': price,
            'tax_ids': [Command.set(taxes.ids)],
        }

    @classmethod
    def flush_tracking(cls):
        """Let the chatter note what was changed, as the end of a transaction does."""
        cls.env.flush_all()
        cls.env.cr.precommit.run()

    @classmethod
    def open_dialog(cls, invoices, **values):
        """The dialog of *Credit this Invoice*, or of a selection in a list."""
        if len(invoices) == 1:
            action = invoices.action_credit_invoice()
        else:
            action = invoices.action_credit_invoices()
        return (
            cls
            .env[action['res_model']]
            .with_context(**action['context'])
            .create({
                'date': '2026-02-01',
                **values,
            })
        )

    @classmethod
    def make_credit(cls, invoices, post=False, **values):
        """Credit invoices as the button does.

        :return: the credits
        """
        dialog = cls.open_dialog(invoices, **values)
        dialog.action_create_credit()
        credits = cls.Move.browse(dialog.new_move_ids.ids)
        if post:
            credits.action_post()
        return credits

    def get_currency(self, **rates):
        """A foreign currency with a rate for each month given."""
        currency = (
            self
            .env['res.currency']
            .sudo()
            .with_context(active_test=False)
            .search([('name', '=', 'GBP')])
        )
        currency.active = True
        currency.rate_ids = [Command.clear()] + [
            Command.create({'name': day, 'rate': rate, 'company_id': self.env.company.id})
            for day, rate in rates.items()
        ]
        return currency

    def pay(self, invoice, **values):
        """Register a payment, by default of the whole amount."""
        self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoice.ids
        ).create({'payment_date': '2026-01-20', **values})._create_payments()

    def assertReverses(self, credit, invoice):
        """Origin and credit add up to zero: per line, per tax, per account, in total."""
        credited = {line.credited_line_id: line for line in credit.invoice_line_ids}
        for line in invoice.invoice_line_ids:
            self.assertEqual(self._get_figures(credited[line]), self._get_figures(line), line.name)
            self.assertZero(line.balance + credited[line].balance, line.name)
            self.assertZero(line.amount_currency + credited[line].amount_currency, line.name)
        for key, amounts in self._get_tax_totals(invoice).items():
            other = self._get_tax_totals(credit).get(key, (0, 0))
            self.assertZero(amounts[0] + other[0], key)
            self.assertZero(amounts[1] + other[1], key)
        lines = invoice.line_ids + credit.line_ids
        for account, items in lines.grouped('account_id').items():
            self.assertZero(sum(items.mapped('balance')), account.code)
            self.assertZero(sum(items.mapped('amount_currency')), account.code)
        for name in ('amount_untaxed', 'amount_tax', 'amount_total', 'amount_total_signed'):
            sign = -1 if name.endswith('signed') else 1
            self.assertZero(invoice[name] - sign * credit[name], name)

    def assertZero(self, amount, message=None):
        self.assertEqual(self.company_data['currency'].round(amount) + 0.0, 0.0, message)

    def _get_figures(self, line):
        return {
            name: line[name]
            for name in (
                'display_type',
                'name',
                'product_id',
                'quantity',
                'price_unit',
                'discount',
                'price_subtotal',
                'price_total',
                'tax_ids',
                'account_id',
                'analytic_distribution',
                'sequence',
            )
        }

    def _get_tax_totals(self, move):
        totals = {}
        for line in move.line_ids.filtered('tax_line_id'):
            amounts = totals.setdefault((line.tax_line_id, line.account_id), [0.0, 0.0])
            amounts[0] += line.amount_currency
            amounts[1] += line.balance
        return totals
