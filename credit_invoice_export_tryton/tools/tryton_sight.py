"""Whose invoices the user of a session sees: only who sees all can say that one is not there.

Record rules of Tryton hide invoices without a word, and rights change while a session lasts:
nothing of this is kept from one operation to the next.
"""

import json
from collections import defaultdict

from odoo.addons.credit_invoice.tools.export_contract import ExportNotExecuted

# What hides no invoice of a company that the user works for.
HARMLESS = ([], [['company', 'in', {'__class__': 'Eval', 'v': 'companies', 'd': []}]])
RULE_FIELDS = ('domain', 'rule_group', *(f'rule_group.{name}' for name in ('global_p', 'groups')))


class TrytonSight:
    """The company over there that a session works for; the session keeps it as its context.

    :param str name: if given, the company of this name, which must be open to the user
    :ivar dict company: its `id` and `name`
    :raise ExportNotExecuted: if its invoices are hidden from the user
    """

    def __init__(self, session, name=''):
        self.session = session
        self.preferences = session.call('model.res.user.get_preferences', True)
        self.company = self._find_company(name)
        session.context = {'company': self.company['id'], 'language': 'en'}

    def _find_company(self, name):
        own, own_name = (self.preferences.get(one) for one in ('company', 'company.rec_name'))
        allowed = self.preferences.get('companies') or []
        company = {'id': own, 'name': own_name or ''}
        if name and name != own_name:
            domain = [('party.name', '=', name), ('id', 'in', allowed)]
            found = self.session.search('company.company', domain, ['party.name'])
            if len(found) != 1:
                raise ExportNotExecuted(
                    f'The user may not work for a company {name} in Tryton: add it there.'
                )
            company = {'id': found[0]['id'], 'name': name}
        if not company['id']:
            raise ExportNotExecuted('Give the user a company in Tryton.')
        if company['id'] not in allowed:
            raise ExportNotExecuted(
                f'Add {company["name"]} to the companies of the user in Tryton.'
            )
        if company['id'] != own and self.preferences.get('company_filter') != 'all':
            raise ExportNotExecuted(
                f'Make {name} the current company of the user in Tryton, or its company filter All.'
            )
        return company

    def check(self, model):
        """See that nothing is hidden from the user but what other companies have.

        :raise ExportNotExecuted: if a rule of records may do so
        """
        domain = [('rule_group.model', '=', model), ('rule_group.perm_read', '=', True)]
        by_group, of_all = defaultdict(list), {}
        for rule in self.session.search('ir.rule', domain, list(RULE_FIELDS)):
            group = rule['rule_group.']
            if group['global_p'] or not self._is_spared(group):
                by_group[rule['rule_group']].append(json.loads(rule['domain']) in HARMLESS)
                of_all[rule['rule_group']] = group['global_p']
        # All global ones are to be met, and any one of the others.
        others = [any(rules) for one, rules in by_group.items() if not of_all[one]]
        is_all = all(any(rules) for one, rules in by_group.items() if of_all[one])
        if not is_all or (others and not any(others)):
            raise ExportNotExecuted(
                'A record rule in Tryton hides invoices from the user: let it see all of them.'
            )

    def _is_spared(self, group):
        """Whether rules that are not global are for other groups of users."""
        groups = set(group['groups'])
        return bool(groups) and groups.isdisjoint(self.preferences.get('groups') or [])
