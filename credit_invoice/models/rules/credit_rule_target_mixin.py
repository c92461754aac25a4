from odoo import api, models


class CreditRuleTargetMixin(models.AbstractModel):
    """What posting rules point at: a rule must not find out when a credit is posted."""

    _name = 'credit.rule.target.mixin'
    _description = 'Target of Posting Rules'

    def write(self, vals):
        # EXTENDS 'base'
        Rule = self.env['credit.posting.rule']
        if 'active' in vals and not vals['active']:
            Rule._check_not_used(
                self,
                self.env._(
                    '%(record)s cannot be archived: the posting rule "%(rule)s" uses it. Choose '
                    'another there first.'
                ),
            )
        result = super().write(vals)
        if vals.keys() & self._get_rule_target_fields():
            Rule._get_rules_using(self)._check_rule()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used_by_posting_rule(self):
        self.env['credit.posting.rule']._check_not_used(
            self,
            self.env._(
                '%(record)s cannot be deleted: the posting rule "%(rule)s" uses it. Choose '
                'another there first.'
            ),
        )

    @api.model
    def _get_rule_target_fields(self):
        """The fields by which a rule may point at a record, or may not."""
        return set()
