from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, TransactionCase, tagged

from odoo.addons.test_credit_invoice_before import seen

from .common import LAYERS, MODELS, CreditInvoiceFakesCommon, host_alone

DRAFT_HOOKS = ('_reverse_moves', 'copy', 'copy_data')
WIZARD_HOOKS = ('_prepare_default_reversal', 'reverse_moves')
LINE_HOOK = '_copy_data_extend_business_fields'


@tagged('post_install', '-at_install')
class TestLoadingOrder(TransactionCase):
    def test_one_fake_is_below_and_one_is_above_credit_invoice(self):
        """What the other tests prove depends on this order of the classes."""
        for model in MODELS:
            modules = [
                cls.__module__.split('.')[2]
                for cls in type(self.env[model]).__mro__
                if cls.__module__.startswith('odoo.addons.')
            ]
            expected = [
                'test_credit_invoice',
                'credit_invoice',
                'test_credit_invoice_before',
                'account',
            ]
            # A module comes twice where it extends a mixin, too: its first place counts.
            self.assertEqual(
                [module for module in dict.fromkeys(modules) if module in expected],
                expected,
                f'{model}: not loaded in this order. If the modules were installed one after the '
                f'other just now, start a new process.',
            )


class LocalisationCases:
    """Every hook of both fakes runs, once for each document, with the values of that document."""

    # === WHAT IS EXPECTED === #

    def assert_hooks_ran(self, invoices, hooks):
        """Each hook ran once for each document, and that on copied lines once for each line."""
        expected = {
            (layer, hook, place): len(invoice.line_ids) if hook == LINE_HOOK else 1
            for layer in LAYERS
            for hook in (*hooks, LINE_HOOK)
            for place, invoice in enumerate(invoices)
        }
        self.assertEqual(self.get_trace(invoices), expected)

    def assert_values_arrived(self, invoices, credits):
        """What the hooks put into a reversal stands on the credit of that very invoice."""
        self.assertEqual(credits.reversed_entry_id, invoices)
        for invoice, credit in zip(invoices, credits, strict=True):
            self.assertEqual(credit.reversed_entry_id, invoice)
            for layer in LAYERS:
                message = f'{layer}, {invoice.invoice_origin}'
                for name in ('service_date', 'category_ids'):
                    self.assertEqual(
                        credit[f'{layer}_{name}'], invoice[f'{layer}_{name}'], f'{message}: {name}'
                    )
                self.assertEqual(
                    credit[f'{layer}_declaration'],
                    f'{invoice.invoice_origin} on 2019-04-01',
                    f'{message}: a value of `copy_data`',
                )
                self.assertTrue(credit[f'{layer}_is_copied'], f'{message}: default of `copy`')
                self.assertEqual(
                    credit.invoice_line_ids.mapped(f'{layer}_order_ref'),
                    invoice.invoice_line_ids.mapped(f'{layer}_order_ref'),
                    f'{message}: field of the lines',
                )

    def assert_dialog_arrived(self, invoices, credits):
        """What was typed into the dialog stands on the credits, and the origins are marked."""
        for invoice, credit in zip(invoices, credits, strict=True):
            self.assertEqual(credit.before_reason, 'R1')
            self.assertEqual(credit.after_document_number, 'NC 7')
            self.assertEqual(credit.after_made_by, f'the dialog of {invoice.invoice_origin}')
            self.assertEqual(invoice.before_state, 'adjusted')
            self.assertEqual(invoice.after_state, 'adjusted')

    def assert_same_trace_as_host(self, invoices, credit):
        """Without `credit_invoice` the hooks run neither more nor less often.

        :param credit: function that credits such documents
        """
        ours = self.get_trace(invoices)
        twins = self.make_invoices(len(invoices))
        seen.forget()
        with host_alone(self.env):
            credit(twins)
        self.assertEqual(ours, self.get_trace(twins))

    # === DRAFTS === #

    def test_mp05_button_runs_every_hook(self):
        invoice = self.make_invoices(1)
        seen.forget()
        credit = self.credit_by_button(invoice)
        self.assert_hooks_ran(invoice, DRAFT_HOOKS + WIZARD_HOOKS)
        self.assert_values_arrived(invoice, credit)
        self.assert_dialog_arrived(invoice, credit)

    def test_mp05_list_runs_every_hook_for_each_invoice(self):
        invoices = self.make_invoices(5)
        seen.forget()
        credits = self.credit_by_list(invoices)
        self.assert_hooks_ran(invoices, DRAFT_HOOKS + WIZARD_HOOKS)
        self.assert_values_arrived(invoices, credits)
        self.assert_dialog_arrived(invoices, credits)

    def test_mp05_list_of_two_journals_runs_every_hook_for_each_invoice(self):
        invoices = self.make_invoices(2) + self.make_invoices(3, journal_id=self.other_journal.id)
        seen.forget()
        credits = self.credit_by_list(invoices)
        self.assert_hooks_ran(invoices, DRAFT_HOOKS + WIZARD_HOOKS)
        self.assert_values_arrived(invoices, credits)
        self.assert_dialog_arrived(invoices, credits)
        self.assertEqual(credits.mapped('journal_id'), invoices.mapped('journal_id'))

    def test_mp05_host_wizard_runs_every_hook(self):
        for count in (1, 3):
            with self.subTest(count=count):
                invoices = self.make_invoices(count)
                seen.forget()
                credits = self.credit_by_host_wizard(invoices)
                self.assert_hooks_ran(invoices, DRAFT_HOOKS + WIZARD_HOOKS)
                self.assert_values_arrived(invoices, credits)
                self.assert_dialog_arrived(invoices, credits)
                self.assert_same_trace_as_host(invoices, self.credit_by_host_wizard)

    def test_mp05_reverse_moves_runs_every_hook(self):
        for count in (1, 3):
            with self.subTest(count=count):
                invoices = self.make_invoices(count)
                seen.forget()
                credits = self.credit_directly(invoices)
                self.assert_hooks_ran(invoices, DRAFT_HOOKS)
                self.assert_values_arrived(invoices, credits)
                self.assert_same_trace_as_host(invoices, self.credit_directly)

    def test_mp05_credits_are_recognised_as_reversals_while_they_are_copied(self):
        """A hook of `copy_data` finds the origin in the default values, as with the host alone."""
        for count in (1, 3):
            with self.subTest(count=count):
                credits = self.credit_directly(self.make_invoices(count))
                for layer in LAYERS:
                    self.assertEqual(credits.mapped(f'{layer}_is_reversal'), [True] * count, layer)

    def test_mp05_reverse_moves_without_default_values(self):
        invoices = self.make_invoices(3)
        seen.forget()
        credits = invoices._reverse_moves()
        self.assert_hooks_ran(invoices, DRAFT_HOOKS)
        self.assertEqual(credits.reversed_entry_id, invoices)
        for name in ('before_service_date', 'after_service_date'):
            self.assertEqual(credits.mapped(name), invoices.mapped(name))

    def test_mp05_reverse_moves_with_one_dictionary_for_all(self):
        """`l10n_it_edi` passes the same dictionary for each document."""
        self.env.company.write({'before_localisation': False, 'after_localisation': False})
        invoices = self.make_invoices(3)
        credits = invoices._reverse_moves([{'before_declaration': False}] * 3)
        self.assertEqual(credits.mapped('credit_customer_ref'), ['PO 0', 'PO 1', 'PO 2'])
        self.assertEqual(credits.mapped('reversed_entry_id'), invoices)
        self.assertEqual(credits.mapped('partner_id'), invoices.mapped('partner_id'))

    def test_mp05_documents_of_other_kinds_in_the_same_call(self):
        """An invoice, a vendor bill and a journal entry, reversed by one call."""
        documents = self.make_invoices(2) + self.make_invoices(2, move_type='in_invoice')
        seen.forget()
        reversals = self.credit_directly(documents)
        self.assert_hooks_ran(documents, DRAFT_HOOKS)
        self.assert_values_arrived(documents, reversals)
        self.assertEqual(
            reversals.mapped('move_type'), ['out_refund', 'out_refund', 'in_refund', 'in_refund']
        )

    # === POSTING === #

    def test_pc03_posting_runs_every_hook_for_each_credit(self):
        invoices = self.make_invoices(3)
        credits = self.credit_directly(invoices)
        seen.forget()
        credits.action_post()
        expected_pairs = sorted(zip(invoices.ids, credits.ids, strict=True))
        for layer in LAYERS:
            self.assertEqual(
                {key: times for key, times in seen.HOOKS.items() if key[0] == layer},
                {(layer, '_post', credit.id): 1 for credit in credits},
            )
            self.assertEqual(
                sorted(pair[1:] for pair in seen.PAIRS if pair[0] == layer), expected_pairs
            )
            for credit in credits:
                self.assertEqual(credit[f'{layer}_posted_ref'], f'{credit.name} {layer}')
        self.assertEqual(set(invoices.mapped('payment_state')), {'reversed'})

    def test_pc03_reversing_with_cancel_posts_and_matches(self):
        invoices = self.make_invoices(3)
        seen.forget()
        credits = invoices._reverse_moves([{'date': '2019-04-01'} for _invoice in invoices], True)
        trace = self.get_trace(invoices | credits)
        for layer in LAYERS:
            for place in range(3):
                for hook in DRAFT_HOOKS:
                    self.assertEqual(trace[layer, hook, place], 1, (layer, hook))
                self.assertEqual(trace[layer, '_post', 3 + place], 1, layer)
            self.assertEqual(
                sorted(pair[1:] for pair in seen.PAIRS if pair[0] == layer),
                sorted(zip(invoices.ids, credits.ids, strict=True)),
            )
        self.assertEqual(set(credits.mapped('state')), {'posted'})
        self.assertEqual(set(invoices.mapped('payment_state')), {'reversed'})


