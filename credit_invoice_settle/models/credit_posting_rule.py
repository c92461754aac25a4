from odoo import api, fields, models

from odoo.addons.credit_invoice.tools.checking import check_values

from .credit_reason import SETTLEMENTS

REFUND_WAYS = [
    ('payment', 'Outgoing payment'),
    ('entry', 'Entry on refunds payable'),
    ('bill', 'Vendor bill'),
]


# What a rule needs to settle and refund.
TARGETS = ('settlement_journal_id', 'refund_journal_id', 'refund_account_id', 'refund_product_id')


class CreditPostingRule(models.Model):
    """What a rule says of the money of a credit (decisions 9 and 10)."""

    _inherit = 'credit.posting.rule'

    settlement = fields.Selection(
        selection=SETTLEMENTS, string='Proposed Settlement', help='Where the reason says nothing.'
    )
    settlement_journal_id = fields.Many2one(
        comodel_name='account.journal',
        check_company=True,
        domain="[('type', '=', 'general')]",
        default=lambda self: self._get_default_target('settlement_journal_id'),
        help='Takes the entries of settlements between different accounts.',
    )
    refund_way = fields.Selection(
        selection=REFUND_WAYS, string='Way to Refund', required=True, default='payment'
    )
    refund_journal_id = fields.Many2one(
        comodel_name='account.journal',
        check_company=True,
        domain="[('type', '=', refund_way == 'bill' and 'purchase' or 'general')]",
        default=lambda self: self._get_default_target('refund_journal_id'),
        help='Takes the entries or vendor bills that owe refunds.',
    )
    refund_account_id = fields.Many2one(
        comodel_name='account.account',
        string='Refunds Payable',
        check_company=True,
        domain="[('account_type', '=', 'liability_payable')]",
        default=lambda self: self._get_default_target('refund_account_id'),
    )
    refund_product_id = fields.Many2one(
        comodel_name='product.product',
        check_company=True,
        default=lambda self: self._get_default_target('refund_product_id'),
        help='The product on the lines of vendor bills that owe refunds (pc27).',
    )

    # === ONCHANGE METHODS === #

    @api.onchange('refund_way')
    def _onchange_refund_way(self):
        wanted = self._get_refund_journal_type()
        if self.refund_journal_id.type != wanted:
            self.refund_journal_id = self._get_refund_journal(self.company_id, wanted)

    @api.onchange('company_id')
    def _onchange_company_id(self):
        self.update(self._get_company_targets({'company_id': self.company_id.id}))

    # === COMPUTE METHODS === #

    @api.depends('settlement', 'refund_way', 'refund_journal_id', 'refund_account_id')
    def _compute_example_html(self):
        # EXTENDS 'credit_invoice'
        return super()._compute_example_html()

    # === CONSTRAINT METHODS === #

    @api.constrains(
        'refund_way',
        'settlement_journal_id',
        'refund_journal_id',
        'refund_account_id',
        'refund_product_id',
    )
    def _check_money_of_rule(self):
        self._check_rule()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'credit_invoice'
        for vals in vals_list:
            check_values(self, vals)
        return super().create([{**self._get_company_targets(vals), **vals} for vals in vals_list])

    # === BUSINESS METHODS === #

    @api.model
    def _get_target_fields(self):
        # EXTENDS 'credit_invoice'
        return (*super()._get_target_fields(), *TARGETS)

    def _get_wanted_types(self):
        # EXTENDS 'credit_invoice'
        general = self.env._('a miscellaneous journal')
        is_bill = self.refund_way == 'bill'
        return {
            **super()._get_wanted_types(),
            'refund_account_id': (('liability_payable',), self.env._('a payable account')),
            'settlement_journal_id': (('general',), general),
            'refund_journal_id': (
                (self._get_refund_journal_type(),),
                self.env._('a purchase journal') if is_bill else general,
            ),
        }

    # === BUSINESS METHODS: WHY === #

    @api.model
    def _explain(self, facts, rules=None):
        # EXTENDS 'credit_invoice'
        explained = super()._explain(facts, rules)
        rule = explained['decides']
        return {
            **explained,
            'settlement': rule._explain_settlement(facts),
            'refund': rule._explain_refund(),
        }

    def _explain_settlement(self, facts):
        """What is proposed for the money of a credit, and why.

        :return: pair of texts
        """
        if facts.reason.settlement:
            labels = dict(facts.reason._fields['settlement']._description_selection(self.env))
            return labels[facts.reason.settlement], self.env._('the reason says so')
        if self.settlement:
            return self._get_label('settlement'), self.env._('the rule says so')
        return self.env._('By the invoice and the customer'), self.env._('no rule or reason says')

    def _explain_refund(self):
        """How money would go back, and by which journal and account."""
        if not self:
            return ''
        parts = [self._get_label('refund_way')]
        if self.refund_way != 'payment':
            parts += [
                self.refund_journal_id.display_name or '',
                self._get_account_name(self.refund_account_id, self.company_id),
            ]
        return ', '.join(filter(None, parts))
