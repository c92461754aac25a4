from odoo import api, fields, models

from ..links.account_move_line import CREDITABLE_TYPES
from .credit_facts import CreditFacts
from .credit_posting_rule import KINDS


class CreditPostingRule(models.Model):
    """Which rule decides, and why: on the credit, and for an example before anything is made."""

    _inherit = 'credit.posting.rule'

    example_move_id = fields.Many2one(
        comodel_name='account.move',
        string='Example Invoice',
        store=False,
        domain=f"[('move_type', 'in', {CREDITABLE_TYPES}), ('state', '=', 'posted'), "
        "('company_id', 'child_of', company_id)]",
        help='What a credit note of this invoice would get. Nothing is made.',
    )
    example_reason_id = fields.Many2one(
        comodel_name='credit.reason', string='Reason of the Example', store=False
    )
    example_kind = fields.Selection(selection=KINDS, string='Line Type of the Example', store=False)
    example_html = fields.Html(string='Result', compute='_compute_example_html')

    # === COMPUTE METHODS === #

    @api.depends(
        'example_move_id',
        'example_reason_id',
        'example_kind',
        'name',
        'active',
        'sequence',
        'company_id',
        'kind',
        'reason_ids',
        'origin_journal_ids',
        'credit_journal_id',
        'account_choice',
        'account_id',
        'numbering',
        'number_prefix',
    )
    def _compute_example_html(self):
        for rule in self:
            origin = rule.example_move_id._origin
            rule.example_html = bool(origin) and self.env['ir.qweb']._render(
                'credit_invoice.credit_posting_rule_example', rule._explain_example(origin)
            )

    # === BUSINESS METHODS: AN EXAMPLE === #

    def _explain_example(self, origin):
        """What a credit of an invoice would get, with this rule as it stands on the screen.

        :param origin: the invoice
        :return: as of `_explain`
        """
        self.ensure_one()
        facts = CreditFacts(
            company=origin.company_id,
            origin=origin,
            kind=self.example_kind or self.example_reason_id.kind or 'return',
            reason=self.example_reason_id._origin,
            credit=origin.browse(),
        )
        others = self._get_rules(origin.company_id).filtered(lambda rule: rule != self._origin)
        rules = list(others)
        if self.active and self.company_id == origin.company_id._get_credit_policy_company():
            rules.append(self)
        # One that is not saved comes last among those of its sequence.
        rules.sort(key=lambda rule: (rule.sequence, rule._origin.id or float('inf')))
        return self._explain(facts, rules)

    # === BUSINESS METHODS: WHY === #

    @api.model
    def _explain(self, facts, rules=None):
        """Which rule decides for a credit, why, and what follows.

        To be extended where rules decide on more.

        :param CreditFacts facts: of a credit, or of one that could be made
        :param rules: the rules in their order, by default those of the company
        :return: dictionary with *decides* (the rule), *rule*, *reasons* and *refused* (texts),
            *journal* and *number* (pairs of text and why), *tax* (a text), and *lines* (triples of
            line, account and why)
        """
        rules = self._get_rules(facts.company) if rules is None else rules
        refused, chosen = [], self.browse()
        for rule in rules:
            refusal = rule._get_condition_refusal(facts)
            if not refusal:
                chosen = rule
                break
            refused.append(f'{rule.display_name} {refusal}')
        journal, journal_why = chosen._get_credit_journal(facts)
        return {
            'decides': chosen,
            'rule': chosen.display_name or self.env._('none'),
            'reasons': chosen._get_fitting_reasons(facts),
            'refused': refused,
            'journal': (journal.display_name, journal_why),
            'number': chosen._explain_number(facts, journal),
            'tax': chosen._get_label('tax_handling') if chosen else '',
            'lines': [
                (line.name or '', *chosen._explain_account(line.account_id, facts.company))
                for line in facts.origin.invoice_line_ids
                if line.display_type == 'product'
            ],
        }

    def _get_fitting_reasons(self, facts):
        if not self:
            return [self.env._('no rule fits: everything as the host does it')]
        return self._get_condition_reasons(facts) or [self.env._('it fits every credit')]

    def _explain_account(self, account, company):
        chosen, why = self._get_credit_account(account)
        return self._get_account_name(chosen, company), why

    @api.model
    def _get_account_name(self, account, company):
        """Code and name of an account; an account of several companies has a code in each."""
        account = account.with_company(company)
        return ' '.join(filter(None, (account.code, account.name)))

    def _explain_number(self, facts, journal):
        """The number that a credit would get now, and why.

        :return: pair of texts
        """
        numbering, why = self._get_credit_numbering(facts)
        credit = self.env['account.move'].new({
            'move_type': 'out_refund',
            'journal_id': journal.id,
            'company_id': facts.company.id,
            'partner_id': facts.origin.partner_id.id,
            'date': fields.Date.context_today(self),
            'reversed_entry_id': facts.origin.id,
            'credit_posting_rule_id': self.id,
            'credit_numbering': numbering != 'own' and numbering,
        })
        if numbering == 'prefix':
            return credit._get_single_numbers()[credit], why
        pattern, values = credit._get_next_sequence_format()
        return pattern.format(**{**values, 'seq': values['seq'] + 1}), why

    # === BUSINESS METHODS: WHY, ON A CREDIT === #

    def _get_explanation_text(self, credit):
        """Why a credit is posted as it is, in lines of text.

        :param credit: a credit that has this rule, or none
        """
        if not self:
            return False
        # Who may read the credit may not be allowed to read its invoice.
        rule_sudo, facts = self.sudo(), credit._get_credit_facts()
        texts = [
            self.env._(
                'Rule "%(rule)s": %(reasons)s.',
                rule=rule_sudo.display_name,
                reasons=', '.join(rule_sudo._get_fitting_reasons(facts)),
            ),
            *rule_sudo._get_refused_texts(facts),
            self.env._(
                'Journal %(journal)s: %(why)s.',
                journal=credit.journal_id.display_name,
                why=rule_sudo._get_actual_journal_reason(credit, facts),
            ),
            *rule_sudo._get_account_texts(credit),
            rule_sudo._get_number_text(credit, facts),
        ]
        return '\n'.join(texts)

    def _get_refused_texts(self, facts):
        rules = self._get_rules(facts.company)
        earlier = rules[: rules.ids.index(self.id)] if self in rules else rules.browse()
        refusals = [(rule, rule._get_condition_refusal(facts)) for rule in earlier]
        return [
            self.env._('Not "%(rule)s", which %(why)s.', rule=rule.display_name, why=refusal)
            for rule, refusal in refusals
            if refusal
        ]

    def _get_actual_journal_reason(self, credit, facts):
        journal, why = self._get_credit_journal(facts)
        return why if credit.journal_id == journal else self.env._('chosen by hand')

    def _get_account_texts(self, credit):
        """One line of text for each account and reason; lines with the same ones together."""
        numbers = {}
        for line in credit._get_numbered_lines():
            account, why = self._get_credit_account(line.sudo().credited_line_id.account_id)
            if not line.sudo().credited_line_id and line.account_id != account:
                why = self.env._('entered on a line that credits none')
            elif line.account_id != account:
                why = self.env._('chosen by hand')
            key = self._get_account_name(line.account_id, credit.company_id), why
            numbers[key] = numbers.get(key, 0) + 1
        return [
            self.env._(
                'Account %(account)s on %(count)s lines: %(why)s.',
                account=account,
                count=count,
                why=why,
            )
            if count > 1
            else self.env._('Account %(account)s on one line: %(why)s.', account=account, why=why)
            for (account, why), count in numbers.items()
        ]

    def _get_number_text(self, credit, facts):
        why = self._get_credit_numbering(facts)[1].rstrip('.')
        if credit.credit_numbering == 'typed':
            return self.env._('Number %s: entered by hand.', credit.credit_number or credit.name)
        labels = dict(self._fields['numbering']._description_selection(self.env))
        label = labels[credit.credit_numbering or 'own']
        return self.env._('Number: %(numbering)s, %(why)s.', numbering=label, why=why)
