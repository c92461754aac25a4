from lxml import etree

from odoo.tests import tagged

from .test_settled import CREDITED, INVOICED, PAID, SETTLED, SettledCommon


@tagged('post_install', '-at_install')
class TestSettlementWords(SettledCommon):
    """What forms, lists, totals and the chatter say where no money moved."""

    def assertStatus(self, move, status):
        """The form and a list that is grouped by it say the same."""
        self.env.flush_all()
        move.invalidate_recordset(['status_in_payment'])
        self.assertEqual(move.status_in_payment, status)
        groups = self.Move._read_group([('id', '=', move.id)], ['status_in_payment'])
        self.assertEqual(groups, [(status,)])

    def get_totals(self, move):
        return [
            (row.get('credit_label'), str(row['date']), row['amount'])
            for row in (move.invoice_payments_widget or {'content': []})['content']
            if not row['is_exchange']
        ]

    def get_changes(self, move):
        """What the chatter says of payment, as the words of the values before and after."""
        self.flush_tracking()
        tracked = move.message_ids.sudo().tracking_value_ids.filtered(
            lambda value: value.field_id.name == 'payment_state'
        )
        return [(value.old_value_char, value.new_value_char) for value in tracked]

    def make_part(self, invoice, price):
        credit = self.make_credit(invoice, date=CREDITED)
        credit.invoice_line_ids.price_unit = price
        return credit

    def test_pc08_credited_invoice_is_called_so_by_form_list_and_totals(self):
        invoice = self.invoice()
        credit = self.make_credit(invoice, date=CREDITED)
        self.approve_in_window(credit, SETTLED)
        total = invoice.amount_total
        self.assertStatus(invoice, 'credited')
        self.assertStatus(credit, 'settled')
        self.assertEqual(invoice.payment_state, 'reversed')
        self.assertEqual(self.get_totals(invoice), [(f'Credited by {credit.name}', SETTLED, total)])
        self.assertEqual(
            self.get_totals(credit), [(f'Used against {invoice.name}', SETTLED, total)]
        )

    def test_pc09_partly_credited_invoice_is_not_partially_paid(self):
        invoice = self.invoice()
        self.approve_in_window(self.make_part(invoice, 40.0), SETTLED)
        self.assertStatus(invoice, 'partly_credited')
        self.assertEqual(invoice.payment_state, 'partial')
        self.register_payment(invoice, SETTLED, amount=10.0, payment_difference_handling='open')
        self.assertStatus(invoice, 'partial')

    def test_pc20_invoice_that_a_customer_credit_settles_is_settled(self):
        invoice, later = self.invoice(), self.invoice(price=60.0)
        self.register_payment(invoice, PAID)
        credit = self.make_credit(invoice, date=CREDITED)
        self.approve_in_window(
            credit, SETTLED, settlement='chosen', uses={later: later.amount_total}
        )
        self.assertStatus(later, 'settled')
        self.assertStatus(credit, 'partly_settled')
        self.assertEqual(
            self.get_totals(later), [(f'Settled with {credit.name}', SETTLED, later.amount_total)]
        )
        larger = self.invoice(price=500.0)
        larger.use_credits(date=SETTLED)
        self.assertStatus(larger, 'partly_settled')
        self.assertStatus(credit, 'settled')

    def test_pc20_totals_name_the_document_and_not_the_entry_between_two_accounts(self):
        invoice = self.invoice()
        self.register_payment(invoice, PAID)
        self.partner_a.sudo().property_account_receivable_id = self.accounts['other receivable']
        later = self.invoice()
        credit = self.make_credit(invoice, date=CREDITED)
        uses = {later: later.amount_total}
        self.approve_in_window(credit, SETTLED, settlement='chosen', uses=uses)
        self.assertStatus(later, 'settled')
        self.assertEqual(self.get_totals(later)[0][0], f'Settled with {credit.name}')
        self.assertEqual(self.get_totals(credit)[0][0], f'Used against {later.name}')

    def test_pc10_refund_is_named_as_one(self):
        invoice = self.invoice()
        self.register_payment(invoice, PAID)
        credit = self.make_credit(invoice, date=CREDITED)
        self.approve_in_window(credit, SETTLED, settlement='refund')
        payment = credit.credit_settlement_ids.line_ids.payment_id
        self.assertEqual(self.get_totals(credit)[0][0], f'Refunded by {payment.move_id.name}')
        self.assertEqual(self.get_totals(invoice)[0][0], None)
        self.assertStatus(invoice, invoice.payment_state)

    def test_pc08_chatter_tells_no_payment_where_none_was(self):
        invoice = self.invoice()
        credit = self.make_credit(invoice, date=CREDITED)
        self.flush_tracking()
        settlement = self.approve_in_window(credit, SETTLED)
        self.assertFalse(self.get_changes(credit) + self.get_changes(invoice))
        settlement.action_undo()
        self.assertFalse(self.get_changes(credit) + self.get_changes(invoice))
        self.register_payment(invoice, SETTLED)
        self.assertEqual(self.get_changes(invoice), [('Not Paid', 'Paid')])

    def test_pc09_chatter_tells_no_payment_of_a_part(self):
        invoice = self.invoice()
        credit = self.make_part(invoice, 40.0)
        self.flush_tracking()
        settlement = self.approve_in_window(credit, SETTLED)
        self.assertFalse(self.get_changes(invoice))
        settlement.action_undo()
        self.assertFalse(self.get_changes(invoice))

    def test_pc08_print_and_portal_say_the_same(self):
        invoice = self.invoice()
        credit = self.make_credit(invoice, date=CREDITED)
        self.approve_in_window(credit, SETTLED)
        Report = self.env['ir.actions.report'].sudo()
        for move, words in ((invoice, 'Credited by'), (credit, 'Used against')):
            html = Report._render_qweb_html('account.account_invoices', move.ids)[0].decode()
            self.assertIn(words, html)
            self.assertNotIn('Paid on', html)
            self.assertNotIn('Reversed on', html)

    def test_pc20_tax_due_on_payment_is_due_on_the_day_of_the_settlement(self):
        """Set-off counts as payment: the tax of both is due on that day, each in its boxes."""
        invoice = self.make_invoice([(1, 100.0, self.cash_basis_tax)], invoice_date=INVOICED)
        self.register_payment(invoice, PAID)
        credit = self.make_credit(invoice, date=CREDITED)
        self.approve_in_window(credit, CREDITED, settlement='keep')
        later = self.make_invoice([(1, 50.0, self.cash_basis_tax)], invoice_date='2026-05-10')
        before = self.get_boxes_of_month()
        later.use_credits(date='2026-07-20')
        settlement = later.credit_settled_line_ids
        self.assertEqual(later.amount_residual, 0.0)
        self.assertTrue(later.is_settled_without_money)
        after = self.get_boxes_of_month()
        self.assertEqual(
            {key: after[key] for key in after if key not in before},
            {
                ('2026-07', 'base of sales'): -50.0,
                ('2026-07', 'tax of sales'): -10.0,
                ('2026-07', 'base of credits'): 50.0,
                ('2026-07', 'tax of credits'): 10.0,
            },
        )
        self.assertEqual({key: after[key] for key in before}, before)
        settlement.settlement_id.action_undo()
        self.assertEqual(later.amount_residual, later.amount_total)
        self.assertEqual(credit.amount_residual, credit.amount_total)

    def test_pc19_kept_credit_says_that_its_tax_waits(self):
        """R19: the tax of a credit note of a paid invoice is due when the money goes back."""
        invoice = self.make_invoice([(1, 100.0, self.cash_basis_tax)], invoice_date=INVOICED)
        self.register_payment(invoice, PAID)
        credit = self.make_credit(invoice, date=CREDITED)
        self.assertFalse(credit.credit_tax_waiting)
        self.approve_in_window(credit, CREDITED, settlement='keep')
        self.assertIn('20.00', credit.credit_tax_waiting)
        self.assertFalse(invoice.credit_tax_waiting)
        self.approve_in_window(credit, SETTLED, settlement='refund')
        self.assertFalse(credit.credit_tax_waiting)
        self.assertEqual(self.get_boxes_of_month()['2026-04', 'tax of credits'], 20.0)

    def get_boxes_of_month(self):
        rows = (
            self
            .env['account.move.line']
            .sudo()
            ._read_group(
                [
                    ('company_id', '=', self.company.id),
                    ('parent_state', '=', 'posted'),
                    ('tax_tag_ids', '!=', False),
                ],
                ['date:month', 'tax_tag_ids'],
                ['balance:sum'],
            )
        )
        return {
            (str(month)[:7], tag.name): amount for month, tag, amount in rows if round(amount, 2)
        }