@tagged('post_install', '-at_install')
class TestMutateBelowReplaceAbove(LocalisationCases, CreditInvoiceFakesCommon):
    # Else the host's own runner leaves out the tests that are written above.
    allow_inherited_tests_method = True
    before_way = 'mutate'
    after_way = 'replace'


@tagged('post_install', '-at_install')
class TestReplaceBelowMutateAbove(LocalisationCases, CreditInvoiceFakesCommon):
    # Else the host's own runner leaves out the tests that are written above.
    allow_inherited_tests_method = True
    before_way = 'replace'
    after_way = 'mutate'


@tagged('post_install', '-at_install')
class TestRequiredFields(CreditInvoiceFakesCommon):
    def test_mp03_dialog_shows_the_required_fields(self):
        action = self.make_invoices(1).action_credit_invoice()
        wizard = self.env['account.move.reversal'].with_user(self.clerk)
        form = Form(wizard.with_context(**action['context']))
        self.assertEqual(form.before_reason, 'R4', 'the proposal of the localisation')
        form.before_reason = False
        with self.assertRaisesRegex(AssertionError, 'before_reason is a required field'):
            form.save()
        form.before_reason = 'R1'
        with self.assertRaisesRegex(AssertionError, 'after_document_number is a required field'):
            form.save()

    def test_mp03_a_localisation_can_refuse(self):
        invoices = self.make_invoices(2)
        wizard = self.env['account.move.reversal'].with_user(self.clerk)
        for action in (invoices[0].action_credit_invoice(), invoices.action_credit_invoices()):
            dialog = wizard.with_context(**action['context']).create({'date': '2019-04-01'})
            with self.assertRaisesRegex((UserError, ValidationError), 'document number'):
                dialog.action_create_credit()
        self.assertFalse(invoices.reversal_move_ids)

    def test_mp03_other_companies_see_nothing_of_it(self):
        self.env.company.write({'before_localisation': False, 'after_localisation': False})
        invoice = self.make_invoices(1)
        seen.forget()
        action = invoice.action_credit_invoice()
        wizard = self.env['account.move.reversal'].with_user(self.clerk)
        form = Form(wizard.with_context(**action['context']))
        form.date = '2019-04-01'
        form.save().action_create_credit()
        self.assertEqual(len(invoice.reversal_move_ids), 1)
        self.assertFalse(seen.HOOKS)
