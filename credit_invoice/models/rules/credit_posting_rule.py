from odoo import api, fields, models, tools

from ...tools.forgetting import forget_cached

KINDS = [
    ('return', 'Quantity'),
    ('price', 'Lower price'),
    ('commercial', 'Lower price, no tax'),
    ('tax', 'Tax only'),
]


class CreditPostingRule(models.Model):
    """How a credit is posted: the first rule that fits decides (decision 17)."""

    _name = 'credit.posting.rule'
    _inherit = ['credit.checked.mixin']
    _description = 'Posting Rule of Credits'
    _order = 'sequence, id'
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name='res.company',
        required=True,
        index=True,
        default=lambda self: self.env.company._get_credit_policy_company(),
        domain="[('parent_id', '=', False)]",
        help='Its branches follow the same rules.',
    )

    # === FIELDS: CONDITIONS === #

    kind = fields.Selection(
        selection=KINDS,
        string='Line Type',
        help='What all lines of the credit note take back. Leave empty for every line type.',
    )
    reason_ids = fields.Many2many(
        comodel_name='credit.reason',
        string='Reasons',
        check_company=True,
        # A rule for reasons that are archived is no rule for all reasons.
        context={'active_test': False},
        help='Leave empty for every reason.',
    )
    origin_journal_ids = fields.Many2many(
        comodel_name='account.journal',
        string='Journals of the Invoice',
        check_company=True,
        context={'active_test': False},
        domain="[('type', '=', 'sale')]",
        help='Leave empty for every journal.',
    )

    # === FIELDS: THE CREDIT === #

    credit_journal_id = fields.Many2one(
        comodel_name='account.journal',
        string='Journal of the Credit Note',
        check_company=True,
        domain="[('type', '=', 'sale')]",
        help='Leave empty for the journal of the invoice. Another journal that is chosen in the '
        'dialog counts more.',
    )
    account_choice = fields.Selection(
        selection=[
            ('origin', 'The original accounts'),
            ('own', 'This account'),
        ],
        string='Accounts of Lines',
        required=True,
        default='origin',
        help='Only lines on income and expense accounts are changed: deposits and deferrals keep '
        'theirs.',
    )
    account_id = fields.Many2one(
        comodel_name='account.account',
        check_company=True,
        domain="[('internal_group', 'in', ('income', 'expense'))]",
    )
    numbering = fields.Selection(
        selection=[
            ('own', 'Own sequence of credit notes'),
            ('next', 'Next number of the invoices'),
            ('prefix', "The invoice's number with a prefix"),
        ],
        required=True,
        default='own',
        help="The journal's own way is a sequence of credit notes, unless it shares one with the "
        'invoices.',
    )
    number_prefix = fields.Char(
        string='Prefix', default='C-', help='The second credit of an invoice gets the suffix -2.'
    )
    tax_handling = fields.Selection(
        # The room for countries where the tax of a credit counts later (decision 15): add a
        # choice here, and what it does where the credit is posted or settled.
        selection=[('issue', 'When the credit is posted')],
        string='Tax Counts',
        required=True,
        default='issue',
        help='Taxes on payments count when the credit note is settled, as set on each tax.',
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'base'
        forget_cached(self.env)
        return super().create(vals_list)

    def write(self, vals):
        # EXTENDS 'base'
        forget_cached(self.env)
        return super().write(vals)

    def unlink(self):
        # EXTENDS 'base'
        forget_cached(self.env)
        return super().unlink()

    # === BUSINESS METHODS: CHOOSING === #

    @api.model
    def _find(self, facts):
        """The rule that decides for a credit: the first that fits.

        :param CreditFacts facts: of the credit
        :return: a record, or none
        """
        # Whoever drafts a credit need not be allowed to read rules; no query for each credit.
        for rule_sudo in self.sudo()._get_rules(facts.company):
            if not rule_sudo._get_condition_refusal(facts):
                return rule_sudo.with_env(self.env)
        return self.browse()

    @api.model
    def _get_rules(self, company):
        """The active rules that count for a company, in their order; branches follow their root."""
        return self.browse(self._get_rule_ids(company._get_credit_policy_company().id))

    @api.model
    @tools.ormcache('company_id')
    def _get_rule_ids(self, company_id):
        rules = self.sudo().with_context(active_test=True)
        return tuple(rules.search([('company_id', '=', company_id)]).ids)

    def _get_condition_refusal(self, facts):
        """Why this rule does not fit a credit.

        To be extended, together with `_get_condition_reasons`, where rules have more conditions.

        :param CreditFacts facts: of the credit
        :return: half a sentence that goes on after the name of the rule, or False
        """
        self.ensure_one()
        if self.kind and facts.kind != self.kind:
            return self.env._('is for credit notes of the line type "%s"', self._get_label('kind'))
        if self.reason_ids and facts.reason not in self.reason_ids:
            return self.env._(
                'is for the reasons %s', ', '.join(self.reason_ids.mapped('display_name'))
            )
        if self.origin_journal_ids and facts.origin.journal_id not in self.origin_journal_ids:
            return self.env._(
                'is for invoices of %s', ', '.join(self.origin_journal_ids.mapped('display_name'))
            )
        return False

    def _get_condition_reasons(self, facts):
        """Why this rule fits a credit: one half sentence for each of its conditions.

        :param CreditFacts facts: of the credit
        """
        self.ensure_one()
        reasons = []
        if self.kind:
            reasons.append(self.env._('the line type is "%s"', self._get_label('kind')))
        if self.reason_ids:
            reasons.append(self.env._('the reason is %s', facts.reason.display_name))
        if self.origin_journal_ids:
            reasons.append(self.env._('the invoice is in %s', facts.origin.journal_id.display_name))
        return reasons

    def _get_label(self, name):
        """The text of a choice, as the form shows it."""
        return dict(self._fields[name]._description_selection(self.env)).get(self[name]) or ''

    # === BUSINESS METHODS: WHAT FOLLOWS === #

    def _get_credit_journal(self, facts):
        """The journal of a credit, where nobody chose another one.

        :return: (journal, why): a record and a sentence
        """
        # A rule that is being typed has copies of what it points at.
        journal, origin_journal = self.credit_journal_id._origin, facts.origin.journal_id
        if not journal:
            return origin_journal, self.env._('the journal of the invoice')
        if journal.currency_id and journal.currency_id != facts.origin.currency_id:
            return origin_journal, self.env._(
                'the journal of the invoice, as %(journal)s is in %(currency)s',
                journal=journal.display_name,
                currency=journal.currency_id.name,
            )
        return journal, self.env._('by the rule')

    def _get_credit_account(self, account):
        """The account of a line of a credit.

        To be extended where the account depends on more.

        :param account: that of the line of the invoice
        :return: (account, why): a record and a sentence
        """
        if self.account_choice == 'origin' or not self.account_id:
            return account, self.env._('the original account')
        if account and account.internal_group not in ('income', 'expense'):
            return account, self.env._('the original account, as it is neither income nor expense')
        return self.account_id._origin, self.env._('by the rule')

    def _get_credit_numbering(self, facts):
        """How a credit is numbered.

        :return: (choice, why): one of the choices of `numbering`, and a sentence
        """
        if not self or self.numbering == 'own':
            return 'own', self.env._('by the journal')
        refusal = facts.company._get_credit_numbering_refusal(self.numbering)
        if refusal:
            return 'own', refusal
        return self.numbering, self.env._('by the rule')