@tagged('post_install', '-at_install')
class TestSettlementSums(SettledCommon):
    """What lists of settlements add up."""

    def test_pc19_what_was_kept_or_undone_is_in_no_sum(self):
        invoice, later = self.invoice(), self.invoice(price=50.0)
        self.register_payment(invoice, PAID)
        credit = self.make_credit(invoice, date=CREDITED)
        first = self.approve_in_window(credit, SETTLED, settlement='keep')
        self.assertEqual((first.status, first.line_ids.status), ('kept', 'kept'))
        later.use_credits(date=SETTLED)
        self.assertEqual((first.status, first.line_ids.status), ('replaced', 'replaced'))
        used = credit._get_last_settlements()
        used_part, kept_part = used.line_ids
        self.assertEqual((used.status, used_part.status), ('settled', 'settled'))
        self.assertEqual(kept_part.status, 'kept')
        parts = credit.credit_settlement_ids.line_ids
        self.assertEqual(sum(parts.mapped('amount_settled')), later.amount_total)
        used.action_undo()
        self.assertEqual((used.status, first.status), ('undone', 'kept'))
        self.assertEqual(sum(parts.mapped('amount_settled')), 0.0)
        found = self.env['credit.settlement.line']._read_group(
            [('move_id', '=', credit.id)], [], ['amount_settled:sum']
        )
        self.assertEqual(found, [(0.0,)])

    def test_pc17_who_undid_a_settlement_is_visible(self):
        invoice = self.invoice()
        credit = self.make_credit(invoice, date=CREDITED)
        settlement = self.approve_in_window(credit, SETTLED)
        self.assertFalse(settlement.undone_note)
        settlement.action_undo()
        self.assertIn(self.env.user.name, settlement.undone_note)
        arch = self.Move.get_view(self.env.ref('account.view_move_form').id, 'form')['arch']
        self.assertIn('name="undone_note"', arch)

    def test_pc17_settled_credit_is_asked_about_before_it_is_reset(self):
        invoice = self.invoice()
        credit = self.make_credit(invoice, date=CREDITED)
        self.assertFalse(credit.has_credit_settlement)
        settlement = self.approve_in_window(credit, SETTLED)
        self.assertTrue(credit.has_credit_settlement)
        self.assertFalse(invoice.has_credit_settlement)
        arch = etree.fromstring(self.Move.get_view(view_type='form')['arch'])
        plain, asking = arch.xpath("//header/button[@name='button_draft']")
        self.assertIn('has_credit_settlement', plain.get('invisible'))
        self.assertIn('open again', asking.get('confirm'))
        settlement.action_undo()
        self.assertFalse(credit.has_credit_settlement)
