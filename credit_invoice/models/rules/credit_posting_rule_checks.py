from odoo import api, models
from odoo.exceptions import UserError, ValidationError

# What a rule points at; see `_get_target_fields`.
TARGET_FIELDS = ('account_id', 'origin_journal_ids', 'credit_journal_id')


class CreditPostingRule(models.Model):
    """A rule that cannot work says so when it is saved, not when a credit is posted."""

    _inherit = 'credit.posting.rule'

    # === CONSTRAINT METHODS === #

    @api.constrains(
        'active',
        'company_id',
        'account_choice',
        'numbering',
        'number_prefix',
        *TARGET_FIELDS,
    )
    def _check_rule(self):
        # What is wrong may belong to another company, which the user cannot read.
        for rule_sudo in self.sudo().filtered('active'):
            refusal = rule_sudo._get_refusal()
            if refusal:
                raise ValidationError(refusal)

    def _get_refusal(self):
        """Why this rule cannot work.

        :return: one sentence that names the rule and says what to do, or False
        """
        self.ensure_one()
        name = self.display_name
        if self.company_id.parent_id:
            return self.env._(
                'The rule "%(rule)s" cannot belong to %(branch)s: branches follow the rules of '
                '%(company)s, choose that.',
                rule=name,
                branch=self.company_id.display_name,
                company=self.company_id._get_credit_policy_company().display_name,
            )
        if self.account_choice == 'own' and not self.account_id:
            return self.env._('Choose the account of the lines in the rule "%s".', name)
        if self.numbering == 'prefix' and not (self.number_prefix or '').strip():
            return self.env._('Enter the prefix of the numbers in the rule "%s".', name)
        return self._get_target_refusal() or self.company_id._get_credit_numbering_refusal(
            self.numbering
        )

    def _get_target_refusal(self):
        wanted = self._get_wanted_types()
        for field in self._get_target_fields():
            for record in self[field]:
                refusal = self._get_record_refusal(field, record, wanted.get(field))
                if refusal:
                    return refusal
        return False

    @api.model
    def _get_target_fields(self):
        """The names of the fields by which a rule points at journals, accounts and products.

        To be extended where rules point at more.

        :rtype: tuple
        """
        return TARGET_FIELDS

    def _get_wanted_types(self):
        """The types that each account and journal must have: field, types and how to name them."""
        return {
            'account_id': (
                ('income', 'expense'),
                self.env._('an income or an expense account'),
            ),
            'origin_journal_ids': (('sale',), self.env._('a sales journal')),
            'credit_journal_id': (('sale',), self.env._('a sales journal')),
        }

    def _get_record_refusal(self, field, record, wanted):
        values = {
            'rule': self.display_name,
            'record': record.display_name,
            'field': self._fields[field].get_description(self.env, ['string'])['string'],
        }
        if not record.filtered_domain(record._check_company_domain(self.company_id)):
            return self.env._(
                '%(record)s (%(field)s) belongs to another company than the rule "%(rule)s": '
                'choose one of %(company)s.',
                company=self.company_id.display_name,
                **values,
            )
        if not record.active:
            return self.env._(
                '%(record)s (%(field)s) is archived: choose another in the rule "%(rule)s", or '
                'unarchive it.',
                **values,
            )
        if wanted and self._get_record_type(field, record) not in wanted[0]:
            return self.env._(
                '%(record)s (%(field)s) is of the wrong type: choose %(wanted)s in the rule '
                '"%(rule)s".',
                wanted=wanted[1],
                **values,
            )
        return False

    @api.model
    def _get_record_type(self, field, record):
        if field == 'account_id':
            return record.internal_group
        return record.account_type if record._name == 'account.account' else record.type

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        credit_sudo = (
            self
            .env['account.move']
            .sudo()
            .search([('credit_posting_rule_id', 'in', self.ids)], limit=1)
        )
        if credit_sudo:
            raise UserError(
                self.env._(
                    'The rule "%(rule)s" cannot be deleted: %(credit)s was made by it. Archive it '
                    'instead.',
                    rule=credit_sudo.credit_posting_rule_id.display_name,
                    credit=credit_sudo.display_name,
                )
            )

    # === BUSINESS METHODS: WHAT RULES USE === #

    @api.model
    def _get_fields_for(self, records):
        """The names of the fields by which rules point at accounts or journals."""
        return [
            name
            for name in self._get_target_fields()
            if self._fields[name].comodel_name == records._name
        ]

    @api.model
    def _get_rules_using(self, records):
        """The active rules that use accounts or journals, of whatever company."""
        names = self._get_fields_for(records)
        return self.sudo().search(
            ['|'] * (len(names) - 1) + [(name, 'in', records.ids) for name in names]
        )

    @api.model
    def _check_not_used(self, records, message):
        """Refuse to archive or delete what a rule needs.

        :param records: accounts or journals
        :param str message: with the placeholders `record` and `rule`
        :raise UserError: names the first rule
        """
        rule_sudo = records and self._get_rules_using(records)[:1]
        if rule_sudo:
            names = self._get_fields_for(records)
            used = [record for name in names for record in rule_sudo[name] if record in records]
            raise UserError(
                message % {'record': used[0].display_name, 'rule': rule_sudo.display_name}
            )
