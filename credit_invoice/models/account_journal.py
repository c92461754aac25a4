from odoo import api, models


class AccountJournal(models.Model):
    _inherit = 'account.journal'

    def write(self, vals):
        # EXTENDS 'account': a posting rule must not find out when a credit is posted
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
        if vals.keys() & {'type', 'company_id'}:
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
