from lxml import html

from odoo import Command
from odoo.tests import Form, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged('post_install', '-at_install')
class TestPrint(AccountTestInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data['company']
        cls.company.credit_title = 'credit_note'
        cls.other_tax = cls.tax_sale_a.copy({'name': 'Levy', 'amount': 5.0})
        cls.instalments = cls.env.ref('account.account_payment_term_advance_60days')
        cls.invoice = cls._create_posted_invoice()

    @classmethod
    def _create_posted_invoice(cls, **values):
        invoice = cls.env['account.move'].create({
            'move_type': 'out_invoice',
            'partner_id': cls.partner_a.id,
            'invoice_date': '2024-01-15',
            'ref': 'PO 4711',
            'invoice_payment_term_id': False,
            'invoice_line_ids': [
                Command.create({'display_type': 'line_section', 'name': 'Furniture'}),
                cls._prepare_line('Desk', 3.0, 33.35, cls.tax_sale_a | cls.other_tax),
                cls._prepare_line('Chair', 2.0, 10.0, cls.tax_sale_a),
                Command.create({'display_type': 'line_note', 'name': 'Second floor'}),
            ],
            **values,
        })
        invoice.action_post()
        return invoice

    @classmethod
    def _prepare_line(cls, name, quantity, price, taxes):
        return Command.create({
            'name': name,
            'quantity': quantity,
            'price_unit': price,
            'tax_ids': [Command.set(taxes.ids)],
        })

    def _credit(self, invoice=None, post=True, **lines):
        """Credit an invoice, with other values on the lines of the given names."""
        invoice = invoice or self.invoice
        wizard = (
            self
            .env['account.move.reversal']
            .with_context(active_model='account.move', active_ids=invoice.ids)
            .create({'date': '2024-02-10', 'reason': 'Damaged'})
        )
        wizard.refund_moves()
        credit = wizard.new_move_ids
        for line in credit.invoice_line_ids.filtered(lambda line: line.name in lines):
            line.write(lines[line.name])
        if post:
            credit.action_post()
        return credit

    def _pay(self, move, **values):
        return (
            self
            .env['account.payment.register']
            .with_context(active_model='account.move', active_ids=move.ids)
            .create({'payment_date': '2024-03-01', **values})
            ._create_payments()
        )

    def _render(self, move, report='account.account_invoices'):
        content, _type = self.env['ir.actions.report']._render_qweb_html(report, move.ids)
        return html.fromstring(content)

    def _get_text(self, node):
        return ' '.join(node.text_content().split())

    def _get_texts(self, document, name):
        return [self._get_text(node) for node in document.xpath(f'//*[@name="{name}"]')]

    def _get_title(self, document):
        return self._get_text(document.xpath('//h2')[0])

    def _get_uses(self, document):
        return self._get_texts(document, 'credit_use')

    # === TITLE === #

    def test_ag06_a_credit_note_is_called_credit_note(self):
        document = self._render(self._credit())
        self.assertIn('Credit Note RINV/', self._get_title(document))
        self.assertNotIn('Credit Memo', self._get_text(document))
        self.assertFalse(document.xpath('//*[@name="credit_memo_foot"]'))

    def test_ag06_a_credit_memo_says_so_at_the_top_and_at_the_bottom(self):
        self.company.credit_title = 'credit_memo'
        credit = self._credit()
        document = self._render(credit)
        self.assertEqual(self._get_title(document), f'Credit Memo {credit.name}')
        self.assertNotIn('Credit Note', self._get_text(document))
        self.assertEqual(
            self._get_texts(document, 'credit_memo_foot'), [f'Credit Memo {credit.name}']
        )
        page = document.xpath('//div[contains(@class, "page")]')[0]
        self.assertEqual(page.xpath('*')[-1].get('name'), 'credit_memo_foot')

    def test_ag06_the_title_follows_the_country(self):
        self.company.credit_title = 'country'
        credit = self._credit()
        for country, title in (('base.us', 'Credit Memo'), ('base.fr', 'Credit Note')):
            self.company.account_fiscal_country_id = self.env.ref(country)
            self.assertIn(title, self._get_title(self._render(credit)))

    def test_ag06_drafts_and_cancelled_credit_memos_are_called_so(self):
        self.company.credit_title = 'credit_memo'
        credit = self._credit(post=False)
        self.assertIn('Draft Credit Memo', self._get_title(self._render(credit)))
        credit.button_cancel()
        self.assertIn('Cancelled Credit Memo', self._get_title(self._render(credit)))

    def test_an_invoice_keeps_its_title_where_credits_are_memos(self):
        self.company.credit_title = 'credit_memo'
        document = self._render(self.invoice)
        self.assertEqual(self._get_title(document), f'Invoice {self.invoice.name}')
        self.assertNotIn('Credit', self._get_text(document))

    # === ORIGIN === #

    def test_pc04_the_credit_names_number_and_date_of_its_invoice(self):
        text = self._get_texts(self._render(self._credit()), 'credit_origin')
        origin = f'Credit for invoice {self.invoice.name} of 01/15/2024'
        self.assertEqual(text, [f'{origin} Your reference: PO 4711 Reason: Damaged'])

    def test_a_credit_without_an_invoice_names_none(self):
        credit = self.env['account.move'].create({
            'move_type': 'out_refund',
            'partner_id': self.partner_a.id,
            'invoice_line_ids': [self._prepare_line('Desk', 1.0, 33.35, self.tax_sale_a)],
        })
        credit.action_post()
        document = self._render(credit)
        self.assertEqual(self._get_texts(document, 'credit_origin'), [''])
        self.assertFalse(document.xpath('//*[@name="credit_line_change"]'))
        self.assertEqual(self._get_uses(document), ['Open balance in your favour $ 38.35'])

    # === WHAT WAS CHANGED === #

    def test_ag06_a_pure_mirror_has_no_changes(self):
        document = self._render(self._credit())
        self.assertFalse(document.xpath('//*[@name="credit_line_change"]'))

    def test_ag06_a_changed_quantity_stands_under_its_line(self):
        document = self._render(self._credit(Desk={'quantity': 2.0}))
        self.assertEqual(
            self._get_texts(document, 'account_invoice_line_name'),
            ['Desk Invoiced: 3.00 × 33.35; credited: 2.00 × 33.35', 'Chair'],
        )

    def test_ag06_changed_price_discount_and_taxes_stand_under_their_line(self):
        changes = {'price_unit': 5.0, 'discount': 10.0, 'tax_ids': [Command.clear()]}
        document = self._render(self._credit(Chair=changes))
        self.assertEqual(
            self._get_texts(document, 'credit_line_change'),
            ['Price lowered by $ 9.00, the tax stays (2.00 × 10.00 invoiced)'],
        )

    def test_pc04_a_price_cut_has_no_quantity_and_says_what_was_invoiced(self):
        document = self._render(self._credit(Desk={'price_unit': 4.0}))
        self.assertEqual(
            self._get_texts(document, 'credit_line_change'),
            ['Price lowered by $ 12.00 (3.00 × 33.35 invoiced)'],
        )
        hidden = [
            'hidden' in (cell.get('style') or '')
            for name in ('td_quantity', 'td_price_unit')
            for cell in document.xpath(f'//td[@name="{name}"]')
        ]
        self.assertEqual(hidden, [True, False, True, False])

    def test_pc31_tax_without_a_base_stands_in_a_row_of_its_own(self):
        self.tax_sale_a.tax_group_id.name = 'VAT'
        invoice = self._create_posted_invoice(
            invoice_line_ids=[
                self._prepare_line('Desk', 4.0, 25.0, self.tax_sale_a),
                self._prepare_line('Chair', 1.0, 60.0, self.tax_sale_a),
            ]
        )
        action = invoice.action_credit_invoice()
        form = Form(self.env['account.move.reversal'].with_context(**action['context']))
        form.credit_scope = 'part'
        with form.credit_line_ids.edit(0) as line:
            line.kind = 'tax'
            line.amount = 12.0
        with form.credit_line_ids.edit(1) as line:
            line.quantity = 1.0
        dialog = form.save()
        dialog.action_create_credit()
        credit = dialog.new_move_ids
        document = self._render(credit)
        rows = [self._get_text(row) for row in document.xpath('//tr[@class="o_taxes"]')]
        self.assertEqual(rows, ['VAT $ 9.00', 'VAT, tax only $ 12.00'])
        self.assertIn(
            'Tax lowered by $ 12.00 (4.00 × 25.00 invoiced)',
            self._get_texts(document, 'credit_line_change'),
        )
        self.assertEqual(credit.amount_tax, 21.0)

    def test_pc04_the_invoice_is_named_once(self):
        document = self._render(self._credit())
        self.assertFalse(document.xpath('//div[@name="reference"]'))
        self.assertNotIn('Reversal of', self._get_text(document))
        self.assertTrue(self._render(self.invoice).xpath('//div[@name="reference"]'))

    # === WHAT HAPPENS TO THE MONEY === #

    def test_ag06_nothing_is_due_and_nothing_to_be_paid(self):
        self.company.write({'qr_code': True, 'link_qr_code': True})
        credit = self._credit(post=False)
        credit.invoice_payment_term_id = self.instalments
        credit.action_post()
        document = self._render(credit)
        for name in ('payment_communication', 'payment_term'):
            self.assertFalse(document.xpath(f'//*[@name="{name}"]'), name)
        for id_ in ('qrcode', 'payment_link_qrcode', 'total_payment_term_details_table'):
            self.assertFalse(document.xpath(f'//*[@id="{id_}"]'), id_)
        for words in ('Amount Due', 'Reversed on', 'Paid on', 'Due Date'):
            self.assertNotIn(words, self._get_text(document))

    def test_an_invoice_still_says_what_is_due(self):
        invoice = self._create_posted_invoice(invoice_payment_term_id=self.instalments.id)
        self._credit(invoice, Desk={'quantity': 2.0})
        text = self._get_text(self._render(invoice))
        for words in ('Amount Due', 'Credited', 'Payment Communication', 'Payment terms'):
            self.assertIn(words, text)

    def test_ag06_the_credit_says_which_invoice_it_was_used_against(self):
        credit = self._credit()
        self.assertEqual(
            self._get_uses(self._render(credit)), [f'Used against {self.invoice.name} $ 143.06']
        )

    def test_ag06_an_invoice_in_instalments_is_named_once(self):
        invoice = self._create_posted_invoice(invoice_payment_term_id=self.instalments.id)
        self.assertEqual(
            self._get_uses(self._render(self._credit(invoice))),
            [f'Used against {invoice.name} $ 143.06'],
        )

    def test_ag06_what_is_left_stands_in_the_customers_favour(self):
        self._pay(self.invoice, amount=100.0)
        self.assertEqual(
            self._get_uses(self._render(self._credit())),
            [
                f'Used against {self.invoice.name} $ 43.06',
                'Open balance in your favour $ 100.00',
            ],
        )

    def test_ag06_a_refund_is_named_with_its_date(self):
        self._pay(self.invoice)
        credit = self._credit()
        self._pay(credit)
        self.assertEqual(self._get_uses(self._render(credit)), ['Refunded on 03/01/2024 $ 143.06'])

    def test_ag06_of_a_draft_nothing_is_invented(self):
        self.assertFalse(self._get_uses(self._render(self._credit(post=False))))

    def test_a_print_without_payments_says_nothing_of_the_money(self):
        document = self._render(self._credit(), 'account.account_invoices_without_payment')
        self.assertFalse(self._get_uses(document))

    def test_ag06_a_foreign_currency_is_kept_and_its_exchange_difference_is_no_use(self):
        currency = self.setup_other_currency(
            'EUR', rates=[('2024-01-01', 2.0), ('2024-02-01', 4.0)]
        )
        self.company.credit_rate = 'date'
        invoice = self._create_posted_invoice(currency_id=currency.id)
        self.assertEqual(
            self._get_uses(self._render(self._credit(invoice))),
            [f'Used against {invoice.name} 143.06 €'],
        )

    # === LANGUAGE === #

    def test_the_print_is_in_the_customers_language(self):
        self.env['res.lang']._activate_lang('fr_FR')
        self.partner_a.lang = 'fr_FR'
        document = self._render(self._credit(Desk={'quantity': 2.0}))
        self.assertIn('15/01/2024', self._get_texts(document, 'credit_origin')[0])
        self.assertIn('2,00 × 33,35', self._get_texts(document, 'credit_line_change')[0])
