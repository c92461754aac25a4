from contextlib import contextmanager

from odoo import Command
from odoo.tests import Form, new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.test_credit_invoice_before import seen

MODELS = ('account.move', 'account.move.line', 'account.move.reversal')
OURS = 'odoo.addons.credit_invoice.'
# What two documents never share, and what is derived from it.
NOT_SHARED = {
    *('id', 'create_date', 'write_date', 'write_uid', 'access_token'),
    *('move_id', 'reversed_entry_id', 'name', 'move_name', 'ref', 'payment_reference'),
    'sequence_number',
    *('full_reconcile_id', 'matching_number', 'before_posted_ref', 'after_posted_ref'),
}
LAYERS = ('before', 'after')


@contextmanager
def host_alone(env):
    """Take every override of `credit_invoice` off the models, so that the host and the fakes work
    without it.
    """
    taken = []
    for model in MODELS:
        mro = type(env[model]).__mro__
        for position, cls in enumerate(mro):
            if cls.__module__.startswith(OURS):
                for name, value in list(vars(cls).items()):
                    below = any(name in vars(base) for base in mro[position + 1 :])
                    if callable(value) and below and not name.startswith('__'):
                        taken.append((cls, name, value))
                        delattr(cls, name)
    try:
        yield [name for _cls, name, _value in taken]
    finally:
        for cls, name, value in taken:
            setattr(cls, name, value)


class CreditInvoiceFakesCommon(AccountTestInvoicingCommon):
    """Invoices of a company for which both fake localisations are at work."""

    # How the two fakes hand the default values of a reversal down, see `res.company`.
    before_way = 'mutate'
    after_way = 'replace'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.write({
            'before_localisation': cls.before_way,
            'after_localisation': cls.after_way,
        })
        cls.clerk = new_test_user(
            cls.env,
            login='clerk_among_others',
            groups='account.group_account_invoice',
            company_id=cls.env.company.id,
        )
        cls.categories = cls.env['res.partner.category'].create([
            {'name': name} for name in ('Site North', 'Site South', 'Site West')
        ])
        cls.other_journal = cls.company_data['default_journal_sale'].copy({
            'code': 'OTH',
            'default_account_id': cls.company_data['default_account_revenue'].id,
        })

    def setUp(self):
        super().setUp()
        seen.forget()

    @classmethod
    def make_invoices(cls, count, move_type='out_invoice', **values):
        """Post documents that differ in everything that a hook reads of them.

        :return: the documents, for the clerk
        """
        journal_type = 'purchase' if move_type.startswith('in_') else 'sale'
        tax = cls.company_data[f'default_tax_{journal_type}']
        invoices = cls.env['account.move'].create([
            {
                'move_type': move_type,
                'partner_id': (cls.partner_a, cls.partner_b)[number % 2].id,
                'invoice_date': f'2019-03-{number + 1:02}',
                'date': f'2019-03-{number + 1:02}',
                'invoice_payment_term_id': False,
                'fiscal_position_id': False,
                'ref': f'PO {number}',
                'invoice_origin': f'SO{number}',
                'before_service_date': f'2019-02-{number + 1:02}',
                'after_service_date': f'2019-01-{number + 1:02}',
                'before_category_ids': [Command.set(cls.categories[number % 3].ids)],
                'after_category_ids': [Command.set(cls.categories[(number + 1) % 3].ids)],
                'invoice_line_ids': [
                    Command.create({
                        'name': f'{number}.{position}',
                        'quantity': 3 + number,
                        'price_unit': 33.35 + position,
                        'tax_ids': [Command.set(tax.ids)],
                        'before_order_ref': f'before {number}.{position}',
                        'after_order_ref': f'after {number}.{position}',
                        'custom_commission': 10 * number + position + 1,
                    })
                    for position in range(2)
                ],
                **values,
            }
            for number in range(count)
        ])
        invoices.action_post()
        return invoices.with_user(cls.clerk)

    def open_dialog(self, action, **values):
        """Fill in the dialog that an action of an invoice opens, as a person does.

        :return: the wizard, saved
        """
        wizard = self.env['account.move.reversal'].with_user(self.clerk)
        form = Form(wizard.with_context(**action['context']))
        given = {
            'reason': 'wrong',
            'date': '2019-04-01',
            'before_reason': 'R1',
            'after_document_number': 'NC 7',
            **values,
        }
        for name, value in given.items():
            setattr(form, name, value)
        return form.save()

    def credit_by_button(self, invoice):
        """Credit one invoice the way mp01 to mp06 have it."""
        self.open_dialog(invoice.action_credit_invoice()).action_create_credit()
        return invoice.reversal_move_ids

    def credit_by_list(self, invoices):
        """Credit a selection of a list."""
        self.open_dialog(invoices.action_credit_invoices()).action_create_credit()
        return self.get_credits(invoices)

    def credit_by_host_wizard(self, invoices):
        """Credit by the methods that the host's own dialog calls, as a script over RPC does."""
        context = {'active_model': 'account.move', 'active_ids': invoices.ids}
        wizard = self.env['account.move.reversal'].with_user(self.clerk).with_context(**context)
        wizard.create({
            'journal_id': invoices.journal_id[:1].id,
            'date': '2019-04-01',
            'reason': 'wrong',
            'before_reason': 'R1',
            'after_document_number': 'NC 7',
        }).refund_moves()
        return self.get_credits(invoices)

    def credit_directly(self, invoices):
        """Credit by the method that everything ends in, with default values of the caller."""
        return invoices._reverse_moves([
            {'date': '2019-04-01', 'invoice_date': '2019-04-01', 'invoice_origin': origin}
            for origin in invoices.mapped('invoice_origin')
        ])

    def get_credits(self, invoices):
        """One credit of each invoice, in their order."""
        for invoice in invoices:
            self.assertEqual(len(invoice.reversal_move_ids), 1, invoice.name)
        return invoices.browse([invoice.reversal_move_ids.id for invoice in invoices])

    def get_trace(self, documents):
        """What the hooks have seen: how often each ran for each document, by position."""
        position = {document.id: place for place, document in enumerate(documents)}
        return {
            (layer, hook, position[document_id]): times
            for (layer, hook, document_id), times in seen.HOOKS.items()
        }

    def get_snapshot(self, documents):
        """All stored values of documents and their journal items that two equal runs share.

        :return: dictionary of (place of the document, place of the item or -1, field): value
        """
        return {
            (place, position, name): record[name].ids if field.relational else record[name]
            for place, document in enumerate(documents.sudo())
            for position, record in enumerate([document, *document.line_ids.sorted('id')], -1)
            for name, field in record._fields.items()
            if field.store and field.type != 'one2many' and name not in NOT_SHARED
        }
