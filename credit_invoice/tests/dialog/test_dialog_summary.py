from freezegun import freeze_time
from lxml import html

from odoo.tests import Form, tagged

from ..common import CreditCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestDialogSummary(CreditCommon):
    """What the dialog says of invoice, customer and money is true, and said once."""

    def open_form(self, invoices):
        if len(invoices) == 1:
            action = invoices.action_credit_invoice()
        else:
            action = invoices.action_credit_invoices()
        return Form(self.env['account.move.reversal'].with_context(**action['context']))

    def get_text(self, form):
        text = html.fromstring(form.credit_summary_html).text_content()
        return ' '.join(text.replace('\xa0', ' ').split())

    def credit_half(self, invoice):
        return self.make_credit(invoice, post=True, credit_scope='part', credit_percentage=50)

    def settle_otherwise(self, invoice, amount):
        """Write a part off by hand, as accountants do."""
        receivable = invoice._get_open_receivable_lines()
        entry = (
            self
            .env['account.move']
            .sudo()
            .create({
                'move_type': 'entry',
                'date': '2026-02-01',
                'line_ids': [
                    (
                        0,
                        0,
                        {
                            'account_id': receivable.account_id.id,
                            'credit': amount,
                            'partner_id': invoice.partner_id.id,
                        },
                    ),
                    (
                        0,
                        0,
                        {
                            'account_id': self.company_data['default_account_expense'].id,
                            'debit': amount,
                        },
                    ),
                ],
            })
        )
        entry.action_post()
        (receivable | entry.line_ids.filtered('credit')).sudo().reconcile()

    def assertShownIsCreated(self, form):
        """The dialog says the total and the tax of what it makes."""
        text = self.get_text(form)
        wizard = form.save()
        wizard.action_create_credit()
        credits = wizard.new_move_ids
        for amount in (sum(credits.mapped('amount_total')), sum(credits.mapped('amount_tax'))):
            self.assertIn(f'$ {amount:,.2f}', text)

    def test_mp03_the_dialog_names_invoice_and_customer(self):
        invoice = self.make_invoice()
        text = self.get_text(self.open_form(invoice))
        self.assertIn(f'{invoice.name} · {invoice.partner_id.name}', text)

    def test_mp03_the_dialog_of_several_names_them_and_counts_customers(self):
        invoices = self.make_invoice() | self.make_invoice(partner_id=self.partner_b.id)
        form = self.open_form(invoices)
        text = self.get_text(form)
        self.assertIn('2 invoices', text)
        self.assertIn('2 customers', text)
        for invoice in invoices:
            self.assertIn(invoice.name, text)

    def test_mp10_the_amount_is_what_is_left(self):
        invoice = self.make_invoice(lines=[(2, 100)])
        credit = self.credit_half(invoice)
        form = self.open_form(invoice)
        text = self.get_text(form)
        self.assertIn('Left to credit: $ 115.00 including tax $ 15.00', text)
        self.assertIn(f'$ 115.00 was already credited with {credit.name}', text)
        self.assertNotIn('230.00', text)
        self.assertShownIsCreated(form)

    def test_mp10_the_amount_of_several_is_what_is_left_of_all(self):
        first, second = self.make_invoice(lines=[(2, 100)]), self.make_invoice(lines=[(1, 10)])
        self.credit_half(first)
        form = self.open_form(first | second)
        self.assertIn('Left to credit: $ 126.50 including tax $ 16.50', self.get_text(form))
        self.assertIn('Nothing will be owed back', self.get_text(form))
        self.assertShownIsCreated(form)

    def test_pc26_credited_before_is_not_paid_and_not_owed_back(self):
        invoice = self.make_invoice(lines=[(2, 100)])
        self.credit_half(invoice)
        text = self.get_text(self.open_form(invoice))
        self.assertIn('Not paid: nothing stays open.', text)
        self.assertNotIn('owed back', text)

    def test_pc19_paid_and_credited_is_owed_back_in_full(self):
        invoice = self.make_invoice(lines=[(2, 100)])
        self.pay(invoice)
        self.assertIn(
            'Paid in full: all of it will be owed back.', self.get_text(self.open_form(invoice))
        )

    def test_pc19_partly_paid_says_what_will_be_owed_back_once(self):
        invoice = self.make_invoice(lines=[(2, 100)])
        self.pay(invoice, amount=80)
        text = self.get_text(self.open_form(invoice))
        self.assertIn('Paid $ 80.00: this much will be owed back, and nothing stays open.', text)
        self.assertEqual(text.count('80.00'), 1)

    def test_pc19_paid_in_part_and_credited_in_part(self):
        invoice = self.make_invoice(lines=[(2, 100)])
        self.pay(invoice, amount=80)
        self.credit_half(invoice)
        text = self.get_text(self.open_form(invoice))
        self.assertIn('Left to credit: $ 115.00', text)
        self.assertIn('Paid $ 80.00: this much will be owed back', text)

    def test_pc26_what_was_settled_otherwise_is_not_called_paid(self):
        invoice = self.make_invoice(lines=[(2, 100)])
        self.settle_otherwise(invoice, 30)
        text = self.get_text(self.open_form(invoice))
        self.assertIn('Settled otherwise $ 30.00', text)
        self.assertIn('Not paid: $ 30.00 will be owed back', text)

    def test_mp03_no_amount_is_said_twice(self):
        paid, partly, credited = (self.make_invoice(lines=[(1, 1000)]) for _i in range(3))
        self.pay(paid)
        self.pay(partly, amount=500)
        self.make_credit(credited, post=True, credit_scope='part', credit_percentage=30)
        self.make_credit(credited)
        for invoice in (paid, partly, credited, self.make_invoice()):
            text = self.get_text(self.open_form(invoice))
            amounts = [word for word in text.split() if '.' in word and word[0].isdigit()]
            self.assertEqual(len(amounts), len(set(amounts)), text)

    def test_ts03_of_a_part_the_table_says_the_amount(self):
        invoice = self.make_invoice(lines=[(1, 1000)])
        form = self.open_form(invoice)
        form.credit_scope = 'part'
        text = self.get_text(form)
        self.assertNotIn('1,150', text)
        self.assertNotIn('nothing stays open', text)
        self.assertIn(invoice.name, text)

    def test_mp03_the_question_fits_what_is_credited(self):
        arch = html.fromstring(self.env['account.move.reversal'].get_view(view_type='form')['arch'])
        for name, words in (
            ('credit_question_whole', 'this Invoice'),
            ('credit_question_several', 'each of these invoices'),
            ('credit_question_part', 'a part of this invoice'),
            ('credit_question_parts', 'parts of these invoices'),
        ):
            (node,) = arch.xpath(f'//p[@name="{name}"]')
            self.assertIn(words, node.text)
        names = [node.get('name') for node in arch.xpath('//form/*[@name]')]
        self.assertLess(names.index('credit_choice'), names.index('credit_parts'))

    def test_mp03_a_draft_alone_reverses_nothing_in_the_chatter(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        texts = ' '.join((invoice | credit).message_ids.mapped('body'))
        self.assertNotIn('has been reversed', texts)
        self.assertIn('A draft credit note was created.', texts)
        credit.action_discard_credit()
        links = [body for body in invoice.message_ids.mapped('body') if 'data-oe-id' in body]
        self.assertFalse(links)

    def test_mp20_a_posted_credit_is_linked_in_the_chatter(self):
        invoice = self.make_invoice()
        self.open_dialog(invoice).action_credit_and_reinvoice()
        credit = invoice.reversal_move_ids
        bodies = [body for body in invoice.message_ids.mapped('body') if 'Credited with' in body]
        self.assertEqual(len(bodies), 1)
        self.assertIn(credit.name, bodies[0])
