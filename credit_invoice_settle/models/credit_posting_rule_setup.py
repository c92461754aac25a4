from odoo import Command, api, models

from .credit_posting_rule import TARGETS

# Far behind the host's own journals: no default of the host's ever finds them first.
JOURNAL_SEQUENCE = 900


class CreditPostingRule(models.Model):
    """What a company needs to settle and refund credits, found or made (pc27).

    Nothing is found by a fixed code. Of the charts that the host ships, the payable accounts
    outside trade are owed to the tax office; so the account of refunds is made, next to that of the
    vendors.
    """

    _inherit = 'credit.posting.rule'

    # === DEFAULTS === #

    @api.model
    def _get_default_target(self, name):
        company_id = self.env.context.get('default_company_id')
        company = self.env['res.company'].browse(company_id) if company_id else self.env.company
        return self._get_default_rule(company)[name]

    @api.model
    def _get_company_targets(self, vals):
        """What the default rule of a company that was chosen has; else the defaults count.

        :param dict vals: values of a rule
        """
        company = self.env['res.company'].browse(vals.get('company_id') or ())
        default_rule_sudo = self._get_default_rule(company) if company else company
        return {name: default_rule_sudo[name].id for name in TARGETS if company}

    @api.model
    def _get_default_rule(self, company):
        """The rule that came with a company, active or not, or none."""
        return self._get_setup_record(
            company._get_credit_policy_company(), 'posting_rule', self._name
        )

    # === BUSINESS METHODS === #

    @api.model
    def _ensure_refund_setup(self, company):
        """Give a company its default rule, and every rule of it what it needs to refund.

        Makes nothing that is there already, whatever it is called by now.

        :param company: a company, or a branch: then its root company gets them
        :return: the rules of that company, with elevated rights; none without a chart of accounts
        """
        company = company._get_credit_policy_company()
        rule_model = self.sudo().with_company(company).with_context(active_test=False)
        if not company.sudo().chart_template:
            return rule_model.browse()
        rules_sudo = rule_model.search([('company_id', '=', company.id)])
        default_rule_sudo = rule_model._get_default_rule(company)
        if not default_rule_sudo and not rules_sudo:
            default_rule_sudo = rule_model._create_default_rule(company)
            rules_sudo = default_rule_sudo
        for rule_sudo in rules_sudo:
            rule_sudo._fill_targets()
        return rules_sudo

    @api.model
    def _create_default_rule(self, company):
        return self._make_setup_record(
            company, 'posting_rule', self._name, self._prepare_default_rule_vals(company)
        )

    @api.model
    def _prepare_default_rule_vals(self, company):
        """Values of the rule that comes with a company: everything as the host does it."""
        return {
            'company_id': company.id,
            'sequence': 1000,
            **dict.fromkeys(TARGETS, False),
        }

    def _fill_targets(self):
        """Find or make the journals, the account and the product that this rule lacks."""
        self.ensure_one()
        company = self.company_id
        found = {
            'settlement_journal_id': lambda: self._get_settlement_journal(company),
            'refund_journal_id': lambda: self._get_refund_journal(
                company, self._get_refund_journal_type()
            ),
            'refund_account_id': lambda: self._get_refund_account(company),
            'refund_product_id': lambda: self._get_refund_product(company),
        }
        vals = {name: get().id for name, get in found.items() if not self[name]}
        if any(vals.values()):
            self.write(vals)

    def _get_refund_journal_type(self, way=None):
        """Only vendor bills are entered in a purchase journal.

        :param str way: how is refunded; by default as the rule says
        """
        return 'purchase' if (way or self.refund_way) == 'bill' else 'general'

    # === BUSINESS METHODS: JOURNALS === #

    @api.model
    def _get_settlement_journal(self, company):
        """The company's journal for miscellaneous entries; those with a task of their own stay out.

        :return: a journal; one is made where there is none
        """
        company_sudo = company.sudo()
        special = company_sudo.currency_exchange_journal_id | company_sudo.tax_cash_basis_journal_id
        special |= self._get_setup_record(company, 'refund_journal', 'account.journal')
        return self._search_journals(company, 'general', special)[:1] or self._make_journal(
            company, 'settlement_journal', 'STL'
        )

    @api.model
    def _get_refund_journal(self, company, journal_type):
        """The journal for what is owed back: one of its own, or the first for vendor bills.

        :param str journal_type: *general* or *purchase*
        :return: a journal; one is made where there is none
        """
        if journal_type == 'purchase':
            return self._search_journals(company, 'purchase')[:1]
        journal = self._get_setup_record(company, 'refund_journal', 'account.journal')
        if journal.active and journal.type == journal_type:
            return journal
        return self._make_journal(company, 'refund_journal', 'RFD')

    @api.model
    def _search_journals(self, company, journal_type, without=()):
        journals_sudo = self.env['account.journal'].sudo().with_context(active_test=True)
        return journals_sudo.search([
            ('company_id', '=', company.id),
            ('type', '=', journal_type),
            ('id', 'not in', [journal.id for journal in without]),
        ])

    @api.model
    def _make_journal(self, company, name, code):
        return self._make_setup_record(
            company,
            name,
            'account.journal',
            {
                'type': 'general',
                'code': self._get_free_journal_code(company, code),
                'company_id': company.id,
                'sequence': JOURNAL_SEQUENCE,
                'show_on_dashboard': False,
            },
        )

    @api.model
    def _get_free_journal_code(self, company, code):
        journals_sudo = self.env['account.journal'].sudo().with_context(active_test=False)
        taken = set(journals_sudo.search([('company_id', '=', company.id)]).mapped('code'))
        codes = [code] + [f'{code}{number}' for number in range(2, 100)]
        return next(free for free in codes if free not in taken)

    # === BUSINESS METHODS: ACCOUNT AND PRODUCT === #

    @api.model
    def _get_refund_account(self, company):
        """The account on which refunds are owed to customers.

        :return: an account; one is made where there is none. None if the chart has no payable
            account to put it next to
        """
        account = self._get_setup_record(company, 'refund_account', 'account.account')
        if account.active and account.account_type == 'liability_payable':
            return account
        neighbour = self._get_main_payable_account(company)
        if not neighbour:
            return account.browse()
        return self._make_setup_record(
            company,
            'refund_account',
            'account.account',
            self._prepare_refund_account_vals(company, neighbour),
        )

    @api.model
    def _prepare_refund_account_vals(self, company, neighbour):
        """Values of the account for refunds.

        :param neighbour: the payable account whose code it follows
        """
        return {
            'code': neighbour._search_new_account_code(neighbour.code),
            'account_type': 'liability_payable',
            'reconcile': True,
            'non_trade': True,
            'company_ids': [Command.set(company.ids)],
        }

    @api.model
    def _get_main_payable_account(self, company):
        """The payable account of vendors: the default one, or the first of the type."""
        accounts_sudo = self.env['account.account'].sudo().with_company(company)
        default_id = (
            self
            .env['ir.default']
            .sudo()
            ._get('res.partner', 'property_account_payable_id', company_id=company.id)
        )
        return (
            accounts_sudo.browse(default_id or ()).exists().filtered('code')
            or (
                accounts_sudo.search(
                    [
                        ('company_ids', 'in', company.ids),
                        ('account_type', '=', 'liability_payable'),
                    ],
                    order='non_trade, code',
                ).filtered('code')[:1]
            )
        )

    @api.model
    def _get_refund_product(self, company):
        """The product on the lines of refunds; all companies share it."""
        product = self._get_setup_record(company.browse(), 'refund_product', 'product.product')
        if product.active:
            return product
        return self._make_setup_record(
            company.browse(),
            'refund_product',
            'product.product',
            self._prepare_refund_product_vals(),
        )

    @api.model
    def _prepare_refund_product_vals(self):
        """Values of the product for refunds: no goods, no tax (pc11)."""
        return {
            'type': 'service',
            'sale_ok': False,
            'purchase_ok': True,
            'company_id': False,
            'taxes_id': [Command.clear()],
            'supplier_taxes_id': [Command.clear()],
        }

    # === BUSINESS METHODS: WHAT WAS MADE === #

    @api.model
    def _get_setup_xmlid(self, company, name):
        return (
            f'credit_invoice_settle.{company.id}_{name}'
            if company
            else f'credit_invoice_settle.{name}'
        )

    @api.model
    def _get_setup_record(self, company, name, model):
        """What was made for a company, whatever it is called by now; or an empty recordset."""
        record = self.env.ref(self._get_setup_xmlid(company, name), raise_if_not_found=False)
        return (record or self.env[model]).sudo()

    @api.model
    def _get_setup_names(self):
        """How what was made is called, in the language of the context."""
        return {
            'posting_rule': self.env._('Every credit'),
            'settlement_journal': self.env._('Credit Settlements'),
            'refund_journal': self.env._('Customer Refunds'),
            'refund_account': self.env._('Refunds Payable to Customers'),
            'refund_product': self.env._('Refund to customer'),
        }

    @api.model
    def _make_setup_record(self, company, name, model, values):
        """Make a record in all languages, and remember it under an external id.

        It is not updated with the module: it belongs to the company from now on.
        """
        records_sudo = self.env[model].sudo().with_context(lang='en_US')
        if company:
            records_sudo = records_sudo.with_company(company)
        names = self.with_context(lang='en_US')._get_setup_names()
        record_sudo = records_sudo.create({**values, 'name': names[name]})
        for code, _label in self.env['res.lang'].get_installed():
            if code != 'en_US':
                names = self.with_context(lang=code)._get_setup_names()
                record_sudo.with_context(lang=code).name = names[name]
        self.env['ir.model.data'].sudo()._update_xmlids([
            {
                'xml_id': self._get_setup_xmlid(company, name),
                'record': record_sudo,
                'noupdate': True,
            }
        ])
        return record_sudo
