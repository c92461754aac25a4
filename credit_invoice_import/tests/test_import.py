from math import inf, nan

from odoo.exceptions import AccessError, UserError
from odoo.http import serialize_exception
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools.misc import file_open

from odoo.addons.credit_invoice.tests.common import CreditCommon

COLUMNS = ['number', 'line_number', 'quantity', 'amount', 'percentage', 'kind', 'reason', 'date']


class ImportCommon(CreditCommon):
    """Files of credits, as a clerk imports them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Row = cls.env['credit.import.line']

    def row(self, invoice, **values):
        """The cells of a row, in the order of `COLUMNS`."""
        number = invoice if isinstance(invoice, str) else invoice.name
        values = {'number': number, 'date': '2026-02-01', 'reason': 'Damaged', **values}
        return [str(values.get(name, '')) for name in COLUMNS]

    def load(self, *rows):
        return self.Row.load(COLUMNS, list(rows))

    def load_well(self, *rows):
        result = self.load(*rows)
        self.assertFalse(result['messages'])
        return self.Row.browse(result['ids'])

    def get_messages(self, *rows):
        """What is said about a file that is refused: the position of the row and a sentence."""
        before = self.count_all()
        result = self.load(*rows)
        self.assertFalse(result['ids'])
        self.assertEqual(self.count_all(), before, 'nothing is left behind')
        return [(message['rows']['from'], message['message']) for message in result['messages']]

    def count_all(self):
        self.env.flush_all()
        return [
            self.env[model].sudo().search_count([])
            for model in ('credit.import.line', 'account.move', 'mail.message')
        ]

    def assertRefused(self, pattern, *rows):
        """Only the last row is refused, in one sentence."""
        messages = self.get_messages(*rows)
        self.assertEqual([position for position, _text in messages], [len(rows) - 1], messages)
        self.assertRegex(messages[0][1], pattern)


@tagged('post_install', '-at_install')
class TestImport(ImportCommon):
    """Credits from a file."""

    slow_because = 'files of many rows are imported to count queries'

    # === WHAT IS MADE === #

    def test_mp25_a_number_alone_credits_the_whole_invoice(self):
        invoice = self.make_invoice()
        row = self.load_well(self.row(invoice))
        self.assertEqual(row.credit_id.state, 'draft')
        self.assertEqual(row.credit_id.reversed_entry_id, invoice)
        self.assertEqual(row.credit_id.credit_reason, 'Damaged')
        self.assertEqual(str(row.credit_id.invoice_date), '2026-02-01')
        self.assertReverses(row.credit_id, invoice)
        self.assertEqual(row.create_uid, self.clerk)
        self.assertEqual(row.company_id, invoice.company_id)
        self.assertEqual(row.state, 'draft')

    def test_mp25_a_number_alone_credits_what_is_left(self):
        invoice = self.make_invoice()
        first = self.load_well(self.row(invoice, line_number=1, quantity=1)).credit_id
        first.action_post()
        rest = self.load_well(self.row(invoice)).credit_id
        rest.action_post()
        self.assertZero(invoice.amount_total - first.amount_total - rest.amount_total)

    def test_mp25_rows_of_one_invoice_date_and_reason_make_one_credit(self):
        invoice, other = self.make_invoice(), self.make_invoice()
        rows = self.load_well(
            self.row(invoice, line_number=1, quantity=2),
            self.row(other, line_number=2, amount='10.00'),
            self.row(invoice, line_number=2, amount='9.99'),
            self.row(invoice, line_number=1, quantity=1, reason='Lost'),
        )
        self.assertEqual(len(rows.credit_id), 3)
        self.assertEqual(rows[0].credit_id, rows[2].credit_id)
        lines = rows[0].credit_id.invoice_line_ids.sorted('sequence')
        self.assertEqual(lines.mapped('credit_kind'), ['return', 'price'])
        self.assertEqual([lines[0].quantity, lines[1].price_subtotal], [2.0, 9.99])

    def test_mp25_lines_are_counted_without_sections_and_notes(self):
        invoice = self.make_invoice([
            {'display_type': 'line_section', 'name': 'Goods'},
            (3, 33.35),
            {'display_type': 'line_note', 'name': 'With care'},
            (1, 99.99),
        ])
        row = self.load_well(self.row(invoice, line_number=2, quantity=1))
        line = row.credit_id.invoice_line_ids.filtered(lambda line: line.display_type == 'product')
        self.assertEqual(line.credited_line_id.price_unit, 99.99)

    def test_mp25_an_amount_of_the_whole_is_with_tax(self):
        invoice = self.make_invoice()
        credit = self.load_well(self.row(invoice, amount='50.00')).credit_id
        self.assertEqual(credit.amount_total, 50.0)
        self.assertEqual(len(credit.invoice_line_ids), 2)

    def test_mp25_a_percentage_lowers_all_lines_or_one(self):
        invoice = self.make_invoice([(1, 100.0), (1, 200.0)])
        whole = self.load_well(self.row(invoice, percentage=10)).credit_id
        self.assertEqual(whole.amount_untaxed, 30.0)
        part = self.load_well(self.row(invoice, line_number=2, percentage=10)).credit_id
        self.assertEqual(part.amount_untaxed, 20.0)

    def test_mp25_a_kind_is_given_by_its_name(self):
        invoice = self.make_invoice()
        credit = self.load_well(
            self.row(invoice, line_number=2, amount='10.00', kind='Lower price, no tax')
        ).credit_id
        self.assertEqual(credit.invoice_line_ids.credit_kind, 'commercial')
        self.assertEqual(credit.amount_total, 10.0)

    def test_mp25_without_a_date_it_is_today(self):
        row = self.load_well(self.row(self.make_invoice(), date=''))
        self.assertEqual(row.date, self.env['ir.fields.converter'].env.cr.now().date())

    def test_mp25_spaces_around_a_number_do_not_matter(self):
        invoice = self.make_invoice()
        self.assertEqual(self.load_well(self.row(f' {invoice.name} ')).invoice_id, invoice)

    def test_mp25_names_and_references_are_no_numbers(self):
        invoice = self.make_invoice(ref='PO77')
        self.assertRefused('No invoice has the number "PO77"', self.row('PO77'))
        name = invoice.partner_id.name
        self.assertRefused('No invoice has the number', self.row(name))

    # === WHAT IS REFUSED === #

    def test_mp25_bad_figures_are_refused_in_one_sentence(self):
        invoice = self.make_invoice()
        name = invoice.name
        for pattern, values in (
            ('Quantity is zero', {'line_number': 1, 'quantity': 0}),
            ('Amount is zero', {'amount': '0.00'}),
            ('quantity of .* cannot be negative', {'line_number': 1, 'quantity': -1}),
            ('amount of .* cannot be negative', {'line_number': 1, 'amount': -1}),
            ('as a positive number', {'amount': -5}),
            ('3.00 can still be credited, not 4.00', {'line_number': 1, 'quantity': 4}),
            ('99.99 can still be credited', {'line_number': 2, 'amount': 100}),
            (f'Of {name}, .* can still be credited, not', {'amount': 5000}),
            ('0.001 in the column Percentage has more than 2 dec', {'percentage': 0.001}),
            ('33.333 .* more than 2 decimals', {'line_number': 1, 'percentage': 33.333}),
            ('more than 2 decimals', {'amount': 0.004}),
            ('more than 2 decimals', {'line_number': 1, 'amount': 0.001}),
            ('more than 2 decimals', {'line_number': 1, 'quantity': 0.001}),
            ('not a number', {'line_number': 1, 'quantity': nan}),
            ('not a number', {'amount': inf}),
            ('too large', {'line_number': 1, 'quantity': 1e300}),
            ('can still be credited', {'line_number': 1, 'quantity': 1e11}),
            ('between 0 and 100, not at 101', {'percentage': 101}),
            ('between 0 and 100', {'line_number': 1, 'percentage': -1}),
            ('Quantity and Percentage', {'line_number': 1, 'quantity': 1, 'percentage': 5}),
            ('Quantity and Amount', {'line_number': 1, 'quantity': 1, 'amount': 5}),
            ('needs the number of its line', {'quantity': 1}),
            ('type a quantity, an amount or a percentage', {'line_number': 1}),
            ('has no line 3: .* from 1 to 2', {'line_number': 3, 'quantity': 1}),
            ('has no line 0', {'line_number': 0, 'quantity': 1}),
            ('has no line -1', {'line_number': -1, 'quantity': 1}),
            ('has no line', {'line_number': 10**12, 'quantity': 1}),
            ('needs the number of a line', {'kind': 'tax', 'amount': 1}),
            ('needs a quantity', {'line_number': 1, 'kind': 'return', 'amount': 1}),
            ('needs an amount', {'line_number': 1, 'kind': 'price', 'quantity': 1}),
            ('does not seem to be a number', {'line_number': 1, 'quantity': 'two'}),
            ('does not seem to be an integer', {'line_number': 'first', 'quantity': 1}),
            ('before its invoice', {'date': '2026-01-14'}),
            ('in the future', {'date': '2999-01-01'}),
            ('valid date', {'date': 'soon'}),
        ):
            with self.subTest(values):
                self.assertRefused(pattern, self.row(invoice, **values))

    def test_mp25_documents_that_cannot_be_credited_are_refused(self):
        credited, cancelled, draft = (self.make_invoice() for _i in range(3))
        credit = self.make_credit(credited, post=True)
        cancelled.button_cancel()
        draft.button_draft()
        for pattern, number in (
            ('No invoice has the number "INV/1/2/3"', 'INV/1/2/3'),
            ('No invoice has the number', '/'),
            ('Enter the number', ''),
            ('is a credit note itself', credit.name),
            ('has been credited in full', credited.name),
            ('is cancelled', cancelled.name),
            ('still a draft', draft.name),
        ):
            with self.subTest(number):
                self.assertRefused(pattern, self.row(number))

    def test_mp25_numbers_of_other_companies_are_unknown(self):
        company = self.make_company()
        invoice = self.make_invoice()
        theirs = self.make_theirs(company)
        self.Row = self.Row.with_context(allowed_company_ids=self.env.company.ids)
        self.assertRefused('No invoice has the number', self.row('THEIRS/1'))
        both = (self.env.company | company).ids
        self.Row = self.Row.with_context(allowed_company_ids=both)
        row = self.load_well(self.row('THEIRS/1'))
        self.assertEqual(row.company_id, company)
        self.assertEqual(row.credit_id.company_id, company)
        theirs.with_context(allowed_company_ids=both).name = invoice.name
        self.assertRefused('2 documents have the number', self.row(invoice))

    def make_company(self):
        env = self.env
        try:
            # of the accountant, who may set up companies
            type(self).env = self.product_category.env
            company = self.setup_other_company()['company']
        finally:
            type(self).env = env
        self.clerk.sudo().company_ids += company
        return company.with_env(env)

    def make_theirs(self, company):
        Move = self.Move.sudo().with_context(allowed_company_ids=company.ids)
        invoice = Move.create({
            'move_type': 'out_invoice',
            'partner_id': self.partner_a.id,
            'invoice_date': '2026-01-15',
            'invoice_payment_term_id': False,
            'invoice_line_ids': [
                (0, 0, {'name': 'Theirs', 'quantity': 1, 'price_unit': 10, 'tax_ids': False})
            ],
        })
        invoice.name = 'THEIRS/1'
        invoice.action_post()
        return invoice

    def test_mp25_every_bad_row_is_named_and_the_good_ones_are_not(self):
        invoices = [self.make_invoice() for _i in range(4)]
        rows = []
        for invoice in invoices:
            rows += [
                self.row(invoice, line_number=1, quantity=1),
                self.row(invoice, line_number=1, quantity=9, reason='Too many'),
                self.row(invoice, line_number=2, quantity=9),
                self.row(invoice, line_number='x', quantity=1),
            ]
        messages = self.get_messages(*rows)
        bad = [position for position in range(16) if position % 4]
        self.assertEqual([position for position, _text in messages], bad)
        self.assertIn('3.00 can still be credited', messages[0][1])
        self.assertIn('1.00 can still be credited', messages[1][1])

    def test_mp25_rows_of_one_credit_must_fit_together(self):
        invoice = self.make_invoice()
        line = self.row(invoice, line_number=1, quantity=1)
        whole = self.row(invoice)
        self.assertRefused('line 1 stands in an earlier row', line, line)
        self.assertRefused('credit the whole invoice in one row', whole, whole)
        self.assertRefused('credit the whole invoice in one row', line, whole)
        self.assertRefused('credit the whole invoice in one row', whole, line)

    def test_mp25_credits_of_one_file_count_for_each_other(self):
        invoice = self.make_invoice()
        self.assertRefused(
            'can still be credited', self.row(invoice), self.row(invoice, reason='Other')
        )

    def test_mp25_rows_of_one_invoice_are_judged_together_and_may_come_to_all_of_it(self):
        invoice = self.make_invoice(((3, 33.35), (1, 99.99), (1, 0.03), (1, 0.03)))
        rows = self.load_well(
            *(
                self.row(invoice, percentage=percentage, reason=reason)
                for percentage, reason in ((30, 'One'), (30, 'Two'), (40, 'Three'))
            )
        )
        self.assertZero(sum(rows.credit_id.mapped('amount_total')) - invoice.amount_total)
        for row in rows.sorted('id'):
            row.credit_id.action_post()
        self.assertZero(invoice.amount_residual)

    def test_mp25_amounts_and_percentages_of_a_file_are_judged_together(self):
        invoice = self.make_invoice()
        rows = [
            self.row(invoice, percentage=33.33, reason='One'),
            self.row(invoice, amount=100, reason='Two'),
        ]
        made = self.load_well(*rows).credit_id
        left = invoice.amount_total - sum(made.mapped('amount_total'))
        made.unlink()
        over = round(left + 0.01, 2)
        self.assertRefused(
            'can still be credited', *rows, self.row(invoice, amount=over, reason='Three')
        )
        last = self.load_well(*rows, self.row(invoice, amount=round(left, 2), reason='Three'))
        for credit in last.sorted('id').credit_id:
            credit.action_post()
        self.assertZero(invoice.amount_residual)

    def test_mp25_the_same_file_is_not_imported_twice(self):
        invoice = self.make_invoice()
        line = self.row(invoice, line_number=1, quantity=1)
        credit = self.load_well(line).credit_id
        self.assertRefused('imported the same row before', line)
        self.assertRefused(
            'imported the same row before',
            self.row(invoice, line_number=1, quantity=1, date='2026-02-02'),
        )
        self.load_well(self.row(invoice, line_number=1, quantity=1, reason='Again'))
        credit.action_discard_credit()
        self.load_well(line)

    def test_mp25_a_closed_day_is_refused(self):
        invoice = self.make_invoice()
        invoice.company_id.sudo().sale_lock_date = '2026-02-10'
        self.assertRefused('closed period', self.row(invoice))
        self.load_well(self.row(invoice, date='2026-02-11'))

    def test_mp25_beyond_the_limit_a_draft_is_made_where_the_policy_allows(self):
        invoice = self.make_invoice()
        invoice.company_id.sudo().credit_limit_policy = 'warn'
        row = self.load_well(self.row(invoice, line_number=1, quantity=4))
        self.assertEqual(row.credit_id.invoice_line_ids.quantity, 4.0)

    # === AFTERWARDS === #

    def test_mp25_imported_rows_are_kept_as_they_are(self):
        row = self.load_well(self.row(self.make_invoice()))
        with self.assertRaisesRegex(UserError, 'cannot be changed any more'):
            row.quantity = 2
        with self.assertRaisesRegex(UserError, 'made from this row'):
            row.unlink()
        row.credit_id.action_discard_credit()
        self.assertFalse(row.credit_id)
        self.assertEqual(row.state, 'discarded')
        row.unlink()

    def test_mp25_a_row_leads_to_its_credit(self):
        row = self.load_well(self.row(self.make_invoice()))
        self.assertEqual(row.action_view_credit()['res_id'], row.credit_id.id)
        row.credit_id.action_discard_credit()
        with self.assertRaisesRegex(UserError, 'discarded'):
            row.action_view_credit()

    def test_mp25_created_over_rpc_all_bad_rows_are_named(self):
        invoice = self.make_invoice()
        with self.assertRaisesRegex(UserError, '(?s)zero.*no line 9'):
            self.Row.create([
                {'number': invoice.name, 'amount': 0.0},
                {'number': invoice.name, 'line_number': 9, 'quantity': 1.0, 'credit_id': 1},
            ])

    def get_refusal(self, **values):
        """What a program is told that creates a row, and the class under which it is told."""
        values = {'number': self.make_invoice().name, **values}
        before = self.count_all()
        with self.assertRaises(UserError) as caught, self.cr.savepoint():
            call_kw(self.Row, 'create', [[values]], {})
        self.assertEqual(self.count_all(), before)
        self.env.invalidate_all()
        return serialize_exception(caught.exception)

    def test_l13_over_rpc_a_refusal_is_one_of_the_host(self):
        for values in ({'amount': 0.0}, {'line_number': 9, 'quantity': 1.0}, {'percentage': 101}):
            refusal = self.get_refusal(**values)
            self.assertEqual(refusal['name'], 'odoo.exceptions.UserError')
            self.assertTrue(refusal['message'])
        invoice = self.make_invoice()
        parts = [
            {'number': invoice.name, 'line_number': 1, 'quantity': quantity} for quantity in (9, 1)
        ]
        parts[1]['line_number'] = 2
        with self.assertRaises(UserError) as caught, self.cr.savepoint():
            self.Row.create(parts)
        self.assertIs(type(caught.exception), UserError)

    def test_l8_over_rpc_a_value_of_another_kind_is_refused_in_a_sentence(self):
        for values, text in (
            ({'line_number': '1', 'quantity': 1.0}, 'the number of a line is a whole number'),
            ({'line_number': 1.9, 'quantity': 1.0}, 'the number of a line is a whole number'),
            ({'line_number': [1], 'quantity': 1.0}, 'the number of a line is a whole number'),
            ({'line_number': 2**40, 'quantity': 1.0}, 'has no line'),
            ({'quantity': '1', 'line_number': 1}, 'is not a number'),
            ({'amount': nan}, 'is not a number'),
            ({'amount': [1]}, 'is not a number'),
            ({'percentage': {'a': 1}}, 'is not a number'),
            ({'date': 'yesterday'}, 'Date must be a date such as 2026-01-31, not yest'),
            ({'date': 5}, 'must be a date such as 2026-01-31, not 5'),
            ({'date': ['2026-02-01']}, 'must be a date'),
            ({'kind': 'gift', 'line_number': 1, 'amount': 1.0}, 'is no choice of Line Type'),
            ({'kind': ['price'], 'line_number': 1, 'amount': 1.0}, 'is no choice of Line Type'),
            ({'reason': 'a\x00b'}, 'Reason holds a character that cannot be kept'),
            ({'reason': '\ud800'}, 'Reason holds a character that cannot be kept'),
            ({'number': 'INV\x00'}, 'Invoice Number holds a character that cannot be kept'),
            ({'number': ['INV']}, 'must be a text'),
            ({'reason': {'a': 1}}, 'must be a text'),
            ({'reason': 'x' * 10**5}, 'Reason is too long: shorten it to'),
        ):
            with self.subTest(values):
                self.assertIn(text, self.get_refusal(**values)['message'])

    def test_mp25_only_people_in_billing_import(self):
        invoice = self.make_invoice()
        for groups in ('base.group_user', 'base.group_user,account.group_account_readonly'):
            user = new_test_user(
                self.env(su=True),
                login=groups,
                groups=groups,
                company_id=self.env.company.id,
                company_ids=[(6, 0, self.env.company.ids)],
            )
            with self.assertRaises(AccessError):
                self.Row.with_user(user).create({'number': invoice.name})
        self.load_well(self.row(invoice)).with_user(user).read(['number', 'state'])
        with self.assertRaises(AccessError):
            self.Row.with_user(user).search([]).unlink()

    # === THE HOST'S IMPORT === #

    def make_import(self, text):
        return self.env['base_import.import'].create({
            'res_model': 'credit.import.line',
            'file': text if isinstance(text, bytes) else text.encode(),
            'file_type': 'text/csv' if isinstance(text, str) else None,
            'file_name': 'credits.csv' if isinstance(text, str) else 'credits.xlsx',
        })

    def execute(self, text, dryrun):
        options = {
            'has_headers': True,
            'quoting': '"',
            'separator': ',',
            'date_format': '%Y-%m-%d',
            'float_thousand_separator': ',',
            'float_decimal_separator': '.',
        }
        header = text.splitlines()[0].split(',')
        return self.make_import(text).execute_import(
            [{'line': 'line_number'}.get(name, name) for name in header], header, options, dryrun
        )

    def test_mp25_a_dry_run_leaves_nothing_behind(self):
        invoice, other = self.make_invoice(), self.make_invoice()
        text = (
            'number,line,quantity,reason,date\n'
            f'{invoice.name},1,2,Damaged,2026-02-01\n'
            f'{invoice.name},2,1,Damaged,2026-02-01\n'
            f'{other.name},,,Damaged,2026-02-01\n'
        )
        before = self.count_all()
        result = self.execute(text, dryrun=True)
        self.assertFalse(result['messages'])
        self.assertEqual(self.count_all(), before)
        # The import itself is another request.
        self.env.invalidate_all()
        self.assertFalse(invoice.reversal_move_ids)
        result = self.execute(text, dryrun=False)
        self.assertFalse(result['messages'])
        self.assertEqual(len(invoice.reversal_move_ids.invoice_line_ids), 2)
        self.assertReverses(other.reversal_move_ids, other)

    def test_mp25_a_failed_import_leaves_nothing_behind(self):
        invoice = self.make_invoice()
        text = f'number,line,quantity\n{invoice.name},1,2\n{invoice.name},2,5\nX,,\n'
        for dryrun in (True, False):
            before = self.count_all()
            result = self.execute(text, dryrun)
            self.assertEqual([message['record'] for message in result['messages']], [1, 2])
            self.assertEqual(self.count_all(), before)
            self.env.invalidate_all()

    def test_mp25_the_example_is_read_by_the_host(self):
        template = self.Row.get_import_templates()[0]['template']
        with file_open(template.lstrip('/'), 'rb') as file:
            preview = self.make_import(file.read()).parse_preview({'has_headers': True})
        names = {matched[0] for matched in preview['matches'].values()}
        self.assertEqual(names, set(COLUMNS))

    def test_mp25_a_refusal_of_a_file_names_its_line(self):
        invoice = self.make_invoice()
        text = '\n'.join([
            'number,percentage,reason,date',
            f'{invoice.name},10,One,2026-02-01',
            f'{invoice.name},10,Two,2026-02-01',
            'INV/0000/00000,10,Three,2026-02-01',
        ])
        result = self.execute(text, dryrun=True)
        (message,) = result['messages']
        self.assertEqual(message['rows']['from'], 2)
        self.assertRegex(message['message'], '^Line 4 of the file: No invoice has the number')

    # === SPEED === #

    def test_mp25_the_work_per_row_does_not_grow(self):
        counts = {}
        for size in (10, 40):
            rows = [
                self.row(self.make_invoice(), line_number=1, quantity=1 if i % 2 else 9)
                for i in range(size)
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(self.get_messages(*rows)), size / 2)
            counts[size] = self.env.cr.sql_log_count - before
        self.assertLess((counts[40] - counts[10]) / 30, 150, counts)
