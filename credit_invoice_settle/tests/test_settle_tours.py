from odoo.tests import tagged

from odoo.addons.credit_invoice.tests.dialog.test_tours import LIST, TourCommon


@tagged('post_install', '-at_install')
class TestSettleTours(TourCommon):
    """The journeys of a clerk who approves, settles and refunds."""

    def test_pc07_two_invoices_are_credited_and_approved_from_the_list(self):
        good = self.credit_from_list('action_create_and_approve', 2)
        self.assertEqual(set(good.reversal_move_ids.mapped('state')), {'posted'})

    def test_pc07_three_invoices_are_credited_and_approved_from_the_list(self):
        self.credit_from_list('action_create_and_approve', 3)

    def test_pc07_two_of_three_invoices_are_credited_and_approved_from_the_list(self):
        self.credit_from_list('action_create_and_approve', 3, refused=1)

    def test_pc10_pc17_a_paid_invoice_is_refunded_and_the_refund_undone(self):
        invoice = self.make_invoice(partner_id=self.customer.id)
        self.pay(invoice)
        self.start_tour(f'{LIST}/{invoice.id}', 'credit_refund_tour', login='credit_clerk')
        credit = invoice.reversal_move_ids
        self.assertEqual(credit.amount_residual, credit.amount_total)
        self.assertEqual(credit.credit_settlement_ids.state, 'undone')
        self.assertEqual(credit.credit_settlement_ids.line_ids.payment_id.state, 'canceled')

    def open_list(self, moves):
        """The address of a list of these documents."""
        action = (
            self
            .env['ir.actions.act_window']
            .sudo()
            .create({
                'name': 'Chosen',
                'res_model': 'account.move',
                'view_mode': 'list,form',
                'view_ids': [
                    (
                        0,
                        0,
                        {
                            'view_mode': 'list',
                            'view_id': self.env.ref('account.view_invoice_tree').id,
                        },
                    )
                ],
                'domain': [('id', 'in', moves.ids)],
            })
        )
        return f'/odoo/action-{action.id}'

    def make_drafts(self, count):
        invoices = self.Move.union(*(self.make_invoice([(1, 10.0 + i)]) for i in range(count)))
        return self.make_credit(invoices)

    def test_pc07_two_and_three_credits_are_approved_from_the_list(self):
        for count in (2, 3):
            with self.subTest(count=count):
                credits = self.make_drafts(count)
                self.start_tour(
                    self.open_list(credits), f'credit_approve_{count}_tour', login='credit_clerk'
                )
                self.assertEqual(set(credits.mapped('state')), {'posted'})
                self.assertEqual(sum(credits.mapped('amount_residual')), 0)

    def test_pc07_two_and_three_credits_are_approved_one_by_one(self):
        for count in (2, 3):
            with self.subTest(count=count):
                credits = self.make_drafts(count)
                self.start_tour(
                    self.open_list(credits),
                    f'credit_approve_one_by_one_{count}_tour',
                    login='credit_clerk',
                )
                self.assertEqual(set(credits.mapped('state')), {'posted'})

    def test_mp24_a_credit_of_two_invoices_is_approved_and_settled(self):
        invoices = self.make_invoice([(1, 100.0)]) | self.make_invoice([(2, 30.0)])
        self.start_tour(self.open_list(invoices), 'credit_of_several_tour', login='credit_clerk')
        credit = invoices.reversal_move_ids
        self.assertEqual(credit.amount_total, sum(invoices.mapped('amount_total')))
        self.assertEqual([move.amount_residual for move in credit | invoices], [0, 0, 0])

    def test_pc07_pc17_one_click_approves_and_the_notice_undoes(self):
        invoice = self.make_invoice()
        credit = self.make_credit(invoice)
        self.start_tour(f'{LIST}/{credit.id}', 'credit_undo_notice_tour', login='credit_clerk')
        self.assertEqual(credit.state, 'posted')
        self.assertTrue(credit.name.startswith('RINV/'))
        self.assertEqual(credit.credit_settlement_ids.state, 'undone')
        self.assertEqual(invoice.amount_residual, invoice.amount_total)
